"""What Lambda calls, whichever function it is: SUPPORTMAX_FUNCTION names a row of the manifest, its trigger the rest.

Nothing is read or opened at import; the first call opens what its function needs, and the process keeps it.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.aws.envelopes import correlate
from adapters.aws.loading import loading_once
from adapters.aws.provider import AwsProvider, open_provider
from adapters.aws.settings import company_folder, read_aws_settings
from adapters.aws.triggers import TRIGGERS, Host
from shared.dispatch import Application
from shared.errors import Misconfigured
from shared.manifest import FUNCTIONS, Function
from shared.settings import read_names

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

NAME = "SUPPORTMAX_FUNCTION"


def handle(event: Any, context: Any) -> Any:
    """Answer one event as this process's function."""
    with loading_once():
        return _opened().answer(event, context)


class Entry:
    """One function on one account's ports; `environment` stands in for the process's own."""

    def __init__(self, function: Function, provider: AwsProvider, company: Path | None) -> None:
        self._function, self._provider, self._correlation = function, provider, ""
        self._host = Host(function, Application(provider, company), provider, self._note)
        self._answer = TRIGGERS[function.trigger](self._host)

    def answer(self, event: Any, context: Any) -> Any:
        """Answer, and write what was counted; what a handler raises rises by its own name (design §4)."""
        self._correlation = correlate(event)
        try:
            return self._answer(event, context)
        except Exception as error:
            self._note(error)
            raise
        finally:
            self._provider.telemetry.flush()

    def _note(self, error: Exception) -> None:
        """What failed and where, never with whose words: a message may quote its input."""
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(frame.filename).name}:{frame.lineno}"
        told = {"error": type(error).__name__, "place": place, "correlation_id": self._correlation}
        _logger(self._function.name).error("failed", extra=told)


def open_entry(environment: Mapping[str, str] | None = None, provider: AwsProvider | None = None) -> Entry:
    """The function that the environment names; raises Misconfigured that lists every setting that is missing."""
    name = read_names((NAME,), environment=environment)[NAME]
    function = next((each for each in FUNCTIONS if each.name == name), None)
    if function is None:
        raise Misconfigured(f"{NAME} is {name!r}, which is no function of the manifest")
    settings = read_aws_settings(function.ports, environment)
    return Entry(function, provider or open_provider(settings), company_folder(environment))


_opened = cache(open_entry)


@cache
def _logger(function: str) -> Logger:
    from aws_lambda_powertools import Logger

    return Logger(service=function, level="ERROR", use_rfc3339=True)
