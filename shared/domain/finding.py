"""What passes between the steps of a turn: assignments in, findings out. Small facts and ids; text travels sealed."""

from __future__ import annotations

from dataclasses import dataclass

# A finding's states, worst first: the turn's outcome is that of its worst finding. `nothing` was found to do or say.
FINDING_STATES = ("failed", "needs_escalation", "needs_approval", "pending", "solved", "nothing")


@dataclass(frozen=True, slots=True)
class TurnRef:
    """Which turn this is: its number, the fence it runs under, and how often it began again."""

    n: int
    fence: int
    again: int = 0


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message that the turn answers; kind is `customer` or `decision`."""

    id: str
    kind: str = "customer"


@dataclass(frozen=True, slots=True)
class Intent:
    """What the customer wants; confidence in basis points."""

    name: str
    confidence: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """One piece of work for one agent.

    `mode` is live, suggest (no effects) or look (an intent that is not sure enough to act on). `origin` is the turn
    from which the ids of its effects derive; `about` are the intents that articles may answer for; `resume` names the
    TURN row where its work was stored, `decision` what an operator said (`approved`, `rejected`) or `follow_up`; `same`
    counts the customer's earlier tickets with this intent.
    """

    index: int
    agent: str
    handler: str
    intent: str
    confidence: int
    tier: str
    mode: str
    origin: int
    about: tuple[str, ...] = ()
    suspicious: bool = False
    resume: str = ""
    decision: str = ""
    same: int = 0


@dataclass(frozen=True, slots=True)
class Action:
    """A tool call that changed something, or wanted to; amounts in minor units."""

    tool: str
    status: str
    effect: str = ""
    amount_minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage that the reply stands on."""

    article_id: str
    passage: str
    ordinal: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """What one specialist reports; `sealed` holds its reply, summary and stored position as customer data.

    `cause` names a shared root (an incident), so that two symptoms are combined into one answer. `tried` lists the
    steps that ran, in words without personal data.
    """

    state: str
    agent: str
    intent: str
    index: int
    reason: str = ""
    cause: str = ""
    confidence: int = 0
    expertise: int = 10000
    actions: tuple[Action, ...] = ()
    citations: tuple[Citation, ...] = ()
    tried: tuple[str, ...] = ()
    brain: str = "playbook"
    follow_up: int = 0
    sealed: str = ""
    handler: str = ""
    mode: str = "live"
    origin: int = 0
