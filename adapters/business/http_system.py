"""One business system over HTTP: a vendor's API as a table, and the one client that reads every such table.

What an answer means is a table too, status → meaning. What the table does not name may have happened: of an action that
is Uncertain, and so is what cannot be read. Nothing is tried again here, and no answer makes us wait: the effect ledger
alone decides what is sent a second time (design §6).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, TypeVar
from urllib.parse import quote, urlencode

from adapters.business.exchange import Answer, exchange
from adapters.business.gateway import KEPT_SECONDS, Patience, check_url
from adapters.business.slots import Arguments, Slot, check
from shared.errors import Misconfigured, NotFound, Refused, SupportMaxError, Unavailable, Uncertain, Unsupported
from shared.ports.business_systems import ActionContract
from shared.ports.clock import Clock
from shared.ports.ids import Ids
from shared.ports.secrets import Secrets

Told = dict[str, Any]
Facts = dict[str, Any]
Fields = dict[str, Any]
Headers = dict[str, str]
Send = Literal["query", "form", "json"]
Meaning = Literal["done", "refused", "not_found", "mismatch", "unavailable", "uncertain"]
TYPES: dict[Send, Headers] = {
    "query": {},
    "form": {"content-type": "application/x-www-form-urlencoded"},
    "json": {"content-type": "application/json"},
}
# What one look at a payment, one action and one look at its result take together is less than a money tool may take.
PATIENCE = Patience(connect=2.0, read=2.5, act=5.0)
Read = TypeVar("Read")
_CODE = re.compile(r"[A-Za-z0-9_]{1,60}")


@dataclass(frozen=True, slots=True)
class Request:
    """One request as a table writes it: `path` with the `{names}` of arguments, `fields` made from the arguments."""

    method: str
    path: str
    send: Send = "query"
    fields: Callable[[Arguments], Fields] = lambda arguments: {}
    headers: Headers = field(default_factory=dict)


Ask = Callable[[Request, Arguments], Told]


def _need_nothing(ask: Ask, arguments: Arguments) -> None:
    """No condition."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One of our operations: its slots, its request, and our facts from the answer.

    `need` asks, before an action is sent, what never changes about the things it names (whose payment, its currency),
    and may refuse. What the action itself changes is for the system to refuse, or its own repeat would be.
    """

    slots: Mapping[str, Slot]
    request: Request
    answer: Callable[[Told, Arguments], Facts]
    need: Callable[[Ask, Arguments], None] = _need_nothing


@dataclass(frozen=True, slots=True)
class Unsigned:
    """What a request's headers are made of; the secret is not shown where this is printed."""

    method: str
    url: str
    query: Fields
    key: str
    nonce: str
    seconds: int
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Api:
    """One vendor's API for one of our systems.

    `code_of` names an error's machine-readable code; `codes` count before `statuses`. `find` looks an action up by our
    key, at an epoch second. `reads_back`: an answer does not tell what was done, the look-up does.
    """

    contract: ActionContract
    key: Slot
    reads: Mapping[str, Operation]
    actions: Mapping[str, Operation]
    sign: Callable[[Unsigned], Headers]
    find: Callable[[Ask, str, int], Facts | None]
    code_of: Callable[[Told], Any]
    statuses: Mapping[int, Meaning]
    codes: Mapping[tuple[int, str], Meaning] = field(default_factory=dict)
    reads_back: bool = False


