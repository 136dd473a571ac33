"""Every port of a simulated cloud; what is stored is shared by all of its processes."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.simulated.business_systems import SimulatedSystems
from adapters.simulated.channels import SimulatedChannels
from adapters.simulated.connections import SimulatedConnections
from adapters.simulated.documents import SimulatedDocuments
from adapters.simulated.events import SimulatedEvents
from adapters.simulated.queue import SimulatedQueue
from adapters.simulated.records import SimulatedRecords
from adapters.simulated.secrets import SimulatedSecrets
from adapters.simulated.telemetry import SimulatedTelemetry
from adapters.simulated.tenants import SimulatedTenants
from adapters.simulated.timers import SimulatedTimers
from adapters.simulated.workflows import SimulatedWorkflows
from shared.ports.clock import Clock
from shared.ports.ids import Ids


@dataclass(frozen=True)
class SimulatedProvider:
    """The ports (CloudProvider)."""

    records: SimulatedRecords
    documents: SimulatedDocuments
    queue: SimulatedQueue
    events: SimulatedEvents
    workflows: SimulatedWorkflows
    timers: SimulatedTimers
    secrets: SimulatedSecrets
    connections: SimulatedConnections
    channels: SimulatedChannels
    business_systems: SimulatedSystems
    tenants: SimulatedTenants
    telemetry: SimulatedTelemetry
    clock: Clock
    ids: Ids
