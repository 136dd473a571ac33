"""An effect: one change outside our records that must happen at most once. The table of design §6 as data."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from shared.conversations.keys import digest

PROPOSED, APPROVED, EXECUTING, UNKNOWN = "PROPOSED", "APPROVED", "EXECUTING", "UNKNOWN"
COMMITTED, REJECTED = "COMMITTED", "REJECTED"
TERMINAL = frozenset({COMMITTED, REJECTED})
TAKEOVER = "takeover"  # why an effect was rejected that a person's taking of its conversation withdrew


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: what happens to the caps, whether `once` is freed, and whether the fence rises."""

    number: int
    caps: str = "keep"
    frees_once: bool = False
    raises_fence: bool = False


# (from, to) -> its row; whatever is not here is refused (I7)
TRANSITIONS: dict[tuple[str, str], Transition] = {
    ("", PROPOSED): Transition(1),
    (PROPOSED, APPROVED): Transition(2, caps="reserve"),
    (PROPOSED, REJECTED): Transition(3, frees_once=True),
    (APPROVED, EXECUTING): Transition(4, raises_fence=True),
    (APPROVED, REJECTED): Transition(5, caps="release", frees_once=True),
    (EXECUTING, COMMITTED): Transition(6, caps="settle"),
    (UNKNOWN, COMMITTED): Transition(6, caps="settle"),
    (EXECUTING, REJECTED): Transition(7, caps="release", frees_once=True),
    (EXECUTING, UNKNOWN): Transition(8, raises_fence=True),
    (UNKNOWN, EXECUTING): Transition(9, raises_fence=True),
    (UNKNOWN, REJECTED): Transition(10, caps="release", frees_once=True),
}


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect as it is stored; times in epoch milliseconds, amounts in minor units.

    `payment` is what the money comes from (its captured amount is the `ceiling`), `purpose` makes `once` distinct.
    `approvers` is how many different people must agree, `approvals` who did. `compensates` names the
    original, `writer` the execution that has the fence.
    """

    id: str
    tenant: str
    conversation: str
    turn: int
    customer: str
    tool: str
    system: str
    arguments: dict[str, Any]
    args_hash: str
    decision: str
    made: int
    amount_minor: int = 0
    currency: str = ""
    payment: str = ""
    purpose: str = ""
    ceiling: int = 0
    state: str = PROPOSED
    approvers: int = 0
    role: str = ""
    approvals: tuple[dict[str, Any], ...] = ()
    expires: int = 0
    fence: int = 0
    attempts: int = 0
    lease: int = 0
    writer: str = ""
    send_by: int = 0
    first_sent: int = 0
    result: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    day: str = ""
    compensates: str = ""


def effect_id(tenant: str, conversation: str, turn: int, ordinal: int) -> str:
    """The effect's name, and its idempotency key at the system behind it; ordinal = assignment × 100 + step."""
    return f"e{digest(tenant, conversation, str(turn), str(ordinal), size=20)}"


def compensation_id(original: str) -> str:
    return f"e{digest(original, 'compensation', size=20)}"


def hash_arguments(tool: str, arguments: dict[str, Any]) -> str:
    """What an approval is bound to: any change of tool or argument changes it."""
    canonical = json.dumps([tool, arguments], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def once_row(effect: Effect) -> str:
    """The row that a second effect of the same kind on the same thing meets; empty where there is no such thing."""
    return f"ONCE|{digest(effect.payment, effect.purpose)}" if effect.payment and effect.purpose else ""


def effect_row(effect: str) -> str:
    return f"EFFECT|{effect}"


def to_body(effect: Effect) -> dict[str, Any]:
    return {name: getattr(effect, name) for name in Effect.__slots__} | {"approvals": list(effect.approvals)}


def from_body(body: dict[str, Any]) -> Effect:
    known = {name: body[name] for name in Effect.__dataclass_fields__ if name in body}
    return Effect(**known | {"approvals": tuple(body["approvals"])})
