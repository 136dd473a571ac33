"""Reading back what a store has told."""

from __future__ import annotations

from typing import Any

from shared.ports.records import Event

SHARDS = 16


def told(records: Any) -> list[Event]:
    """Every event that waits to be relayed, oldest first within a shard (of a local store, or one wrapped)."""
    return [waiting.event for shard in range(SHARDS) for waiting in records.pending_events(shard, limit=1000)]
