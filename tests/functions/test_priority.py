"""What a sender asks for raises the priority of their turn and never lowers it (requirements §11.3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.errors import InvalidInput
from tests.builders.platform import open_house


@pytest.mark.parametrize(("asked", "found"), [("critical", "P1"), ("high", "P2"), ("P4", "P3"), ("", "P3")])
def test_an_asked_priority_raises_and_never_lowers(tmp_path: Path, asked: str, found: str) -> None:
    with open_house(tmp_path) as house:
        assert house.write("I forgot my password, please send me a reset link.", priority=asked)["priority"] == found


def test_an_unknown_priority_is_refused_by_field(tmp_path: Path) -> None:
    with open_house(tmp_path) as house, pytest.raises(InvalidInput) as refusal:
        house.receive("I forgot my password.", priority="yesterday")
    assert refusal.value.field == "priority"
