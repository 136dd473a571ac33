"""How a message comes in over HTTP: once per idempotency key, with what the caller said beside its words."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from typing import Any

from functions.api.backend import Backend
from functions.api.caller import Caller
from shared.conversations.keys import conversation_id, conversation_partition, digest, message_id
from shared.domain.conversation import read_channel
from shared.errors import Conflict, InvalidInput
from shared.ports.records import ABSENT, Batch, Put


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as a route has read it; `text_field` is what the caller calls its words, `asked` what stood beside."""

    channel: str
    customer: str
    text: str
    text_field: str
    conversation: str = ""
    priority: str = ""
    asked: dict[str, Any] = field(default_factory=dict)


def receive(backend: Backend, caller: Caller, incoming: Incoming) -> dict[str, Any]:
    """Store it and name its task; raises InvalidInput for what intake refuses and for a key that was used otherwise."""
    key = caller.idempotency_key
    own_id = f"http-{digest(caller.tenant, key)}" if key else backend.ids.new("http")
    message = message_id(caller.tenant, read_channel(incoming.channel), own_id)
    conversation = incoming.conversation or conversation_id(message)
    if key:
        _claim_key(backend, caller.tenant, key, incoming)
    if incoming.asked:
        _keep_asked(backend, caller.tenant, conversation, message, incoming)
    arriving = {"tenant": caller.tenant, "channel": incoming.channel, "text": incoming.text, "own_id": own_id}
    arriving |= {"customer": incoming.customer, "conversation": incoming.conversation, "source": "rest"}
    arriving |= {"priority": incoming.priority}
    try:
        received = backend.call("intake.receive", arriving)
    except InvalidInput as refusal:
        named = {"text": incoming.text_field, "customer": "customer_id"}.get(refusal.field or "", refusal.field)
        raise InvalidInput(refusal.message, field=named, limit=refusal.limit, action=refusal.action) from refusal
    task = f"{received['conversation']}.{received['message']}"
    return {"conversation_id": received["conversation"], "task_id": task, "status": "accepted"}


def _claim_key(backend: Backend, tenant: str, key: str, incoming: Incoming) -> None:
    """A key stands for one body: its repeat is the same request, another body under it is refused (T37)."""
    subject = incoming.customer or f"idempotency-{digest(tenant, key)}"
    mark = digest(backend.vault.seal(tenant, subject, astuple(incoming)), size=32)
    partition = f"T|{tenant}|I|{digest(tenant, key)}"
    try:
        backend.records.write(Batch(partition, (Put("KEY", {"mark": mark, "at": backend.clock.now()}, ABSENT),)))
    except Conflict:
        found = backend.records.get(partition, "KEY")
        if found is None or found.body["mark"] != mark:
            raise InvalidInput(
                "this key was used with another body",
                field="idempotency-key",
                limit="one body for each key",
                action="send a new key",
            ) from None


def _keep_asked(backend: Backend, tenant: str, conversation: str, message: str, incoming: Incoming) -> None:
    """What is no part of the words (attachments) stands beside the message; safe to repeat."""
    subject = incoming.customer or conversation
    row = {"sealed": backend.vault.seal(tenant, subject, incoming.asked), "subject": subject}
    backend.records.write(Batch(conversation_partition(tenant, conversation), (Put(f"ASKED|{message}", row),)))
