"""Every sample of a story goes through the real entry of its function, on one account, in the order of the story."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from adapters.aws.rehearsal import Account
from shared.manifest import FUNCTIONS
from tests.entry.recording import record
from tests.entry.stories import STORIES, Story

HOST = {handler.name: function.name for function in FUNCTIONS for handler in function.handlers}
TRIGGER = {function.name: function.trigger for function in FUNCTIONS}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_every_sample_of_a_story_does_its_part(account: Account, story: Story) -> None:
    for path in story.samples():
        answer = account.open(HOST[path.parent.name]).answer(json.loads(path.read_text("utf-8")), None)
        assert done(TRIGGER[HOST[path.parent.name]], answer), f"{path.parent.name}/{path.name}: {answer}"


def done(trigger: str, answer: Any) -> bool:
    """Whether an answer says that everything was done."""
    if trigger == "http":
        return bool(answer["statusCode"] in (200, 202))
    if trigger in ("queue:turns", "stream"):
        return bool(answer == {"batchItemFailures": []})
    return bool(answer["ok"]) if trigger == "task" else True


def test_the_samples_are_what_the_handlers_are_called_with_today() -> None:
    """Else: `python -m tests.entry.recording`."""
    with tempfile.TemporaryDirectory() as folder:
        recorded = {path: event for path, event in record(Path(folder))}
    assert {path: json.loads(path.read_text("utf-8")) for path in recorded} == recorded
