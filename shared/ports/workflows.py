"""Executions of the two States Language machines.

W1 `start` with a name that has run or is running changes nothing and succeeds. W2 An execution survives the process.
W3 A task token wakes the one state entry that it was made for; a stale or doubled token is reported, not raised.
W4 A task may run more than once; its answer counts once.
"""

from __future__ import annotations

from typing import Any, Protocol


class Workflows(Protocol):
    """Starts machines and answers their waiting states; promises W1 to W4 above."""

    def start(self, machine: str, name: str, payload: dict[str, Any]) -> None:
        """Start `machine` (`turn` or `escalation`) once under `name` (W1)."""
        ...

    def send_task_success(self, token: str, output: dict[str, Any]) -> bool:
        """Wake the state that waits on `token`; False where it has moved on (W3)."""
        ...

    def status(self, machine: str, name: str) -> str:
        """`running`, `succeeded`, `failed` or `absent`."""
        ...
