"""What a world's witnesses write down: broken invariants, and what was met on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

SAYS: dict[str, str] = {
    "I1": "an effect is done at most once in the company's own books",
    "I2": "no more is given back than was captured",
    "I3": "nothing is sent to a payment system before its effect is stored",
    "I4": "what needs an approval is sent only with one of the same arguments by enough different people",
    "I5": "what the ledger calls COMMITTED the company has booked, for that amount, and the other way round",
    "I6": "postings balance to zero",
    "I7": "nothing leaves COMMITTED or REJECTED",
    "I8": "fences rise with each sending and each doubt, and never fall",
    "I9": "a compensation happens once, and only for what was committed",
    "I10": "an unknown effect is never tried under a new key, and no key ever stands for two requests",
    "I11": "no cap is ever exceeded, and after every batch it says what the effects say",
    "I12": "a customer is told that it was done only where the ledger says COMMITTED",
    "I13": "every accepted message is answered, parked or with an operator",
    "I14": "replies of a conversation come in the order of its turns",
    "I15": "no reply is sent twice",
    "I16": "a message that nobody can handle delays its own conversation only",
    "I18": "what is taken from the queue is named by its conversation's head",
    "I19": "in the end nothing waits to be told",
    "I20": "nothing is asked of a system more often than its budget of tries",
    "I21": "a first response that is late is told once, and not never",
    "I22": "a deadline that was met is never told as missed",
    "I23": "while an operator has a conversation the AI says nothing and begins no effect",
    "I24": "whatever is escalated has a handoff that an operator sees",
    "I25": "nothing of a tenant shows with another, and no customer's words where they could be read",
    "I26": "money moves only for the customer who wrote, on what is theirs",
    "I30": "a handler fails only in the ways that its errors name, whatever state it finds",
    "I32": "in the end no queue has work left",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken invariant, when (epoch ms) and how."""

    invariant: str
    at: int
    says: str


@dataclass(slots=True)
class Findings:
    """`now` tells the world's time (epoch ms); `facts` count what a campaign wants to have met."""

    now: Callable[[], int]
    violations: list[Violation] = field(default_factory=list)
    facts: Counter[str] = field(default_factory=Counter)

    def hold(self, invariant: str, holds: bool, says: str) -> None:
        """Write a violation down unless the invariant holds."""
        if not holds:
            self.violations.append(Violation(invariant, self.now(), says))
