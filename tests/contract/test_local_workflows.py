"""The engine of this machine keeps W1 to W4."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.local.clock import ShiftedClock, SystemClock
from adapters.local.ids import LocalIds
from adapters.local.workflows import LocalWorkflows
from shared.workflow.definitions import substitute
from shared.workflow.subset import check
from tests.contract.machines import DEFINITIONS, Work, Worker
from tests.contract.workflows import WorkflowsContract


@dataclass
class LocalEngine:
    """The engine of one folder, the clock that a test pushes on, and who does the tasks at the moment."""

    folder: Path
    clock: ShiftedClock
    closing: ExitStack
    work: Work
    workflows: LocalWorkflows


def open_engine(folder: Path, clock: ShiftedClock, closing: ExitStack) -> LocalEngine:
    def invoke(resource: str, given: Any) -> Any:
        return engine.work(resource, given)

    workflows = LocalWorkflows(folder, invoke=invoke, clock=clock, ids=LocalIds(), definition_of=definition_of)
    closing.callback(workflows.close)
    engine = LocalEngine(folder, clock, closing, Worker(), workflows)
    return engine


def definition_of(machine: str) -> dict[str, Any]:
    definition: dict[str, Any] = substitute(DEFINITIONS[machine], lambda handler: handler)
    return definition


class TestWorkflows(WorkflowsContract):
    """W1 to W4."""

    @pytest.fixture
    def provider(self, tmp_path: Path) -> Iterator[LocalEngine]:
        with ExitStack() as closing:
            yield open_engine(tmp_path, ShiftedClock(SystemClock()), closing)

    def drive(self, provider: LocalEngine, work: Work) -> None:
        provider.work = work
        while provider.workflows.ready():
            provider.workflows.resume_all(sleep=lambda seconds: provider.clock.advance(round(seconds)))

    def drive_besides(self, provider: LocalEngine, work: Work) -> None:
        self.drive(open_engine(provider.folder, provider.clock, provider.closing), work)

    def reopen(self, provider: LocalEngine) -> LocalEngine:
        provider.closing.close()
        return open_engine(provider.folder, provider.clock, provider.closing)

    def pass_time(self, provider: LocalEngine, seconds: int) -> None:
        provider.clock.advance(seconds)
        provider.workflows.fire_due(provider.clock.now())


@pytest.mark.parametrize("machine", DEFINITIONS)
def test_the_machines_of_the_contract_are_ones_that_every_engine_executes_alike(machine: str) -> None:
    assert check(DEFINITIONS[machine]) == ()
