"""Batches answered record by record: one that fails comes back alone, and stops no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shared.errors import InvalidInput, SupportMaxError

Record = Mapping[str, Any]
Failures = dict[str, list[dict[str, str]]]
Note = Callable[[Exception], None]


class PartlyDone(SupportMaxError):
    """Some of what a call had to do could not be done; the rest is. Each failure has been told by itself."""

    code = "partly_done"


def answer_queue(records: Sequence[Record], do: Callable[[Record], Any], note: Note) -> Failures:
    """Every message by itself; whatever fails, of a wrong shape too, comes back until it is a dead letter (Q5, Q6)."""
    failed = [str(record.get("messageId", "")) for record in records if not _try(do, record, note)]
    return _failures(failed)


def answer_stream(records: Sequence[Record], do: Callable[[Record], Any], note: Note, park: Note) -> Failures:
    """In order up to the first that fails, from which on the stream comes again; what can never be read is parked."""
    for record in records:
        try:
            do(record)
        except InvalidInput as error:
            park(error)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, the stream comes again from here
            note(error)
            return _failures([str(record["dynamodb"]["SequenceNumber"])])
    return _failures([])


def do_all(tasks: Sequence[Callable[[], Any]], note: Note) -> None:
    """Every task, whatever becomes of the others; raises PartlyDone in the end, so that the call counts as failed."""
    failed = [task for task in tasks if not _try(lambda each: each(), task, note)]
    if failed:
        raise PartlyDone(f"{len(failed)} of {len(tasks)} failed; the others are done")


def _try(do: Callable[[Any], Any], subject: Any, note: Note) -> bool:
    try:
        do(subject)
    except Exception as error:  # noqa: BLE001 - whatever a handler raises, the others are worked on too
        note(error)
        return False
    return True


def _failures(ids: Sequence[str]) -> Failures:
    return {"batchItemFailures": [{"itemIdentifier": each} for each in ids]}
