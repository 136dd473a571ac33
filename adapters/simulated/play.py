"""One seed from its beginning to its end: the same seed gives the same trace, byte for byte (I29)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path

from adapters.simulated.documents import SimulatedDocuments
from adapters.simulated.faults import make_plan
from adapters.simulated.findings import Violation
from adapters.simulated.invariants import make_watcher
from adapters.simulated.money_watch import Limits
from adapters.simulated.provider import SimulatedProvider
from adapters.simulated.regions import Administrators
from adapters.simulated.schedule import END_MS, FAULTS_UNTIL_MS, People, choose_customers, choose_messages
from adapters.simulated.world import World
from shared.company.article_files import load_articles
from shared.company.company import FOLDER, Company
from shared.dispatch import resolve

START = 1_795_000_200_000
MEMORY = 4_096
COMPANY = Path(__file__).parent / "company"
# Pure functions of texts and bytes, remembered from seed to seed: they are not what a simulation tries out.
PURE = (
    ("shared.agents.reading", "understand"),
    ("shared.agents.reading", "detect"),
    ("functions.sentiment.assess", "assess_mood"),
    ("functions.sentiment.assess", "detect_language"),
    ("shared.agents.work", "find_entities"),
    ("shared.knowledge.library", "load_index"),
    ("shared.ports.limits", "check_key"),
    ("adapters.simulated.records", "check_key"),
    ("adapters.simulated.records", "query_bounds"),
)


@dataclass(frozen=True, slots=True)
class Played:
    """What a seed came to; `trace` is a line for each port call, `digest` stands for all of them."""

    seed: int
    violations: tuple[Violation, ...]
    injected: Counter[str]
    goals: Counter[str]
    trace: tuple[str, ...]

    @property
    def digest(self) -> str:
        return hashlib.sha256("\n".join(self.trace).encode()).hexdigest()


def unchanged(provider: SimulatedProvider) -> SimulatedProvider:
    """No mutant."""
    return provider


def play(
    seed: int,
    *,
    only: tuple[str, ...] = (),
    without: frozenset[int] = frozenset(),
    wrap: Callable[[SimulatedProvider], SimulatedProvider] = unchanged,
) -> Played:
    """Play a seed with the faults of its plan, or with those named `only`, `without` some of them by number."""
    company, customers = _company(), choose_customers(seed)
    watcher = make_watcher(Limits(company.caps.customer_day, company.caps.tenant_day), customers)
    plan = make_plan(seed, START + FAULTS_UNTIL_MS, only=only, without=without)
    world = World(seed, START, plan, company, watcher, tuple(customers), wrap=wrap)
    watcher.watch(world)
    for tenant in customers:
        for name, content in _published(tenant):
            world.cloud.documents.put(name, content)
    people = People(world, seed)
    people.begin(choose_messages(seed), Administrators(world, people.say, watcher.see_loss, people.accepted).meet)
    world.scheduler.run(START + END_MS)
    watcher.see_end(world, people.accepted)
    trace, facts = tuple(world.scheduler.trace), watcher.findings.facts + world.facts
    world.scheduler.close()
    return Played(seed, tuple(watcher.findings.violations), plan.injected, facts, trace)


@contextmanager
def remembering() -> Iterator[None]:
    """Remember what pure functions answered, for as long as seeds are played."""
    kept = [(import_module(module), name) for module, name in PURE]
    originals = [getattr(module, name) for module, name in kept]
    for (module, name), original in zip(kept, originals, strict=True):
        setattr(module, name, lru_cache(MEMORY)(original))
    try:
        yield
    finally:
        for (module, name), original in zip(kept, originals, strict=True):
            setattr(module, name, original)


@cache
def _company() -> Company:
    return Company(COMPANY)


@cache
def _published(tenant: str) -> tuple[tuple[str, bytes], ...]:
    """The documents that publishing the shipped articles leaves."""
    documents, publish = SimulatedDocuments(), resolve("knowledge.publish")
    articles = [asdict(article) for article in load_articles(FOLDER / "articles")]
    publish.call(publish.reads.validate_python({"tenant": tenant, "articles": articles}), documents=documents)
    return tuple((name, documents.get(name)) for name in documents.list_names(""))
