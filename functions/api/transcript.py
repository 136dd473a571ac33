"""What was said in a conversation, in order, and where it stands."""

from __future__ import annotations

from typing import Any

from functions.api.responses import as_time
from functions.api.thread import Thread
from shared.conversations.inbox import open_text
from shared.domain.conversation import Head
from shared.ports.records import Body
from shared.privacy.vault import Vault

WITH_A_PERSON = ("escalated", "pending_approval")
Line = tuple[int, int, dict[str, Any]]


def tell_messages(thread: Thread, vault: Vault, tenant: str) -> list[dict[str, Any]]:
    """Every message in the order in which it was said, and who said it; what came in stands before its answer."""
    came = [
        (each.at, 0, _line(each.id, "customer", each.customer, each.at, open_text(vault, tenant, each).text))
        for each in thread.messages
        if each.kind == "customer"
    ]
    said = [line for turn in reversed(thread.turns) for line in _turn_lines(thread, vault, tenant, turn)]
    for words in thread.words:
        text = str(vault.open(tenant, words["subject"], words["sealed"])["reply"])
        said.append((words["at"], 1, _line(words["row"], "operator", words["by"], words["at"], text)))
    return [line for _, _, line in sorted([*came, *said], key=lambda each: each[:2])]


def open_reply(vault: Vault, tenant: str, subject: str, turn: Body) -> str:
    """A turn's words; empty where it said nothing."""
    return str(vault.open(tenant, subject, turn["sealed"])["reply"]) if turn["sealed"] else ""


def tell_standing(thread: Thread) -> dict[str, Any]:
    """The conversation's metadata; what no turn has found out yet is null."""
    first, last = thread.first, thread.turns[0] if thread.turns else {}
    head = thread.head or Head(first.customer, first.channel, first.at)
    spoke = [each.at for each in thread.messages] + [each["at"] for each in (*thread.turns[:1], *thread.words)]
    return {
        "status": head.status,
        "owner": head.owner,
        "ticket_id": head.ticket,
        "category": last.get("category"),
        "priority": last.get("priority"),
        "outcome": last.get("outcome"),
        "escalated": head.owner != "ai" or head.status in WITH_A_PERSON,
        "duration_minutes": round((max(spoke) - first.at) / 60_000, 1),
        "created_at": as_time(first.at),
        "updated_at": as_time(max(spoke)),
    }


def _turn_lines(thread: Thread, vault: Vault, tenant: str, turn: Body) -> list[Line]:
    subjects = {each.id: each.subject_key for each in thread.messages}
    subject = subjects.get((*turn["answers"], "")[0], thread.messages[-1].subject_key)
    text = open_reply(vault, tenant, subject, turn)
    if not text:
        return []
    cited = [{"article_id": each["article_id"], "passage": each["passage"]} for each in turn["citations"]]
    line = _line(turn["row"], "assistant", turn.get("brain", "playbook"), turn["at"], text)
    return [(turn["at"], 1, line | {"outcome": turn["outcome"], "citations": cited})]


def _line(id: str, role: str, by: str, at: int, text: str) -> dict[str, Any]:
    return {"id": id, "role": role, "by": by, "text": text, "at": as_time(at)}
