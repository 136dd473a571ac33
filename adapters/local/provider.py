"""Every port of one machine, in one data folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.business.sandbox.sandbox import Sandbox
from adapters.local.channels import LocalChannels
from adapters.local.clock import SystemClock
from adapters.local.connections import LocalConnections
from adapters.local.documents import LocalDocuments
from adapters.local.events import LocalEvents
from adapters.local.ids import LocalIds
from adapters.local.queue import LocalQueue
from adapters.local.records import LocalRecords
from adapters.local.secrets import LocalSecrets
from adapters.local.store import Store, open_store
from adapters.local.telemetry import LocalTelemetry
from adapters.local.tenants import LocalTenants
from adapters.local.timers import LocalTimers
from adapters.local.workflows import LocalWorkflows
from shared.manifest import SUBSCRIPTIONS
from shared.ports.clock import Clock
from shared.ports.ids import Ids


@dataclass(frozen=True)
class LocalProvider:
    """The ports (CloudProvider), and `store`, which closes them."""

    store: Store
    records: LocalRecords
    documents: LocalDocuments
    queue: LocalQueue
    events: LocalEvents
    workflows: LocalWorkflows
    timers: LocalTimers
    secrets: LocalSecrets
    connections: LocalConnections
    channels: LocalChannels
    business_systems: Sandbox
    telemetry: LocalTelemetry
    tenants: LocalTenants
    clock: Clock
    ids: Ids

    def close(self) -> None:
        """Close every file; the folder may then be opened by another process."""
        self.workflows.close()
        self.business_systems.close()
        self.store.close()


def open_provider(folder: Path, invoke: Callable[[str, Any], Any], *, clock: Clock | None = None) -> LocalProvider:
    """Open a data folder as its one writer; `invoke` runs a workflow's task. Raises Misconfigured if it is in use."""
    clock, ids = clock or SystemClock(), LocalIds()
    store = open_store(folder, ids=ids)
    queue = LocalQueue(store, clock)
    return LocalProvider(
        store=store,
        records=LocalRecords(store, clock),
        documents=LocalDocuments(folder / "documents", ids),
        queue=queue,
        events=LocalEvents(queue, clock, SUBSCRIPTIONS),
        workflows=LocalWorkflows(folder, invoke=invoke, clock=clock, ids=ids),
        timers=LocalTimers(store),
        secrets=LocalSecrets(folder / "secrets", ids),
        connections=LocalConnections(),
        channels=LocalChannels(folder / "outbox", clock, ids),
        business_systems=Sandbox(folder),
        telemetry=LocalTelemetry(folder / "telemetry.jsonl", clock),
        tenants=LocalTenants(folder / "tenants", clock, ids),
        clock=clock,
        ids=ids,
    )
