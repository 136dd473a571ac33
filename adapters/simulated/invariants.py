"""What must always hold, seen from outside: the rows as they are stored and the company's own books.

Nothing here is taken from the ledger's code: a mistake there must not hide itself.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from adapters.simulated.clock import SKEW_MS
from adapters.simulated.records import Stored
from adapters.simulated.world import World
from shared.ports.records import Batch, Put

Body = dict[str, Any]

SAYS: dict[str, str] = {
    "I1": "an effect is done at most once in the company's own books",
    "I2": "no more is given back than was captured",
    "I3": "nothing is sent to a payment system before its effect is stored",
    "I4": "what needs an approval is sent only with one of the same arguments by enough different people",
    "I5": "what the ledger calls COMMITTED the company has booked, and the other way round",
    "I6": "postings balance to zero",
    "I7": "nothing leaves COMMITTED or REJECTED",
    "I8": "fences rise with each sending and each doubt, and never fall",
    "I9": "a compensation happens once, and only for what was committed",
    "I10": "an unknown effect is never tried under a new key",
    "I11": "no cap is ever exceeded",
    "I12": "a customer is told that it was done only where the ledger says COMMITTED",
    "I13": "every accepted message is answered, parked or with an operator",
    "I14": "replies of a conversation come in the order of its turns",
    "I15": "no reply is sent twice",
    "I19": "in the end nothing waits to be told",
    "I23": "while an operator has a conversation the AI says nothing and begins no effect",
    "I24": "whatever is escalated has a handoff that an operator sees",
    "I32": "in the end no queue has work left",
}
TERMINAL = ("COMMITTED", "REJECTED")
LEGAL = {
    ("", "PROPOSED"), ("PROPOSED", "APPROVED"), ("PROPOSED", "REJECTED"), ("APPROVED", "EXECUTING"),
    ("APPROVED", "REJECTED"), ("EXECUTING", "COMMITTED"), ("UNKNOWN", "COMMITTED"), ("EXECUTING", "REJECTED"),
    ("EXECUTING", "UNKNOWN"), ("UNKNOWN", "EXECUTING"), ("UNKNOWN", "REJECTED"),
}  # fmt: skip
RAISES = {("APPROVED", "EXECUTING"), ("EXECUTING", "UNKNOWN"), ("UNKNOWN", "EXECUTING")}
# why an effect was rejected -> the fact that a campaign wants to have seen
REASONS = {"expired": "approval expired", "takeover": "withdrawn by a takeover", "cap_exceeded": "cap exceeded"}
OPEN_AFTER = 5
SPENT = ("APPROVED", "EXECUTING", "UNKNOWN", "COMMITTED")
PAID_BACK = {"refund"}
MONEY = {"refund", "credit", "charge"}  # what moves money; other writes are safe to repeat under their key


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken invariant, when (epoch ms) and how."""

    invariant: str
    at: int
    says: str


@dataclass(slots=True)
class Limits:
    """Caps in minor units, as the company sets them."""

    customer_day: int
    tenant_day: int


