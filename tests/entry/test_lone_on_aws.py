"""Every sample that stands alone goes through the real entry of its function, and a wrong one fails as it should."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.aws.batches import PartlyDone
from adapters.aws.rehearsal import MAIL, Account
from shared.errors import InvalidInput, NotFound
from shared.manifest import FUNCTIONS
from tests.entry.lone import EVENTS, LONE, raw_mail
from tests.entry.stories import SAMPLES, STORIES

HOST = {handler.name: function.name for function in FUNCTIONS for handler in function.handlers}
DONE, NONE_FAILED = {"statusCode": 200}, {"batchItemFailures": list[Any]()}
ENDS: dict[str, Any] = {
    "intake.receive/wrong_no_key": 401,
    "intake.receive/wrong_field": 422,
    "intake.receive/wrong_payload_version": InvalidInput,
    "intake.webhook/customer_message": 200,
    "intake.webhook/wrong_signature": 401,
    "intake.email/password_reset": None,
    "intake.email/spoofed_sender": None,
    "intake.email/spam": None,
    "intake.email/ses_setup": None,
    "intake.email/wrong_gone": PartlyDone,
    "intake.email/wrong_source": InvalidInput,
    "intake.relay/removed": NONE_FAILED,
    "intake.relay/no_events": NONE_FAILED,
    "intake.relay/wrong_poison": NONE_FAILED,
    "intake.relay/wrong_source": InvalidInput,
    "orchestrator.start/wrong_records": {
        "batchItemFailures": [{"itemIdentifier": f"059f36b4-87a3-44ab-83d2-{n:012d}"} for n in (1, 2, 3)]
    },
    "orchestrator.start/wrong_source": InvalidInput,
    "orchestrator.understand/wrong_shape": {"ok": False, "error": "invalid_input"},
    "escalation.assign/wrong_absent": {"ok": False, "error": "not_found"},
    "escalation.decide/wrong_no_role": 403,
    "escalation.decide/wrong_tenants": 403,
    "escalation.decide/wrong_name": 403,
    "analytics.project/ticket_closed": {"views": 2},
    "analytics.project/wrong_detail": InvalidInput,
    "reply.confirm/delivered": {"state": "unknown"},
    "reply.confirm/bounced": {"state": "unknown"},
    "reply.confirm/complained": {"state": "unknown"},
    "reply.confirm/another_sender": None,
    "reply.confirm/wrong_shape": InvalidInput,
    "sla.sweep/minute": {"tenants": 1},
    "reply.close/timer": {"looked": 0},
    "sla.sweep/wrong_handler": InvalidInput,
    "sla.sweep/wrong_shape": InvalidInput,
    "realtime.connect/desk": DONE,
    "realtime.connect/conversation": DONE,
    "realtime.message/auth": DONE,
    "realtime.message/wrong_key": DONE,
    "realtime.message/wrong_text": DONE,
    "realtime.message/wrong_shape": InvalidInput,
    "realtime.disconnect/gone": DONE,
    "knowledge.publish/one_article": {"version": 1, "articles": 1},
    "knowledge.publish/wrong_article": InvalidInput,
    "effects.execute/wrong_absent": NotFound,
    "effects.drain/region": {"epoch": 1, "quiet_at": 1794819660000, "in_flight": [], "waiting": []},
    "effects.reopen/region": {"epoch": 1, "opened": True, "unsettled": []},
}


@pytest.mark.parametrize("name", EVENTS)
def test_a_sample_ends_as_it_should(bare: Account, name: str) -> None:
    event = json.loads((SAMPLES / f"{name}.aws.json").read_text("utf-8"))
    handler, _, case = name.partition("/")
    if raw_mail(case).exists():
        key = event["Records"][0]["s3"]["object"]["key"]
        bare.provider.clients.of("s3").put_object(Bucket=MAIL, Key=key, Body=raw_mail(case).read_bytes())
    entry, end = bare.open(HOST[handler]), ENDS[name]
    if isinstance(end, type):
        with pytest.raises(end):
            entry.answer(event, None)
    else:
        answer = entry.answer(event, None)
        assert (answer["statusCode"] if isinstance(end, int) else answer) == end


def test_every_sample_is_written_from_its_table_and_read_by_a_test() -> None:
    played = {path for story in STORIES for path in story.samples()}
    assert set(SAMPLES.glob("*/*.aws.json")) == played | set(LONE)
    assert [path for path, event in LONE.items() if json.loads(path.read_text("utf-8")) != event] == []


def test_every_deployed_function_has_a_sample_and_each_kind_a_wrong_one() -> None:
    names = {HOST[path.parent.name] for path in SAMPLES.glob("*/*.aws.json")}
    assert names == {function.name for function in FUNCTIONS}
    wrong = {HOST[path.parent.name] for path in SAMPLES.glob("*/wrong_*.aws.json")}
    triggers = {function.name: function.trigger for function in FUNCTIONS}
    assert {triggers[name] for name in wrong} == set(triggers.values())
