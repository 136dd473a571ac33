"""A home moves: money stands still until the ledger is reconciled, and nothing is paid twice (I1, I5, fault 60)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.simulated.tenants import SimulatedTenants
from functions.effects.drain import handle as drain
from functions.effects.execute import ExecuteInput
from functions.effects.execute import handle as execute
from shared.access.homes import NotAtHome
from shared.conversations.keys import conversation_partition, money_partition
from shared.effects import ledger
from shared.effects.effect import Effect
from shared.effects.epoch import ROW, SETTLE_MS, MoneyClosed
from shared.errors import InvalidInput, NotFound, WrongState
from shared.ports.records import Batch, Delete
from shared.ports.tenants import Tenants
from tests.builders.effects import LIMITS
from tests.builders.platform import TENANT, House
from tests.builders.regions import DUBLIN, OREGON, World, open_region, open_world

TWICE = "I was charged twice for my subscription this month, please refund the duplicate payment."
DMITRI = "cus_dmitri"  # his refund needs an approver


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as opened:
        yield opened


def homes(house: House) -> Tenants:
    return house.platform.provider.tenants


def the_effect(house: House) -> Effect:
    (effect,) = house.effects()
    return effect


def ask(house: House) -> None:
    house.write(TWICE, DMITRI)


def approve(house: House) -> None:
    effect = the_effect(house)
    noor = {"operator": "noor", "args_hash": effect.args_hash, "expires": effect.expires}
    ledger.add_approval(house.records, TENANT, effect.id, noor)
    ledger.approve(house.records, TENANT, effect.id, LIMITS, house.clock, homes=homes(house))


def begin(house: House) -> None:
    effect = the_effect(house)
    ledger.begin(house.records, TENANT, effect.id, house.clock, homes=homes(house), writer="one that dies", within=1)


def send(house: House) -> None:
    """The payment system does it, and the region dies before it hears of that."""
    effect = the_effect(house)
    house.platform.app.toolbox.tools[effect.tool].run(house.systems, key=effect.id, **effect.arguments)


REFUND: tuple[Callable[[House], None], ...] = (ask, approve, begin, send)
UNTIL: dict[str, int] = {"nothing": 0, "PROPOSED": 1, "APPROVED": 2, "EXECUTING": 3}


def lose_dublin(world: World, *, known: str, sent: bool = True) -> None:
    """Dublin refunds and dies; Oregon, the new home, gets its data as of an instant at which it knew less."""
    with open_region(world, DUBLIN) as dublin:
        for step in REFUND[: UNTIL[known]]:
            step(dublin)
        world.back_up(DUBLIN)
        for step in REFUND[UNTIL[known] : None if sent else UNTIL[known]]:
            step(dublin)
    world.restore(OREGON)
    world.move(OREGON)


def rounds(house: House, minutes: int = 3) -> None:
    for _ in range(minutes):
        house.wait(1)


class TestWhatTheDeadRegionSent:
    @pytest.mark.parametrize("known", ["EXECUTING", "APPROVED"])
    def test_is_found_and_not_made_again(self, world: World, known: str) -> None:
        """Faults 18 and 60: the payment system knows what the restored ledger does not."""
        lose_dublin(world, known=known)
        with open_region(world, OREGON) as oregon:
            assert the_effect(oregon).state == known
            world.settle()
            assert oregon.call("effects.reopen") == {"epoch": 2, "opened": True, "unsettled": []}
            rounds(oregon)
            assert (the_effect(oregon).state, world.refunds(DMITRI)) == ("COMMITTED", 1)

    def test_without_an_approval_that_anybody_knows_of_goes_to_suspense_and_a_person(self, world: World) -> None:
        lose_dublin(world, known="PROPOSED")
        with open_region(world, OREGON) as oregon:
            world.settle()
            assert oregon.do("effects.reopen")["opened"] is True
            assert (the_effect(oregon).state, world.refunds(DMITRI)) == ("REJECTED", 1)
            assert oregon.alerts() == ["money_in_suspense"]

    def test_is_found_by_the_minute_already_while_money_stands_still(self, world: World) -> None:
        """Proof is accepted from anyone, at any time (row 6); only starting is not."""
        lose_dublin(world, known="EXECUTING")
        with open_region(world, OREGON) as oregon:
            rounds(oregon)
            assert (the_effect(oregon).state, world.refunds(DMITRI)) == ("COMMITTED", 1)
            world.settle()
            assert oregon.call("effects.reopen")["opened"] is True

    def test_is_read_in_its_systems_books_before_anybody_asks_the_ledger(self, world: World) -> None:
        """The ledger forgot that it was ever asked; the customer asks again."""
        lose_dublin(world, known="nothing")
        with open_region(world, OREGON) as oregon:
            world.settle()
            assert oregon.call("effects.reopen", empty=True)["opened"] is True
            ask(oregon)
            assert (oregon.effects(), world.refunds(DMITRI)) == ([], 1)

    def test_is_looked_up_before_a_first_try_of_the_same_effect(self, world: World) -> None:
        """The ledger forgot it, its message came again, and its system would do it again."""
        with open_region(world, DUBLIN) as dublin:
            world.back_up(DUBLIN)
            for step in REFUND:
                step(dublin)
            lost = the_effect(dublin)
        world.restore(OREGON)
        world.move(OREGON)
        with open_region(world, OREGON) as oregon:
            world.settle()
            oregon.call("effects.reopen", empty=True)
            again = replace(lost, state="PROPOSED", approvers=0, attempts=0, fence=0, first_sent=0, lease=0, send_by=0)
            ledger.propose(oregon.records, again)
            approve(oregon)
            world.systems.set_fault("billing", "fails_after")
            assert oregon.call("effects.execute", effect=lost.id) == {"state": "COMMITTED", "told": "done"}
            assert world.refunds(DMITRI) == 1


class TestWhatTheDeadRegionHadNotSent:
    @pytest.mark.parametrize("known", ["EXECUTING", "APPROVED"])
    def test_is_made_once_after_the_reopening(self, world: World, known: str) -> None:
        lose_dublin(world, known=known, sent=False)
        with open_region(world, OREGON) as oregon:
            world.settle()
            rounds(oregon)
            assert world.refunds(DMITRI) == 0
            assert oregon.call("effects.reopen")["opened"] is True
            oregon.call("effects.execute", effect=the_effect(oregon).id)
            rounds(oregon)
            assert (the_effect(oregon).state, world.refunds(DMITRI)) == ("COMMITTED", 1)

    def test_is_asked_for_by_the_approver_as_before(self, world: World) -> None:
        lose_dublin(world, known="PROPOSED", sent=False)
        with open_region(world, OREGON) as oregon:
            with pytest.raises(MoneyClosed):
                oregon.decide(the_effect(oregon))
            world.settle()
            assert oregon.call("effects.reopen")["opened"] is True
            oregon.decide(the_effect(oregon))
            rounds(oregon)
            assert (the_effect(oregon).state, world.refunds(DMITRI)) == ("COMMITTED", 1)


class TestMoneyStandsStill:
    def test_in_a_ledger_of_an_older_epoch(self, world: World) -> None:
        lose_dublin(world, known="APPROVED", sent=False)
        with open_region(world, OREGON) as oregon, pytest.raises(MoneyClosed) as refused:
            oregon.call("effects.execute", effect=the_effect(oregon).id)
        assert (refused.value.field, refused.value.limit) == ("epoch", "epoch 2, open")

    def test_in_the_old_home_once_it_has_heard_of_the_move(self, world: World) -> None:
        with open_region(world, DUBLIN) as dublin:
            ask(dublin)
            approve(dublin)
            world.move(OREGON)
            with pytest.raises(MoneyClosed):
                dublin.call("effects.execute", effect=the_effect(dublin).id)
            with pytest.raises(NotAtHome) as refused:
                dublin.call("effects.reopen")
        assert refused.value.region == OREGON

    def test_in_the_old_home_once_it_is_drained_though_nobody_has_moved_yet(self, world: World) -> None:
        with open_region(world, DUBLIN) as dublin:
            ask(dublin)
            approve(dublin)
            begin(dublin)
            drained = dublin.call("effects.drain")
            assert (drained["epoch"], drained["in_flight"]) == (1, [the_effect(dublin).id])
            assert dublin.call("effects.drain") == drained
            send(dublin)
            rounds(dublin)
            assert (the_effect(dublin).state, world.refunds(DMITRI)) == ("COMMITTED", 1)
            world.clock.advance(SETTLE_MS // 1000)
            assert dublin.call("effects.reopen")["opened"] is True, "it was drained, and stays at home after all"

    def test_in_a_ledger_that_was_restored_where_it_was(self, world: World) -> None:
        """A backup of the same region has lost its last writes just as well."""
        with open_region(world, DUBLIN) as dublin:
            ask(dublin)
            approve(dublin)
            world.move(DUBLIN)
            with pytest.raises(MoneyClosed):
                begin(dublin)

    def test_of_a_tenant_that_nobody_entered(self, world: World) -> None:
        with open_region(world, DUBLIN) as dublin:
            ask(dublin)
            for row in (world.folder / "directory").rglob("*"):
                row.unlink() if row.is_file() else None
            dublin.clock.advance(10)
            dublin.decide(the_effect(dublin))
            assert the_effect(dublin).state == "COMMITTED", "a single machine takes itself for the home (T2)"


class TestWhatEndsWhileMoneyStandsStill:
    """A rejection frees the payment for another refund, so it must not be of one that the old home has paid."""

    def test_is_nothing_that_only_got_too_old(self, world: World) -> None:
        lose_dublin(world, known="APPROVED")
        with open_region(world, OREGON) as oregon:
            oregon.wait(3 * 24 * 60)
            assert the_effect(oregon).state == "APPROVED"
            assert oregon.call("effects.reopen")["opened"] is True
            assert (the_effect(oregon).state, world.refunds(DMITRI)) == ("COMMITTED", 1)

    def test_is_nothing_that_an_approver_refuses(self, world: World) -> None:
        lose_dublin(world, known="PROPOSED")
        with open_region(world, OREGON) as oregon:
            with pytest.raises(MoneyClosed):
                oregon.decide(the_effect(oregon), approved=False)
            assert the_effect(oregon).state == "PROPOSED"

    def test_is_what_a_takeover_withdraws_and_is_looked_up_all_the_same(self, world: World) -> None:
        lose_dublin(world, known="APPROVED")
        with open_region(world, OREGON) as oregon:
            oregon.do("escalation.take", conversation=the_effect(oregon).conversation, operator="mira")
            assert the_effect(oregon).state == "REJECTED"
            world.settle()
            assert oregon.do("effects.reopen")["opened"] is True
            assert (oregon.alerts(), world.refunds(DMITRI)) == (["money_in_suspense"], 1)


class TestReopening:
    def test_is_refused_before_the_old_home_must_have_heard_of_the_move(self, world: World) -> None:
        lose_dublin(world, known="APPROVED")
        world.clock.advance(SETTLE_MS // 1000)
        with open_region(world, OREGON) as oregon, pytest.raises(WrongState) as refused:
            oregon.call("effects.reopen")
        assert refused.value.field == "since"

    def test_lists_what_could_still_arrive_and_stays_closed(self, world: World) -> None:
        """Fault 42: what was sent at the very last may be late."""
        with open_region(world, DUBLIN) as dublin:
            for step in REFUND[:3]:
                step(dublin)
            dublin.call("effects.drain")
            answer = dublin.call("effects.reopen")
            assert (answer["opened"], answer["unsettled"][0]["effect"]) == (False, the_effect(dublin).id)
            assert "may still arrive" in answer["unsettled"][0]["why"]
            send(dublin)
            assert dublin.call("effects.reopen")["opened"] is True
            assert (the_effect(dublin).state, world.refunds(DMITRI)) == ("COMMITTED", 1)

    def test_waits_for_a_payment_system_that_is_down(self, world: World) -> None:
        lose_dublin(world, known="EXECUTING")
        with open_region(world, OREGON) as oregon:
            world.settle()
            world.systems.set_fault("billing", "down")
            answer = oregon.call("effects.reopen")
            assert (answer["opened"], answer["unsettled"][0]["why"].partition(":")[0]) == (False, "unavailable")
            world.systems.set_fault("billing", None)
            assert oregon.call("effects.reopen")["opened"] is True

    def test_takes_a_persons_word_for_what_no_machine_can_tell(self, world: World) -> None:
        lose_dublin(world, known="EXECUTING")
        with open_region(world, OREGON) as oregon:
            world.settle()
            world.systems.set_fault("billing", "down")
            paid = {"paid": [the_effect(oregon).id]}
            with pytest.raises(WrongState) as refused:
                oregon.call("effects.reopen", **paid)
            assert refused.value.field == "operator"
            assert oregon.call("effects.reopen", operator="noor", **paid)["opened"] is True
            result = the_effect(oregon).result
            assert (result["told_by"], result["currency"]) == ("noor", "EUR")

    def test_gives_up_what_a_person_says_is_absent(self, world: World) -> None:
        lose_dublin(world, known="APPROVED", sent=False)
        with open_region(world, OREGON) as oregon:
            world.settle()
            absent = {"absent": [the_effect(oregon).id], "operator": "noor"}
            assert oregon.call("effects.reopen", **absent)["opened"] is True
            assert the_effect(oregon).state == "REJECTED"
            with pytest.raises(NotFound):
                oregon.call("effects.drain") and oregon.call("effects.reopen", **absent)

    def test_refuses_an_empty_ledger_that_nobody_vouches_for(self, world: World) -> None:
        lose_dublin(world, known="nothing")
        with open_region(world, OREGON) as oregon:
            world.settle()
            with pytest.raises(WrongState) as refused:
                oregon.call("effects.reopen")
        assert refused.value.field == "empty"

    def test_refuses_the_ledger_of_a_home_before_the_last_one(self, world: World) -> None:
        """A flapping home: Dublin's own old ledger knows nothing of what Oregon has paid since."""
        lose_dublin(world, known="EXECUTING")
        with open_region(world, OREGON) as oregon:
            world.settle()
            oregon.call("effects.reopen")
        world.move(DUBLIN)
        with open_region(world, DUBLIN) as dublin:
            world.settle()
            with pytest.raises(WrongState) as refused:
                dublin.call("effects.reopen")
            assert refused.value.field == "last"
        world.back_up(OREGON)
        world.restore(DUBLIN)
        with open_region(world, DUBLIN) as dublin:
            assert dublin.call("effects.reopen") == {"epoch": 3, "opened": True, "unsettled": []}

    def test_of_a_ledger_that_no_move_in_between_ever_opened_takes_its_epoch(self, world: World) -> None:
        with open_region(world, DUBLIN) as dublin:
            ask(dublin)
            world.move(OREGON)
            world.move(DUBLIN)
            world.settle()
            with pytest.raises(WrongState):
                dublin.call("effects.reopen")
            assert dublin.call("effects.reopen", last=1)["opened"] is True

    def test_twice_is_once(self, world: World) -> None:
        lose_dublin(world, known="EXECUTING")
        with open_region(world, OREGON) as oregon:
            world.settle()
            assert oregon.call("effects.reopen") == oregon.call("effects.reopen")


