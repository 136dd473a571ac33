"""Every sample event is read by a test: it has the shape of its handler's input, and intake takes it in."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.access.webhooks import secret_name
from shared.dispatch import resolve
from tests.builders.mails import TENANT, Mailroom, open_mailroom

SAMPLES = Path(__file__).parents[2] / "events" / "samples"
LOCAL = sorted(SAMPLES.glob("*/*.local.json"))
INTAKE = [path for path in LOCAL if path.parent.name.startswith("intake.")]
SIGNED_WITH = b"whsec_" + base64.b64encode(b"only for the samples")
SIGNED_AT = 1_763_636_400
IGNORED = {"out_of_office": "auto_submitted", "bounce": "auto_submitted"}
PARKED = {"nested_100_levels": "broken_mail"}


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.name.removesuffix('.local.json')}"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Mailroom]:
    with open_mailroom(tmp_path / "data") as opened:
        opened.clock.at = SIGNED_AT * 1000
        for source in ("shop", "forum"):
            opened.provider.secrets.put(secret_name(TENANT, source), SIGNED_WITH)
        yield opened


def hand_over(room: Mailroom, path: Path) -> dict[str, Any]:
    """Give a sample to its handler; a document that it names lies beside it."""
    task = json.loads(path.read_text("utf-8"))
    if task.get("document"):
        room.provider.documents.put(task["document"], (path.parent / task["document"]).read_bytes())
    received: dict[str, Any] = room.platform.call(path.parent.name, task)
    return received


def test_intake_has_samples_for_each_way_in() -> None:
    ways = {path.parent.name for path in INTAKE}
    assert ways >= {"intake.receive", "intake.email", "intake.webhook"}


@pytest.mark.parametrize("path", LOCAL, ids=name_of)
def test_a_sample_has_the_shape_of_its_handlers_input(path: Path) -> None:
    resolve(path.parent.name).reads.validate_python(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize("path", INTAKE, ids=name_of)
def test_a_sample_goes_in_once(room: Mailroom, path: Path) -> None:
    received = hand_over(room, path)
    case = path.name.removesuffix(".local.json")
    assert received["new"]
    assert received.get("ignored", "") == IGNORED.get(case, "")
    assert received.get("parked", "") == PARKED.get(case, "")
    assert room.row(received)["sealed"]
    assert hand_over(room, path) == received | {"new": False}


def test_every_raw_mail_belongs_to_a_sample() -> None:
    named = {json.loads(path.read_text("utf-8")).get("document") for path in INTAKE}
    named |= {path.with_suffix(".eml").name for path in (SAMPLES / "intake.email").glob("*.aws.json")}
    assert {path.name for path in (SAMPLES / "intake.email").glob("*.eml")} <= named


def test_a_reply_joins_the_sample_that_it_answers(room: Mailroom) -> None:
    first, reply = (
        hand_over(room, SAMPLES / f"intake.email/{case}.local.json") for case in ("password_reset", "reply_in_thread")
    )
    assert reply["conversation"] == first["conversation"]
    assert room.words(reply)["text"] == "The link does not arrive, could you send it once more?"
