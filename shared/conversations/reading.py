"""What the thinking steps of a turn hand to each other: the parts of the execution's state that handlers read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shared.conversations.inbox import MessageText, message_from_body, open_text
from shared.conversations.keys import conversation_partition, message_row
from shared.domain.finding import Intent, MessageRef, TurnRef
from shared.errors import NotFound
from shared.ports.records import Records

if TYPE_CHECKING:  # a function without the vault ships and loads no cryptography
    from shared.privacy.vault import Vault


@dataclass(frozen=True, slots=True)
class TurnMessage:
    """A message of the turn; `sealed` is empty where the text is too long to travel and is read from its row."""

    id: str
    kind: str
    at: int
    sealed: str = ""
    priority: str = ""
    decision: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """The head's small facts when the turn was claimed."""

    ticket: str = ""
    status: str = "new"
    opened: int = 0
    clarified: int = 0
    escalation: int = 0
    owner: str = "ai"


@dataclass(frozen=True, slots=True)
class TurnState:
    """What every step of a turn is given."""

    tenant: str
    conversation: str
    customer: str
    channel: str
    subject: str
    execution: str
    turn: TurnRef
    messages: tuple[TurnMessage, ...]
    known: Known

    @property
    def answers(self) -> tuple[MessageRef, ...]:
        return tuple(MessageRef(message.id, message.kind) for message in self.messages)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood; confidences in basis points. `gate`: go, clarify, ignore or operator, and `reason` why.

    `earlier` counts this customer's earlier tickets by these intents; `ticket` is the one that this turn belongs to.
    `hands_off`: they ask that something be left alone.
    `articles_only` means that no intent is sure enough to act on, but the articles answer.
    """

    gate: str
    reason: str
    intents: tuple[Intent, ...] = ()
    category: str = "general"
    category_confidence: int = 0
    out_of_scope: int = 0
    priority: str = "P3"
    sentiment: str = "neutral"
    frustration: int = 0
    language: str = "en"
    suspicious: bool = False
    signs: tuple[str, ...] = ()
    ticket: str = ""
    earlier: dict[str, int] = field(default_factory=dict)
    articles_only: bool = False
    hands_off: bool = False


@dataclass(frozen=True, slots=True)
class Mood:
    """What sentiment.assess adds: the risk that this conversation ends with a person, in basis points."""

    sentiment: str
    frustration: int
    risk: int


@dataclass(frozen=True, slots=True)
class StepAnswer:
    """A step's answer as the machine has it; not `ok` where it failed, or was never asked."""

    ok: bool = False
    output: dict[str, Any] = field(default_factory=dict)
    error: str = ""


def open_messages(records: Records, vault: Vault, state: TurnState) -> tuple[MessageText, ...]:
    """The words of the turn's messages, in order."""
    return tuple(_open(records, vault, state, message) for message in state.messages if message.kind == "customer")


def whole_text(texts: Sequence[MessageText]) -> str:
    """The turn's words as one text."""
    return "\n\n".join(text.text for text in texts if text.text)


def _open(records: Records, vault: Vault, state: TurnState, message: TurnMessage) -> MessageText:
    if message.sealed:
        value = vault.open(state.tenant, state.subject, message.sealed)
        return MessageText(value["text"], value["subject"], value["from"])
    row = records.get(conversation_partition(state.tenant, state.conversation), message_row(message.id))
    if row is None:
        raise NotFound("a message of this turn is missing", field="message", action="check the store")
    return open_text(vault, state.tenant, message_from_body(row.body))
