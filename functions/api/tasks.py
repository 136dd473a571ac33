"""`tasks`: what became of a message; a task's id is `conversation.message`."""

from __future__ import annotations

from typing import Any

from functions.api.caller import FromCaller
from functions.api.replies import read_task


def read(task_id: str, caller: FromCaller) -> dict[str, Any]:
    """`pending`, `done` or `parked` (an operator sees it), and the reply once there is one."""
    return read_task(caller.need("conversations:read"), caller.tenant, task_id)
