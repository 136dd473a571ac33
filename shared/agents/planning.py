"""Planning: which agent works on which intent, and what an earlier turn left to go on with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.company.company import Company, mode_of
from shared.conversations.keys import conversation_partition
from shared.conversations.reading import Mood, Reading, TurnState
from shared.domain.finding import Assignment, Intent
from shared.domain.routing import UNIT, best_target, complexity, score_targets
from shared.ports.records import Records
from shared.understanding.taxonomy import load_taxonomy

MOST_ASSIGNMENTS = 6
PERSON = ("coordinator", "operator")
ARTICLES = "articles"


@dataclass(frozen=True, slots=True)
class Assigned:
    """Assignments for what was asked now; with a `reason`, an operator has to see the turn instead."""

    assignments: tuple[Assignment, ...]
    reason: str = ""


def assign_intents(company: Company, task: TurnState, reading: Reading, mood: Mood, tier: str) -> Assigned:
    """One assignment an intent above the gates, the main one first; none of them where one is meant for a person."""
    if reading.articles_only:
        return Assigned((_answer_from_articles(company, task, reading),))
    gates = company.routing.gates
    chosen: list[Assignment] = []
    for intent in _worth_working(company, reading.intents):
        agent = choose_agent(company, intent, mood, tier, level=task.known.escalation)
        mode = mode_of(company, task.tenant, intent.name)
        if agent not in PERSON and mode != "off":
            chosen.append(_assign(company, task, reading, intent, (len(chosen), agent, tier, mode)))
        elif intent == reading.intents[0] or intent.confidence >= gates.person:
            return Assigned((), _why_person(agent, intent))
    return Assigned(tuple(chosen))


def _assign(
    company: Company, task: TurnState, reading: Reading, intent: Intent, place: tuple[int, str, str, str]
) -> Assignment:
    """An intent's assignment; one that is not sure enough to act on, or is asked to leave things alone, only looks."""
    index, agent, tier, mode = place
    sure = intent.confidence >= company.routing.gates.act and not reading.hands_off
    return Assignment(
        index=index,
        agent=agent,
        handler=company.routing.handlers[agent],
        intent=intent.name,
        confidence=intent.confidence,
        tier=tier,
        mode=mode if sure else "look",
        origin=task.turn.n,
        about=(intent.name,),
        suspicious=reading.suspicious,
        same=reading.earlier.get(intent.name, 0),
    )


def _why_person(agent: str, intent: Intent) -> str:
    return "asked_for_person" if agent == "coordinator" else f"{intent.name}_is_for_a_person"


def _worth_working(company: Company, intents: Sequence[Intent]) -> list[Intent]:
    """The intents above the gate, without those that another one's playbook covers."""
    likely = [each for each in intents if each.confidence >= company.routing.gates.several][:MOST_ASSIGNMENTS]
    covered = _covered_by(company, likely)
    wished = [each for each in likely if each.name not in covered]
    serious = [each for each in wished if each.name not in company.routing.alone]
    return serious or wished


def _covered_by(company: Company, intents: Sequence[Intent]) -> set[str]:
    books = (company.playbook(each.name) for each in intents)
    return {name for book in books if book for name in book.covers}


def is_for_person(company: Company, tenant: str, intent: str, frustrated: bool) -> bool:
    """Whether only people answer an intent: by the taxonomy, or because it is switched off."""
    row = load_taxonomy().intents.get(intent)
    agent = row.agent_for(frustrated=frustrated) if row else ""
    return agent in PERSON or mode_of(company, tenant, intent) == "off"


def choose_agent(company: Company, intent: Intent, mood: Mood, tier: str, *, level: int) -> str:
    """The agent of the intent's playbook, else the one with the highest score; some intents are only for people."""
    row = load_taxonomy().intents.get(intent.name)
    if row is None:
        return "general"
    book = company.playbook(intent.name)
    own = row.agent_for(frustrated=mood.sentiment == "frustrated")
    if own in PERSON:
        return own
    if book is not None and book.agent in company.routing.handlers:
        return book.agent  # whoever wrote the SOP chose the agent whose tools it needs
    extra = complexity(1 if level else 0, 0, mood.sentiment in ("negative", "frustrated"))
    weights = company.routing.weights.get(own, company.routing.weights["general"])
    scores = score_targets(weights, company.routing.tiers.get(tier, {}), UNIT, extra)
    specialists = {target: score for target, score in scores.items() if target not in PERSON}
    return best_target(specialists)


def _answer_from_articles(company: Company, task: TurnState, reading: Reading) -> Assignment:
    agent = reading.category if reading.category in company.routing.handlers else "general"
    main = reading.intents[0]
    mode = mode_of(company, task.tenant, main.name)
    row = (0, agent, company.routing.handlers[agent], ARTICLES, main.confidence, "bronze", mode, task.turn.n)
    return Assignment(*row, about=tuple(intent.name for intent in reading.intents), suspicious=reading.suspicious)


def resume_work(records: Records, task: TurnState, tier: str) -> list[Assignment]:
    """Assignments that an earlier turn stored: after an approver's decision, or when it was time to try again.

    They keep their turn and index, from which the ids of their effects derive.
    """
    found: list[Assignment] = []
    for message in task.messages:
        row_name = message.decision.get("resume", "")
        row = records.get(conversation_partition(task.tenant, task.conversation), row_name) if row_name else None
        for stored in row.body["resume"] if row else ():
            found.append(
                Assignment(
                    index=stored["index"],
                    agent=stored["agent"],
                    handler=stored["handler"],
                    intent=stored["intent"],
                    confidence=stored["confidence"],
                    tier=tier,
                    mode=stored["mode"],
                    origin=stored["origin"],
                    about=(stored["intent"],),
                    resume=row_name,
                    decision=message.decision.get("kind", ""),
                )
            )
    return found
