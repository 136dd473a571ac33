"""Reconciling: what nobody is at any more is found out, finished at most once, and told to the customer."""

from __future__ import annotations

import pytest

from shared.effects import ledger
from shared.effects.effect import Effect
from shared.errors import WrongState
from tests.builders.effects import LIMITS
from tests.builders.homes import ALWAYS_HOME
from tests.builders.platform import TENANT, House

TWICE = "I was charged twice for my subscription this month, please refund the duplicate payment."
DMITRI = "cus_dmitri"  # his refund needs an approver
DAY = 24 * 60


def the_effect(house: House) -> Effect:
    (effect,) = house.effects()
    return effect


def refunds(house: House, customer: str) -> int:
    return sum(refund["customer"] == customer for refund in house.systems.books()["refund"])


def leave_unclear(house: House) -> str:
    """An approved refund whose answer was lost, and whose system then went down: the customer was told "pending"."""
    conversation = str(house.write(TWICE, DMITRI)["conversation_id"])

    def lose_the_answer() -> None:
        house.systems.set_fault("billing", "fails_after", times=1)
        house.platform.interrupt("billing.work", lambda: house.systems.set_fault("billing", "down"))

    house.platform.interrupt("billing.work", lose_the_answer)
    house.decide(the_effect(house))
    return conversation


def approve(house: House) -> Effect:
    """A refund that was approved, by hand, and that nobody has begun."""
    house.write(TWICE, DMITRI)
    effect = the_effect(house)
    noor = {"operator": "noor", "args_hash": effect.args_hash, "expires": effect.expires}
    ledger.add_approval(house.records, TENANT, effect.id, noor)
    return ledger.approve(house.records, TENANT, effect.id, LIMITS, house.clock, homes=ALWAYS_HOME)


def test_what_is_unclear_is_told_as_pending(house: House) -> None:
    """I12: it was refunded, but nobody could know."""
    conversation = leave_unclear(house)
    assert (the_effect(house).state, refunds(house, DMITRI)) == ("UNKNOWN", 1)
    assert "is being processed" in house.replies(conversation, DMITRI)[0]
    assert house.head(conversation).status == "open"


def test_what_was_unclear_is_looked_up_once_it_can_be_and_the_customer_hears_the_truth(house: House) -> None:
    """Faults 41 and 49, I1."""
    conversation = leave_unclear(house)
    house.wait(30)
    assert (the_effect(house).state, len(house.replies(conversation, DMITRI))) == ("UNKNOWN", 2)
    house.systems.set_fault("billing", None)
    house.wait(1)
    assert (the_effect(house).state, refunds(house, DMITRI)) == ("COMMITTED", 1)
    assert "refunded the second" in house.replies(conversation, DMITRI)[0]
    assert house.head(conversation).status == "resolved"
    house.wait(10)
    assert len(house.replies(conversation, DMITRI)) == 3


def test_a_worker_that_died_before_it_sent_is_followed_by_one_that_does(house: House) -> None:
    """Faults 17 and 21: looked up, absent, past every late arrival: sent again under the same key."""
    effect = approve(house)
    ledger.begin(
        house.records, TENANT, effect.id, house.clock, homes=ALWAYS_HOME, writer="a worker that dies", within=1
    )
    house.wait(1)
    house.wait(1)
    assert (the_effect(house).state, the_effect(house).attempts, refunds(house, DMITRI)) == ("COMMITTED", 2, 1)


def test_a_worker_that_died_after_it_sent_is_followed_by_proof(house: House) -> None:
    """Fault 18."""
    effect = approve(house)
    ledger.begin(
        house.records, TENANT, effect.id, house.clock, homes=ALWAYS_HOME, writer="a worker that dies", within=1
    )
    tool = house.platform.app.toolbox.tools[effect.tool]
    tool.run(house.systems, key=effect.id, **effect.arguments)
    house.wait(2)
    assert (the_effect(house).state, the_effect(house).attempts, refunds(house, DMITRI)) == ("COMMITTED", 1, 1)


def test_nothing_is_looked_at_while_its_worker_has_its_lease(house: House) -> None:
    effect = approve(house)
    ledger.begin(house.records, TENANT, effect.id, house.clock, homes=ALWAYS_HOME, writer="w", within=1)
    house.clock.advance(59)
    assert house.call("effects.reconcile")["looked"] == 0
    assert the_effect(house).state == "EXECUTING"


