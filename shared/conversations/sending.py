"""The marks round a sending, which keep a reply from being sent twice (I15): one row a reply, in its conversation.

Its `state`: sending, sent, unclear (an operator looks), withheld, or what a receipt says (`conversations/receipts.py`).
Each mark stands on the one before it, so that a receipt that was faster is not written over.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from shared.conversations.delivery import Letter
from shared.conversations.keys import conversation_partition, digest
from shared.conversations.mail_threads import sent_message_id
from shared.domain.events import ALERT_RAISED
from shared.errors import Conflict
from shared.ports.channels import Outgoing
from shared.ports.records import ABSENT, Batch, Body, Delete, Event, Put, Records, Version, Write


@dataclass(frozen=True, slots=True)
class Mark:
    """What was noted before: nothing (empty), `sending`, or `sent`, which is whatever ends a delivery."""

    state: str
    version: Version = ABSENT


def sent_row(name: str) -> str:
    """The row of the marks of the reply in row `name`."""
    return f"SENT|{name}"


def hide_address(tenant: str, address: str) -> str:
    """An address as a name by which it is known again, and nothing else."""
    return digest(tenant, address.strip().lower())


def as_outgoing(letter: Letter) -> Outgoing:
    """A letter as its channel takes it."""
    return Outgoing(
        letter.key, letter.channel, letter.to, letter.subject, letter.text,
        in_reply_to=letter.in_reply_to, references=letter.references, reply_to=letter.reply_to,
        message_id=sent_message_id(letter.key, letter.reply_to.rpartition("@")[2]), tenant=letter.tenant,
    )  # fmt: skip


def mark_sending(records: Records, letter: Letter, now: int) -> Mark:
    """Note that it is about to leave; what was noted before."""
    try:
        return Mark("", _write(records, letter, _mark(letter, "sending", now, ABSENT)))
    except Conflict:
        found = records.get(_partition(letter), _row(letter))
    if found is None:
        return Mark("sending")
    return Mark("sending" if found.body["state"] == "sending" else "sent", found.version)


def mark_sent(records: Records, letter: Letter, mark: Mark, now: int) -> None:
    """Note that its channel has taken it."""
    with suppress(Conflict):  # a receipt was faster, and knows more
        _write(records, letter, _mark(letter, "sent", now, mark.version))


def unmark(records: Records, letter: Letter, mark: Mark) -> None:
    """It certainly did not leave: the next try is a first one."""
    with suppress(Conflict):
        _write(records, letter, Delete(_row(letter), mark.version))


def note_unclear(records: Records, letter: Letter, mark: Mark, now: int) -> str:
    """It may or may not have left: an operator looks, nobody sends it again, unless a receipt tells."""
    return _end(records, letter, mark, "unclear", now)


def note_withheld(records: Records, letter: Letter, now: int) -> str:
    """It does not leave, because its address is to be left alone: an operator finds another way."""
    return _end(records, letter, Mark(""), "withheld", now)


def alert_of(tenant: str, conversation: str, key: str, state: str, now: int) -> Event:
    """What operators hear of a delivery that did not go as it should."""
    where: Body = {"tenant": tenant, "conversation": conversation, "at": now, "type": f"delivery_{state}"}
    return Event(f"{key}-{state}", ALERT_RAISED, where)


def _end(records: Records, letter: Letter, mark: Mark, state: str, now: int) -> str:
    alert = alert_of(letter.tenant, letter.conversation, letter.key, state, now)
    try:
        _write(records, letter, _mark(letter, state, now, mark.version), alert)
    except Conflict:
        return "already"
    return state


def _mark(letter: Letter, state: str, now: int, version: Version) -> Put:
    to = hide_address(letter.tenant, letter.to) if letter.to else ""
    return Put(_row(letter), {"state": state, "at": now, "to": to}, version)


def _write(records: Records, letter: Letter, write: Write, *events: Event) -> Version:
    return records.write(Batch(_partition(letter), (write,), events)).get(write.row, ABSENT)


def _partition(letter: Letter) -> str:
    return conversation_partition(letter.tenant, letter.conversation)


def _row(letter: Letter) -> str:
    return sent_row(letter.key.removeprefix(f"{letter.conversation}-"))
