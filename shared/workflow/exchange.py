"""What goes into the workflow core and what comes out: events (what happened) and commands (what to do)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = Any


@dataclass(frozen=True, slots=True)
class Started:
    """The execution `name` begins with `payload`; its task tokens are `seed#id`, as unguessable as the seed is."""

    name: str
    payload: Json
    seed: str = ""


@dataclass(frozen=True, slots=True)
class TaskSucceeded:
    id: str
    output: Json


@dataclass(frozen=True, slots=True)
class TaskFailed:
    """A task raised `error`, a declared name; its message stays outside, for it may carry personal data."""

    id: str
    error: str


@dataclass(frozen=True, slots=True)
class TaskTimedOut:
    id: str


@dataclass(frozen=True, slots=True)
class TimerFired:
    id: str


Event = Started | TaskSucceeded | TaskFailed | TaskTimedOut | TimerFired


@dataclass(frozen=True, slots=True)
class RunTask:
    """Call `resource` with `input` and answer under `id`; with a token, whoever holds the token answers instead."""

    id: str
    resource: str
    input: Json
    timeout: int | None
    token: str | None = None


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Answer TimerFired after `seconds`, or after a random part of them where `jitter` is set."""

    id: str
    seconds: int
    jitter: bool = False


@dataclass(frozen=True, slots=True)
class Finish:
    """The execution has succeeded."""

    output: Json


@dataclass(frozen=True, slots=True)
class Abort:
    """The execution has failed with an error that nothing in it caught."""

    error: str
    cause: str = ""


Request = RunTask | SetTimer  # what is answered by an event with the same id
Command = Request | Finish | Abort

_EVENTS: dict[str, type[Event]] = {
    "started": Started,
    "succeeded": TaskSucceeded,
    "failed": TaskFailed,
    "timed_out": TaskTimedOut,
    "fired": TimerFired,
}
_NAMES = {kind: name for name, kind in _EVENTS.items()}


def event_to_json(event: Event) -> list[Json]:
    """An event as a JSON array: its name, then its fields in order."""
    return [_NAMES[type(event)], *(getattr(event, field) for field in event.__slots__)]


def event_from_json(stored: list[Json]) -> Event:
    """The event that `event_to_json` wrote."""
    return _EVENTS[stored[0]](*stored[1:])
