"""Reading back what a store has told."""

from __future__ import annotations

from shared.ports.records import Event, Records

SHARDS = 16


def told(records: Records) -> list[Event]:
    """Every event that waits to be published, oldest first within a shard."""
    return [waiting.event for shard in range(SHARDS) for waiting in records.pending_events(shard, limit=1000)]
