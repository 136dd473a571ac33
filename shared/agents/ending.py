"""How a turn is kept: the row that `run`, the API and the desk read, and what later turns go on from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

from pydantic import TypeAdapter

from shared.conversations.reading import Reading, StepAnswer, TurnState
from shared.domain.channels import PUSHED, READ
from shared.domain.events import REPLY_COMMITTED
from shared.domain.finding import Finding
from shared.ports.records import Body, Event
from shared.understanding.taxonomy import load_taxonomy

_FINDING: TypeAdapter[Finding] = TypeAdapter(Finding)
_READING: TypeAdapter[Reading] = TypeAdapter(Reading)
_UNREAD = Reading("operator", "crashed")


def read_findings(answers: Sequence[StepAnswer]) -> tuple[Finding, ...]:
    """Findings from the machine's state; a specialist that crashed counts as one that failed."""
    return tuple(
        _FINDING.validate_python(answer.output) if answer.ok else _failed(index, answer.error)
        for index, answer in enumerate(answers)
    )


def name_category(reading: Reading, findings: Sequence[Finding]) -> Reading:
    """A turn without words of the customer's is about what it goes on with."""
    intents = load_taxonomy().intents
    about = next((intents[each.intent].category for each in findings if each.intent in intents), reading.category)
    return reading if reading.intents else replace(reading, category=about)


def read_reading(answers: Sequence[StepAnswer]) -> Reading:
    """What was understood; where that step crashed, a reading that goes to an operator."""
    if not answers or not answers[0].ok:
        return _UNREAD
    return _READING.validate_python(answers[0].output)


def make_row(reading: Reading, findings: Sequence[Finding], *, sealed: str, confidence: int, reason: str) -> Body:
    """A TURN row's body: small facts open, words sealed."""
    kept = {"reason": reason, "sealed": sealed, "confidence": confidence}
    read = make_tells(reading) | {
        "intents": [asdict(intent) for intent in reading.intents],
        "language": reading.language,
    }
    return kept | read | keep_findings([finding for finding in findings if finding.state != "nothing"])


def make_tells(reading: Reading) -> Body:
    """What a turn's event says for the views."""
    return {
        "intents": [intent.name for intent in reading.intents],
        "category": reading.category,
        "priority": reading.priority,
        "sentiment": reading.sentiment,
        "suspicious": reading.suspicious,
    }


def keep_findings(findings: Sequence[Finding]) -> Body:
    """What the specialists did, and where they would go on."""
    return {
        "agents": sorted({finding.agent for finding in findings}),
        "actions": keep_actions(findings),
        "citations": keep_citations(findings),
        "tried": [step for finding in findings for step in finding.tried],
        "brain": findings[0].brain if findings else "playbook",
        "resume": [keep_work(finding) for finding in findings if goes_on(finding)],
    }


def goes_on(finding: Finding) -> bool:
    return finding.state in ("needs_approval", "pending") or bool(finding.follow_up)


def keep_work(finding: Finding) -> Body:
    """What an assignment needs to go on later."""
    kept = ("index", "agent", "handler", "intent", "confidence", "mode", "origin", "sealed", "state")
    return {name: getattr(finding, name) for name in kept}


def keep_actions(findings: Sequence[Finding]) -> list[Body]:
    """Every action of a turn, each effect once."""
    seen: dict[str, Body] = {}
    for number, action in enumerate(action for finding in findings for action in finding.actions):
        seen[action.effect or str(number)] = {k: v for k, v in asdict(action).items() if v not in (None, "")}
    return list(seen.values())


def keep_citations(findings: Sequence[Finding]) -> list[Body]:
    """Every passage once, in the order in which the reply uses them."""
    seen = {(each.article_id, each.ordinal): asdict(each) for finding in findings for each in finding.citations}
    return list(seen.values())


def tell_of_reply(task: TurnState, name: str) -> tuple[Event, ...]:
    """Asks for the delivery of what the turn's commit says, where a channel must carry it; rides in the same commit."""
    return (reply_committed(task, name),) if task.channel not in (*READ, *PUSHED) else ()


def speak(task: TurnState) -> dict[str, str]:
    """What the commit's own event tells of a reply that is pushed: whose key opens it."""
    return {"speaks": task.subject} if task.channel in PUSHED else {}


def reply_committed(task: TurnState, name: str) -> Event:
    """Asks for the delivery of what the turn's commit says."""
    where = {"tenant": task.tenant, "conversation": task.conversation, "turn": name, "channel": task.channel}
    return Event(f"{task.conversation}-{name}-deliver", REPLY_COMMITTED, where | {"subject": task.subject})


def _failed(index: int, error: str) -> Finding:
    return Finding("failed", "general", "unknown", index, reason=f"specialist_{error or 'failed'}")
