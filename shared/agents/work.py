"""Working an assignment: what every specialist's handler does, from the customer's words to a finding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.agents.catalog import AGENTS
from shared.agents.playbook_brain import Ended, Hands, Work, run_playbook
from shared.agents.progress import keep_work, read_work, work_from
from shared.company.company import Company
from shared.company.playbook import Playbook
from shared.conversations.keys import conversation_partition
from shared.conversations.reading import TurnState, open_messages, whole_text
from shared.domain.finding import Assignment, Citation, Finding
from shared.knowledge.evidence import Evidence, find_evidence, first_passage
from shared.knowledge.library import Library
from shared.memory.customer import count_same, read_history, recall_answer, remember_answer
from shared.ports.clock import Clock
from shared.ports.records import Records
from shared.privacy.vault import Vault
from shared.tools.executor import Answer, Caller, Toolbox, call_tool
from shared.tools.tool import Facts
from shared.understanding.entities import find_entities
from shared.understanding.quarantine import leave_out_orders

ARTICLES = "articles"
KEPT = ("needs_approval", "pending", "solved")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkInput(TurnState):
    """The turn, and the assignment to work on."""

    assignment: Assignment


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that a specialist works with."""

    records: Records
    vault: Vault
    library: Library
    toolbox: Toolbox
    company: Company
    clock: Clock


def work_assignment(desk: Desk, task: WorkInput) -> Finding:
    """Step the intent's playbook for this customer and report what came of it."""
    stored = _read_stored(desk, task) if task.assignment.resume else None
    text = stored["text"] if stored else _read_text(desk, task)
    playbook = _choose_playbook(desk, task)
    if playbook is None:
        return _report(desk, task, text, Ended("needs_escalation", Work(), reason="no_playbook"))
    hands = _hands(desk, task)
    work = _read_begun(desk, task, playbook, hands) or _start(desk, task, text, stored)
    ended = run_playbook(playbook, hands, work)
    if ended.follow_up and task.assignment.decision == "follow_up":  # in vain again: once is enough, a person looks
        ended = Ended("needs_escalation", ended.work, reason="still_unavailable")
    return _report(desk, task, text, ended, playbook)


def _read_text(desk: Desk, task: WorkInput) -> str:
    """What the customer wrote, without the orders that it gives us where it is suspicious."""
    text = whole_text(open_messages(desk.records, desk.vault, task))
    return leave_out_orders(text) if task.assignment.suspicious else text


def _choose_playbook(desk: Desk, task: WorkInput) -> Playbook | None:
    """The intent's own; the articles where it has none, or where it needs a customer whom nobody has proven."""
    playbook = desk.company.playbook(task.assignment.intent)
    if playbook is None or (playbook.needs and not task.customer):
        return desk.company.playbook(ARTICLES)
    return playbook


def _read_begun(desk: Desk, task: WorkInput, playbook: Playbook, hands: Hands) -> Work | None:
    """Where a run of this very turn died; only playbooks that change something keep that."""
    changes = any(hands.changes(step.tool) for step in playbook.steps)
    return read_work(desk.records, desk.vault, task, task.assignment) if changes else None


def _start(desk: Desk, task: WorkInput, text: str, stored: dict[str, Any] | None) -> Work:
    """Where an earlier turn stopped; from the beginning where none did, or where it was too early to tell."""
    if stored is None or task.assignment.decision == "follow_up":
        return _begin(desk, task, text)
    return work_from(stored)


def _begin(desk: Desk, task: WorkInput, text: str) -> Work:
    entities: dict[str, str] = {}
    for entity in find_entities(text):
        entities.setdefault(entity.type, str(entity.value))
    values: dict[str, Any] = {
        "entities": entities,
        "customer": {"id": task.customer, "tier": task.assignment.tier},
        "history": {"same": _count_earlier(desk, task)},
        "text": text,
    }
    return Work(values=values)


def _count_earlier(desk: Desk, task: WorkInput) -> int:
    """Earlier tickets with this intent; work that goes on has no reading that counted them."""
    if not task.assignment.resume or not task.customer:
        return task.assignment.same
    history = read_history(desk.records, task.tenant, task.customer)
    return count_same(history, task.assignment.intent, task.conversation)


def _hands(desk: Desk, task: WorkInput) -> Hands:
    assignment = task.assignment
    caller = Caller(
        tenant=task.tenant,
        conversation=task.conversation,
        turn=assignment.origin,
        execution=task.execution,
        assignment=assignment.index,
        agent=assignment.agent,
        customer=task.customer,
        tier=assignment.tier,
        mode=assignment.mode,
        suspicious=assignment.suspicious,
    )

    def call(name: str, given: Facts, handles: Facts, step: int) -> Answer:
        return call_tool(desk.toolbox, caller, name, given, handles, step)

    def search(query: str) -> Evidence:
        return find_evidence(desk.library, task.tenant, query, assignment.about)

    def remember(tool: str, facts: Facts) -> None:
        remember_answer(desk.records, desk.vault, task.tenant, task.customer, tool, facts)

    def recall(tool: str) -> Facts | None:
        return recall_answer(desk.records, desk.vault, task.tenant, task.customer, tool)

    def changes(tool: str) -> bool:
        return tool in desk.toolbox.tools and desk.toolbox.tools[tool].effect != "none"

    def keep(work: Work) -> None:
        keep_work(desk.records, desk.vault, task, assignment, work)

    return Hands(call, search, remember, recall, changes, keep)


def _report(desk: Desk, task: WorkInput, text: str, ended: Ended, playbook: Playbook | None = None) -> Finding:
    assignment, work = task.assignment, ended.work
    state = "nothing" if assignment.mode == "look" and ended.state != "solved" else ended.state
    citations = work.citations + _cited(desk, task, playbook, state)
    unbacked = state == "solved" and not citations and not work.actions and not work.tried
    told = {"reply": ended.reply, "cause_text": ended.cause_text, "text": text}
    return Finding(
        state=state,
        agent=assignment.agent,
        intent=assignment.intent,
        index=assignment.index,
        reason=ended.reason,
        cause=ended.cause,
        confidence=assignment.confidence if unbacked else max(assignment.confidence, 9_000),
        expertise=AGENTS[assignment.agent].expertise,
        actions=work.actions,
        citations=citations,
        tried=work.tried,
        follow_up=ended.follow_up,
        sealed=desk.vault.seal(task.tenant, task.subject, told | _kept(ended)),
        handler=assignment.handler,
        mode=assignment.mode,
        origin=assignment.origin,
    )


def _cited(desk: Desk, task: WorkInput, playbook: Playbook | None, state: str) -> tuple[Citation, ...]:
    """The articles that back a playbook's replies."""
    if playbook is None or state not in KEPT:
        return ()
    found = (first_passage(desk.library, task.tenant, article) for article in playbook.articles)
    return tuple(citation for citation in found if citation)


def _kept(ended: Ended) -> dict[str, Any]:
    """Where to go on; kept only by work that will."""
    if ended.state not in ("needs_approval", "pending") and not ended.follow_up:
        return {}
    work = ended.work
    return {"at": work.at, "values": work.values, "handles": work.handles, "tried": work.tried}


def _read_stored(desk: Desk, task: WorkInput) -> dict[str, Any]:
    row = desk.records.get(conversation_partition(task.tenant, task.conversation), task.assignment.resume)
    entries = row.body["resume"] if row else []
    sealed = next(each["sealed"] for each in entries if each["index"] == task.assignment.index)
    found: dict[str, Any] = desk.vault.open(task.tenant, task.subject, sealed)
    return found