@dataclass(slots=True)
class Watcher:
    """Looks at every batch and every action as it happens, and at the whole in the end."""

    limits: Limits
    now: Any = None
    violations: list[Violation] = field(default_factory=list)
    effects: dict[str, Body] = field(default_factory=dict)
    heads: dict[str, Body] = field(default_factory=dict)
    turns: dict[str, Body] = field(default_factory=dict)
    done: list[tuple[str, str, Body, str]] = field(default_factory=list)
    holds: set[str] = field(default_factory=set)
    goals: Counter[str] = field(default_factory=Counter)

    def see_batch(self, batch: Batch, before: dict[str, Stored | None]) -> None:
        """Called with each batch that was stored, and its rows as they were."""
        puts = {write.row: write.body for write in batch.writes if isinstance(write, Put)}
        if batch.partition.endswith("|money"):
            self._see_money(puts, before)
        elif "|C|" in batch.partition:
            self._see_conversation(batch.partition, puts, before)
        elif batch.partition.endswith("|V|circuits"):
            self._see_circuits(puts, before)

    def see_action(self, system: str, operation: str, arguments: Body, key: str) -> None:
        """Called with each action that a company's system has really done."""
        effect = self.effects.get(key)
        self.done.append((system, operation, dict(arguments), key))
        if operation in MONEY:
            self._hold("I3", effect is not None, f"{operation} under {key} without a stored effect")
        if effect is not None:
            self._hold("I3", effect["first_sent"] > 0, f"{operation} of {key} while it is {effect['state']}")
            self._hold_approved(effect)
        if operation in PAID_BACK:
            same = [each for each in self.done if each[1] == operation and each[2]["payment"] == arguments["payment"]]
            self._hold("I1", len(same) == 1, f"payment {arguments['payment']} was refunded {len(same)} times")

    def see_end(self, world: World, tenant: str, accepted: list[tuple[str, str]]) -> None:
        """What must be so once everything has come to rest."""
        self._see_books(world)
        self._see_rest(world)
        for conversation, message in accepted:
            self._see_message(world, tenant, conversation, message)
        for partition, head in self.heads.items():
            self._see_escalation(world, partition, head)
            self._see_delivery(world, partition, head)
        self._see_told()

    def _see_money(self, puts: dict[str, Body], before: dict[str, Stored | None]) -> None:
        posted: Counter[str] = Counter()
        for row, body in puts.items():
            kind = row.split("|", 1)[0]
            if kind == "EFFECT":
                old = before[row]
                self._see_effect(json.loads(old.text) if old else {"state": "", "fence": 0}, body)
            elif kind == "CAP":
                self._see_cap(row, body)
            elif kind == "POST":
                posted[body["effect"]] += body["minor"]
        for effect, total in posted.items():
            self._hold("I6", total == 0, f"the postings of {effect} come to {total}")

    def _see_effect(self, old: Body, new: Body) -> None:
        move = (old["state"], new["state"])
        self.effects[new["id"]] = dict(new)
        if move[0] != move[1]:
            self.goals[f"{move[0]}->{move[1]}"] += 1
            self.goals[REASONS.get(str(new["reason"]).partition(":")[0], "other reason")] += 1
            self._hold("I7", move in LEGAL, f"{new['id']} went from {move[0] or 'nothing'} to {move[1]}")
        elif move[0] in TERMINAL:
            kept = {name: value for name, value in old.items() if name != "reason"}
            self._hold("I7", kept == {name: new[name] for name in kept}, f"{new['id']} changed after {move[0]}")
        self._hold("I8", new["fence"] >= old["fence"], f"the fence of {new['id']} fell")
        if move in RAISES:
            self._hold("I8", new["fence"] > old["fence"], f"the fence of {new['id']} did not rise at {move[1]}")
        if move[1] == "APPROVED" and move[0] == "PROPOSED":
            self._hold_approved(new)
            self._see_spending(new)
        if move == ("APPROVED", "EXECUTING"):
            self._see_first_sending(new)
        if new["compensates"] and move[0] == "":
            original = self.effects.get(new["compensates"], {"state": "absent"})
            self._hold("I9", original["state"] == "COMMITTED", f"{new['id']} compensates what is {original['state']}")

    def _see_first_sending(self, effect: Body) -> None:
        """One payment is asked for once at a time, whatever the payment system would make of a second request."""
        what = (effect["payment"], effect["purpose"])
        if all(what):
            alike = [e["id"] for e in self.effects.values() if (e["payment"], e["purpose"]) == what]
            rivals = [each for each in alike if each != effect["id"] and self.effects[each]["state"] in SPENT]
            self._hold("I1", not rivals, f"{effect['id']} is sent for {what[0]} while {rivals} stand")

    def _hold_approved(self, effect: Body) -> None:
        yes = {each["operator"] for each in effect["approvals"] if each["args_hash"] == effect["args_hash"]}
        self._hold("I4", len(yes) >= effect["approvers"], f"{effect['id']} has {len(yes)} of {effect['approvers']}")

    def _see_spending(self, effect: Body) -> None:
        """The caps once more, from the effects themselves."""
        same_day = [e for e in self.effects.values() if e["state"] in SPENT and e["day"] == effect["day"]]
        total = sum(each["amount_minor"] for each in same_day)
        own = sum(each["amount_minor"] for each in same_day if each["customer"] == effect["customer"])
        self._hold("I11", total <= self.limits.tenant_day, f"{total} were approved in a day")
        self._hold("I11", own <= self.limits.customer_day, f"{own} were approved for {effect['customer']} in a day")

    def _see_cap(self, row: str, body: Body) -> None:
        kind = row.split("|")[1]
        limit = {"customer": self.limits.customer_day, "tenant": self.limits.tenant_day}.get(kind)
        if limit is not None:
            self._hold("I11", body["used"] + body["reserved"] <= limit, f"{row} stands at {body}")
        self._hold("I11", min(body["used"], body["reserved"]) >= 0, f"{row} stands at {body}")

    def _see_conversation(self, partition: str, puts: dict[str, Body], before: dict[str, Stored | None]) -> None:
        for row, body in puts.items():
            if row.startswith("TURN|"):
                self.turns[f"{partition}#{row}"] = dict(body)
        if "HEAD" not in puts:
            return
        old_row, head = before["HEAD"], puts["HEAD"]
        old: Body = (
            json.loads(old_row.text) if old_row else {"owner": "ai", "said": "", "n": 0, "fence": 0, "execution": ""}
        )
        self.heads[partition] = dict(head)
        if head["execution"] and old["execution"] and head["execution"] != old["execution"]:
            self._hold("I8", old["lease"] <= self.now() + SKEW_MS, f"a live turn of {partition} was claimed again")
        self.goals["turn claimed again"] += head["deaths"] > old.get("deaths", 0)
        self._hold("I8", head["fence"] >= old["fence"], f"the fence of {partition} fell")
        self._hold("I14", head["n"] >= old["n"], f"{partition} went back from turn {old['n']} to {head['n']}")
        if head["said"] != old["said"] and head["said"].startswith("TURN|") and old["owner"].startswith("operator:"):
            turn = self.turns.get(f"{partition}#{head['said']}", {})
            self._hold("I23", not turn.get("sealed"), f"the AI spoke on {partition}, which {old['owner']} has")

    def _see_circuits(self, puts: dict[str, Body], before: dict[str, Stored | None]) -> None:
        for row, body in puts.items():
            old = before[row]
            failures = json.loads(old.text)["failures"] if old else 0
            self.goals["circuit probed"] += failures >= OPEN_AFTER and body["failures"] == failures

    def _see_books(self, world: World) -> None:
        books = world.cloud.business_systems.books()
        captured = {each["id"]: each["amount_minor"] for each in books["payment"]}
        given: Counter[str] = Counter()
        for refund in books["refund"]:
            given[refund["payment"]] += refund["amount_minor"]
        for payment, total in given.items():
            self._hold("I2", total <= captured.get(payment, 0), f"{total} of {payment} were given back")
        done, suspended = {key for _, _, _, key in self.done}, self._suspended(world)
        for effect in self.effects.values():
            if effect["state"] == "COMMITTED":
                self._hold("I5", effect["id"] in done, f"{effect['id']} is COMMITTED and nothing was done")
            elif effect["state"] == "REJECTED" and effect["id"] not in suspended:
                self._hold("I5", effect["id"] not in done, f"{effect['id']} is REJECTED and was done")
        self._see_keys()

    def _see_keys(self) -> None:
        alive: dict[tuple[str, str], list[str]] = defaultdict(list)
        for effect in self.effects.values():
            if effect["payment"] and effect["purpose"] and effect["state"] != "REJECTED":
                alive[effect["payment"], effect["purpose"]].append(effect["id"])
        for (payment, purpose), ids in alive.items():
            self._hold("I10", len(ids) == 1, f"{purpose} of {payment} stands under {len(ids)} keys")

    def _suspended(self, world: World) -> set[str]:
        """Effects whose proof came after they were rejected, which an operator sees."""
        found = set()
        for partition in world.cloud.records.partitions():
            if partition.endswith("|money"):
                rows = world.cloud.records.query(partition, prefix="SUSPENSE|")
                found |= {row.row.split("|")[1] for row in rows}
        return found

    def _see_rest(self, world: World) -> None:
        self._hold("I19", world.cloud.records.untold == 0, f"{world.cloud.records.untold} events were never told")
        self._hold("I32", world.cloud.queue.next_visible() is None, "a queue has work left")
        keys = Counter(each.key for each in world.cloud.channels.sent)
        for key, times in keys.items():
            self._hold("I15", times == 1, f"{key} was sent {times} times")

    def _see_delivery(self, world: World, partition: str, head: Body) -> None:
        """What was said by mail, which nobody reads back, has left, or an operator knows that this is unclear."""
        if head["channel"] != "email" or not head["said"].startswith("TURN|"):
            return
        turn = self.turns.get(f"{partition}#{head['said']}", {})
        if turn.get("sealed"):
            noted = world.cloud.records.get(partition, f"SENT|{head['said']}")
            dead = world.cloud.queue.dead_letters("reply.deliver")
            self._hold("I13", bool(noted or dead), f"{head['said']} of {partition} was never sent")

    def _see_message(self, world: World, tenant: str, conversation: str, message: str) -> None:
        partition = f"T|{tenant}|C|{conversation}"
        head = self.heads.get(partition)
        answered = sum(message in turn["answers"] for name, turn in self.turns.items() if self._said(partition, name))
        waits = head is not None and message in head["arrived"] and not head["owner"].startswith("ai")
        dead = any(message == letter.body.get("message") for letter in world.cloud.queue.dead_letters("turns"))
        self._hold("I13", answered + waits + dead >= 1, f"{message} of {conversation} was lost")
        self._hold("I15", answered <= 1, f"{message} of {conversation} was answered {answered} times")

    def _said(self, partition: str, name: str) -> bool:
        """Whether a TURN row was said: the head names the last one, each row the one before it."""
        where, _, row = name.partition("#")
        if where != partition:
            return False
        said = self.heads.get(partition, {}).get("said", "")
        while said:
            if said == row:
                return True
            said = self.turns.get(f"{partition}#{said}", {}).get("before", "")
        return False

    def _see_escalation(self, world: World, partition: str, head: Body) -> None:
        if head["owner"] == "nobody":
            rows = world.cloud.records.query(partition, prefix="HANDOFF|")
            self._hold("I24", bool(rows), f"{partition} is nobody's and has no handoff")

    def _see_told(self) -> None:
        for name, turn in self.turns.items():
            for action in turn["actions"]:
                if action["status"] == "committed" and self._said(name.partition("#")[0], name):
                    state = self.effects.get(action.get("effect", ""), {"state": "absent"})["state"]
                    self._hold("I12", state == "COMMITTED", f"{name} told of {action['tool']}, which is {state}")

    def _hold(self, invariant: str, holds: bool, says: str) -> None:
        if not holds:
            self.violations.append(Violation(invariant, self.now() if self.now else 0, says))
