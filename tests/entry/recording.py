"""Writes the samples anew: `python -m tests.entry.recording`, after a payload has changed.

The stories are played on this machine; what each handler is called with is put into the envelope that AWS would use.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from math import ceil
from pathlib import Path
from typing import Any

from adapters.aws.records_items import item_of
from adapters.local.platform import Platform
from adapters.local.seeding import seed_articles
from shared.conversations.keys import HEAD, conversation_partition, digest, message_row
from shared.domain.events import MESSAGE_RECEIVED
from shared.effects.ledger import list_effects
from shared.manifest import BY_NAME
from shared.ports.queue import QueueMessage
from shared.ports.records import Version
from shared.settings import Settings
from tests.builders.clock import any_clock
from tests.entry import sent
from tests.entry.lone import LONE
from tests.entry.stories import MONDAY, STORIES, TENANT, Story, furnish

Call = tuple[str, Any]
Act = tuple[str, dict[str, Any], str, dict[str, Any]]  # handler, its task, and the request's path and body
TOKEN = "AQCEAAAAKgAAAAMAAAAAAAAAAQ-only-for-the-samples"


class Recorder(Platform):
    """A platform that notes whatever calls a handler, in order."""

    calls: list[Call]

    def tell(self, handler: str, payload: dict[str, Any]) -> Any:
        self.calls.append((handler, payload))
        return super().tell(handler, payload)

    def _start_turn(self, message: QueueMessage) -> None:
        self.calls.append(("orchestrator.start", message.body))
        super()._start_turn(message)

    def _invoke(self, resource: str, payload: Any) -> Any:
        self.calls.append((resource, payload))
        return super()._invoke(resource, payload)


def record(folder: Path) -> Iterator[tuple[Path, Any]]:
    """Every sample of every story."""
    clock = any_clock(MONDAY)
    platform = Recorder(folder, Settings(tenant=TENANT), clock=clock, sleep=lambda each: clock.advance(ceil(each)))
    try:
        furnish(platform.provider)
        seed_articles(platform, TENANT)
        for story in STORIES:
            platform.calls = []
            for step in range(len(story.steps)):
                play(platform, story, step)
            waiting = iter(platform.calls)
            for path in story.samples():
                handler, payload = next(call for call in waiting if call[0] == path.parent.name)
                yield path, wrap(platform, handler, payload)
    finally:
        platform.close()


def play(platform: Recorder, story: Story, step: int) -> None:
    """One step: the request that a client would send is noted, and its handler called as the API calls it."""
    does, _, operator = story.steps[step].partition(" ")
    conversation = f"c{digest(TENANT, 'chat', own_id(story.key(0)))}"
    if does in ACTS:
        handler, task, path, body = ACTS[does](platform, conversation)
        platform.call(handler, {"tenant": TENANT, "operator": operator} | task)
        platform.calls.append((handler, sent.by_operator("POST", path, body, operator, key=story.key(step))))
    else:
        say(platform, story, step, conversation if step else "")
    platform.pump()


def say(platform: Recorder, story: Story, step: int, conversation: str) -> None:
    text = story.steps[step]
    task = {"tenant": TENANT, "channel": "web", "text": text, "own_id": own_id(story.key(step)), "source": "rest"}
    platform.call("intake.receive", task | {"customer": story.customer, "conversation": conversation})
    path, body = "/api/v1/conversations", {"customer_id": story.customer, "channel": "web", "initial_message": text}
    if conversation:
        path, body = f"{path}/{conversation}/messages", {"message": text}
    platform.calls.append(("intake.receive", sent.by_client("POST", path, body, key=story.key(step))))


def take(_: Recorder, conversation: str) -> Act:
    return "escalation.take", {"conversation": conversation}, f"/api/v1/handoffs/{conversation}/take", {}


def answer(_: Recorder, conversation: str) -> Act:
    task = {"conversation": conversation, "text": "Yes, this is Noor.", "own_id": "a1"}
    return "escalation.answer", task, f"/api/v1/handoffs/{conversation}/reply", {"message": "Yes, this is Noor."}


def approve(platform: Recorder, _: str) -> Act:
    (effect,) = [each for each in list_effects(platform.provider.records, TENANT) if each.state == "PROPOSED"]
    body = {"decision": "approve", "args_hash": effect.args_hash}
    task = {"effect": effect.id, "args_hash": effect.args_hash, "approved": True}
    return "escalation.decide", task, f"/api/v1/approvals/{effect.id}", body


ACTS: dict[str, Callable[[Recorder, str], Act]] = {"take": take, "answer": answer, "approve": approve}


def own_id(key: str) -> str:
    """What the API calls a message under an idempotency key."""
    return f"http-{digest(TENANT, key)}"


def wrap(platform: Recorder, handler: str, payload: Any) -> Any:
    """A payload in the envelope in which it comes."""
    row = BY_NAME[handler]
    if row.trigger == "queue:turns":
        return sent.by_queue(payload)
    if row.trigger == "stream":
        return sent.by_stream([image_of(platform, payload["events"])])
    if handler == "analytics.project":
        return sent.by_bus(payload)
    return payload | {"token": TOKEN} if "token" in payload else payload


def image_of(platform: Recorder, events: list[dict[str, Any]]) -> dict[str, Any]:
    """The item that carried the events into the stream."""
    body = events[0]["body"]
    partition = conversation_partition(body["tenant"], body["conversation"])
    name = message_row(body["message"]) if events[0]["name"] == MESSAGE_RECEIVED else HEAD
    found = platform.provider.records.get(partition, name)
    assert found is not None
    texts = [json.dumps(each, separators=(",", ":")) for each in events]
    stored = json.dumps(found.body, separators=(",", ":"))
    return item_of(partition, name, Version(digest(stored)), stored, None, texts)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        for path, event in (*record(Path(temporary)), *LONE.items()):
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(event, indent=2) + "\n", "utf-8")
