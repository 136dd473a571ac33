"""The ways through a playbook: which steps are reached, and what may be known and issued when one of them runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.company.playbook import Playbook, Step

END = -1
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Target:
    """Where a way leads: kind say, step or escalate, and its name."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Flow:
    """`known` and `issued` per reached step: ids whose answers, and slots whose handles, an earlier step may have
    left; END stands for running past the last step. `said` maps a reply to the steps that lead to it."""

    reached: frozenset[int]
    known: Mapping[int, frozenset[str]]
    issued: Mapping[int, frozenset[str]]
    said: Mapping[str, frozenset[str]]
    everything: frozenset[str]

    def known_to(self, reply: str) -> frozenset[str]:
        """What may be known where a reply is said; the brain's own replies may be said at any step."""
        return self.said.get(reply, self.everything)


def targets_of(step: Step) -> tuple[Target, ...]:
    """Where a step may lead besides the next one."""
    told = [way for way in (step.then, step.otherwise, step.unavailable) if way]
    told += [f"say:{step.say}"] if step.say else []
    told += [f"escalate:{step.escalate}"] if step.escalate else []
    return tuple(Target(kind, name) for kind, _, name in (way.partition(":") for way in told))


def find_flow(playbook: Playbook, issues: Mapping[str, tuple[str, ...]]) -> Flow:
    """Follow every way from the first step until nothing new is learned."""
    walk = _Walk()
    waiting: list[_Arrival] = [(0 if playbook.steps else END, NOTHING, NOTHING)]
    while waiting:
        arrival = waiting.pop()
        if walk.learn(arrival):
            waiting += _leave(playbook, issues, walk, arrival[0])
    everything = frozenset().union(*(answers_of(step) for step in playbook.steps))
    return Flow(frozenset(walk.known), walk.known, walk.issued, walk.said, everything)


_Names = frozenset[str]
_Arrival = tuple[int, _Names, _Names]


@dataclass(slots=True)
class _Walk:
    """What was learned so far, step by step."""

    known: dict[int, _Names] = field(default_factory=dict)
    issued: dict[int, _Names] = field(default_factory=dict)
    said: dict[str, _Names] = field(default_factory=dict)

    def learn(self, arrival: _Arrival) -> bool:
        """Add what an arrival brings; whether it was anything new."""
        at, known, issued = arrival
        before = (self.known.get(at), self.issued.get(at))
        self.known[at] = self.known.get(at, NOTHING) | known
        self.issued[at] = self.issued.get(at, NOTHING) | issued
        return before != (self.known[at], self.issued[at])

    def say(self, reply: str, known: _Names) -> None:
        self.said[reply] = self.said.get(reply, NOTHING) | known


def _leave(playbook: Playbook, issues: Mapping[str, tuple[str, ...]], walk: _Walk, at: int) -> list[_Arrival]:
    """Where a step leads and what is known there; what it says is noted."""
    if at == END:
        walk.say("default", walk.known[at])
        return []
    step = playbook.steps[at]
    known = walk.known[at] | answers_of(step)
    issued = walk.issued[at] | frozenset(issues.get(step.tool, ()))
    for target in targets_of(step):
        if target.kind == "say":
            walk.say(target.name, known)
    return [(goal, known, issued) for goal in _next_steps(playbook, at)]


def answers_of(step: Step) -> frozenset[str]:
    """The name under which a step's answer is kept, where it has one."""
    return frozenset({step.result}) if step.tool or step.search else NOTHING


def _next_steps(playbook: Playbook, at: int) -> set[int]:
    """The steps that may run next; END where that is past the last one."""
    step = playbook.steps[at]
    named = {target.name for target in targets_of(step) if target.kind == "step"}
    goals = {number for number, each in enumerate(playbook.steps) if each.id in named}
    if not _ends(step):
        goals.add(at + 1 if at + 1 < len(playbook.steps) else END)
    return goals


def _ends(step: Step) -> bool:
    """Whether the step after it never follows."""
    return bool(step.say or step.escalate or (step.check and step.then and step.otherwise))
