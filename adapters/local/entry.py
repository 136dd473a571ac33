"""How a handler is called on one machine: its input, its waiting for the disk, and what becomes of its failure."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from adapters.local.provider import LocalProvider, open_provider
from adapters.local.waiting import wait_for_call, wait_for_message
from shared.company.company import Company
from shared.dispatch import Application
from shared.ports.clock import Clock
from shared.ports.queue import QueueMessage
from shared.settings import Settings


class Entry:
    """One data folder's ports and the application on them."""

    def __init__(self, folder: Path, settings: Settings, *, clock: Clock | None = None) -> None:
        self._interruptions: dict[str, Callable[[], None]] = {}
        self.provider: LocalProvider = open_provider(folder, self._invoke, clock=clock)
        self.app = Application(self.provider, Company(settings.company))

    def close(self) -> None:
        self.provider.close()

    def call(self, handler: str, payload: dict[str, Any]) -> Any:
        """Call a handler directly, as the API does."""
        with wait_for_call(self.provider.store, handler):
            return self.app.call(handler, payload)

    def tell(self, handler: str, payload: dict[str, Any]) -> Any:
        """Call a handler for what is stored, and forgotten only afterwards."""
        with wait_for_message(self.provider.store, handler):
            return self.app.call(handler, payload)

    def try_call(self, handler: str, payload: dict[str, Any]) -> None:
        """Call a handler that is called again in a minute, so that one that fails stops nobody else."""
        try:
            self.app.call(handler, payload)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, the others have their minute too
            self.provider.telemetry.fact("minute_failed", handler=handler, error=type(error).__name__)

    def work(self, message: QueueMessage, handle: Callable[[QueueMessage], Any]) -> None:
        """A message that fails comes back, and is a dead letter in the end; it stops nobody else (I16)."""
        try:
            handle(message)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is the queue's to retry
            self.provider.telemetry.fact("message_failed", queue=message.queue, error=type(error).__name__)
            self.provider.queue.fail(message, f"{type(error).__name__}: {error}")
        else:
            self.provider.queue.delete(message)

    def interrupt(self, handler: str, action: Callable[[], None]) -> None:
        """Let `action` happen just before the next task of `handler`, as another worker would."""
        self._interruptions[handler] = action

    def _invoke(self, resource: str, payload: Any) -> Any:
        self._interruptions.pop(resource, _nothing)()
        try:
            with wait_for_call(self.provider.store, resource):
                return self.app.call_task(resource, payload)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(where.filename).name}:{where.lineno}"
            self.provider.telemetry.fact("task_failed", handler=resource, error=type(error).__name__, place=place)
            raise


def _nothing() -> None:
    """Nobody interrupts."""
