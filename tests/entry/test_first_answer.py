"""The first answer of a process pauses the collector of garbage, and whatever comes of it, starts it again."""

from __future__ import annotations

import gc

import pytest

from adapters.aws import entry
from shared.errors import Misconfigured


def test_the_collector_works_again_after_a_first_answer_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(entry.NAME, raising=False)
    try:
        with pytest.raises(Misconfigured, match=entry.NAME):
            entry.handle({}, None)
        assert gc.isenabled()
    finally:
        gc.unfreeze()
