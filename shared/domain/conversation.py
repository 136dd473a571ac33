"""A conversation: who may speak on it, and how its head changes. Pure; each change is stored by a conditional write."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.errors import InvalidInput, WrongState

CHANNELS = ("email", "chat", "phone", "social", "mobile", "api")
CHANNEL_ALIASES = {"web": "chat"}

REMEMBERED_ANSWERS = 32
MAX_WAITING = 20


@dataclass(frozen=True, slots=True)
class Head:
    """The one row that decides: owner, turn, fence, lease; times in epoch milliseconds.

    `arrived`: messages that wait for an answer. `answered`: the last 32 answered ones, so that a late redelivery is
    recognised; `total` says whether that list is complete. `said`: the committed TURN row. `linked`: the closed ticket
    that this one follows.
    """

    customer: str
    channel: str
    opened: int
    owner: str = "ai"
    status: str = "new"
    ticket: str = ""
    n: int = 0
    fence: int = 0
    lease: int = 0
    execution: str = ""
    deaths: int = 0
    arrived: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()
    total: int = 0
    said: str = ""
    clarified: int = 0
    escalation: int = 0
    by: str = ""
    linked: str = ""


def owner_kind(owner: str) -> str:
    """`ai`, `operator` or `nobody`."""
    return owner.split(":", 1)[0]


def read_channel(value: str) -> str:
    """A channel by name or alias; raises InvalidInput."""
    channel = CHANNEL_ALIASES.get(value, value)
    if channel not in CHANNELS:
        raise InvalidInput("unknown channel", field="channel", limit=", ".join(CHANNELS), action="use a known channel")
    return channel


def is_answered(head: Head, message: str) -> bool:
    return message in head.answered


def forgets(head: Head) -> bool:
    """Whether the head answered more messages than it remembers, so that only the TURN rows can tell."""
    return head.total > len(head.answered)


def lease_is_live(head: Head, now: int) -> bool:
    return bool(head.execution) and head.lease > now


def claim_turn(head: Head, *, waiting: tuple[str, ...], execution: str, lease: int) -> Head:
    """The head with a new turn claimed: n + 1, fence + 1, no deaths yet, the lease naming its execution."""
    fence = head.fence + 1
    return replace(head, n=head.n + 1, fence=fence, arrived=waiting, execution=execution, lease=lease, deaths=0)


def reclaim_turn(head: Head, *, execution: str, lease: int) -> Head:
    """A dead turn taken over: the same n under fence + 1, one death more."""
    return replace(head, fence=head.fence + 1, execution=execution, lease=lease, deaths=head.deaths + 1)


def reopen(head: Head, now: int) -> Head:
    """Writing after a ticket closed begins a new one, linked to it; any other head stays as it is."""
    if head.status != "closed":
        return head
    return replace(head, status="new", owner="ai", opened=now, linked=head.ticket, ticket="", clarified=0, escalation=0)


def add_arrival(head: Head, message: str) -> Head:
    """The head with one message more that waits; raises WrongState beyond the limit (it is tried again later)."""
    if message in head.arrived:
        return head
    if len(head.arrived) >= MAX_WAITING:
        raise WrongState("too many messages wait", field="arrived", limit=str(MAX_WAITING), action="try again later")
    return replace(head, arrived=(*head.arrived, message))


def end_turn(head: Head, *, said: str, owner: str, status: str, answered: tuple[str, ...]) -> Head:
    """The head after a commit: lease cleared, messages answered, owner and status set."""
    return replace(
        head,
        said=said,
        owner=owner,
        status=status,
        lease=0,
        execution="",
        deaths=0,
        arrived=tuple(m for m in head.arrived if m not in answered),
        answered=(*head.answered, *(m for m in answered if m not in head.answered))[-REMEMBERED_ANSWERS:],
        total=head.total + len([m for m in answered if m not in head.answered]),
    )


def take_over(head: Head, operator: str) -> Head:
    """An operator takes the conversation: a running turn is fenced off; raises WrongState where another owns it."""
    if owner_kind(head.owner) == "operator" and head.owner != f"operator:{operator}":
        raise WrongState("another operator owns it", field="owner", limit=head.owner, action="ask them to hand it over")
    return replace(head, owner=f"operator:{operator}", fence=head.fence + 1, execution="", lease=0)


def hand_back(head: Head, operator: str) -> Head:
    """The operator gives the conversation back to the AI; raises WrongState where it is not theirs."""
    if head.owner != f"operator:{operator}":
        raise WrongState(
            "this conversation is not yours", field="owner", limit=head.owner, action="take it before you hand it back"
        )
    return replace(head, owner="ai")
