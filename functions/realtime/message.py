"""A message on a live connection: the first shows a key, the later ones are a customer's words.

`{"type": "auth", "key": …, "conversation_id"?: …}`, then `{"type": "message", "message": …, "id"?: …}`; an `id` makes a
repeat harmless. Closing codes: 1003 no JSON object, 4401 no good key, 4403 no permission, 4404 no such conversation,
4421 a tenant of another region, 4429 too many messages.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from functions.realtime.line import Line, Told
from shared.access.api_keys import renew_principal
from shared.access.gate import Gate
from shared.access.homes import NotAtHome
from shared.access.listeners import Listener, read_listener
from shared.access.strict_json import read_json
from shared.errors import InvalidInput, NotAuthenticated, NotFound, NotPermitted, Refused, Throttled
from shared.ports.clock import Clock
from shared.ports.connections import Connections
from shared.ports.ids import Ids
from shared.ports.records import Records
from shared.ports.secrets import Secrets
from shared.ports.tenants import Tenants
from shared.privacy.vault import Vault

CLOSES: dict[type[Exception], int] = {
    NotAuthenticated: 4401, NotPermitted: 4403, NotFound: 4404, NotAtHome: 4421, Throttled: 4429, InvalidInput: 1003,
    Refused: 4403,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frame:
    """One text message, as it came."""

    connection: str
    body: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What to say on the connection, and the code to close it with, 0 where it stays open."""

    say: Told = field(default_factory=dict)
    close: int = 0


def handle(
    frame: Frame, *, records: Records, vault: Vault, secrets: Secrets, tenants: Tenants, connections: Connections,
    clock: Clock, ids: Ids,
) -> Heard:  # fmt: skip
    """Whatever is refused is answered too; a connection that has no right is to be closed."""
    line = Line(frame.connection, records, vault, connections, clock, ids, Gate(records, secrets, tenants, clock))
    try:
        told = read_json(frame.body)
        return _answer(line, told if isinstance(told, dict) else _refuse())
    except Refused as refusal:
        code = next(code for kind, code in CLOSES.items() if isinstance(refusal, kind))
        return Heard({"type": "closed", "code": code}, code)


def _answer(line: Line, told: Told) -> Heard:
    listener = read_listener(line.records, line.connection) or Listener()
    if not listener.key:
        return Heard({"type": "ready", "conversation_id": line.let_in(listener, told)})
    principal = renew_principal(line.records, line.clock, listener.tenant, listener.key)
    thread = line.admit(principal, listener.conversation)
    if thread is None or told.get("type") != "message":
        return Heard()
    try:
        received = line.take_in(principal, thread, told)
    except Refused as refusal:
        return Heard({"type": "refused", **refusal.body()})
    task = f"{received.conversation}.{received.message}"
    return Heard({"type": "accepted", "conversation_id": thread.id, "task_id": task, "status": "accepted"})


def _refuse() -> Told:
    raise InvalidInput("not an object", field="body", limit="one JSON object", action="send JSON")
