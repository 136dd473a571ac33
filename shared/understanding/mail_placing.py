"""Where a mail goes: into its thread, aside, or to an operator in a conversation of its own."""

from __future__ import annotations

from dataclasses import dataclass

from shared.conversations.daily_answers import find_quiet, is_with_operator
from shared.conversations.keys import conversation_id
from shared.conversations.mail_threads import place_mail
from shared.ports.records import Records
from shared.ports.secrets import Secrets
from shared.understanding.mail_arrival import Arrival


@dataclass(frozen=True, slots=True)
class Placed:
    """The mail's conversation; `ignored` or `parked` say why no machine answers it there."""

    conversation: str
    ignored: str = ""
    parked: str = ""


def place_arrival(
    records: Records, secrets: Secrets, tenant: str, mail: Arrival, message: str, subject_key: str, now: int
) -> Placed:
    """The same place for every delivery of a mail; what is parked opens a conversation."""
    own = conversation_id(message)
    if mail.parked and not mail.ignored:
        return Placed(own, parked=mail.parked)
    thread = place_mail(
        records,
        secrets,
        tenant,
        own_id=mail.message_id or mail.identity,
        message=message,
        subject_key=subject_key,
        recipients=mail.recipients,
        references=mail.answers,
    )
    quiet = "" if mail.ignored else find_quiet(records, tenant, subject_key, thread, message, now)
    if not quiet:
        return Placed(thread, ignored=mail.ignored)
    if quiet == own:
        return Placed(own, parked="too_many_today")
    return Placed(quiet, ignored="" if is_with_operator(records, tenant, quiet) else "too_many_today")
