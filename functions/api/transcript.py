"""What was said in a conversation, read from its rows: messages in order, and the turn that answered one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from functions.api.refusals import as_time
from shared.conversations.head import read_head
from shared.conversations.inbox import Message, message_from_body, open_text
from shared.conversations.keys import conversation_id, conversation_partition, message_row
from shared.domain.conversation import Head
from shared.errors import NotFound
from shared.ports.records import Body, Records, Row
from shared.privacy.vault import Vault

NAME = re.compile(r"[a-zA-Z0-9_-]{1,100}")
PAGE = 1000


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation's rows: its head (None: nobody has looked at it yet), what came in, what was said (last first)."""

    id: str
    head: Head | None
    messages: tuple[Message, ...]
    turns: tuple[Body, ...]
    words: tuple[Body, ...]
    asked: dict[str, Body]

    @property
    def first(self) -> Message:
        return self.messages[0]


def read_thread(records: Records, tenant: str, conversation: str) -> Thread:
    """Everything of one conversation; raises NotFound for one that this tenant does not have."""
    rows = _rows(records, conversation_partition(tenant, conversation)) if NAME.fullmatch(conversation) else []
    named = {row.row: row.body for row in rows}
    messages = [message_from_body(row.body) for row in rows if row.row.startswith("IN|")]
    if not messages:
        raise NotFound("no such conversation", field="conversation_id", limit="one of yours", action="check the id")
    head, _ = read_head(records, tenant, conversation)
    return Thread(
        conversation,
        head,
        tuple(sorted(messages, key=lambda each: (each.at, each.id))),
        tuple(_said(named, head)),
        tuple(named[name] | {"row": name} for name in named if name.startswith("OUT|")),
        {name.removeprefix("ASKED|"): named[name] for name in named if name.startswith("ASKED|")},
    )


def tell_messages(thread: Thread, vault: Vault, tenant: str) -> list[dict[str, Any]]:
    """Every message in the order in which it was said, and who said it."""
    lines = [
        (each.at, 0, _line(each.id, "customer", each.customer, each.at, open_text(vault, tenant, each).text))
        for each in thread.messages
        if each.kind == "customer"
    ]
    subjects = {each.id: each.subject_key for each in thread.messages}
    for turn in reversed(thread.turns):
        subject = subjects.get((*turn["answers"], "")[0], thread.messages[-1].subject_key)
        text = open_reply(vault, tenant, subject, turn)
        cited = [{"article_id": each["article_id"], "passage": each["passage"]} for each in turn["citations"]]
        line = _line(turn["row"], "assistant", turn.get("brain", "playbook"), turn["at"], text)
        lines += [(turn["at"], 1, line | {"outcome": turn["outcome"], "citations": cited})] if text else []
    for words in thread.words:
        text = str(vault.open(tenant, words["subject"], words["sealed"])["reply"])
        lines.append((words["at"], 1, _line(words["row"], "operator", words["by"], words["at"], text)))
    return [line for _, _, line in sorted(lines, key=lambda each: each[:2])]


def open_reply(vault: Vault, tenant: str, subject: str, turn: Body) -> str:
    """A turn's words; empty where it said nothing."""
    return str(vault.open(tenant, subject, turn["sealed"])["reply"]) if turn["sealed"] else ""


def find_message(records: Records, tenant: str, task: str) -> Message:
    """The message that a task id (`conversation.message`) names; raises NotFound."""
    conversation, _, message = task.partition(".")
    named = NAME.fullmatch(conversation) and NAME.fullmatch(message)
    row = records.get(conversation_partition(tenant, conversation), message_row(message)) if named else None
    if row is None:
        raise NotFound("no such task", field="task_id", limit="one of yours", action="check the id")
    return message_from_body(row.body)


def answer_of(thread: Thread, message: str) -> Body | None:
    """The committed turn that answered a message."""
    return next((turn for turn in thread.turns if message in turn["answers"]), None)


def begins(message: Message) -> bool:
    """Whether a message is the one that its conversation began with."""
    return message.conversation == conversation_id(message.id)


def _rows(records: Records, partition: str) -> Sequence[Row]:
    found: list[Row] = []
    start = ""
    while page := records.query(partition, start=start, limit=PAGE):
        found += page
        if len(page) < PAGE:
            break
        start = page[-1].row + " "
    return found


def _said(named: dict[str, Body], head: Head | None) -> list[Body]:
    """The turns that were said, newest first: the head names the last, each row the one before it."""
    turns, name = [], head.said if head else ""
    while name in named:
        turns.append(named[name] | {"row": name})
        name = named[name]["before"]
    return turns


def _line(id: str, role: str, by: str, at: int, text: str) -> dict[str, Any]:
    return {"id": id, "role": role, "by": by, "text": text, "at": as_time(at)}
