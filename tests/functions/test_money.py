"""Money: who may approve what, caps that hold at every instant, one refund a payment, and only the table's transitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.local.clock import ShiftedClock
from adapters.local.records import LocalRecords
from adapters.local.store import open_store
from shared.conversations.keys import money_partition
from shared.domain.events import ALERT_RAISED
from shared.effects import ledger
from shared.effects.approvals import decide
from shared.effects.caps import CapExceeded, CapLimits
from shared.effects.effect import COMMITTED, REJECTED, TERMINAL, TRANSITIONS, Effect, compensation_id, effect_row
from shared.effects.expiring import expire_effects
from shared.effects.holds import clear_hold, set_hold
from shared.effects.watch import due_effects, read_untold, watch_row
from shared.errors import NotFound, NotPermitted, Refused, WrongState
from shared.ports.records import Records
from tests.builders.clock import any_clock
from tests.builders.effects import HOUR, LIMITS, NOON, TENANT, any_approver, any_effect, approved, asked
from tests.builders.events import told
from tests.builders.homes import ALWAYS_HOME
from tests.builders.platform import House

TWICE = "I was charged twice for my subscription this month, please refund the duplicate payment."


@pytest.fixture
def clock() -> ShiftedClock:
    return any_clock(NOON)


@pytest.fixture
def records(tmp_path: Path, clock: ShiftedClock) -> Records:
    return LocalRecords(open_store(tmp_path / "ledger"), clock)


def say_yes(records: Records, effect: Effect, clock: ShiftedClock, by: str = "noor", args_hash: str = "") -> Effect:
    return decide(
        records,
        TENANT,
        effect.id,
        any_approver(by),
        args_hash=args_hash or effect.args_hash,
        approved=True,
        limits=LIMITS,
        clock=clock,
        homes=ALWAYS_HOME,
    )


def used_and_reserved(records: Records, tenant: str = TENANT) -> dict[str, tuple[int, int]]:
    rows = records.query(money_partition(tenant), prefix="CAP|")
    return {row.row.split("|")[1]: (row.body["used"], row.body["reserved"]) for row in rows}


# approvals


def test_the_same_approver_twice_counts_once(records: Records, clock: ShiftedClock) -> None:
    effect = asked(records, approvers=2)
    assert say_yes(records, effect, clock).state == "PROPOSED"
    assert say_yes(records, effect, clock).state == "PROPOSED"
    assert say_yes(records, effect, clock, "edda").state == "APPROVED"


def test_an_approval_of_other_arguments_is_refused(records: Records, clock: ShiftedClock) -> None:
    """T12"""
    effect = asked(records)
    with pytest.raises(WrongState) as refused:
        say_yes(records, effect, clock, args_hash="0" * 64)
    assert refused.value.field == "args_hash"


def test_an_approval_after_its_time_is_refused(records: Records, clock: ShiftedClock) -> None:
    effect = asked(records)
    clock.advance(48 * 3600)
    with pytest.raises(WrongState) as refused:
        say_yes(records, effect, clock)
    assert refused.value.field == "expires"


def test_an_approval_of_another_tenant_is_refused(records: Records, clock: ShiftedClock) -> None:
    """T12"""
    effect = asked(records, tenant="other")
    with pytest.raises(NotFound):
        say_yes(records, effect, clock)


def test_an_operator_without_the_role_may_not_approve(records: Records, clock: ShiftedClock) -> None:
    effect, mira = asked(records), any_approver("mira", roles=("operator",))
    with pytest.raises(NotPermitted):
        decide(
            records,
            TENANT,
            effect.id,
            mira,
            args_hash=effect.args_hash,
            approved=True,
            limits=LIMITS,
            clock=clock,
            homes=ALWAYS_HOME,
        )


def test_an_effect_on_its_way_can_no_longer_be_refused(records: Records, clock: ShiftedClock) -> None:
    effect = approved(records, clock)
    ledger.begin(records, TENANT, effect.id, clock, homes=ALWAYS_HOME, writer="w", within=20)
    with pytest.raises(WrongState):
        decide(
            records, TENANT, effect.id, any_approver(), args_hash=effect.args_hash, approved=False, limits=LIMITS,
            clock=clock, homes=ALWAYS_HOME,
        )  # fmt: skip
    assert ledger.read_effect(records, TENANT, effect.id)[0].state == "EXECUTING"


def test_nothing_is_approved_while_money_is_held(records: Records, clock: ShiftedClock) -> None:
    effect = asked(records)
    set_hold(records, TENANT, "c1", "mira")
    with pytest.raises(WrongState):
        say_yes(records, effect, clock)
    clear_hold(records, TENANT, "c1")
    assert say_yes(records, effect, clock).state == "APPROVED"


# caps


@pytest.mark.parametrize(
    ("limits", "cap"),
    [
        (CapLimits(customer_day=7_999, tenant_day=1_000_000), "customer's day"),
        (CapLimits(customer_day=1_000_000, tenant_day=7_999), "tenant's day"),
        (CapLimits(customer_day=1_000_000, tenant_day=1_000_000), "payment"),
    ],
)
def test_what_does_not_fit_under_a_cap_is_refused(
    records: Records, clock: ShiftedClock, limits: CapLimits, cap: str
) -> None:
    """I2, I11: what is reserved counts like what is used."""
    approved(records, clock, 1, purpose="first", ceiling=7_999)
    second = ledger.propose(records, any_effect(2, purpose="second", ceiling=7_999))
    with pytest.raises(CapExceeded, match=cap):
        ledger.approve(records, TENANT, second.id, limits, clock, homes=ALWAYS_HOME)


def test_what_was_reserved_and_not_paid_is_free_again(records: Records, clock: ShiftedClock) -> None:
    effect = approved(records, clock)
    assert used_and_reserved(records)["tenant"] == (0, 4_000)
    ledger.reject(records, TENANT, effect.id, "takeover")
    assert set(used_and_reserved(records).values()) == {(0, 0)}


def test_more_than_was_approved_is_booked_and_alarms(records: Records, clock: ShiftedClock) -> None:
    """Fault 46, the other way round."""
    effect = approved(records, clock)
    ledger.begin(records, TENANT, effect.id, clock, homes=ALWAYS_HOME, writer="w", within=20)
    ledger.commit(records, TENANT, effect.id, {"amount_minor": 4_100})
    assert used_and_reserved(records)["tenant"] == (4_100, 0)
    assert [event.body["type"] for event in told(records) if event.name == ALERT_RAISED] == ["paid_more_than_approved"]


# once


def test_a_second_refund_of_a_payment_refers_to_the_first(records: Records) -> None:
    """T10"""
    first = asked(records)
    with pytest.raises(ledger.AlreadyAsked) as refused:
        ledger.propose(records, any_effect(2, conversation="c2"))
    assert refused.value.effect == first.id


def test_after_a_refusal_it_may_be_asked_for_again(records: Records) -> None:
    first = asked(records)
    ledger.reject(records, TENANT, first.id, "rejected by noor")
    assert ledger.propose(records, any_effect(2, conversation="c2")).state == "PROPOSED"


def test_a_refund_asked_for_by_chat_and_by_mail_at_once_is_paid_once(house: House) -> None:
    """T11, story 13: the second request hears how the first stands."""
    before = len(house.systems.books()["refund"])
    chat, _ = house.receive(TWICE, "cus_chloe")
    mail, _ = house.receive(TWICE, "cus_chloe", channel="email", from_="chloe@example.com", subject="Charged twice")
    house.platform.pump()
    assert len(house.systems.books()["refund"]) == before + 1
    assert Counter(effect.state for effect in house.effects()) == {"COMMITTED": 1}
    replies = [house.replies(chat, "cus_chloe")[0], house.replies(mail, "cus_chloe")[0]]
    assert sum("We have refunded the second charge" in reply for reply in replies) == 1
    assert sum("refunded already" in reply for reply in replies) == 1


# compensation


def test_only_what_was_committed_can_be_compensated_and_gives_its_cap_back(
    records: Records, clock: ShiftedClock
) -> None:
    """I9, row 11."""
    original = approved(records, clock)
    back = any_effect(2, id=compensation_id(original.id), compensates=original.id, payment="", purpose="")
    with pytest.raises(WrongState):
        ledger.propose(records, back)
    ledger.begin(records, TENANT, original.id, clock, homes=ALWAYS_HOME, writer="w", within=20)
    ledger.commit(records, TENANT, original.id, {})
    with pytest.raises(WrongState):
        ledger.propose(records, replace(back, id="another"))
    ledger.propose(records, back)
    ledger.approve(records, TENANT, back.id, LIMITS, clock, homes=ALWAYS_HOME)
    ledger.begin(records, TENANT, back.id, clock, homes=ALWAYS_HOME, writer="w", within=20)
    ledger.commit(records, TENANT, back.id, {})
    assert set(used_and_reserved(records).values()) == {(0, 0)}
    assert balance(records, TENANT) == Counter()


# proof that comes late


def test_proof_after_a_rejection_goes_to_suspense_once_with_a_hold_and_an_alert(
    records: Records, clock: ShiftedClock
) -> None:
    effect = approved(records, clock)
    ledger.reject(records, TENANT, effect.id, "takeover")
    for _ in range(2):
        assert ledger.commit(records, TENANT, effect.id, {"amount_minor": 4_000}).state == REJECTED
    assert len(records.query(money_partition(TENANT), prefix="SUSPENSE|")) == 1
    assert [event.body["type"] for event in told(records) if event.name == ALERT_RAISED] == ["money_in_suspense"]
    with pytest.raises(WrongState):
        approved(records, clock, 2)


# what is watched


def test_an_effect_is_watched_until_it_ends(records: Records, clock: ShiftedClock) -> None:
    effect = approved(records, clock)
    rows = [row.row for row in records.query(money_partition(TENANT), prefix="OPEN|")]
    assert rows == [watch_row(effect)]
    begun = ledger.begin(records, TENANT, effect.id, clock, homes=ALWAYS_HOME, writer="w", within=20)
    assert [row.row for row in records.query(money_partition(TENANT), prefix="OPEN|")] == [watch_row(begun)]
    ledger.commit(records, TENANT, effect.id, {})
    assert records.query(money_partition(TENANT), prefix="OPEN|") == []


def test_watching_costs_nothing_before_its_time(records: Records, clock: ShiftedClock) -> None:
    for number in range(20):
        asked(records, number, payment=f"pay_{number}")
    assert due_effects(records, TENANT, NOON + 47 * HOUR, ("PROPOSED",)) == []
    assert len(due_effects(records, TENANT, NOON + 48 * HOUR, ("PROPOSED",))) == 20


def test_what_nobody_sent_within_a_day_is_given_up(records: Records, clock: ShiftedClock) -> None:
    """A worker died between approving and sending, and its turn with it: `once` and the caps are not lost."""
    approved(records, clock)
    clock.advance(24 * 3600)
    assert expire_effects(records, TENANT, clock, ALWAYS_HOME) == 1
    assert set(used_and_reserved(records).values()) == {(0, 0)}
    assert ledger.propose(records, any_effect(2, conversation="c2")).state == "PROPOSED"


# properties

EFFECTS, PAYMENTS = 4, 2
TIGHT = CapLimits(customer_day=9_000, tenant_day=11_000)
MOVES: dict[str, Callable[[Records, Effect, ShiftedClock], object]] = {
    "approve": lambda records, effect, clock: ledger.approve(
        records, effect.tenant, effect.id, TIGHT, clock, homes=ALWAYS_HOME
    ),
    "reject": lambda records, effect, clock: ledger.reject(records, effect.tenant, effect.id, "no"),
    "operator": lambda records, effect, clock: ledger.reject(
        records, effect.tenant, effect.id, "absent", since=("UNKNOWN",)
    ),
    "begin": lambda records, effect, clock: ledger.begin(
        records, effect.tenant, effect.id, clock, homes=ALWAYS_HOME, writer="w", within=20
    ),
    "commit": lambda records, effect, clock: ledger.commit(records, effect.tenant, effect.id, {}),
    "refuse": lambda records, effect, clock: ledger.refuse(records, effect.tenant, effect.id, effect.fence, "declined"),
    "stale": lambda records, effect, clock: ledger.refuse(
        records, effect.tenant, effect.id, effect.fence - 1, "declined"
    ),
    "doubt": lambda records, effect, clock: ledger.doubt(
        records, effect.tenant, effect.id, clock, fence=effect.fence, writer="w"
    ),
    "expire": lambda records, effect, clock: expire_effects(records, effect.tenant, clock, ALWAYS_HOME),
    "wait": lambda records, effect, clock: clock.advance(3_600),
}
moves = st.lists(st.tuples(st.integers(0, EFFECTS - 1), st.sampled_from(sorted(MOVES))), max_size=30)
amounts = st.lists(st.integers(1, 6_000), min_size=EFFECTS, max_size=EFFECTS)
tenants = count()


def balance(records: Records, tenant: str) -> Counter[str]:
    """What the books sum up to, currency by currency; empty where they balance."""
    sums: Counter[str] = Counter()
    for row in records.query(money_partition(tenant), prefix="POST|"):
        sums[row.body["currency"]] += row.body["minor"]
    return Counter({currency: total for currency, total in sums.items() if total})


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(moves=moves, amounts=amounts)
def test_whatever_happens_the_ledger_keeps_its_promises(
    records: Records, moves: list[tuple[int, str]], amounts: list[int]
) -> None:
    """I6, I7, I8, I11: the books balance, caps hold after every step, ends are final, and only the table's moves happen."""
    tenant, clock = f"t{next(tenants)}", any_clock(NOON)
    effects = [propose(records, tenant, number, amount) for number, amount in enumerate(amounts)]
    for place, move in moves:
        known = {each.id: ledger.read_effect(records, tenant, each.id)[0] for each in effects if each}
        chosen = effects[place]
        if chosen is None:
            continue
        try:
            MOVES[move](records, known[chosen.id], clock)
        except Refused:
            pass_over = {each.id: ledger.read_effect(records, tenant, each.id)[0] for each in effects if each}
            assert pass_over == known
        for before in known.values():
            after, _ = ledger.read_effect(records, tenant, before.id)
            check_move(before, after)
        check_books(records, tenant, amounts)


