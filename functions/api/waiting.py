"""Waiting for a reply: who wants to, for what, and for how long."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from functions.api.backend import Backend
from functions.api.requests import Event, read_header

LONGEST_WAIT = 25
WAIT = re.compile(r'(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})')


@dataclass(frozen=True, slots=True)
class Wait:
    """A caller who waits for a task, at most so many seconds."""

    tenant: str
    task: str
    seconds: int

    @property
    def conversation(self) -> str:
        return self.task.split(".")[0]


def read_wait(backend: Backend, event: Event, answer: dict[str, Any]) -> Wait | None:
    """What the caller wants to wait for, where the answer is an accepted message."""
    wanted = WAIT.search(read_header(event, "prefer"))
    accepted = json.loads(answer["body"]) if wanted and answer["statusCode"] == 202 else {}
    if not wanted or not int(wanted[1]) or "task_id" not in accepted:
        return None
    tenant = backend.identify(event).tenant
    return Wait(tenant, accepted["task_id"], min(LONGEST_WAIT, int(wanted[1])))
