"""The sample stories on the deployed platform: the code that plays them on one machine plays them on moto."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from adapters.aws.provider import AwsProvider
from adapters.local.clock import ShiftedClock
from adapters.local.platform import Platform
from adapters.local.stories import STEPS, Stage, Story, load_stories, read_turns
from adapters.local.verdicts import CHECKS, Turns
from shared.dispatch import Application
from tests.aws.support import Deployment, House
from tests.stacks.templates import FULL

CONTEXT = FULL

ELSEWHERE = {"sent_mails", "alerts"}  # told by the data folder's files there, by SES and the log here


@dataclass
class Theatre:
    """What a stage asks of its platform and its clock."""

    house: House

    @property
    def app(self) -> Application:
        return self.house.deployment.app

    @property
    def provider(self) -> AwsProvider:
        return self.house.provider

    def call(self, handler: str, payload: dict[str, Any]) -> Any:
        """What the API's function does for a request; a second after the one before, so that turns have an order."""
        self.advance(1)
        return self.app.call(handler, payload)

    def settle(self) -> None:
        self.house.cloud.settle()

    def tick(self) -> None:
        self.house.cloud.tick()

    def look(self) -> None:
        while self.house.cloud.look():
            continue

    def interrupt(self, handler: str, action: Callable[[], None]) -> None:
        self.house.cloud.before(handler, action)

    def advance(self, seconds: int) -> None:
        self.house.cloud.time.advance(seconds)


@pytest.fixture
def stage(deployment: Deployment, tmp_path: Path) -> Iterator[Stage]:
    with deployment.new_tenant(tmp_path) as house:
        vars(house.provider)["business_systems"] = deployment.company.now  # with its faults and its books
        theatre = Theatre(house)
        books = deployment.company.now.books()["refund"]
        yield Stage(
            cast(Platform, theatre),
            cast(ShiftedClock, theatre),
            house.tenant,
            refunded_before=frozenset(entry["id"] for entry in books),
        )


@pytest.mark.parametrize("story", load_stories(), ids=lambda story: f"{story.number:02d}")
def test_a_story_ends_as_its_file_expects(stage: Stage, story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    for step in story.steps:
        for kind, value in step.items():
            STEPS[kind](stage, value)
    stage.platform.settle()
    turns = read_turns(stage)[-story.expect.get("last", 0) :]
    assert problems(stage, turns, story) == []
    expected = {name: story.expect[name] for name in ELSEWHERE if name in story.expect}
    assert {name: value for name, value in seen(stage, capsys.readouterr().out).items() if name in expected} == expected


def problems(stage: Stage, turns: Turns, story: Story) -> list[str]:
    """Everything that is not as the story's file expects."""
    checks = {name: check for name, check in CHECKS.items() if name not in ELSEWHERE}
    found = (checks[name](stage, turns, value) for name, value in story.expect.items() if name in checks)
    return [problem for problem in found if problem]


def seen(stage: Stage, log: str) -> dict[str, Any]:
    """How many mails SES was given, and the alerts in the functions' log."""
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    alerts = [line.get("type") for line in lines if line.get("fact") == "security_alert"]
    return {"sent_mails": cast(Theatre, stage.platform).house.mails(), "alerts": alerts}
