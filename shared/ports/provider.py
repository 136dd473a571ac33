"""One place to run: every port of one cloud, or of one machine."""

from __future__ import annotations

from typing import Protocol

from shared.ports.business_systems import BusinessSystems
from shared.ports.channels import Channels
from shared.ports.clock import Clock
from shared.ports.connections import Connections
from shared.ports.documents import Documents
from shared.ports.events import Events
from shared.ports.ids import Ids
from shared.ports.queue import Queue
from shared.ports.records import Records
from shared.ports.secrets import Secrets
from shared.ports.telemetry import Telemetry
from shared.ports.tenants import Tenants
from shared.ports.timers import Timers
from shared.ports.workflows import Workflows


class CloudProvider(Protocol):
    """Read-only properties, each a narrow port; handlers take the ports that they need, never the provider."""

    @property
    def records(self) -> Records: ...
    @property
    def documents(self) -> Documents: ...
    @property
    def queue(self) -> Queue: ...
    @property
    def events(self) -> Events: ...
    @property
    def workflows(self) -> Workflows: ...
    @property
    def timers(self) -> Timers: ...
    @property
    def secrets(self) -> Secrets: ...
    @property
    def connections(self) -> Connections: ...
    @property
    def channels(self) -> Channels: ...
    @property
    def business_systems(self) -> BusinessSystems: ...
    @property
    def telemetry(self) -> Telemetry: ...
    @property
    def tenants(self) -> Tenants: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def ids(self) -> Ids: ...
