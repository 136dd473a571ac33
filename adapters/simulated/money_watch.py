"""Money as it is seen from outside: each batch of a ledger, each action of the company's systems, and their books."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from adapters.simulated.findings import Findings
from adapters.simulated.process import NEWER
from adapters.simulated.records import Stored
from adapters.simulated.world import World

Body = dict[str, Any]
Rows = dict[str, Stored | None]

TERMINAL = ("COMMITTED", "REJECTED")
LEGAL = {
    ("", "PROPOSED"), ("PROPOSED", "APPROVED"), ("PROPOSED", "REJECTED"), ("APPROVED", "EXECUTING"),
    ("APPROVED", "REJECTED"), ("EXECUTING", "COMMITTED"), ("UNKNOWN", "COMMITTED"), ("EXECUTING", "REJECTED"),
    ("EXECUTING", "UNKNOWN"), ("UNKNOWN", "EXECUTING"), ("UNKNOWN", "REJECTED"),
}  # fmt: skip
RAISES = {("APPROVED", "EXECUTING"), ("EXECUTING", "UNKNOWN"), ("UNKNOWN", "EXECUTING")}
# why an effect was rejected -> the fact that a campaign wants to have seen
REASONS = {"expired": "approval expired", "takeover": "withdrawn by a takeover", "cap_exceeded": "cap exceeded"}
RESERVED, USED = ("APPROVED", "EXECUTING", "UNKNOWN"), ("COMMITTED",)
SPENT = RESERVED + USED
PAID_BACK = "refund"
MONEY = {"refund", "credit", "charge"}  # what moves money; other writes are safe to repeat under their key
MOST_ASKED = 8  # of one key, in a whole afternoon
NOTHING = {"state": "", "fence": 0}


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps in minor units, as the company sets them."""

    customer_day: int
    tenant_day: int