class HttpSystem:
    """The `business_systems` port (B1 to B5) for one `system`, which an API stands for."""

    def __init__(
        self, system: str, api: Api, url: str, secret: str, secrets: Secrets, clock: Clock, ids: Ids, *,
        patience: Patience = PATIENCE,
    ) -> None:  # fmt: skip
        self._system, self._api, self._url, self._secret_name = system, api, check_url(url), secret
        self._secrets, self._clock, self._ids, self._patience = secrets, clock, ids, patience
        self._kept: tuple[float, bytes] | None = None

    def read(self, system: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Ask the system something (B1); what is unclear of a read is Unavailable."""
        asked = self._operation(system, operation, self._api.reads)
        check(asked.slots, arguments)
        ask = self._asking(self._patience.read)
        return readable(Unavailable, lambda: asked.answer(ask(asked.request, arguments), arguments))

    def act(self, system: str, operation: str, arguments: dict[str, Any], *, key: str) -> dict[str, Any]:
        """Make the system do something once per `key` (B2, B4); what a slot or `need` refuses is never sent."""
        asked = self._operation(system, operation, self._api.actions)
        check(asked.slots, arguments)
        self._api.key("key", key)
        ask = self._asking(self._patience.read)
        readable(Unavailable, lambda: asked.need(ask, arguments))
        answer = self._send(asked.request, {**arguments, "key": key}, self._patience.act)
        meaning, code = meaning_of(self._api, answer)
        if self._api.reads_back and meaning in ("done", "refused"):
            return self._read_back(arguments, key, meaning, code)
        if meaning != "done":
            raise MEANT[meaning](f"{self._system} answered {answer.status} {code}".rstrip())
        return readable(Uncertain, lambda: asked.answer(parse(answer.body), arguments))

    def look_up(self, system: str, key: str) -> dict[str, Any] | None:
        """The result of the action that was done under `key`, or None where it is absent (B3)."""
        self._need_own(system)
        self._api.key("key", key)
        ask = self._asking(self._patience.act)
        try:
            return readable(Unavailable, lambda: self._api.find(ask, key, self._clock.now() // 1000))
        except Refused as error:  # a look-up that is refused has seen nothing, which is not absence
            raise Unavailable(f"{self._system} cannot be asked: {error}") from error

    def contract(self, system: str) -> ActionContract:
        """What the system promises; our own looking and waiting before a request arrives are added to `late_bound`."""
        self._need_own(system)
        late, waited = self._api.contract.late_bound, math.ceil(self._patience.read + self._patience.act)
        return replace(self._api.contract, late_bound=None if late is None else late + waited)

    def _read_back(self, arguments: Arguments, key: str, meaning: Meaning, code: str) -> Facts:
        """What became of an action as the system's own record under our key tells it."""
        try:
            found = self.look_up(self._system, key)
        except SupportMaxError as error:
            raise Uncertain(f"{self._system} does not tell what became of an action") from error
        if found is not None:
            if meaning == "refused" and not same(found, arguments):
                raise MEANT["mismatch"](f"{self._system} has another action under this key")
            return found
        if meaning == "refused":
            raise MEANT["refused"](f"{self._system} answered {code}")
        raise Uncertain(f"{self._system} says that it acted, and has nothing to show for it")

    def _asking(self, seconds: float) -> Ask:
        """Asks as often as is needed, all within `seconds`; raises Unavailable for what is unclear."""
        ends = self._clock.monotonic() + seconds

        def ask(request: Request, arguments: Arguments) -> Told:
            left = ends - self._clock.monotonic()
            if left <= 0:
                raise Unavailable(f"{self._system} did not answer in time")
            try:
                answer = self._send(request, {**arguments, "key": ""}, left)
            except Uncertain as error:
                raise Unavailable(str(error)) from error
            meaning, code = meaning_of(self._api, answer)
            if meaning != "done":
                kind = Unavailable if meaning == "uncertain" else MEANT[meaning]
                raise kind(f"{self._system} answered {answer.status} {code}".rstrip())
            return readable(Unavailable, lambda: parse(answer.body))

        return ask

    def _send(self, request: Request, arguments: Arguments, seconds: float) -> Answer:
        named = {name: quote(str(value), safe="") for name, value in arguments.items()}
        url, fields = self._url + request.path.format_map(named), request.fields(arguments)
        query = fields if request.send == "query" else {}
        nonce, now, secret = self._ids.new(""), self._clock.now() // 1000, self._secret()
        unsigned = Unsigned(request.method, url, query, str(arguments["key"]), nonce, now, secret)
        headers = {"accept": "application/json", "connection": "close", **TYPES[request.send], **request.headers}
        headers |= self._api.sign(unsigned)
        sent_to = f"{url}?{urlencode(query)}" if query else url
        connect = min(self._patience.connect, seconds)
        answer = exchange(
            request.method, sent_to, headers, encode(request.send, fields), connect=connect, seconds=seconds
        )
        if answer.status == 401:
            self._kept = None  # the secret may have been replaced meanwhile
        return answer

    def _secret(self) -> bytes:
        now = self._clock.monotonic()
        if self._kept and now < self._kept[0]:
            return self._kept[1]
        try:
            secret = self._secrets.get(self._secret_name)[0]
        except NotFound as error:
            raise Misconfigured(f"there is no secret {self._secret_name}: store the one of {self._system}") from error
        self._kept = (now + KEPT_SECONDS, secret)
        return secret

    def _operation(self, system: str, operation: str, table: Mapping[str, Operation]) -> Operation:
        self._need_own(system)
        if operation not in table:
            raise Unsupported(f"{system}.{operation[:40]}")
        return table[operation]

    def _need_own(self, system: str) -> None:
        if system != self._system:
            raise Unsupported(f"the business system {system[:40]!r}")


MEANT: dict[Meaning, Callable[[str], SupportMaxError]] = {
    "refused": lambda said: Refused(said, action="read what it refers to again"),
    "not_found": lambda said: NotFound(said, action="read what it refers to again"),
    "mismatch": lambda said: Refused(said, field="key", action="use a new key for a new request"),
    "unavailable": Unavailable,
    "uncertain": Uncertain,
}


def meaning_of(api: Api, answer: Answer) -> tuple[Meaning, str]:
    """What an answer means, and the error code that it names; never a word of its text, which may be a customer's."""
    if 200 <= answer.status < 300:
        return "done", ""
    try:
        code = api.code_of(parse(answer.body))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        code = ""  # an error page of somebody between us: its status is all that it says
    code = code if isinstance(code, str) and _CODE.fullmatch(code) else ""
    return api.codes.get((answer.status, code)) or api.statuses.get(answer.status, "uncertain"), code


def readable(kind: type[Unavailable] | type[Uncertain], read: Callable[[], Read]) -> Read:
    """What `read` makes of an answer; raises `kind` where the answer is not what its vendor documents."""
    try:
        return read()
    except (ValueError, LookupError, TypeError, AttributeError, InvalidOperation, RecursionError) as error:
        raise kind(f"an answer cannot be read ({type(error).__name__})") from error


def parse(body: bytes) -> Told:
    """An answer's JSON object, its decimals exact; empty where there is no body."""
    told = json.loads(body, parse_float=Decimal) if body.strip() else {}
    if not isinstance(told, dict):
        raise TypeError("no object")
    return told


def encode(send: Send, fields: Fields) -> bytes | None:
    """A request's body."""
    if send == "json":
        return json.dumps(fields, separators=(",", ":")).encode()
    return urlencode(fields).encode() if send == "form" else None


def same(found: Facts, arguments: Arguments) -> bool:
    """Whether a result is that of these arguments, as far as it repeats them."""
    return all(found[name] == value for name, value in arguments.items() if name in found)
