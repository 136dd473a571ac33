"""Mail on moto: SES puts it into its bucket, the reply goes out once, and what becomes of it is heard."""

from __future__ import annotations

import email
import json
from email.message import Message
from typing import Any

import pytest
from moto.ses.models import ses_backends

from shared.errors import Unavailable
from tests.aws.cloud import ACCOUNT, failing
from tests.aws.envelopes import REGION
from tests.aws.support import MAIL_BUCKET, House
from tests.entry.sent import by_ses
from tests.entry.stories import SAMPLES
from tests.stacks.templates import FULL

CONTEXT = FULL

MAILS = SAMPLES / "intake.email"


def arrive(house: House, name: str) -> None:
    """SES receives a mail for the tenant, and everything follows."""
    key = f"in/{house.tenant}/{name.replace('_', '')}0g1"
    house.cloud.put_object(MAIL_BUCKET, key, (MAILS / f"{name}.aws.eml").read_bytes())
    house.cloud.settle()


def sent(house: House) -> list[Message]:
    """The mails that SES was given since the test began."""
    messages = ses_backends[ACCOUNT][REGION].sent_messages
    return [email.message_from_string(each.raw_data) for each in messages[house.mails_before :]]


def conversations(house: House) -> list[Any]:
    """The tenant's conversations, by the messages that came in."""
    found = {event["conversation"]: {"conversation_id": event["conversation"]} for event in inputs(house)}
    return list(found.values())


def inputs(house: House) -> list[Any]:
    turns = house.cloud.calls_of("orchestrator.understand")
    return [event for event in turns if event["tenant"] == house.tenant]


def failures(house: House) -> list[Any]:
    url = house.cloud.output("FailuresQueue")
    found = house.cloud.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(each["Body"]) for each in found]


def test_a_mail_is_answered_by_mail(house: House) -> None:
    arrive(house, "password_reset")
    (reply,) = sent(house)
    assert reply["To"] == "ada@lindqvist-optik.example"
    assert reply["In-Reply-To"] == "<reset-1@lindqvist-optik.example>"
    assert "link" in reply.as_string()
    assert [house.head(each).status for each in conversations(house)] == ["resolved"]


def test_a_mail_that_is_told_twice_is_answered_once(house: House) -> None:
    arrive(house, "password_reset")
    arrive(house, "password_reset")
    assert (len(sent(house)), len(conversations(house))) == (1, 1)


def test_a_mail_that_could_not_be_taken_in_is_tried_again(house: House) -> None:
    house.cloud.before("intake.email", failing(Unavailable("the table is away")))
    arrive(house, "password_reset")
    assert len(sent(house)) == 1


def test_a_mail_that_cannot_be_taken_in_at_all_is_left_where_somebody_looks(house: House) -> None:
    house.cloud.before("intake.email", *[failing(Unavailable("for good"))] * 3)
    arrive(house, "password_reset")
    (failure,) = failures(house)
    assert failure["requestPayload"]["Records"][0]["s3"]["object"]["key"].startswith(f"in%2F{house.tenant}")
    assert sent(house) == []


@pytest.mark.parametrize("name", ["spam", "spoofed_sender"])
def test_for_a_mail_that_proves_nothing_nothing_is_done(house: House, name: str) -> None:
    arrive(house, name)
    assert [turn["actions"] for each in conversations(house) for turn in house.turns(each)] in ([], [[]])
    assert [reply["To"] for reply in sent(house) if "lindqvist" in str(reply["To"])] == []


def test_an_answer_that_may_have_gone_out_is_never_sent_again(house: House) -> None:
    house.cloud.after("reply.deliver", failing(Unavailable("the answer was lost")))
    arrive(house, "password_reset")
    assert len(sent(house)) == 1


def sent_tags(house: House) -> list[dict[str, str]]:
    """The tags under which mails were given to SES, from now on: moto forgets them."""
    tags: list[dict[str, str]] = []

    def note(params: Any, **_: Any) -> None:
        tags.append({each["Name"]: each["Value"] for each in params["EmailTags"]})

    house.deployment.clients.of("sesv2").meta.events.register_first("provide-client-params.sesv2.SendEmail", note)
    return tags


def test_a_bounce_finds_its_delivery(house: House) -> None:
    tags = sent_tags(house)
    arrive(house, "password_reset")
    told = by_ses("Bounce", "bounce", {"bounceType": "Permanent", "bounceSubType": "General"})
    named = {"ses:configuration-set": house.provider.settings.mail_configuration, **tags[0]}
    told["detail"]["mail"]["tags"] = {name: [value] for name, value in named.items()}
    entry = {"Source": told["source"], "DetailType": told["detail-type"], "Detail": json.dumps(told["detail"])}
    house.cloud.client("events").put_events(Entries=[entry])
    house.cloud.settle()
    (conversation,) = conversations(house)
    (state,) = [row["state"] for name, row in house.rows(conversation).items() if name.startswith("SENT|")]
    assert state == "bounced"
