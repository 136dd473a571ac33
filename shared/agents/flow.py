"""The ways through a playbook: which steps are reached, and what may be known and issued when one of them runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
    steps = playbook.steps
    known: dict[int, frozenset[str]] = {0 if steps else END: NOTHING}
    issued: dict[int, frozenset[str]] = dict(known)
    said: dict[str, frozenset[str]] = {}
    waiting = list(known)
    while waiting:
        at = waiting.pop()
        if at == END:
            said["default"] = said.get("default", NOTHING) | known[at]
            continue
        step = steps[at]
        after = known[at] | ({step.id or step.tool or "articles"} if step.tool or step.search else NOTHING)
        given = issued[at] | frozenset(issues.get(step.tool, ()))
        for target in targets_of(step):
            if target.kind == "say":
                said[target.name] = said.get(target.name, NOTHING) | after
        for goal in _next_steps(playbook, at):
            before = (known.get(goal), issued.get(goal))
            known[goal] = known.get(goal, NOTHING) | after
            issued[goal] = issued.get(goal, NOTHING) | given
            if before != (known[goal], issued[goal]):
                waiting.append(goal)
    everything = frozenset(step.id or step.tool or "articles" for step in steps if step.tool or step.search)
    return Flow(frozenset(known), known, issued, said, everything)


def _next_steps(playbook: Playbook, at: int) -> set[int]:
    """The steps that may run next; END where that is past the last one."""
    step = playbook.steps[at]
    numbers = {each.id: number for number, each in reversed(list(enumerate(playbook.steps))) if each.id}
    goals = {numbers[way.name] for way in targets_of(step) if way.kind == "step" and way.name in numbers}
    ends = step.say or step.escalate or (step.check and step.then and step.otherwise)
    if not ends:
        goals.add(at + 1 if at + 1 < len(playbook.steps) else END)
    return goals
