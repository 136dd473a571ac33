"""Facts on an EventBridge bus; rules send each to the functions that listen to its name (E1 to E5)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from adapters.aws.clients import Clients
from adapters.aws.errors import error_for, translated
from adapters.aws.settings import AwsSettings
from shared.errors import SupportMaxError, Throttled, Unavailable, Uncertain
from shared.ports.limits import encode_message
from shared.ports.records import Event

SOURCE = "supportmax"
MOST_ENTRIES = 10
MOST_BYTES = 256 * 1024  # what every region takes in one request; billed by 64 KB either way
PAUSES_SECONDS = (0.1, 0.4)  # before the second and the third try of entries that failed
WORTH_ANOTHER_TRY = (Throttled, Unavailable, Uncertain)

Entry = dict[str, str]


class AwsEvents:
    """The `events` port; `sleep` takes seconds."""

    def __init__(self, clients: Clients, settings: AwsSettings, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._clients, self._bus, self._sleep = clients, settings.event_bus, sleep

    def publish(self, events: Sequence[Event]) -> None:
        """Return when the bus has accepted every event (E5); an error may have accepted some, who then hear twice."""
        for entries in in_requests([self._entry(event) for event in events]):
            self._put_all(entries)

    def _entry(self, event: Event) -> Entry:
        """The limit is on the event's own body (E3)."""
        body = encode_message(event.body, f"event {event.name}")
        detail = f'{{"id":{json.dumps(event.id)},"name":{json.dumps(event.name)},"body":{body}}}'
        return {"EventBusName": self._bus, "Source": SOURCE, "DetailType": event.name, "Detail": detail}

    def _put_all(self, entries: Sequence[Entry]) -> None:
        """Put entries, and what the bus did not accept again; raises what it said of the last that failed."""
        left = list(entries)
        for pause in (*PAUSES_SECONDS, None):
            left, failure = self._put(left)
            if failure is None:
                return
            if pause is None or not isinstance(failure, WORTH_ANOTHER_TRY):
                raise failure
            self._sleep(pause)

    def _put(self, entries: list[Entry]) -> tuple[list[Entry], SupportMaxError | None]:
        """The entries that were not accepted, and the gravest reason: one that no other try can mend comes first."""
        with translated("events", writes=True):
            answers = self._clients.of("events").put_events(Entries=entries)["Entries"]
        failed = [
            (entry, _failure(answer))
            for entry, answer in zip(entries, answers, strict=True)
            if answer.get("ErrorCode") or not answer.get("EventId")
        ]
        reasons = sorted((reason for _, reason in failed), key=lambda each: isinstance(each, WORTH_ANOTHER_TRY))
        return [entry for entry, _ in failed], reasons[0] if reasons else None


def in_requests(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Entries in groups of at most 10 and 256 KB."""
    group: list[Entry] = []
    size = 0
    for entry in entries:
        more = size_of(entry)
        if group and (len(group) == MOST_ENTRIES or size + more > MOST_BYTES):
            yield group
            group, size = [], 0
        group.append(entry)
        size += more
    if group:
        yield group


def size_of(entry: Entry) -> int:
    """The bytes that EventBridge counts."""
    return sum(len(entry[part].encode()) for part in ("Source", "DetailType", "Detail"))


def _failure(answer: dict[str, Any]) -> SupportMaxError:
    return error_for("events", answer.get("ErrorCode") or "InternalFailure", writes=True)
