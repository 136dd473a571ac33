"""Several connectors as one `business_systems`, as a company's systems.toml says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.business.sandbox.sandbox import Sandbox
from adapters.business.systems import KINDS, Systems, open_systems, read_systems
from adapters.local.clock import SystemClock
from adapters.local.ids import LocalIds
from adapters.local.secrets import LocalSecrets
from shared.company import company
from shared.errors import Misconfigured, Unsupported
from tests.builders.clock import any_clock
from tests.builders.effects import NOON
from tests.business.loopback import served
from tests.business.stripe_server import API_KEY, StripeCompany

SHIPPED = Path(company.__file__).parent
STRIPE = '[billing]\nkind = "stripe"\nurl = "{url}"\nsecret = "stripe"\n'
NETSUITE = (
    '[credits]\nkind = "netsuite"\nurl = "https://1.example"\nsecret = "netsuite"\naccount = "1"\ncredit_item = "2"\n'
    '[credits.currencies]\nEUR = "4"\n'
)


def opened(folder: Path, text: str, **more: Any) -> Systems:
    (folder / "systems.toml").write_text(text, "utf-8")
    secrets = LocalSecrets(folder / "secrets", LocalIds())
    secrets.put("stripe", API_KEY)
    return open_systems(read_systems(folder), secrets, SystemClock(), LocalIds(), **more)


@contextmanager
def any_stripe() -> Iterator[tuple[StripeCompany, str]]:
    vendor = StripeCompany(any_clock(NOON))
    with served(vendor) as url:
        yield vendor, url


def test_each_system_is_asked_by_its_own_connector_and_the_others_of_who_is_left(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    with any_stripe() as (vendor, url):
        systems = opened(tmp_path, STRIPE.format(url=url) + NETSUITE, otherwise=sandbox)
        assert len(systems.read("billing", "payments", {"customer": "cus_eva"})["payments"]) == 5
        assert systems.look_up("billing", "never") is None
        asked = len(vendor.asked)
        assert systems.read("orders", "list", {"customer": "cus_quinn"})["orders"]
        assert len(vendor.asked) == asked
        assert systems.contract("billing").window == 24 * 3_600
        assert systems.contract("credits").window == 0
        assert systems.contract("orders") == sandbox.contract("orders")


def test_a_system_that_nobody_is_named_for_is_unsupported(tmp_path: Path) -> None:
    systems = opened(tmp_path, "")
    for call in (
        lambda: systems.read("billing", "payments", {}),
        lambda: systems.act("billing", "refund", {}, key="k"),
        lambda: systems.look_up("billing", "k"),
        lambda: systems.contract("billing"),
    ):
        with pytest.raises(Unsupported):
            call()


def test_opening_reads_no_secret_and_asks_nobody(tmp_path: Path) -> None:
    rows = {"billing": {"kind": "stripe", "url": "https://no.example", "secret": "there-is-none"}}
    systems = open_systems(rows, LocalSecrets(tmp_path, LocalIds()), SystemClock(), LocalIds())
    assert systems.contract("billing").looks_up
    with pytest.raises(Misconfigured, match="there-is-none"):
        systems.look_up("billing", "k")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("not toml at all", "TOML"),
        ("billing = 1", "billing"),
        ('[billing]\nkind = "paypal"', "netsuite, stripe"),
        ('[billing]\nkind = "stripe"\nsecret = "s"', "url"),
        ('[billing]\nkind = "stripe"\nurl = "https://x.example"', "secret"),
        (STRIPE.format(url="http://api.example"), "https"),
        (STRIPE.format(url="https://x.example") + 'key = "sk"', "key"),
        (NETSUITE.replace('account = "1"\n', ""), "account"),
        (NETSUITE.replace('"4"', "4"), "currencies"),
    ],
)
def test_a_row_that_cannot_be_run_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(Misconfigured, match=named):
        opened(tmp_path, text)


def test_the_company_that_ships_names_none_and_shows_how() -> None:
    assert read_systems(SHIPPED) == {}
    assert read_systems(SHIPPED / "articles") == {}


def test_the_rows_that_are_shown_can_be_run(tmp_path: Path) -> None:
    lines = (SHIPPED / "systems.toml").read_text("utf-8").splitlines()
    shown = [
        line.removeprefix("# ")
        for line in lines
        if line.startswith(("# [", "# kind", "# url", "# secret")) or "= " in line
    ]
    systems = opened(tmp_path, "\n".join(shown))
    assert [systems.contract(name).looks_up for name in ("billing", "credits")] == [True] * len(KINDS)
