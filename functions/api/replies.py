"""A turn as the caller reads it: the message response that requirements §1.1 fix."""

from __future__ import annotations

from typing import Any

from functions.api.backend import Backend
from functions.api.thread import Thread
from functions.api.transcript import open_reply
from shared.company.company import Company
from shared.conversations.inbox import Message
from shared.conversations.keys import conversation_id
from shared.ports.records import Body

WITH_A_PERSON = ("escalated", "parked", "owned_by_operator", "awaiting_approval")
ACTION_FIELDS = ("tool", "status", "amount_minor", "currency")


def tell_reply(backend: Backend, tenant: str, thread: Thread, message: Message, turn: Body) -> dict[str, Any]:
    """The reply with how it came about; the times are milliseconds."""
    return {
        "conversation_id": thread.id,
        "task_id": f"{thread.id}.{message.id}",
        "response": open_reply(backend.vault, tenant, message.subject_key, turn),
        "outcome": turn["outcome"],
        "status": thread.head.status if thread.head else "new",
        "ticket_id": thread.head.ticket if thread.head else "",
        "classification": _classify(backend.company, turn),
        "citations": [{"article_id": each["article_id"], "passage": each["passage"]} for each in turn["citations"]],
        "actions": [{key: each[key] for key in ACTION_FIELDS if key in each} for each in turn["actions"]],
        "escalated": turn["outcome"] in WITH_A_PERSON,
        "processing_time_ms": max(0, turn["at"] - message.at),
        "is_new_conversation": message.conversation == conversation_id(message.id),
        "model_info": {"provider": "none", "model": turn.get("brain", "playbook")},
    }


def _classify(company: Company, turn: Body) -> dict[str, Any]:
    return {
        "category": turn["category"],
        "priority": turn["priority"],
        "summary": _summarise(turn),
        "requires_human_escalation": turn["outcome"] in WITH_A_PERSON,
        "suggested_knowledge_base_articles": list(dict.fromkeys(each["article_id"] for each in turn["citations"])),
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
