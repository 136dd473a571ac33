"""`approvals`: what waits for a person's yes, and the yes or no, bound to the arguments that were seen."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel, Field

from functions.api.caller import FromCaller
from functions.api.responses import as_time
from shared.conversations.keys import money_partition
from shared.effects.effect import PROPOSED, Effect
from shared.effects.ledger import read_effect

PERMISSION = "approvals:decide"


class Deciding(BaseModel):
    """One operator's decision on the arguments that `args_hash` stands for."""

    decision: Literal["approve", "reject"]
    args_hash: str = Field(min_length=64, max_length=64)
    operator: str = Field(default="", max_length=100)


def list_approvals(caller: FromCaller) -> dict[str, Any]:
    """Everything that waits for an approver, what expires first in front."""
    backend = caller.need(PERMISSION)
    asked = backend.records.query(money_partition(caller.tenant), prefix="ASK|")
    effects = [read_effect(backend.records, caller.tenant, row.body["effect"])[0] for row in asked]
    waiting = sorted((each for each in effects if each.state == PROPOSED), key=lambda each: (each.expires, each.id))
    return {"approvals": [_tell(each) for each in waiting]}


def decide(approval_id: str, body: Annotated[Deciding, Body()], caller: FromCaller) -> dict[str, Any]:
    """Approve or reject; the conversation goes on once nothing waits any more."""
    backend = caller.need(PERMISSION)
    decision: dict[str, Any] = {"tenant": caller.tenant, "effect": approval_id, "args_hash": body.args_hash}
    decision |= {"approved": body.decision == "approve", "operator": caller.operator(body.operator)}
    decided = backend.call("escalation.decide", decision)
    return {"approval_id": approval_id, "state": decided["state"], "goes_on": decided["goes_on"]}


def _tell(effect: Effect) -> dict[str, Any]:
    return {
        "approval_id": effect.id,
        "conversation_id": effect.conversation,
        "customer_id": effect.customer,
        "tool": effect.tool,
        "arguments": effect.arguments,
        "args_hash": effect.args_hash,
        "amount_minor": effect.amount_minor,
        "currency": effect.currency,
        "role": effect.role,
        "approvers_needed": effect.approvers,
        "approved_by": [each["operator"] for each in effect.approvals],
        "expires_at": as_time(effect.expires),
    }
