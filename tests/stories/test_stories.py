"""The sample stories, from their steps to their expected end, by the code that the demo runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.local.stories import Story, load_stories, play
from adapters.local.verdicts import judge
from shared.settings import Settings

ALL = load_stories()


@pytest.mark.parametrize("story", ALL, ids=lambda story: f"{story.number:02d}")
def test_story_ends_as_its_file_expects(story: Story, tmp_path: Path) -> None:
    stage = play(story, tmp_path, Settings())
    try:
        turns, problems = judge(story, stage)
    finally:
        stage.platform.close()
    assert problems == []
    assert len(turns) == len(story.expect["turns"])


def test_thirteen_stories_are_told() -> None:
    assert [story.number for story in ALL] == list(range(1, 14))
