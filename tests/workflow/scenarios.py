"""The scenario table: what a definition does with scripted answers, on every engine alike (design §10)."""

from __future__ import annotations

from tests.workflow.scenario import Scenario
from tests.workflow.scenarios_failing import FAILURES
from tests.workflow.scenarios_grouped import GROUPS, TOKENS
from tests.workflow.scenarios_plain import CHOICES, PASSES, TASKS

SCENARIOS: tuple[Scenario, ...] = (*TASKS, *PASSES, *CHOICES, *FAILURES, *GROUPS, *TOKENS)
