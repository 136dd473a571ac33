"""The sample stories: each a file of steps and an expected end, played on a platform of its own."""

from __future__ import annotations

import base64
import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.local.clock import ShiftedClock, SystemClock
from adapters.local.outcomes import describe_turn, said_turns
from adapters.local.platform import Platform
from adapters.local.seeding import seed_articles
from adapters.local.webhooks import sign_webhook
from shared.conversations.head import need_head
from shared.conversations.inbox import message_from_body
from shared.conversations.keys import conversation_partition
from shared.effects.ledger import list_effects
from shared.settings import Settings

STORIES = Path(__file__).parents[2] / "events" / "samples" / "stories"
Step = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """A file as it was read; `number` is the first part of its name."""

    number: int
    title: str
    steps: tuple[Step, ...]
    expect: dict[str, Any]


@dataclass
class Stage:
    """Where a story is played: a platform with a clock that can be moved, and what happened on it."""

    platform: Platform
    clock: ShiftedClock
    tenant: str
    conversations: list[str] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)
    ignored: int = 0
    circuits: list[bool] = field(default_factory=list)
    counter: int = 0
    refunded_before: frozenset[str] = frozenset()

    def call(self, handler: str, payload: dict[str, Any]) -> Any:
        return self.platform.call(handler, {"tenant": self.tenant, **payload})

    def note(self, conversation: str) -> None:
        if conversation not in self.conversations:
            self.conversations.append(conversation)


def load_stories(folder: Path = STORIES) -> tuple[Story, ...]:
    """Every story, by number."""
    return tuple(_read_story(path) for path in sorted(folder.glob("*.toml")))


def _read_story(path: Path) -> Story:
    table = tomllib.loads(path.read_text("utf-8"))
    return Story(int(path.stem.split("_")[0]), table["title"], tuple(table["steps"]), table["expect"])


def play(story: Story, folder: Path, settings: Settings) -> Stage:
    """Play a story's steps on a new data folder; the caller closes the stage's platform."""
    clock = ShiftedClock(SystemClock())
    stage = Stage(Platform(folder, settings, clock=clock), clock, settings.tenant)
    seed_articles(stage.platform, settings.tenant)
    books = stage.platform.provider.business_systems.books()
    stage.refunded_before = frozenset(entry["id"] for entry in books["refund"])
    for step in story.steps:
        for kind, value in step.items():
            STEPS[kind](stage, value)
    stage.platform.settle()
    return stage


def _message(stage: Stage, value: dict[str, Any]) -> None:
    if "before" in value:
        stage.platform.interrupt(value["before"], lambda: _send_meanwhile(stage, value | {"text": value["then"]}))
    _send(stage, value)
    if value.get("wait", True):
        stage.platform.settle()


def _send_meanwhile(stage: Stage, value: dict[str, Any]) -> None:
    _send(stage, value | {"in": value["as"]})
    stage.platform.look()


def _send(stage: Stage, value: dict[str, Any]) -> None:
    stage.counter += 1
    arriving = {"channel": value["channel"], "text": value["text"], "customer": value.get("customer", "")}
    conversation = stage.named.get(value.get("in") or value.get("as", ""), "")
    arriving |= {"conversation": conversation, "own_id": f"m{stage.counter}"}
    received = stage.call("intake.receive", arriving)
    stage.note(received["conversation"])
    if "as" in value:
        stage.named.setdefault(value["as"], received["conversation"])


def _email(stage: Stage, name: str) -> None:
    raw = (STORIES / name).read_bytes()
    sender = next(line for line in raw.decode().splitlines() if line.startswith("From:"))
    envelope = {"mail_from": sender.split("<")[1].rstrip(">"), "dmarc": "pass"}
    received = stage.call("intake.email", {"raw": base64.b64encode(raw).decode(), "envelope": envelope})
    stage.platform.settle()
    if received["ignored"]:
        stage.ignored += 1
    else:
        stage.note(received["conversation"])


def _webhook(stage: Stage, value: dict[str, Any]) -> None:
    body = json.dumps(value["body"]).encode()
    headers = sign_webhook(stage.platform.provider, stage.tenant, value["source"], value["id"], body)
    for _ in range(value["times"]):
        task = {"source": value["source"], "body": body.decode(), "headers": headers}
        stage.note(stage.call("intake.webhook", task)["conversation"])
        stage.platform.settle()


def _approve(stage: Stage, operators: list[str]) -> None:
    records = stage.platform.provider.records
    for operator in operators:
        for effect in [each for each in list_effects(records, stage.tenant) if each.state == "PROPOSED"]:
            decision = {"effect": effect.id, "operator": operator, "approved": True, "args_hash": effect.args_hash}
            stage.call("escalation.decide", decision)
    stage.platform.settle()


def _take(stage: Stage, operator: str) -> None:
    stage.call("escalation.take", {"conversation": stage.conversations[-1], "operator": operator})
    stage.platform.settle()


def _say(stage: Stage, value: dict[str, str]) -> None:
    stage.counter += 1
    words = {"conversation": stage.conversations[-1], "operator": value["by"], "text": value["text"]}
    stage.call("escalation.answer", words | {"own_id": f"a{stage.counter}"})
    stage.platform.settle()


def _back(stage: Stage, operator: str) -> None:
    stage.counter += 1
    gives = {"conversation": stage.conversations[-1], "operator": operator, "back": True}
    stage.call("escalation.answer", gives | {"own_id": f"a{stage.counter}"})
    stage.platform.settle()


def _fault(stage: Stage, faults: dict[str, Any]) -> None:
    for system, fault in faults.items():
        stage.platform.provider.business_systems.set_fault(system, fault or None)


def _advance(stage: Stage, minutes: int) -> None:
    stage.clock.advance(minutes * 60)
    stage.platform.tick()
    stage.platform.settle()


def _circuit_open(stage: Stage, system: str) -> None:
    stage.circuits.append(stage.platform.app.toolbox.breaker.is_open(stage.tenant, system))


STEPS: dict[str, Callable[[Stage, Any], None]] = {
    "message": _message,
    "email": _email,
    "webhook": _webhook,
    "approve": _approve,
    "take": _take,
    "say": _say,
    "back": _back,
    "fault": _fault,
    "advance": _advance,
    "circuit_open": _circuit_open,
}


def read_turns(stage: Stage) -> list[dict[str, Any]]:
    """Every committed turn of the story's conversations, oldest first."""
    records, turns = stage.platform.provider.records, []
    for conversation in stage.conversations:
        head, _ = need_head(records, stage.tenant, conversation)
        rows = records.query(conversation_partition(stage.tenant, conversation), prefix="IN|")
        subject = message_from_body(rows[0].body).subject_key
        for turn in said_turns(records, stage.tenant, conversation, head):
            described = describe_turn(stage.platform, stage.tenant, conversation, subject, head, turn)
            turns.append((turn["at"], described | {"answers": len(turn["answers"])}))
    return [turn for _, turn in sorted(turns, key=lambda each: each[0])]
