"""Every port of one AWS account and region; a port's module is loaded when a handler first takes the port."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from adapters.aws.clients import Clients
from adapters.aws.clock import AwsClock
from adapters.aws.ids import AwsIds
from adapters.aws.settings import AwsSettings

if TYPE_CHECKING:
    from adapters.aws.channels import AwsChannels
    from adapters.aws.connections import AwsConnections
    from adapters.aws.documents import AwsDocuments
    from adapters.aws.events import AwsEvents
    from adapters.aws.queue import AwsQueue
    from adapters.aws.records import AwsRecords
    from adapters.aws.sealed_secrets import SealedSecrets
    from adapters.aws.telemetry import AwsTelemetry
    from adapters.aws.tenants import AwsTenants
    from adapters.aws.timers import AwsTimers
    from adapters.aws.workflows import AwsWorkflows
    from shared.ports.business_systems import BusinessSystems
    from shared.ports.clock import Clock


class AwsProvider:
    """The ports (CloudProvider); `clients` and `settings` are for the entry and for whoever measures."""

    def __init__(self, settings: AwsSettings, clients: Clients, clock: Clock) -> None:
        self.settings, self.clients, self.clock, self.ids = settings, clients, clock, AwsIds()

    @cached_property
    def records(self) -> AwsRecords:
        from adapters.aws.records import AwsRecords

        return AwsRecords(self.clients, self.settings, self.clock)

    @cached_property
    def documents(self) -> AwsDocuments:
        from adapters.aws.documents import AwsDocuments

        return AwsDocuments(self.clients, self.settings)

    @cached_property
    def queue(self) -> AwsQueue:
        from adapters.aws.queue import AwsQueue

        return AwsQueue(self.clients, self.settings)

    @cached_property
    def events(self) -> AwsEvents:
        from adapters.aws.events import AwsEvents

        return AwsEvents(self.clients, self.settings)

    @cached_property
    def workflows(self) -> AwsWorkflows:
        from adapters.aws.workflows import AwsWorkflows

        return AwsWorkflows(self.clients, self.settings)

    @cached_property
    def timers(self) -> AwsTimers:
        from adapters.aws.timers import AwsTimers

        return AwsTimers(self.clients, self.settings, self.clock)

    @cached_property
    def secrets(self) -> SealedSecrets:
        from adapters.aws.sealed_secrets import SealedSecrets
        from adapters.aws.secrets import AwsSecrets

        return SealedSecrets(self.records, AwsSecrets(self.clients, self.settings), self.clock)

    @cached_property
    def connections(self) -> AwsConnections:
        from adapters.aws.connections import AwsConnections

        return AwsConnections(self.clients, self.settings, self.records, self.clock)

    @cached_property
    def channels(self) -> AwsChannels:
        from adapters.aws.channels import AwsChannels

        return AwsChannels(self.clients, self.settings)

    @cached_property
    def business_systems(self) -> BusinessSystems:
        from adapters.aws.secrets import AwsSecrets
        from adapters.business.gateway import Gateway

        # Its secret is typed in by an operator, so the sealed ones and their records are not needed for it.
        typed_in = AwsSecrets(self.clients, self.settings)
        return Gateway(self.settings.business_url, typed_in, self.clock, self.ids)

    @cached_property
    def telemetry(self) -> AwsTelemetry:
        from adapters.aws.telemetry import AwsTelemetry

        return AwsTelemetry(self.settings, self.clock)

    @cached_property
    def tenants(self) -> AwsTenants:
        from adapters.aws.tenants import AwsTenants

        return AwsTenants(self.clients, self.settings, self.clock)


def open_provider(settings: AwsSettings, *, clients: Clients | None = None, clock: Clock | None = None) -> AwsProvider:
    """The ports for these settings; nothing is asked of AWS, nor loaded, until a port is used."""
    return AwsProvider(settings, clients or Clients(settings.region), clock or AwsClock())
