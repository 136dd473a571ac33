"""Records for a handler that has no business with money: on AWS its role lacks the ledger, elsewhere its records do."""

from __future__ import annotations

from collections.abc import Sequence

from shared.errors import Misconfigured
from shared.ports.records import Batch, Records, Row, Version

MONEY = "|money"  # how the partition of keys.money_partition ends


class Moneyless:
    """Passes on to real records whatever is no tenant's money; the rest is a mistake in the manifest's row."""

    def __init__(self, records: Records, handler: str) -> None:
        self._records, self._handler = records, handler

    def get(self, partition: str, row: str) -> Row | None:
        self._refuse(partition)
        return self._records.get(partition, row)

    def query(
        self, partition: str, *, prefix: str = "", start: str = "", end: str = "", limit: int = 1000
    ) -> Sequence[Row]:
        self._refuse(partition)
        return self._records.query(partition, prefix=prefix, start=start, end=end, limit=limit)

    def write(self, batch: Batch) -> dict[str, Version]:
        self._refuse(batch.partition)
        return self._records.write(batch)

    def _refuse(self, partition: str) -> None:
        if partition.endswith(MONEY):
            raise Misconfigured(f"{self._handler} reaches {partition}, and its manifest row does not say `money`")