def test_a_home_that_never_moved_asks_the_store_once_more_and_the_payment_system_nothing_new(world: World) -> None:
    with open_region(world, DUBLIN) as dublin:
        ask(dublin)
        dublin.decide(the_effect(dublin))
        rows = [row.row for row in dublin.records.query(money_partition(TENANT), prefix="EPOCH")]
        assert (the_effect(dublin).state, rows) == ("COMMITTED", [])


def test_a_ledger_that_lost_its_epoch_is_of_the_first_one_and_therefore_closed(world: World) -> None:
    lose_dublin(world, known="EXECUTING")
    with open_region(world, OREGON) as oregon:
        world.settle()
        oregon.call("effects.reopen")
        oregon.records.write(Batch(money_partition(TENANT), (Delete("EPOCH"),)))
        oregon.count = 10  # Dublin has used the first ids
        ask_again = oregon.write("I was charged twice again, please refund the duplicate payment.", "cus_chloe")
        assert ask_again["outcome"] == "escalated"
        assert world.refunds("cus_chloe") == 0


def test_an_effect_whose_conversation_was_not_restored_stops_nobody_elses_news(world: World) -> None:
    """The two tables may be restored to different seconds."""
    with open_region(world, DUBLIN) as dublin:
        ask(dublin)
        lost = the_effect(dublin).conversation
        dublin.records.write(Batch(conversation_partition(TENANT, lost), (Delete("HEAD"),)))
        ledger.reject(dublin.records, TENANT, the_effect(dublin).id, "rejected by noor")
        assert dublin.call("effects.reconcile")["told"] == 0
        assert dublin.records.query(money_partition(TENANT), prefix="TELL|") == []


@pytest.mark.parametrize(("handler", "more"), [("effects.drain", {}), ("effects.execute", {"effect": "e0"})])
def test_no_ledger_is_begun_for_what_is_no_tenants_name(house: House, handler: str, more: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        house.platform.call(handler, {"tenant": "a|b"} | more)
    assert refused.value.field == "tenant"


@pytest.mark.parametrize("handle", [drain, execute])
def test_no_ledger_is_begun_for_a_tenant_that_the_directory_does_not_know(house: House, handle: Any) -> None:
    box = replace(house.platform.app.toolbox, homes=SimulatedTenants(house.clock))
    with pytest.raises(NotFound):
        handle(ExecuteInput("typo", "e0"), toolbox=box)
    assert house.records.get(money_partition("typo"), ROW) is None
