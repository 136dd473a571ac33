"""A live connection at work: whom it was opened for, and what it may hear and say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from functions.api.thread import Thread, read_thread
from functions.intake.receive import Arriving, Received
from functions.intake.receive import handle as receive
from shared.access.api_keys import ApiPrincipal
from shared.access.gate import Gate
from shared.access.listeners import Listener, write_listener
from shared.conversations.keys import digest
from shared.errors import InvalidInput
from shared.ports.clock import Clock
from shared.ports.connections import Connections
from shared.ports.ids import Ids
from shared.ports.records import Records
from shared.privacy.vault import Vault

LONGEST_ID = 200

Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One connection, and the ports that its messages need."""

    connection: str
    records: Records
    vault: Vault
    connections: Connections
    clock: Clock
    ids: Ids
    gate: Gate

    def let_in(self, listener: Listener, told: Told) -> str:
        """Check the key that is shown; from now on the connection hears of its conversation, or of the desk."""
        principal = self.gate.identify_key(str(told.get("key", "")))
        asked = listener.conversation or str(told.get("conversation_id", ""))
        self.admit(principal, asked)
        known = Listener(asked, principal.tenant, principal.key)
        write_listener(self.records, self.clock, self.connection, known)
        self.connections.join(self.connection, f"{principal.tenant}|{asked or 'desk'}")
        return asked

    def admit(self, principal: ApiPrincipal, conversation: str) -> Thread | None:
        """Count a message, and read the conversation that it may see; None for the desk. Raises Refused."""
        principal.need("conversations:read" if conversation else "handoffs:work")
        self.gate.admit(principal, "/ws")
        return read_thread(self.records, principal.tenant, conversation) if conversation else None

    def take_in(self, principal: ApiPrincipal, thread: Thread, told: Told) -> Received:
        """Store a customer's words as the API does; raises Refused."""
        principal.need("conversations:write")
        text, own = told.get("message"), told.get("id") or ""
        if not isinstance(text, str) or not isinstance(own, str) or len(own) > LONGEST_ID:
            limit = f"text, and an id of at most {LONGEST_ID} characters"
            raise InvalidInput("not a message", field="message", limit=limit, action="send the customer's words")
        arriving = Arriving(
            tenant=principal.tenant,
            channel=thread.first.channel,
            text=text,
            own_id=f"ws-{digest(thread.id, own)}" if own else self.ids.new("ws"),
            customer=thread.first.customer,
            conversation=thread.id,
            source="socket",
        )
        return receive(arriving, records=self.records, vault=self.vault, clock=self.clock, ids=self.ids)
