"""Many seeds: what they broke, what they met, how fast; and a failing seed made small enough to read."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field

from adapters.simulated.faults import BY_NAME as FAULTS
from adapters.simulated.findings import SAYS, Violation
from adapters.simulated.goals import GOALS, reached
from adapters.simulated.mutants import MUTANTS, Mutant, alive
from adapters.simulated.play import Played, play, remembering, unchanged

OUTSIDE = ("business_systems.act", "business_systems.look_up", "channels.send", "workflows.start", "late")


@dataclass(slots=True)
class Campaign:
    """What many seeds came to; `failed` are the seeds that broke something."""

    seeds: int = 0
    cpu_seconds: float = 0.0
    facts: Counter[str] = field(default_factory=Counter)
    injected: Counter[str] = field(default_factory=Counter)
    failed: list[Played] = field(default_factory=list)

    @property
    def violations(self) -> int:
        return sum(len(each.violations) for each in self.failed)

    @property
    def goals(self) -> dict[str, int]:
        return reached(self.facts + self.injected)

    @property
    def seeds_per_second(self) -> float:
        return self.seeds / self.cpu_seconds if self.cpu_seconds else 0.0


def run_campaign(
    seeds: range,
    *,
    only: tuple[str, ...] = (),
    mutant: Mutant | None = None,
    see: Callable[[Played], None] | None = None,
) -> Campaign:
    """Play every seed; `see` hears of each one."""
    campaign, began = Campaign(), time.process_time()
    for played in play_all(seeds, only=only, mutant=mutant):
        campaign.seeds += 1
        campaign.facts += played.goals
        campaign.injected += played.injected
        if played.violations:
            campaign.failed.append(played)
        if see is not None:
            see(played)
    campaign.cpu_seconds = time.process_time() - began
    return campaign


def play_all(seeds: range, *, only: tuple[str, ...] = (), mutant: Mutant | None = None) -> Iterator[Played]:
    wrap = mutant.wrap if mutant else unchanged
    with remembering(), alive(mutant) if mutant else nullcontext():
        for seed in seeds:
            yield play(seed, only=only, wrap=wrap)


def hunt(mutant: Mutant, seeds: range) -> tuple[int, Violation] | None:
    """How many seeds it took to catch a mutant, and what it broke; None where it survived."""
    for number, played in enumerate(play_all(seeds, mutant=mutant), start=1):
        if played.violations:
            return number, played.violations[0]
    return None


def hunt_all(seeds: range) -> dict[str, tuple[int, Violation] | None]:
    return {mutant.name: hunt(mutant, seeds) for mutant in MUTANTS}


def make_smaller(played: Played, *, mutant: Mutant | None = None) -> Played:
    """The same seed with every fault left out that the violation does not need."""
    wrap, broken = mutant.wrap if mutant else unchanged, played.violations[0].invariant
    without: frozenset[int] = frozenset()
    with remembering(), alive(mutant) if mutant else nullcontext():
        for number in range(1, sum(played.injected.values()) + 1):
            fewer = play(played.seed, without=without | {number}, wrap=wrap)
            if any(each.invariant == broken for each in fewer.violations):
                played, without = fewer, without | {number}
    return played


def tell_story(played: Played) -> list[str]:
    """A failing seed as lines for people: the faults, the calls up to the first violation, what it broke."""
    first = played.violations[0]
    before = [line for line in played.trace if int(line.split(" ", 1)[0]) <= first.at]
    faults = ", ".join(f"{name} ({times})" for name, times in sorted(played.injected.items())) or "no fault"
    return [
        f"seed {played.seed} breaks {first.invariant}: {SAYS[first.invariant]}",
        f"  {first.says}",
        f"  with {faults}",
        *(f"  {line}" for line in before if _matters(line)),
    ]


def _matters(line: str) -> bool:
    """Whether a line of a trace says what went wrong, or touches the world outside."""
    words = line.split()
    return words[-1] in FAULTS or any(point in words for point in OUTSIDE)


def missing_goals(campaign: Campaign) -> list[str]:
    """Goals that no seed reached."""
    return [goal for goal in GOALS if not campaign.goals[goal]]
