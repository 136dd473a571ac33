"""A handler whose manifest row does not say `money` cannot reach a tenant's money, on any provider."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.conversations.keys import money_partition
from shared.conversations.moneyless import Moneyless
from shared.errors import Misconfigured
from shared.ports.records import Batch, Put
from tests.builders.platform import TENANT, open_house


def test_what_is_no_money_passes_and_money_is_refused_by_name(tmp_path: Path) -> None:
    with open_house(tmp_path) as house:
        records = Moneyless(house.records, "reply.send")
        records.write(Batch(f"T|{TENANT}|C|c1", (Put("HEAD", {"n": 1}),)))
        assert [row.row for row in records.query(f"T|{TENANT}|C|c1")] == ["HEAD"]
        money = money_partition(TENANT)
        for reach in (
            lambda: records.get(money, "EPOCH"),
            lambda: records.query(money),
            lambda: records.write(Batch(money, (Put("EPOCH", {"n": 1}),))),
        ):
            with pytest.raises(Misconfigured, match=r"reply\.send reaches T\|demo\|money"):
                reach()
