"""A company's own systems behind one signed HTTP gateway: POST <url>/<system>/<read|act|look_up|contract>.

The body is JSON: `{system, do, operation?, arguments?, key?}`, which names its own path because only the body is
signed (Standard Webhooks). The answer is `{"result": …}`, or `{"error": {code, message, field, limit, action}}` with
the codes of shared/errors.py. Nothing but such an answer tells what became of an action. Who answers is TLS's matter.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from adapters.business.exchange import Answer, post
from shared.access.webhooks import sign_headers
from shared.errors import (
    InvalidInput,
    Misconfigured,
    NotFound,
    NotPermitted,
    Refused,
    SupportMaxError,
    Unavailable,
    Uncertain,
    Unsupported,
    WrongState,
)
from shared.ports.business_systems import ActionContract
from shared.ports.clock import Clock
from shared.ports.ids import Ids
from shared.ports.limits import encode_message
from shared.ports.secrets import Secrets

SECRET = "business-gateway"  # noqa: S105 - the secret's name, not the secret
KEY_HEADER = "idempotency-key"
HERE = ("127.0.0.1", "::1", "localhost")
KEPT_SECONDS = 300  # how long a contract is believed, and the secret not read again
REFUSED_SIGNATURE = 401
PERHAPS_DONE = (408, 409, 499)  # of the statuses that say "not done" where the gateway itself does not answer
NEEDED = frozenset({"window", "late_bound", "looks_up"})
FLAGS = frozenset({"looks_up", "saves_failures", "refuses_mismatch"})
_SYSTEM = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KEY = re.compile(r"[!-~]{1,200}")

Text = dict[str, str]


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: to be connected, to read, and to act; shorter than a tool's own timeout (shared/tools/catalog.py)."""

    connect: float = 2.0
    read: float = 4.0
    act: float = 8.0


class Gateway:
    """The `business_systems` port (B1 to B5) over one company's gateway.

    Without a URL every system is Unsupported, so that a turn that needs one goes to an operator.
    """

    def __init__(self, url: str, secrets: Secrets, clock: Clock, ids: Ids, *, patience: Patience | None = None) -> None:
        self._url = check_url(url) if url else ""
        self._secrets, self._clock, self._ids = secrets, clock, ids
        self._patience = patience or Patience()
        self._contracts: dict[str, tuple[float, ActionContract]] = {}
        self._kept_secret: tuple[float, bytes] | None = None

    def read(self, system: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Ask a system something (B1); what is unclear of a read is Unavailable."""
        return _object(self._look(system, "read", {"operation": operation, "arguments": arguments}))

    def act(self, system: str, operation: str, arguments: dict[str, Any], *, key: str) -> dict[str, Any]:
        """Make a system do something once per `key` (B2, B4)."""
        if not _KEY.fullmatch(key):
            limit = "1 to 200 printable ASCII characters"
            raise InvalidInput("an action's key", field="key", limit=limit, action="give the effect's key")
        asked = {"operation": operation, "arguments": arguments, "key": key}
        answer = self._send(system, "act", asked, self._patience.act, {KEY_HEADER: key})
        result = result_of(answer)
        if not isinstance(result, dict):
            raise Uncertain(f"{system} answered no object to {operation}")
        return result

    def look_up(self, system: str, key: str) -> dict[str, Any] | None:
        """The result of the action that was done under `key`, or None where it is absent (B3)."""
        found = self._look(system, "look_up", {"key": key})
        return None if found is None else _object(found)

    def contract(self, system: str) -> ActionContract:
        """What the system promises about repeated actions, as the gateway says; believed for five minutes.

        An action that we gave up waiting for may arrive as late as we waited, so that is added to `late_bound`.
        """
        now = self._clock.monotonic()
        known = self._contracts.get(system)
        if known and now < known[0]:
            return known[1]
        contract = read_contract(self._look(system, "contract", {}), later=math.ceil(self._patience.act))
        self._contracts[system] = (now + KEPT_SECONDS, contract)
        return contract

    def _look(self, system: str, do: str, asked: dict[str, Any]) -> Any:
        try:
            return result_of(self._send(system, do, asked, self._patience.read))
        except Uncertain as error:
            raise Unavailable(str(error)) from error

    def _send(
        self, system: str, do: str, asked: dict[str, Any], seconds: float, headers: dict[str, str] | None = None
    ) -> Answer:
        if not self._url or not _SYSTEM.fullmatch(system):
            raise Unsupported(f"the business system {system[:40]!r} behind {self._url or 'no gateway: none is set'}")
        body = encode_message({"system": system, "do": do, **asked}, f"{do} of {system}").encode()
        signed = sign_headers(self._secret(), self._ids.new("ask"), self._clock.now() // 1000, body)
        about = {"content-type": "application/json", "connection": "close", **signed, **(headers or {})}
        url = f"{self._url}/{system}/{do}"
        answer = post(url, about, body, connect=min(self._patience.connect, seconds), seconds=seconds)
        if answer.status == REFUSED_SIGNATURE:
            self._kept_secret = None  # it may have been replaced meanwhile
        return answer

    def _secret(self) -> bytes:
        now, kept = self._clock.monotonic(), self._kept_secret
        if kept and now < kept[0]:
            return kept[1]
        try:
            secret = self._secrets.get(SECRET)[0]
        except NotFound as error:
            raise Misconfigured(f"there is no secret {SECRET}: store the one that the gateway checks") from error
        self._kept_secret = (now + KEPT_SECONDS, secret)
        return secret


def check_url(url: str) -> str:
    """The gateway's URL without a slash at its end; raises Misconfigured unless it is https, or on this machine."""
    parts = urlsplit(url)
    private = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)
    if private and parts.hostname and not (parts.query or parts.fragment or parts.username):
        return url.rstrip("/")
    raise Misconfigured("SUPPORTMAX_BUSINESS_URL is to be https://… without a query, or http:// on this machine")


