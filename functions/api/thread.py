"""A conversation's rows as one value: what came in, what was said, and by whom."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.conversations.head import head_from_body
from shared.conversations.inbox import Message, message_from_body
from shared.conversations.keys import HEAD, conversation_partition
from shared.conversations.timeline import said_turns
from shared.domain.conversation import Head
from shared.errors import NotFound
from shared.ports.records import Body, Records

NAME = re.compile(r"[a-zA-Z0-9_-]{1,100}")
PAGE = 1000


@dataclass(frozen=True, slots=True)
class Thread:
    """`head` is None where nobody has looked at it yet; `turns` were said, the newest first; `words` are operators'."""

    id: str
    head: Head | None
    messages: tuple[Message, ...]
    turns: tuple[Body, ...]
    words: tuple[Body, ...]

    @property
    def first(self) -> Message:
        return self.messages[0]

    def answer_to(self, message: str) -> Body | None:
        """The committed turn that answered a message."""
        return next((turn for turn in self.turns if message in turn["answers"]), None)


def read_thread(records: Records, tenant: str, conversation: str) -> Thread:
    """Everything of one conversation; raises NotFound for one that this tenant does not have."""
    rows = _read_rows(records, tenant, conversation) if NAME.fullmatch(conversation) else {}
    messages = [message_from_body(body) for body in _named(rows, "IN|")]
    if not messages:
        raise NotFound("no such conversation", field="conversation_id", limit="one of yours", action="check the id")
    head = head_from_body(rows[HEAD]) if HEAD in rows else None
    return Thread(
        conversation,
        head,
        tuple(sorted(messages, key=lambda each: (each.at, each.id))),
        tuple(said_turns(rows, head.said if head else "")),
        tuple(_named(rows, "OUT|")),
    )


def _named(rows: dict[str, Body], prefix: str) -> list[Body]:
    """The rows of a kind, each with its `row`."""
    return [body | {"row": name} for name, body in rows.items() if name.startswith(prefix)]


def _read_rows(records: Records, tenant: str, conversation: str) -> dict[str, Body]:
    found: dict[str, Body] = {}
    partition, start, more = conversation_partition(tenant, conversation), "", True
    while more:
        page = records.query(partition, start=start, limit=PAGE)
        found |= {row.row: row.body for row in page}
        more = len(page) == PAGE
        start = f"{page[-1].row} " if page else ""
    return found
