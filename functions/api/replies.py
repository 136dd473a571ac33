"""A turn as the caller reads it: the message response that requirements §1.1 fix, and the state of a task."""

from __future__ import annotations

from typing import Any

from functions.api.caller import Backend
from functions.api.transcript import Thread, answer_of, begins, find_message, open_reply, read_thread
from shared.company.company import Company
from shared.conversations.inbox import Message
from shared.conversations.keys import conversation_partition, message_row
from shared.ports.records import Body

WITH_A_PERSON = ("escalated", "parked", "owned_by_operator", "awaiting_approval")


def read_task(backend: Backend, tenant: str, task: str) -> dict[str, Any]:
    """`pending` without a result, else `done` or `parked` with one; raises NotFound."""
    message = find_message(backend.records, tenant, task)
    thread = read_thread(backend.records, tenant, message.conversation)
    turn = answer_of(thread, message.id) or _set_aside(backend, tenant, message)
    if turn is None:
        return {"task_id": task, "conversation_id": thread.id, "status": "pending", "result": None}
    status = "parked" if turn["outcome"] == "parked" else "done"
    result = tell_reply(backend, tenant, thread, message, turn)
    return {"task_id": task, "conversation_id": thread.id, "status": status, "result": result}


def tell_reply(backend: Backend, tenant: str, thread: Thread, message: Message, turn: Body) -> dict[str, Any]:
    """The reply with how it came about; the times are milliseconds."""
    status = thread.head.status if thread.head else "new"
    return {
        "conversation_id": thread.id,
        "task_id": f"{thread.id}.{message.id}",
        "response": open_reply(backend.vault, tenant, message.subject_key, turn),
        "outcome": turn["outcome"],
        "status": status,
        "ticket_id": thread.head.ticket if thread.head else "",
        "classification": _classify(backend.company, turn),
        "citations": [{"article_id": each["article_id"], "passage": each["passage"]} for each in turn["citations"]],
        "actions": [{key: each[key] for key in ACTION if key in each} for each in turn["actions"]],
        "escalated": turn["outcome"] in WITH_A_PERSON,
        "processing_time_ms": max(0, turn["at"] - message.at),
        "is_new_conversation": begins(message),
        "model_info": {"provider": "none", "model": turn.get("brain", "playbook")},
    }


ACTION = ("tool", "status", "amount_minor", "currency")


def _classify(company: Company, turn: Body) -> dict[str, Any]:
    articles = dict.fromkeys(each["article_id"] for each in turn["citations"])
    return {
        "category": turn["category"],
        "priority": turn["priority"],
        "summary": _summarise(turn),
        "requires_human_escalation": turn["outcome"] in WITH_A_PERSON,
        "suggested_knowledge_base_articles": list(articles),
        "sentiment": turn["sentiment"],
        "estimated_resolution_time": _estimate(company, turn),
    }


def _summarise(turn: Body) -> str:
    intents = ", ".join(each["name"].replace("_", " ") for each in turn["intents"][:3]) or "something unclear"
    return f"The customer wrote about {intents} ({turn['category']}, {turn['priority']}, {turn['sentiment']})."


def _estimate(company: Company, turn: Body) -> str:
    """What is promised for its priority, as long as it is not solved."""
    if turn["outcome"] in ("resolved", "ignored"):
        return "resolved"
    return f"{company.table('sla')[turn['priority']]['resolution']} minutes"


def _set_aside(backend: Backend, tenant: str, message: Message) -> Body | None:
    """A message that was ignored on arrival (an auto-reply) has no turn, and none will come."""
    row = backend.records.get(conversation_partition(tenant, message.conversation), message_row(message.id))
    if row is None or not row.body["ignored"]:
        return None
    empty: Body = {"outcome": "ignored", "at": message.at, "sealed": "", "intents": [], "citations": [], "actions": []}
    return empty | {"category": "general", "priority": "P4", "sentiment": "neutral"}
