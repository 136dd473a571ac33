"""Whatever a payment system does (F40 to F46, F49), one effect moves money at most once and ends as the books say.

The books are counted by whose payment was refunded, never by our key (I1, I5).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.business.gateway import Patience
from adapters.local.records import LocalRecords
from adapters.local.store import open_store
from shared.effects import ledger
from shared.effects.effect import COMMITTED, EXECUTING, REJECTED, TERMINAL, UNKNOWN, Effect
from shared.effects.perform import Till, perform
from shared.errors import Refused, Unavailable
from shared.ports.records import Records
from tests.builders.effects import approved
from tests.builders.homes import ALWAYS_HOME
from tests.business.loopback import FAULTS
from tests.business.vendors import OPEN, Behind

ALWAYS = sorted(OPEN)
UNCLEAR = ["fails_after", "lost", "malformed", "gateway_page"]
NOT_DONE = ["fails_before", "redirect"]
LATE = ["late", "in_flight"]
LATE_SECONDS = 40
PATIENT_STEPS = 4  # reconciled every 40 s at first, then every hour
QUICK = sorted(FAULTS.keys() - {"silent"})
tenants = count()


@dataclass(frozen=True, slots=True)
class Shop:
    """A vendor, and the ledger of a tenant that pays by it."""

    behind: Behind
    records: Records
    tenant: str

    def begin(self, **changes: Any) -> Effect:
        arguments = {**self.behind.refund, **changes}
        money = {"amount_minor": arguments["amount_minor"], "currency": arguments["currency"], "ceiling": 20_000}
        return approved(
            self.records,
            self.behind.clock,
            tenant=self.tenant,
            arguments=arguments,
            payment=arguments["payment"],
            **money,
        )

    def perform(self, effect: Effect) -> Effect:
        """One more go, after which the effect is what this answers; a system that is down leaves it as it stands."""
        try:
            return perform(self.till(), effect.tenant, effect.id)
        except Unavailable:
            return ledger.read_effect(self.records, effect.tenant, effect.id)[0]

    def settle(self, effect: Effect) -> Effect:
        """Reconcile until the effect has ended, as often as it takes within two days."""
        for step in range(48):
            effect = self.perform(effect)
            if effect.state in TERMINAL:
                break
            self.behind.clock.advance(LATE_SECONDS)
            self.behind.vendor.catch_up()
            self.behind.clock.advance(0 if step < PATIENT_STEPS else 3_600)
        self.behind.vendor.catch_up()
        return effect

    def booked(self) -> list[int]:
        """What the vendor's books say was given back of this payment, in the vendor's own amounts."""
        refunds = self.behind.vendor.refunds
        return [round(each["total"] * 100) if "total" in each else int(each["amount"]) for each in refunds]

    def till(self) -> Till:
        systems = self.behind.business_systems

        def act(effect: Effect) -> dict[str, Any]:
            return systems.act("billing", "refund", effect.arguments, key=effect.id)

        return Till(self.records, systems, self.behind.clock, ALWAYS_HOME, act, "w")


@pytest.fixture(params=ALWAYS)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    with OPEN[request.param](tmp_path) as behind:
        yield Shop(behind, LocalRecords(open_store(tmp_path / "ledger"), behind.clock), "acme")


def check_books(shop: Shop, effect: Effect) -> None:
    """I1 and I5: at most one refund, and COMMITTED exactly where there is one, of the amount that moved."""
    booked = shop.booked()
    assert len(booked) <= 1
    assert (effect.state == COMMITTED) == bool(booked)
    if booked:
        assert effect.result["amount_minor"] == booked[0]


@pytest.mark.parametrize("fault", UNCLEAR)
def test_what_was_done_and_answered_unclearly_is_found_and_committed(shop: Shop, fault: str) -> None:
    """F40, F41"""
    shop.behind.vendor.faults.append(fault)
    effect = shop.perform(shop.begin())
    assert effect.state in (UNKNOWN, COMMITTED)
    assert shop.settle(effect).state == COMMITTED
    assert shop.booked() == [4_000]


@pytest.mark.parametrize("fault", NOT_DONE)
def test_what_was_not_done_is_never_taken_for_done(shop: Shop, fault: str) -> None:
    shop.behind.vendor.faults.append(fault)
    effect = shop.perform(shop.begin())
    assert effect.state == UNKNOWN
    check_books(shop, shop.settle(effect))


@pytest.mark.parametrize("fault", LATE)
def test_what_is_done_forty_seconds_later_is_waited_for(shop: Shop, fault: str) -> None:
    """F42, F43"""
    shop.behind.vendor.faults.append(fault)
    effect = shop.perform(shop.begin())
    assert (effect.state, shop.booked()) == (UNKNOWN, [])
    assert shop.perform(effect).state == UNKNOWN
    assert shop.settle(effect).state == COMMITTED
    assert shop.booked() == [4_000]


def test_what_is_done_as_late_as_its_system_ever_does_is_still_waited_for(shop: Shop) -> None:
    """F42: sent at the last moment that the ledger allows, carried out at the last that the system does."""
    shop.behind.vendor.faults.append("late")
    effect = shop.perform(shop.begin())
    shop.behind.clock.advance(
        shop.behind.business_systems.contract("billing").answers_within + shop.behind.vendor.latest
    )
    assert shop.perform(effect).state == UNKNOWN
    shop.behind.vendor.catch_up()
    assert shop.perform(effect).state == COMMITTED
    check_books(shop, shop.settle(effect))


def test_our_own_looking_and_waiting_is_part_of_how_late_a_request_may_be(shop: Shop) -> None:
    assert shop.behind.business_systems.contract("billing").late_bound == shop.behind.vendor.latest + 2


def test_a_key_that_its_system_has_forgotten_is_not_sent_again(shop: Shop) -> None:
    """F45: after a day the same key would be a new refund."""
    shop.behind.vendor.faults.append("fails_before")
    effect = shop.perform(shop.begin())
    shop.behind.clock.advance(24 * 3_600)
    sent = acting(shop)
    assert shop.perform(effect).state == REJECTED
    assert acting(shop) == sent
    check_books(shop, shop.settle(effect))


def test_a_day_of_outage_ends_without_a_second_refund(shop: Shop) -> None:
    """F49: the refund was made, its answer lost, and nobody could be asked for a day."""
    shop.behind.vendor.faults.append("lost")
    effect = shop.perform(shop.begin())
    shop.behind.vendor.down = True
    for _ in range(25):
        shop.behind.clock.advance(3_600)
        assert shop.perform(effect).state == UNKNOWN
    shop.behind.vendor.down = False
    assert shop.settle(effect).state == COMMITTED
    assert shop.booked() == [4_000]


def test_being_throttled_is_certainly_not_done_and_nobody_waits_for_a_day(shop: Shop) -> None:
    shop.behind.vendor.faults.append("throttled")
    effect = shop.perform(shop.begin())
    assert (effect.state, effect.reason.partition(":")[0], shop.booked()) == (REJECTED, "unavailable", [])


def test_less_than_was_asked_for_is_settled_as_it_moved(shop: Shop) -> None:
    """F46"""
    shop.behind.vendor.faults.append("partly")
    effect = shop.settle(shop.begin())
    assert (effect.state, effect.result["amount_minor"], shop.booked()) == (COMMITTED, 2_000, [2_000])


def test_what_the_system_refuses_is_refused(shop: Shop) -> None:
    effect = shop.settle(shop.begin(amount_minor=9_901))
    assert (effect.state, effect.reason.partition(":")[0], shop.booked()) == (REJECTED, "refused", [])


class Killed(BaseException):
    """A worker's end, in the midst of its work."""


