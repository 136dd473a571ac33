"""The handoff packet: what one operator needs, no part empty, each naming the rows that it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.conversations.keys import turn_row
from shared.conversations.reading import Reading, TurnState
from shared.domain.finding import Finding
from shared.memory.customer import PastTicket
from shared.ports.records import Body

SHOWN_CHARACTERS = 600
PERSONAL = "_is_for_a_person"

REASONS = {
    "asked_for_person": "The customer asked for a person.",
    "suggest_only": "The platform only suggests here: please check the draft and send it.",
    "asked_while_waiting": "The customer wrote while an approval is still waited for.",
    "still_unclear": "It was still unclear after one question.",
    "out_of_scope": "It is outside everything that the platform knows.",
    "language": "It is in a language that the articles and playbooks do not have.",
    "urgent": "It is urgent and not clear enough to act on.",
    "frustrated": "The customer is frustrated and it is not clear enough to act on.",
    "above_threshold": "The amount is above what may be done without approval.",
    "suspicious": "The message carries signs of manipulation, so money needs a person.",
    "system_unavailable": "A system that is needed is down.",
    "still_unavailable": "A system that is needed was still down when we tried again.",
    "no_playbook": "There is no playbook or article for this.",
    "no_consensus": "The specialists did not agree.",
    "crashed": "A step failed; nothing was lost, the message is here.",
    "ledger_hold": "Money of this conversation is held while a person has it.",
    "ledger_epoch": "The tenant's money stands still: its home has moved, and the ledger there is not reopened yet.",
    "turn_died": "The turn died twice; nothing was lost, the message is here.",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a packet and the rows behind it."""

    text: str
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Packet:
    """What an operator gets."""

    summary: Part
    history: Part
    tried: Part
    why: Part
    suggested: Part

    def body(self) -> Body:
        parts = {name: getattr(self, name) for name in ("summary", "history", "tried", "why", "suggested")}
        return {name: {"text": part.text, "rows": list(part.rows)} for name, part in parts.items()}


def make_packet(
    task: TurnState,
    reading: Reading,
    text: str,
    findings: Sequence[Finding],
    history: Sequence[PastTicket],
    draft: str,
    reason: str,
) -> Packet:
    """A packet from what the turn knows; where a part has nothing to tell, it says that."""
    messages = tuple(f"IN|{message.id}" for message in task.messages)
    turn = turn_row(task.turn.n, task.turn.fence)
    tried = [step for finding in findings for step in finding.tried]
    return Packet(
        summary=Part(_summarise(task, reading, text), messages),
        history=Part(_tell_history(task, history), tuple(f"TICKET|{past.ticket}" for past in history) or ("HEAD",)),
        tried=Part("; ".join(tried) or "Nothing was tried: the message goes straight to a person.", (turn,)),
        why=Part(explain(reason), (turn,)),
        suggested=Part(draft or _suggest(reading), (turn,)),
    )


def explain(reason: str) -> str:
    """A reason's name as a sentence."""
    if reason.endswith(PERSONAL):
        return f"A matter that only people answer: {reason.removesuffix(PERSONAL).replace('_', ' ')}."
    return REASONS.get(reason, f"Not solved automatically: {reason.replace('_', ' ').replace(':', ', ')}.")


def _summarise(task: TurnState, reading: Reading, text: str) -> str:
    who = f"Customer {task.customer}" if task.customer else "A sender who is not a proven customer"
    wants = ", ".join(intent.name.replace("_", " ") for intent in reading.intents[:3]) or "something unclear"
    mood = f"{reading.sentiment}, {reading.priority}"
    said = " ".join(text.split())[:SHOWN_CHARACTERS] or "(no text)"
    return f"{who} wrote by {task.channel} about {wants} ({mood}): “{said}”"


def _tell_history(task: TurnState, history: Sequence[PastTicket]) -> str:
    if not history:
        turns = task.turn.n - 1
        return f"No earlier tickets. Turns before this one in the conversation: {turns}."
    lines = [f"{past.ticket}: {', '.join(past.intents) or 'no intent'} ({past.status})" for past in history[:5]]
    return f"{len(history)} earlier tickets. " + "; ".join(lines)


def _suggest(reading: Reading) -> str:
    topic = reading.intents[0].name.replace("_", " ") if reading.intents else "your message"
    return f"Thank you for writing to us about {topic}. I have read your message and I am looking into it for you."
