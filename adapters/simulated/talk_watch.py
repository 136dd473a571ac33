"""Conversations as they are seen from outside: each batch of their rows, and what customers got in the end."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from adapters.simulated.findings import Findings
from adapters.simulated.records import Stored
from adapters.simulated.world import TURNS, World
from shared.domain.events import SLA_BREACHED
from shared.ports.queue import QueueMessage
from shared.ports.records import Event

Body = dict[str, Any]
Rows = dict[str, Stored | None]

NEW_HEAD: Body = {"owner": "ai", "said": "", "n": 0, "fence": 0, "execution": "", "lease": 0, "deaths": 0}
FIRST_RESPONSE_MS = 20 * 60_000  # company/sla.toml
TOLD_WITHIN_MS = 40 * 60_000  # the clock's calls grow thin towards the end
POISON_ALONE_MS = 60_000
HARMLESS = ("cold_start", "newer_version", "expires_early", "skew", "duplicate", "receipt_doubled", "receipt_forged")
ANSWERS = ("resolved", "clarifying", "ignored")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message that a customer was told had been received, and when (epoch ms)."""

    tenant: str
    conversation: str
    id: str
    at: int

    @property
    def partition(self) -> str:
        return f"T|{self.tenant}|C|{self.conversation}"


@dataclass(slots=True)
class TalkWatch:
    """`heads` and `turns` are as they stand, by partition and by `partition#row`; times in epoch ms."""

    findings: Findings
    skew: int = 0
    heads: dict[str, Body] = field(default_factory=dict)
    turns: dict[str, Body] = field(default_factory=dict)
    opened: dict[str, int] = field(default_factory=dict)
    replied: dict[str, int] = field(default_factory=dict)
    answered: dict[tuple[str, str], int] = field(default_factory=dict)
    late: dict[str, list[str]] = field(default_factory=dict)  # partition -> breaches of first responses, by event id
    handed: set[str] = field(default_factory=set)  # conversations that were not always the AI's
    lost: set[str] = field(default_factory=set)  # messages that a restored ledger does not know

    def see_batch(self, partition: str, puts: dict[str, Body], events: tuple[Event, ...], before: Rows) -> None:
        """Called with each batch that was stored in a conversation, and its rows as they were."""
        for row, body in puts.items():
            if row.startswith("TURN|"):
                self.turns[f"{partition}#{row}"] = dict(body)
            elif row.startswith("OUT|"):
                self.replied.setdefault(partition, body["at"])
        self._see_breaches(partition, events)
        if "HEAD" in puts:
            old = before["HEAD"]
            self._see_head(partition, json.loads(old.text) if old else NEW_HEAD, puts["HEAD"])

    def see_worked_off(self, world: World, message: QueueMessage) -> None:
        """Called with each message that its queue forgets because it was handled."""
        if message.queue != TURNS or world.cloud.records.get(*_inbox(message)) is None:
            return
        head = self.heads.get(_inbox(message)[0], {"arrived": [], "answered": []})
        id = message.body["message"]
        named = id in head["arrived"] or id in head["answered"] or self._answers(_inbox(message)[0], id)
        self.findings.hold("I18", named, f"{id} was taken from the queue, and its head does not name it")

    def see_loss(self, world: World, tenant: str, accepted: list[Accepted]) -> None:
        """A tenant's rows were put back to what a backup had: what that does not name nobody owes an answer."""
        self._forget(f"T|{tenant}|C|")
        for partition in world.cloud.records.partitions():
            if partition.startswith(f"T|{tenant}|C|"):
                self._read_again(world, partition)
        mine = [message for message in accepted if message.tenant == tenant]
        self.lost |= {message.id for message in mine if not self._names(message)}

    def _forget(self, mine: str) -> None:
        tables: tuple[dict[str, Any], ...] = (self.heads, self.turns, self.opened, self.replied, self.late)
        for each in tables:
            for name in [name for name in each if name.startswith(mine)]:
                del each[name]

    def _names(self, message: Accepted) -> bool:
        """Whether a conversation's head knows of a message."""
        head = self.heads.get(message.partition, {"arrived": [], "answered": []})
        return message.id in (*head["arrived"], *head["answered"])

    def see_end(self, world: World, accepted: list[Accepted]) -> None:
        """What must be so once everything has come to rest."""
        for message in accepted:
            if message.id not in self.lost:
                self._see_message(world, message)
        injected = set(world.plan.injected)
        if "poison" in injected and injected <= {"poison", *HARMLESS}:
            self._see_poison(world, accepted)
        for partition, head in self.heads.items():
            self._see_escalation(world, partition, head)
            self._see_delivery(world, partition, head)
            self._see_deadline(world, partition, head)

    def said(self, name: str) -> bool:
        """Whether a TURN row was said: the head names the last one, each row the one before it."""
        where, _, row = name.partition("#")
        said = self.heads.get(where, {}).get("said", "")
        while said:
            if said == row:
                return True
            said = self.turns.get(f"{where}#{said}", {}).get("before", "")
        return False

    def owner_of(self, effect: Body) -> str:
        """Who has the conversation of an effect."""
        return str(self.heads.get(f"T|{effect['tenant']}|C|{effect['conversation']}", NEW_HEAD)["owner"])

    def see_told(self, effects: dict[str, Body]) -> None:
        """What was said of effects is what the ledger says."""
        for name, turn in self.turns.items():
            for action in turn["actions"]:
                if action["status"] == "committed" and self.said(name):
                    state = effects.get(action.get("effect", ""), {"state": "absent"})["state"]
                    says = f"{name} told of {action['tool']}, which is {state}"
                    self.findings.hold("I12", state == "COMMITTED", says)

    def _see_breaches(self, partition: str, events: tuple[Event, ...]) -> None:
        for event in events:
            if event.name == SLA_BREACHED:
                known = self.late.setdefault(partition, [])
                self.findings.hold("I21", event.id not in known, f"{event.id} was told twice")
                known.append(event.id)
                if event.body["deadline"] == "first_response":
                    self._see_missed(partition, event.body["due"])

    def _see_missed(self, partition: str, due: int) -> None:
        replied = self.replied.get(partition)
        if replied is not None and self.opened.get(partition, 0) + FIRST_RESPONSE_MS == due:
            says = f"{partition} was answered at {replied} and told to be late for {due}"
            self.findings.hold("I22", replied > due - self.skew, says)

    def _see_head(self, partition: str, old: Body, head: Body) -> None:
        hold = self.findings.hold
        self.heads[partition] = dict(head)
        self.opened.setdefault(partition, head["opened"])
        if head["owner"] != "ai":
            self.handed.add(partition)
        if head["execution"] and old["execution"] and head["execution"] != old["execution"]:
            over = old["lease"] <= self.findings.now() + self.skew
            hold("I8", over, f"a live turn of {partition} was claimed again")
        self.findings.facts["turn claimed again"] += head["deaths"] > old.get("deaths", 0)
        hold("I8", head["fence"] >= old["fence"], f"the fence of {partition} fell")
        hold("I14", head["n"] >= old["n"], f"{partition} went back from turn {old['n']} to {head['n']}")
        if head["said"] != old["said"] and head["said"].startswith("TURN|"):
            self._see_said(partition, old, self.turns.get(f"{partition}#{head['said']}", {}))

    def _see_said(self, partition: str, old: Body, turn: Body) -> None:
        taken = old["owner"].startswith("operator:") and turn.get("sealed")
        self.findings.hold("I23", not taken, f"the AI spoke on {partition}, which {old['owner']} has")
        for message in turn.get("answers", ()):
            self.answered.setdefault((partition, message), self.findings.now())
        if turn.get("outcome") in ANSWERS:
            self.replied.setdefault(partition, turn["at"])

    def _read_again(self, world: World, partition: str) -> None:
        records = world.cloud.records
        head = records.get(partition, "HEAD")
        self.turns |= {f"{partition}#{row.row}": row.body for row in records.query(partition, prefix="TURN|")}
        if head is None:
            return
        self.heads[partition], self.opened[partition] = head.body, head.body["opened"]
        replies = [turn["at"] for turn in self._said_turns(partition) if turn["outcome"] in ANSWERS]
        replies += [row.body["at"] for row in records.query(partition, prefix="OUT|")]
        if replies:
            self.replied[partition] = min(replies)

    def _said_turns(self, partition: str) -> list[Body]:
        return [turn for name, turn in self.turns.items() if name.startswith(f"{partition}#") and self.said(name)]

    def _answers(self, partition: str, message: str) -> bool:
        return any(message in turn["answers"] for name, turn in self.turns.items() if name.startswith(partition))

    def _see_message(self, world: World, message: Accepted) -> None:
        head = self.heads.get(message.partition)
        answered = sum(message.id in turn["answers"] for turn in self._said_turns(message.partition))
        waits = head is not None and message.id in head["arrived"] and not head["owner"].startswith("ai")
        dead = any(message.id == letter.body.get("message") for letter in world.cloud.queue.dead_letters(TURNS))
        self.findings.hold("I13", answered + waits + dead >= 1, f"{message.id} of {message.conversation} was lost")
        self.findings.hold(
            "I15", answered <= 1, f"{message.id} of {message.conversation} was answered {answered} times"
        )

    def _see_poison(self, world: World, accepted: list[Accepted]) -> None:
        """Where nothing else went wrong, whoever wrote on another conversation waited no longer than usual."""
        self.findings.facts["poison alone"] += 1
        sick = {_inbox(each)[0] for each in world.poisoned.values() if each.queue == TURNS}
        for message in accepted:
            if message.partition not in sick | self.handed:
                waited = self.answered.get((message.partition, message.id), self.findings.now()) - message.at
                says = f"{message.id} of {message.conversation} waited {waited} ms for another one's message"
                self.findings.hold("I16", waited <= POISON_ALONE_MS, says)

    def _see_escalation(self, world: World, partition: str, head: Body) -> None:
        if head["owner"] == "nobody":
            rows = world.cloud.records.query(partition, prefix="HANDOFF|")
            self.findings.hold("I24", bool(rows), f"{partition} is nobody's and has no handoff")

    def _see_delivery(self, world: World, partition: str, head: Body) -> None:
        """What was said by mail, which nobody reads back, has left, or an operator knows that this is unclear."""
        if head["channel"] != "email" or not head["said"].startswith("TURN|"):
            return
        turn = self.turns.get(f"{partition}#{head['said']}", {})
        if turn.get("sealed") and not any(message in self.lost for message in turn["answers"]):
            noted = world.cloud.records.get(partition, f"SENT|{head['said']}")
            dead = world.cloud.queue.dead_letters("reply.deliver")
            left = f"{partition.split('|')[3]}-{head['said']}" in world.cloud.channels.forgotten
            self.findings.hold("I13", bool(noted or dead or left), f"{head['said']} of {partition} was never sent")

    def _see_deadline(self, world: World, partition: str, head: Body) -> None:
        """A first response that nobody gave, nor soon after its time, is told; late by less, the clock may miss it."""
        due = self.opened[partition] + FIRST_RESPONSE_MS
        if head["linked"] or head["status"] in ("resolved", "closed"):
            return
        replied = self.replied.get(partition, self.findings.now())
        if due + TOLD_WITHIN_MS + self.skew <= replied and not world.facts["regions lost"]:
            self.findings.facts["a late answer"] += 1
            told = any("first_response" in id for id in self.late.get(partition, ()))
            self.findings.hold("I21", told, f"{partition} was late for {due}, and nobody was told")


def _inbox(message: QueueMessage) -> tuple[str, str]:
    """Where the message lies that a queue message says to look at."""
    return f"T|{message.body['tenant']}|C|{message.body['conversation']}", f"IN|{message.body['message']}"