@pytest.mark.parametrize("sent", [False, True])
def test_a_worker_that_dies_around_its_request_leaves_one_refund_or_none(shop: Shop, sent: bool) -> None:
    """F17, F18: another worker takes over when the lease has run out, and looks before it sends."""
    systems, effect = shop.behind.business_systems, shop.begin()

    def die(effect: Effect) -> dict[str, Any]:
        if sent:
            systems.act("billing", "refund", effect.arguments, key=effect.id)
        raise Killed

    with pytest.raises(Killed):
        perform(replace(shop.till(), act=die, writer="dead"), effect.tenant, effect.id)
    assert shop.perform(effect).state == EXECUTING
    ended = shop.settle(effect)
    check_books(shop, ended)
    assert ended.state == COMMITTED or not sent


def test_two_workers_with_one_effect_refund_once(shop: Shop) -> None:
    effect = shop.begin()
    systems = shop.behind.business_systems
    first = systems.act("billing", "refund", effect.arguments, key=effect.id)
    assert systems.act("billing", "refund", effect.arguments, key=effect.id) == first
    assert shop.settle(effect).result == first
    assert shop.booked() == [4_000]


def test_a_key_with_other_arguments_is_refused_and_changes_nothing(shop: Shop) -> None:
    """F44"""
    effect, systems = shop.begin(), shop.behind.business_systems
    first = systems.act("billing", "refund", effect.arguments, key=effect.id)
    with pytest.raises(Refused) as refused:
        systems.act("billing", "refund", {**effect.arguments, "amount_minor": 5_000}, key=effect.id)
    assert refused.value.field == "key"
    assert systems.look_up("billing", effect.id) == first
    assert shop.booked() == [4_000]


