"""A store in which somebody else comes first, for what happens between a read and a write."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shared.ports.records import Batch, Records, Row, Version


class RivalFirst:
    """Passes everything on to a real store; before the next `times` batches that put `row`, the rival acts."""

    def __init__(self, records: Records, row: str, rival: Callable[[], object], *, times: int = 1) -> None:
        self._records, self._row, self._rival, self._left = records, row, rival, times

    def get(self, partition: str, row: str) -> Row | None:
        return self._records.get(partition, row)

    def query(
        self, partition: str, *, prefix: str = "", start: str = "", end: str = "", limit: int = 1000
    ) -> Sequence[Row]:
        return self._records.query(partition, prefix=prefix, start=start, end=end, limit=limit)

    def write(self, batch: Batch) -> dict[str, Version]:
        if self._left and any(write.row == self._row for write in batch.writes):
            self._left -= 1
            self._rival()
        return self._records.write(batch)
