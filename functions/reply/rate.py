"""The customer says how good the help was: one rating a conversation, the last one counts."""

from __future__ import annotations

from dataclasses import dataclass

from shared.conversations.head import need_head
from shared.conversations.inbox import read_messages
from shared.conversations.keys import conversation_partition
from shared.domain.events import CONVERSATION_RATED
from shared.ports.clock import Clock
from shared.ports.records import Batch, Event, Put, Records
from shared.privacy.vault import Vault


@dataclass(frozen=True, slots=True)
class Rating:
    """`score` is 1 to 5, checked by whoever calls; the comment is the customer's own words."""

    tenant: str
    conversation: str
    score: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Rated:
    score: int


def handle(task: Rating, *, records: Records, vault: Vault, clock: Clock) -> Rated:
    """Store the rating, its comment sealed, and tell the score."""
    head, _ = need_head(records, task.tenant, task.conversation)
    last = read_messages(records, task.tenant, task.conversation, (*head.answered, *head.arrived)[-1:])[0]
    now = clock.now()
    sealed = vault.seal(task.tenant, last.subject_key, {"comment": task.comment})
    row = {"score": task.score, "sealed": sealed, "subject": last.subject_key, "at": now, "turn": head.said}
    where = {"tenant": task.tenant, "conversation": task.conversation, "at": now, "score": task.score}
    told = Event(f"{task.conversation}-rated-{now}", CONVERSATION_RATED, where | {"customer": head.customer})
    records.write(Batch(conversation_partition(task.tenant, task.conversation), (Put("RATING", row),), (told,)))
    return Rated(task.score)
