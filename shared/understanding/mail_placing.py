"""Where a mail goes: into its thread, aside, or to an operator in a conversation of its own."""

from __future__ import annotations

from shared.conversations.daily_answers import find_quiet, is_with_operator
from shared.conversations.keys import conversation_id
from shared.conversations.mail_threads import Placed, find_thread, keep_placed, read_placed
from shared.ports.records import Records
from shared.ports.secrets import Secrets
from shared.understanding.mail_arrival import Arrival


def place_mail(
    records: Records, secrets: Secrets, tenant: str, mail: Arrival, message: str, subject_key: str, now: int
) -> Placed:
    """The same place for every delivery of a mail; what is parked opens a conversation."""
    own_id = mail.message_id or mail.identity
    placed = read_placed(records, tenant, own_id, message)
    if placed is None:
        placed = _choose(records, secrets, tenant, mail, message, subject_key, now)
        placed = keep_placed(records, tenant, own_id, message, placed)
    return placed


def _choose(
    records: Records, secrets: Secrets, tenant: str, mail: Arrival, message: str, subject_key: str, now: int
) -> Placed:
    own = conversation_id(message)
    if mail.parked and not mail.ignored:
        return Placed(own, subject_key, parked=mail.parked)
    thread = find_thread(records, secrets, tenant, subject_key, mail.recipients, mail.answers) or own
    quiet = "" if mail.ignored else find_quiet(records, tenant, subject_key, thread, message, now)
    if not quiet:
        return Placed(thread, subject_key, ignored=mail.ignored)
    if quiet == own:
        return Placed(own, subject_key, parked="too_many_today")
    ignored = "" if is_with_operator(records, tenant, quiet) else "too_many_today"
    return Placed(quiet, subject_key, ignored=ignored)
