"""What is no event, or lacks something, is refused by type, so that it is parked or told and never a crash."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from adapters.aws.envelopes import read_stored_mail
from adapters.aws.rehearsal import MAIL, Account
from adapters.aws.settings import variable
from shared.errors import InvalidInput
from shared.manifest import FUNCTIONS
from tests.builders.mails import any_attachment_mail
from tests.entry import sent
from tests.entry.lone import BEGINNING, POISON
from tests.entry.stories import TENANT


@pytest.mark.parametrize(
    "event",
    [
        {"name": "MessageReceived", "body": {"tenant": TENANT, "conversation": "c1", "at": 1}},
        {"name": "MessageReceived", "body": {"tenant": TENANT, "conversation": "c1", "message": "m1", "at": "now"}},
        {"name": "MessageReceived", "body": {"conversation": "c1", "message": "m1", "at": 1}},
        {"name": "EscalationOpened", "body": {"tenant": TENANT, "conversation": "c1"}},
        {"name": "EscalationOpened", "body": []},
    ],
)
def test_an_event_that_lacks_a_field_is_parked_and_told(
    bare: Account, capsys: pytest.CaptureFixture[str], event: dict[str, Any]
) -> None:
    image = POISON | {"events": {"L": [{"S": json.dumps({"id": "e1"} | event)}]}}
    answer = bare.open("intake.relay").answer({"Records": [sent.stream_record(image, 1)]}, None)
    assert answer == {"batchItemFailures": []}
    assert '"messages_parked":1' in capsys.readouterr().out


@pytest.mark.parametrize("event", [None, [], "text", 7, {}])
@pytest.mark.parametrize("trigger", sorted({each.trigger for each in FUNCTIONS} - {"task"}))
def test_what_is_no_event_is_refused_by_type(bare: Account, trigger: str, event: Any) -> None:
    name = next(each.name for each in FUNCTIONS if each.trigger == trigger)
    with pytest.raises(InvalidInput):
        bare.open(name).answer(event, None)


def test_headers_and_keys_of_another_shape_are_refused_by_type(bare: Account) -> None:
    event = sent.by_client("POST", "/api/v1/conversations", BEGINNING) | {"headers": ["authorization"]}
    with pytest.raises(InvalidInput):
        bare.open("api").answer(event, None)
    with pytest.raises(InvalidInput):
        read_stored_mail({"s3": {"bucket": {"name": "b"}, "object": {"key": 7}}})


def test_a_mail_that_is_too_large_is_parked_whole_and_once(bare: Account) -> None:
    raw = any_attachment_mail(("film.mp4", b"x" * (8 * 1024 * 1024)))
    bare.provider.clients.of("s3").put_object(Bucket=MAIL, Key="large0mail", Body=raw)
    for _ in range(2):
        bare.open("intake.email").answer(sent.by_s3("large0mail", len(raw)), None)
    assert bare.provider.documents.get(f"mail/{TENANT}/ses/large0mail") == raw
    rows = bare.provider.clients.of("dynamodb").scan(TableName=bare.environment[variable("records_table")])["Items"]
    told = [text["S"] for row in rows for text in row.get("events", {}).get("L", ())]
    assert len([text for text in told if re.search(r'"reason": ?"too_large"', text) and "MessageParked" in text]) == 1
    assert bare.provider.documents.list_names(f"mail/{TENANT}/") == [f"mail/{TENANT}/ses/large0mail"]
