"""The company's own systems behind the tools: billing, orders, accounts, status, catalogue.

B1 `read` changes nothing. B2 `act` with a key that the system remembers returns the first result and does nothing
again, where the system's contract says that it deduplicates. B3 `look_up` finds an action by our key, or says that it
is absent, where the contract offers it. B4 Errors: Refused (certainly not done), Unavailable (certainly not done),
Uncertain (it may have been done; only `look_up` can tell). B5 An unknown operation is Unsupported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class ActionContract:
    """What a system promises about repeated actions; seconds throughout.

    `window`: how long it remembers a key (0: it never does). `late_bound`: how late an action that timed out may still
    happen (None: unbounded). `looks_up`: whether it finds an action by our key. `saves_failures`: whether a failed
    answer is replayed for the same key. `refuses_mismatch`: whether a key reused with other arguments is refused.
    `answers_within`: how long after deciding to send a caller may still send.
    """

    window: int
    late_bound: int | None
    looks_up: bool
    saves_failures: bool = False
    refuses_mismatch: bool = True
    answers_within: int = 20


class BusinessSystems(Protocol):
    """The systems behind the tools; promises B1 to B5 above."""

    def read(self, system: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Ask a system something (B1)."""
        ...

    def act(self, system: str, operation: str, arguments: dict[str, Any], *, key: str) -> dict[str, Any]:
        """Make a system do something once per `key` (B2)."""
        ...

    def look_up(self, system: str, key: str) -> dict[str, Any] | None:
        """The result of the action that was done under `key`, or None where it is absent (B3)."""
        ...

    def contract(self, system: str) -> ActionContract:
        """What the system promises about repeated actions."""
        ...