@dataclass(slots=True)
class MoneyWatch:
    """`effects` are as they stand, `known` as they were ever stored last: a restored ledger forgets, this does not."""

    findings: Findings
    limits: Limits
    owner_of: Callable[[Body], str]  # who has the conversation of an effect
    effects: dict[str, Body] = field(default_factory=dict)
    known: dict[str, Body] = field(default_factory=dict)
    caps: dict[tuple[str, str], Body] = field(default_factory=dict)
    done: list[tuple[str, Body, str]] = field(default_factory=list)

    def see_batch(self, tenant: str, puts: dict[str, Body], before: Rows) -> None:
        """Called with each batch that a tenant's ledger stored, and its rows as they were."""
        posted: Counter[str] = Counter()
        for row, body in puts.items():
            kind = row.split("|", 1)[0]
            if kind == "EFFECT":
                old = before[row]
                self._see_effect(json.loads(old.text) if old else NOTHING, body)
            elif kind == "CAP":
                self._see_cap(tenant, row, body)
            elif kind == "POST":
                posted[body["effect"]] += body["minor"]
        for row in filter(_is_tenants_cap, puts):
            self._see_cap_sum(tenant, row.split("|")[2], puts[row])
        for effect, total in posted.items():
            self.findings.hold("I6", total == 0, f"the postings of {effect} come to {total}")

    def see_action(self, operation: str, arguments: Body, key: str) -> None:
        """Called with each action that a company's system has really done."""
        hold, effect = self.findings.hold, self.known.get(key)
        self.done.append((operation, dict(arguments), key))
        if operation in MONEY:
            hold("I3", effect is not None, f"{operation} under {key} without a stored effect")
        if effect is not None:
            hold("I3", effect["first_sent"] > 0, f"{operation} of {key} while it is {effect['state']}")
            hold("I26", arguments["customer"] == effect["customer"], f"{key} is for {arguments['customer']}")
            self._hold_approved(effect)
        if operation == PAID_BACK:
            payment = arguments["payment"]
            times = sum(each == PAID_BACK and their["payment"] == payment for each, their, _ in self.done)
            hold("I1", times == 1, f"payment {payment} was refunded {times} times")

    def see_loss(self, world: World, tenant: str) -> None:
        """A ledger was put back to what a backup had: from here on that is what stands."""
        self.effects = {id: body for id, body in self.effects.items() if body["tenant"] != tenant}
        self.caps = {(where, row): body for (where, row), body in self.caps.items() if where != tenant}
        for row in world.cloud.records.query(f"T|{tenant}|money", prefix="EFFECT|"):
            self.effects[row.body["id"]] = row.body
        for row in world.cloud.records.query(f"T|{tenant}|money", prefix="CAP|"):
            self.caps[tenant, row.row] = row.body

    def see_end(self, world: World) -> None:
        """What must be so once everything has come to rest."""
        self._see_books(world)
        self._see_keys(world)
        self._see_amounts()
        for (tenant, row), body in self.caps.items():
            if _is_tenants_cap(row):
                self._see_cap_sum(tenant, row.split("|")[2], body)

    def _see_effect(self, old: Body, new: Body) -> None:
        findings, move = self.findings, (old["state"], new["state"])
        self.effects[new["id"]] = self.known[new["id"]] = dict(new)
        if move[0] != move[1]:
            findings.facts[f"{move[0]}->{move[1]}"] += 1
            findings.facts[REASONS.get(str(new["reason"]).partition(":")[0], "other reason")] += 1
            findings.hold("I7", move in LEGAL, f"{new['id']} went from {move[0] or 'nothing'} to {move[1]}")
        elif move[0] in TERMINAL:
            findings.hold("I7", _same(old, new), f"{new['id']} changed after {move[0]}")
        findings.hold("I8", new["fence"] >= old["fence"], f"the fence of {new['id']} fell")
        if move in RAISES:
            findings.hold("I8", new["fence"] > old["fence"], f"the fence of {new['id']} did not rise at {move[1]}")
        if move == ("PROPOSED", "APPROVED"):
            self._hold_approved(new)
            self._see_spending(new)
        if move == ("APPROVED", "EXECUTING"):
            self._see_first_sending(new)
        if move[0] == "":
            self._see_compensated(new)

    def _see_compensated(self, effect: Body) -> None:
        if effect["compensates"]:
            state = self.effects.get(effect["compensates"], {"state": "absent"})["state"]
            self.findings.hold("I9", state == "COMMITTED", f"{effect['id']} compensates what is {state}")

    def _see_first_sending(self, effect: Body) -> None:
        """One payment is asked for once at a time, whatever the payment system would make of a second request; and
        nothing that an operator has not asked for begins in a conversation that they have.
        """
        owner = self.owner_of(effect)
        self.findings.hold("I23", not owner.startswith("operator:"), f"{effect['id']} is sent while {owner} has it")
        what = (effect["payment"], effect["purpose"])
        if all(what):
            alike = [e["id"] for e in self.effects.values() if (e["payment"], e["purpose"]) == what]
            rivals = [each for each in alike if each != effect["id"] and self.effects[each]["state"] in SPENT]
            self.findings.hold("I1", not rivals, f"{effect['id']} is sent for {what[0]} while {rivals} stand")

    def _hold_approved(self, effect: Body) -> None:
        yes = {each["operator"] for each in effect["approvals"] if each["args_hash"] == effect["args_hash"]}
        enough = len(yes) >= effect["approvers"]
        self.findings.hold("I4", enough, f"{effect['id']} has {len(yes)} of {effect['approvers']}")

    def _see_spending(self, effect: Body) -> None:
        """The caps once more, from the effects themselves."""
        alike = (effect["tenant"], effect["day"])
        day = [e for e in self.effects.values() if e["state"] in SPENT and (e["tenant"], e["day"]) == alike]
        total = sum(map(spent, day))
        own = sum(spent(each) for each in day if each["customer"] == effect["customer"])
        self.findings.hold("I11", total <= self.limits.tenant_day, f"{total} were approved in a day")
        self.findings.hold("I11", own <= self.limits.customer_day, f"{own} in a day for {effect['customer']}")

    def _see_cap(self, tenant: str, row: str, body: Body) -> None:
        self.caps[tenant, row] = dict(body)
        kind = row.split("|")[1]
        limit = {"customer": self.limits.customer_day, "tenant": self.limits.tenant_day}.get(kind)
        if limit is not None:
            self.findings.hold("I11", body["used"] + body["reserved"] <= limit, f"{row} stands at {body}")
        self.findings.hold("I11", min(body["used"], body["reserved"]) >= 0, f"{row} stands at {body}")

    def _see_cap_sum(self, tenant: str, day: str, body: Body) -> None:
        mine = [each for each in self.effects.values() if (each["tenant"], each["day"]) == (tenant, day)]
        used = sum(paid(each) for each in mine if each["state"] in USED)
        reserved = sum(each["amount_minor"] for each in mine if each["state"] in RESERVED)
        says = f"the day of {tenant} has {body}, its effects {used} and {reserved}"
        self.findings.hold("I11", (body["used"], body["reserved"]) == (used, reserved), says)

    def _see_books(self, world: World) -> None:
        self._see_refunds(world.cloud.business_systems.booked())
        hold, done = self.findings.hold, {key for _, _, key in self.done}
        suspended = self._suspended(world)
        for id, effect in self.effects.items():
            if effect["state"] == "COMMITTED":
                hold("I5", id in done, f"{id} is COMMITTED and nothing was done")
            elif effect["state"] == "REJECTED" and id not in suspended:
                hold("I5", id not in done, f"{id} is REJECTED and was done")

    def _see_refunds(self, books: dict[str, list[Body]]) -> None:
        captured = {each["id"]: each["amount_minor"] for each in books["payment"]}
        given: Counter[str] = Counter()
        for refund in books["refund"]:
            given[refund["payment"]] += refund["amount_minor"]
        for payment, total in given.items():
            fits = total <= captured.get(payment, 0)
            self.findings.hold("I2", fits, f"{total} of {payment} were given back")

    def _see_amounts(self) -> None:
        booked = {key: arguments["amount_minor"] for _, arguments, key in self.done if "amount_minor" in arguments}
        for id, effect in self.effects.items():
            by_hand = "told_by" in effect["result"]  # a person says that it was paid, and cannot say how much
            if effect["state"] == "COMMITTED" and id in booked and not by_hand:
                same = paid(effect) == booked[id]
                self.findings.hold("I5", same, f"{id} stands at {paid(effect)}, {booked[id]} were booked")

    def _see_keys(self, world: World) -> None:
        alive: dict[tuple[str, str], list[str]] = defaultdict(list)
        for effect in self.effects.values():
            if effect["payment"] and effect["purpose"] and effect["state"] != "REJECTED":
                alive[effect["payment"], effect["purpose"]].append(effect["id"])
        for (payment, purpose), ids in alive.items():
            self.findings.hold("I10", len(ids) == 1, f"{purpose} of {payment} stands under {len(ids)} keys")
        mismatches = world.cloud.business_systems.mismatches
        self.findings.hold("I10", not mismatches, f"{mismatches} came again with another request")
        for key, times in world.site.asked.items():
            self.findings.hold("I20", times <= MOST_ASKED, f"{key} was sent {times} times")

    def _suspended(self, world: World) -> set[str]:
        """Effects whose proof came after they were rejected, which an operator sees."""
        found = set()
        for tenant in world.tenants:
            rows = world.cloud.records.query(f"T|{tenant}|money", prefix="SUSPENSE|")
            found |= {row.row.split("|")[1] for row in rows}
        return found


def _is_tenants_cap(row: str) -> bool:
    return row.startswith("CAP|tenant|")


def _same(old: Body, new: Body) -> bool:
    """Whether nothing has changed but the reason, and proof that came too late and is kept with a refusal."""
    late = old["state"] == "REJECTED" and not old["result"]
    changes = {"reason", NEWER} | ({"result"} if late else set())
    return all(new.get(name) == value for name, value in old.items() if name not in changes)


def spent(effect: Body) -> int:
    """What an effect takes of its caps: all of it until its proof says what it came to."""
    return paid(effect) if effect["state"] == "COMMITTED" else int(effect["amount_minor"])


def paid(effect: Body) -> int:
    """What a committed effect came to, as its proof says."""
    return int(effect["result"].get("amount_minor", effect["amount_minor"]))
