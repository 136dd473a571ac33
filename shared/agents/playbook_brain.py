"""The playbook brain: one SOP stepped through by rule. It knows no text but what its references are given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from shared.agents.references import Unknown, fill, look_up, mentions, resolve
from shared.company.playbook import Playbook, Step
from shared.domain.finding import Action, Citation
from shared.errors import InvalidInput, NotFound, Refused, WrongState
from shared.knowledge.evidence import Evidence
from shared.tools.executor import Answer
from shared.tools.tool import Facts

MOST_STEPS = 60


@dataclass(frozen=True, slots=True)
class Work:
    """Where a playbook stands; kept sealed while it waits for a person."""

    at: int = 0
    values: dict[str, Any] = field(default_factory=dict)
    handles: dict[str, Facts] = field(default_factory=dict)
    tried: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a playbook ended: a finding's state, its reply, and where it would go on."""

    state: str
    work: Work
    reply: str = ""
    reason: str = ""
    cause: str = ""
    cause_text: str = ""
    follow_up: int = 0


@dataclass(frozen=True, slots=True)
class Hands:
    """What a playbook can do: call a tool as step n, search the articles, remember and recall facts.

    `keep` stores where the work stands; it is called before a tool that changes something, because a second run would
    look at a world that is no longer the same.
    """

    call: Callable[[str, Facts, Facts, int], Answer]
    search: Callable[[str], Evidence]
    remember: Callable[[str, Facts], None]
    recall: Callable[[str], Facts | None]
    changes: Callable[[str], bool]
    keep: Callable[[Work], None]


Outcome = Work | Ended
SYSTEM_SAID_NO = (Refused.code, InvalidInput.code, NotFound.code, WrongState.code)
SOON = {"pending": "pending", "waiting": "needs_approval"}


def run_playbook(playbook: Playbook, hands: Hands, work: Work) -> Ended:
    """Step from where `work` stands until the playbook ends; at most 60 steps."""
    for _ in range(MOST_STEPS):
        if work.at >= len(playbook.steps):
            return _say(playbook, work, "default")
        step = playbook.steps[work.at]
        outcome = STEPS[step.kind](playbook, step, hands, work)
        if isinstance(outcome, Ended):
            return outcome
        work = outcome
    return Ended("needs_escalation", work, reason="playbook_too_long")


def _tool(playbook: Playbook, step: Step, hands: Hands, work: Work) -> Outcome:
    given = {name: value for name, value in resolve(work.values, step.args).items() if value not in (None, "")}
    if hands.changes(step.tool):
        hands.keep(work)
    answer = hands.call(step.tool, given, work.handles, work.at)
    work = replace(
        work,
        tried=(*work.tried, f"{step.tool}: {answer.rule or answer.status}"),
        actions=(*work.actions, *([answer.action] if answer.action else [])),
    )
    return ANSWERS[answer.status](playbook, step, hands, work, answer)


def _done(playbook: Playbook, step: Step, hands: Hands, work: Work, answer: Answer) -> Outcome:
    if step.remember:
        hands.remember(step.tool, answer.facts)
    handles = {slot: {**work.handles.get(slot, {}), **ids} for slot, ids in answer.facts.get("handles", {}).items()}
    facts = {name: value for name, value in answer.facts.items() if name != "handles"}
    if answer.repeat_of:
        facts["repeated"] = True
    work = replace(work, handles=work.handles | handles, values=work.values | {step.result: facts}, at=work.at + 1)
    if answer.repeat_of and "repeated" in playbook.replies:
        return _say(playbook, work, "repeated")
    return work


def _wait(playbook: Playbook, step: Step, hands: Hands, work: Work, answer: Answer) -> Outcome:
    """The step is tried again when a person has decided, or when the system has told."""
    state = SOON[answer.status]
    name = "repeated_pending" if answer.repeat_of and "repeated_pending" in playbook.replies else state
    return replace(_say(playbook, work, name, state=state), reason=answer.rule)


def _refused(playbook: Playbook, step: Step, hands: Hands, work: Work, answer: Answer) -> Outcome:
    if answer.rule == "rejected":
        return _say(playbook, work, "rejected")
    if step.optional:
        return replace(work, values=work.values | {step.result: {"refused": answer.rule}}, at=work.at + 1)
    return _go(playbook, work, _way_out(step, answer.rule))


def _way_out(step: Step, rule: str) -> str:
    """The step's `else` where the system itself said no; what policy forbids must not be told as "not possible"."""
    if step.otherwise and rule.partition(":")[0] in SYSTEM_SAID_NO:
        return step.otherwise
    return f"escalate:{rule.replace(':', '_')}"