def acting(shop: Shop) -> int:
    """How many actions have reached the vendor."""
    return sum(shop.behind.vendor.acts(asked) for asked in shop.behind.vendor.asked)


@pytest.mark.parametrize("vendor", ALWAYS)
def test_whatever_happens_in_whatever_order_the_ledger_ends_as_the_books_say(
    vendor: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """I1, I5, I10, over sequences of faults, of requests that are carried out late, and of time that passes."""
    folder = tmp_path_factory.mktemp("any")

    with ExitStack() as opened:
        behind = opened.enter_context(OPEN[vendor](folder))
        records = LocalRecords(open_store(folder / "ledger"), behind.clock)

        @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
        @given(
            faults=st.lists(st.sampled_from(QUICK), max_size=4),
            waits=st.lists(st.sampled_from([0, 40, 90, 3_600, 80_000]), max_size=4),
        )
        def check(faults: list[str], waits: list[int]) -> None:
            start_anew(behind)
            behind.vendor.faults.extend(faults)
            shop = Shop(behind, records, f"t{next(tenants)}")
            effect = shop.perform(shop.begin())
            for seconds in waits:
                behind.clock.advance(seconds)
                # A request that was cut off is carried out within the late bound or not at all.
                behind.vendor.catch_up() if seconds <= LATE_SECONDS else behind.vendor.waiting.clear()
                effect = shop.perform(effect)
            check_books(shop, shop.settle(effect))
            check_books(shop, shop.perform(effect))

        check()


def start_anew(behind: Behind) -> None:
    """The vendor with nothing given back, and nothing wrong."""
    behind.vendor.faults.clear()
    behind.vendor.waiting.clear()
    behind.vendor.asked.clear()
    behind.vendor.forget()


@pytest.mark.parametrize("vendor", ALWAYS)
def test_a_system_that_says_nothing_is_given_up_in_time(vendor: str, tmp_path: Path) -> None:
    """F42, with real silence."""
    with OPEN[vendor](tmp_path, patience=Patience(connect=0.5, read=1.0, act=0.15)) as behind:
        shop = Shop(behind, LocalRecords(open_store(tmp_path / "ledger"), behind.clock), "acme")
        behind.vendor.faults.append("silent")
        effect = shop.perform(shop.begin())
        assert effect.state == UNKNOWN
        assert shop.settle(effect).state == COMMITTED
        assert shop.booked() == [4_000]