def result_of(answer: Answer) -> Any:
    """What a gateway answered; raises what it says, and Uncertain where it says nothing that we know."""
    told = _parse(answer.body)
    if answer.status == 200 and "result" in told:
        return told["result"]
    error = told.get("error")
    if answer.status >= 400 and isinstance(error, dict) and isinstance(error.get("code"), str):
        raise error_of(error)
    if 400 <= answer.status < 500 and answer.status not in PERHAPS_DONE:
        raise Unavailable(f"the gateway cannot be asked: HTTP {answer.status}")
    raise Uncertain(f"the gateway's answer cannot be read: HTTP {answer.status}")


def error_of(error: dict[str, Any]) -> SupportMaxError:
    """Our error for the gateway's; an unknown code is Uncertain, because nothing else is safe."""
    text = {name: str(error.get(name) or "")[:300] for name in ("code", "message", "field", "limit", "action")}
    return _RAISED.get(text["code"], _say(Uncertain))(text)


def read_contract(told: Any, *, later: int) -> ActionContract:
    """A contract as the gateway tells it, `later` seconds added to its late bound; raises Unavailable."""
    known, found = {field.name for field in fields(ActionContract)}, _object(told)
    given = {name: value for name, value in found.items() if name in known}
    if not given.keys() >= NEEDED or not all(_is_legal(name, value) for name, value in given.items()):
        raise Unavailable(f"the gateway's contract cannot be read: {', '.join(sorted(NEEDED))}, see ActionContract")
    late = given.pop("late_bound")
    return ActionContract(late_bound=None if late is None else late + later, **given)


def _is_legal(name: str, value: Any) -> bool:
    if name in FLAGS:
        return type(value) is bool
    return (type(value) is int and value >= 0) or (name == "late_bound" and value is None)


def _refuse(kind: type[Refused]) -> Callable[[Text], SupportMaxError]:
    def make(text: Text) -> SupportMaxError:
        return kind(text["message"], field=text["field"] or None, limit=text["limit"] or None, action=text["action"])

    return make


def _say(kind: type[Unavailable] | type[Uncertain]) -> Callable[[Text], SupportMaxError]:
    return lambda text: kind(f"the gateway says {text['code']}: {text['message']}")


_RAISED: dict[str, Callable[[Text], SupportMaxError]] = {
    **{kind.code: _refuse(kind) for kind in (Refused, InvalidInput, NotFound, NotPermitted, WrongState)},
    # Our signature, or our haste, was refused: nothing was done, and no customer can mend it.
    **{code: _say(Unavailable) for code in ("unavailable", "throttled", "not_authenticated")},
    Unsupported.code: lambda text: Unsupported(text["field"] or "this operation of a business system"),
}


def _object(found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise Unavailable("the gateway answered no object")
    return found


def _parse(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
