"""What an answer may be taken for: only what a vendor documents as not done is not done, only what it shows is absent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.errors import Unavailable, Uncertain
from tests.business.loopback import Asked, Said
from tests.business.vendors import OPEN, Behind

KEY = "e0123456789abcdef"
UNDOCUMENTED = [201, 300, 302, 307, 405, 408, 409, 410, 412, 418, 422, 425, 499, 500, 502, 503, 504, 520, 599]
BODIES = [
    b"",
    b"{}",
    b"[]",
    b"null",
    b'"done"',
    b"<html>",
    b'{"error": "?"}',
    b'{"data": 1, "items": 1}',
    b"\xff",
    b"[" * 9_000,
]


@pytest.fixture(params=sorted(OPEN))
def behind(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Behind]:
    with OPEN[request.param](tmp_path) as opened:
        yield opened


def answering(behind: Behind, said: Said) -> None:
    """Whatever is asked from now on is answered like this."""
    behind.vendor.answer = lambda asked, share=1: said


def acting_and_answering(behind: Behind, said: Said) -> None:
    """The next actions are carried out, and answered like this; nothing can be read meanwhile."""
    answer = behind.vendor.answer

    def act(asked: Asked, share: int = 1) -> Said:
        if not behind.vendor.acts(asked):
            return answer(asked) if not behind.vendor.refunds else Said(503)
        answer(asked)
        return said

    behind.vendor.answer = act


@pytest.mark.parametrize("status", UNDOCUMENTED)
def test_an_action_is_unclear_unless_its_answer_is_documented(behind: Behind, status: int) -> None:
    """F40: done, and whatever was said of it."""
    acting_and_answering(behind, Said(status, b"{}"))
    with pytest.raises(Uncertain):
        behind.business_systems.act("billing", "refund", behind.refund, key=KEY)
    assert len(behind.vendor.refunds) == 1


@pytest.mark.parametrize("body", BODIES)
def test_an_action_whose_answer_cannot_be_read_is_unclear(behind: Behind, body: bytes) -> None:
    acting_and_answering(behind, Said(200, body))
    with pytest.raises(Uncertain):
        behind.business_systems.act("billing", "refund", behind.refund, key=KEY)
    assert len(behind.vendor.refunds) == 1


@pytest.mark.parametrize("status", [*UNDOCUMENTED, 400, 401, 402, 403, 404, 429])
def test_a_look_up_that_fails_is_not_absence(behind: Behind, status: int) -> None:
    answering(behind, Said(status, b'{"error": {"type": "invalid_request_error"}}'))
    with pytest.raises(Unavailable):
        behind.business_systems.look_up("billing", KEY)


@pytest.mark.parametrize("body", BODIES)
def test_a_look_up_that_cannot_be_read_is_not_absence(behind: Behind, body: bytes) -> None:
    answering(behind, Said(200, body))
    with pytest.raises(Unavailable):
        behind.business_systems.look_up("billing", KEY)


@pytest.mark.parametrize("body", BODIES)
def test_a_payment_that_cannot_be_read_is_not_refunded(behind: Behind, body: bytes) -> None:
    answering(behind, Said(200, body))
    with pytest.raises(Unavailable):
        behind.business_systems.act("billing", "refund", behind.refund, key=KEY)
    assert [asked for asked in behind.vendor.asked if behind.vendor.acts(asked)] == []