def _unavailable(playbook: Playbook, step: Step, hands: Hands, work: Work, answer: Answer) -> Outcome:
    known = hands.recall(step.tool) if step.remember else None
    if known is not None and step.unavailable:
        return _go(playbook, replace(work, values=work.values | {step.result: known}), step.unavailable)
    if step.optional:
        return replace(work, values=work.values | {step.result: {"unavailable": True}}, at=work.at + 1)
    return _go(playbook, work, "escalate:system_unavailable")


def _check(playbook: Playbook, step: Step, hands: Hands, work: Work) -> Outcome:
    holds = _holds(step, look_up(work.values, step.check.removeprefix("$")), work.values)
    target = step.then if holds else step.otherwise
    return _go(playbook, work, target) if target else replace(work, at=work.at + 1)


def _holds(step: Step, value: Any, values: dict[str, Any]) -> bool:
    if step.equals is not None:
        return bool(value == step.equals)
    if step.above is not None:
        return isinstance(value, int) and value > step.above
    if step.one_of:
        return value in step.one_of
    if step.mentions:
        return mentions(str(value or ""), resolve(values, list(step.mentions)))
    return bool(value)


def _search(playbook: Playbook, step: Step, hands: Hands, work: Work) -> Outcome:
    evidence = hands.search(str(resolve(work.values, step.search) or ""))
    facts = {"answerable": evidence.answerable, "answer": evidence.text, "score": evidence.score}
    return replace(
        work,
        values=work.values | {step.result: facts},
        citations=(*work.citations, *(evidence.citations if evidence.answerable else ())),
        tried=(*work.tried, f"search articles: {'answered' if evidence.answerable else 'no answer'}"),
        at=work.at + 1,
    )


def _say_step(playbook: Playbook, step: Step, hands: Hands, work: Work) -> Outcome:
    return _say(playbook, work, step.say)


def _escalate_step(playbook: Playbook, step: Step, hands: Hands, work: Work) -> Outcome:
    return _go(playbook, work, f"escalate:{step.escalate}")


def _go(playbook: Playbook, work: Work, target: str) -> Outcome:
    """Follow `say:<reply>`, `step:<id>` or `escalate:<reason>`."""
    kind, _, name = target.partition(":")
    if kind == "say":
        return _say(playbook, work, name)
    if kind == "step":
        return replace(work, at=next(i for i, step in enumerate(playbook.steps) if step.id == name))
    return Ended("needs_escalation", work, reason=name or "unclear")


def _say(playbook: Playbook, work: Work, name: str, state: str = "solved") -> Ended:
    """End with a reply; one whose facts are missing is not sent, a person looks instead."""
    template = playbook.replies.get(name) or DEFAULT_REPLIES.get(name)
    if template is None:
        return Ended("needs_escalation", work, reason=f"no_reply_called_{name}")
    try:
        reply = fill(template, work.values)
        cause_text = fill(playbook.replies["cause"], work.values) if _caused(playbook, work) else ""
    except Unknown as missing:
        return Ended("needs_escalation", work, reason=f"nothing_known_about_{missing}".replace(".", "_"))
    return Ended(
        state,
        work,
        reply,
        cause=_caused(playbook, work),
        cause_text=cause_text,
        follow_up=playbook.follow_up.get(name, 0),
    )


def _caused(playbook: Playbook, work: Work) -> str:
    """The shared cause that was found (an incident's id), or nothing."""
    found = look_up(work.values, playbook.cause) if playbook.cause and "cause" in playbook.replies else None
    return str(found) if found else ""


DEFAULT_REPLIES = {
    "needs_approval": (
        "What you asked for needs a colleague's approval first. We have asked for it and will write to you as soon as"
        " it is decided."
    ),
    "pending": "This is being processed. We will write to you as soon as it is done.",
    "rejected": (
        "A colleague has looked into your request and could not approve it this time. If you think that something was"
        " overlooked, write that you want a person, and a colleague looks at it again."
    ),
    "repeated_pending": (
        "You have asked for this before, and it is being processed. We will write to you as soon as it is done."
    ),
}
STEPS: dict[str, Callable[[Playbook, Step, Hands, Work], Outcome]] = {
    "tool": _tool,
    "check": _check,
    "search": _search,
    "say": _say_step,
    "escalate": _escalate_step,
}
ANSWERS: dict[str, Callable[[Playbook, Step, Hands, Work, Answer], Outcome]] = {
    "ok": _done,
    "waiting": _wait,
    "pending": _wait,
    "refused": _refused,
    "unavailable": _unavailable,
}