def propose(records: Records, tenant: str, number: int, amount: int) -> Effect | None:
    effect = any_effect(
        number, tenant=tenant, amount_minor=amount, payment=f"pay_{number % PAYMENTS}", purpose=f"p{number}",
        customer=f"u{number % 2}",
    )  # fmt: skip
    return ledger.propose(records, effect)


def check_move(before: Effect, after: Effect) -> None:
    if before.state in TERMINAL:
        assert after.state == before.state
    if after.state != before.state:
        assert (before.state, after.state) in TRANSITIONS
    assert after.fence >= before.fence


def check_books(records: Records, tenant: str, amounts: list[int]) -> None:
    """Caps within their limits and equal to what the effects say; the index names exactly what is not settled."""
    assert balance(records, tenant) == Counter()
    effects = ledger.list_effects(records, tenant)
    used = sum(each.amount_minor for each in effects if each.state == COMMITTED)
    reserved = sum(each.amount_minor for each in effects if each.state in ("APPROVED", "EXECUTING", "UNKNOWN"))
    for row in records.query(money_partition(tenant), prefix="CAP|"):
        limit = {"customer": TIGHT.customer_day, "tenant": TIGHT.tenant_day, "payment": 9_900}[row.row.split("|")[1]]
        assert row.body["used"] >= 0
        assert row.body["reserved"] >= 0
        assert row.body["used"] + row.body["reserved"] <= limit
        if row.row.startswith("CAP|tenant|"):
            assert (row.body["used"], row.body["reserved"]) == (used, reserved)
    watched = {row.row for row in records.query(money_partition(tenant), prefix="OPEN|")}
    assert watched == {watch_row(each) for each in effects} - {""}
    untold = set(read_untold(records, tenant))
    assert untold <= {each.id for each in effects if each.state in TERMINAL}
    assert all(records.get(money_partition(tenant), effect_row(each)) for each in untold)


def test_nothing_is_sent_after_its_lease_however_slow_its_system_is(records: Records, clock: ShiftedClock) -> None:
    effect = approved(records, clock)
    begun = ledger.begin(records, TENANT, effect.id, clock, homes=ALWAYS_HOME, writer="w", within=3_600)
    assert begun.send_by == begun.lease == clock.now() + ledger.LEASE_MS