def test_what_settles_while_a_turn_runs_is_told_after_it(house: House) -> None:
    """Else the turn would say "pending" of what has ended, and nobody would ever correct it."""
    conversation = leave_unclear(house)
    house.systems.set_fault("billing", None)
    house.clock.advance(120)
    question, _ = house.receive("What is my account balance?", DMITRI, conversation=conversation)
    told = []
    house.platform.interrupt("reply.send", lambda: told.append(house.call("effects.reconcile")["told"]))
    house.platform.pump()
    assert (question, told) == (conversation, [0])
    assert the_effect(house).state == "COMMITTED"
    house.wait(1)
    assert "refunded the second" in house.replies(conversation, DMITRI)[0]


def test_an_operator_who_has_the_conversation_does_the_talking(house: House) -> None:
    conversation = leave_unclear(house)
    house.do("escalation.take", conversation=conversation, operator="mira")
    said = house.replies(conversation, DMITRI)
    house.systems.set_fault("billing", None)
    house.wait(2)
    assert the_effect(house).state == "COMMITTED"
    assert house.replies(conversation, DMITRI) == said


def test_what_stays_unknown_for_a_day_is_an_alert_once(house: House) -> None:
    leave_unclear(house)
    house.wait(DAY - 1)
    assert house.alerts() == []
    house.wait(1)
    house.wait(60)
    assert house.alerts() == ["effect_unknown_for_a_day"]


def test_what_surely_did_not_happen_and_is_approved_no_longer_is_given_up(house: House) -> None:
    """Row 10: absent, and no retry is possible because the approval has expired."""
    effect = approve(house)
    ledger.begin(
        house.records, TENANT, effect.id, house.clock, homes=ALWAYS_HOME, writer="a worker that dies", within=1
    )
    house.systems.set_fault("billing", "down")
    house.wait(3 * DAY)
    house.systems.set_fault("billing", None)
    house.wait(1)
    late = the_effect(house)
    assert (late.state, late.reason.partition(":")[0], refunds(house, DMITRI)) == ("REJECTED", "unavailable", 0)


def test_what_is_refused_after_all_is_asked_for_no_more(house: House) -> None:
    """I20: the first request was lost, and meanwhile somebody refunded the payment by hand.

    Seed 4186 of the simulator, where it was asked for again each minute until its window closed.
    """
    effect = approve(house)
    ledger.begin(house.records, TENANT, effect.id, house.clock, homes=ALWAYS_HOME, writer="dead", within=0)
    house.systems.act("billing", "refund", dict(effect.arguments), key="by-hand")
    house.wait(10)
    assert (the_effect(house).state, the_effect(house).attempts, refunds(house, DMITRI)) == ("REJECTED", 2, 1)
    assert the_effect(house).reason.partition(":")[0] != "unavailable"


def test_while_money_is_held_nothing_is_sent_again(house: House) -> None:
    """I23."""
    effect = approve(house)
    ledger.begin(
        house.records, TENANT, effect.id, house.clock, homes=ALWAYS_HOME, writer="a worker that dies", within=1
    )
    house.do("escalation.take", conversation=effect.conversation, operator="mira")
    house.wait(5)
    assert (the_effect(house).state, refunds(house, DMITRI)) == ("UNKNOWN", 0)
    house.answer(effect.conversation, back=True)
    house.wait(1)
    assert (the_effect(house).state, refunds(house, DMITRI)) == ("COMMITTED", 1)


def test_an_operator_may_execute_what_is_approved_and_twice_is_once(house: House) -> None:
    effect = approve(house)
    done = [house.call("effects.execute", effect=effect.id) for _ in range(2)]
    assert done == [{"state": "COMMITTED", "told": "done"}] * 2
    assert refunds(house, DMITRI) == 1


def test_what_nobody_approved_is_not_executed(house: House) -> None:
    house.write(TWICE, DMITRI)
    assert house.call("effects.execute", effect=the_effect(house).id) == {"state": "PROPOSED", "told": "waiting"}
    assert refunds(house, DMITRI) == 0


def test_an_approval_that_expired_is_not_executed(house: House) -> None:
    effect = approve(house)
    house.clock.advance(49 * 3600)
    with pytest.raises(WrongState):
        house.call("effects.execute", effect=effect.id)
    assert refunds(house, DMITRI) == 0


def test_what_stays_unknown_is_counted_every_minute_for_an_alarm(house: House) -> None:
    leave_unclear(house)
    house.wait(10)
    assert counted(house, "effects_unknown") == 0
    house.wait(10)
    before = counted(house, "effects_unknown")
    house.wait(1)
    assert counted(house, "effects_unknown") > before > 0


def counted(house: House, name: str) -> int:
    return sum(value for (found, _), value in house.platform.provider.telemetry.totals().items() if found == name)
