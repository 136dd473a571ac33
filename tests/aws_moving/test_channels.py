"""The mail that SES is asked to send, and what its refusals mean; moto takes any mail from a verified sender."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.aws.channels import KEY_TAG, TENANT_TAG, AwsChannels, read_tag, tag_of
from adapters.aws.letters import write_mail
from shared.conversations.mail_threads import SENT, sent_message_id
from shared.errors import InvalidInput, Misconfigured, SupportMaxError, Unavailable, Uncertain
from shared.ports.channels import Outgoing
from tests.contract.aws_backend import requests_of
from tests.contract.aws_moving_backend import CONFIGURATION, MOVING, SENDER, Account, any_account, failing, hooked

KEY = "c5f0e-TURN|3|1"
OWN = sent_message_id(KEY, "support.tallybird.example")


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with any_account() as account:
        yield account


def any_mail(**changes: Any) -> Outgoing:
    mail = Outgoing(
        KEY, "email", "ann@example.com", "Re: invoice", "Grüße",
        in_reply_to="<m2@example.com>", references="<m1@example.com> <m2@example.com>",
        reply_to="reply+c5f0e.0123@support.tallybird.example", message_id=OWN, tenant="t1",
    )  # fmt: skip
    return replace(mail, **changes)


def as_read(outgoing: Outgoing) -> EmailMessage:
    """The mail as its receiver reads it."""
    found = message_from_bytes(write_mail(outgoing, SENDER).as_bytes(), policy=default)
    assert isinstance(found, EmailMessage)
    return found


def test_a_reply_is_one_request_with_the_key_and_its_tenant_as_tags(account: Account) -> None:
    with requests_of(account.clients, "sesv2") as asked:
        AwsChannels(account.clients, MOVING).send(any_mail())
    ((operation, request),) = asked
    raw = request.pop("Content")["Raw"]["Data"]
    assert operation == "SendEmail"
    assert request == {
        "FromEmailAddress": SENDER,
        "Destination": {"ToAddresses": ["ann@example.com"]},
        "ConfigurationSetName": CONFIGURATION,
        "EmailTags": [{"Name": KEY_TAG, "Value": tag_of(KEY)}, {"Name": TENANT_TAG, "Value": tag_of("t1")}],
    }
    assert message_from_bytes(raw, policy=default)["Subject"] == "Re: invoice"


def test_a_mail_says_whom_it_answers_and_that_a_machine_wrote_it() -> None:
    mail = as_read(any_mail())
    assert (mail["From"], mail["To"], mail["Subject"]) == (SENDER, "ann@example.com", "Re: invoice")
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["Reply-To"] == "reply+c5f0e.0123@tallybird.example"
    assert (mail["Message-ID"], mail["In-Reply-To"]) == (OWN, "<m2@example.com>")
    assert mail.get_content().strip() == "Grüße"


@pytest.mark.parametrize("sender", ["support@acme.example", "Acme Support <support@acme.example>"])
def test_an_answer_goes_to_the_domain_that_this_stage_sends_from(sender: str) -> None:
    mail = write_mail(any_mail(), sender)
    assert (mail["From"], mail["Reply-To"]) == (sender, "reply+c5f0e.0123@acme.example")


def test_our_own_id_comes_back_in_the_references_of_an_answer_though_ses_replaces_the_message_id() -> None:
    references = as_read(any_mail())["References"].split()
    assert references == ["<m1@example.com>", "<m2@example.com>", OWN]
    found = SENT.fullmatch(references[-1])
    assert found is not None
    assert found[1] == "c5f0e"


def test_a_long_id_stays_as_it_is_so_that_the_thread_is_found() -> None:
    long = f"<{'a' * 300}@mail.example.com>"
    raw = write_mail(any_mail(in_reply_to=long, references=f"{long} {long}"), SENDER).as_bytes()
    assert raw.count(long.encode()) == 3
    assert as_read(any_mail(in_reply_to=long))["In-Reply-To"] == long


@settings(deadline=None)
@given(text=st.text(), subject=st.text(max_size=500), ids=st.text(max_size=200))
def test_nothing_that_a_stranger_wrote_adds_a_header_or_a_line_too_long(text: str, subject: str, ids: str) -> None:
    outgoing = any_mail(text=text, subject=subject, in_reply_to=ids, references=ids)
    raw = write_mail(outgoing, SENDER).as_bytes()
    known = {"from", "to", "subject", "auto-submitted", "reply-to", "message-id", "in-reply-to", "references"}
    mime = {"content-type", "content-transfer-encoding", "mime-version"}
    assert {name.lower() for name in message_from_bytes(raw, policy=default)} <= known | mime
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert raw.isascii()


@pytest.mark.parametrize("subject", ["Hi\r\nBcc: all@example.com", "Hi\nX: y", "Hi\x0bthere", "Hi\u2028X: y", "H\x00i"])
def test_a_subject_with_a_line_break_is_one_line_and_still_sent(subject: str) -> None:
    mail = as_read(any_mail(subject=subject))
    assert mail["Bcc"] is None
    assert mail["X"] is None
    assert mail["Subject"].startswith("H")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "ann@",
        "@example.com",
        "ann@example",
        "a b@example.com",
        "ann@example.com, bob@example.com",
        "Ann <ann@example.com>",
        "ann@example.com\r\nBcc: bob@example.com",
        "ann\n@example.com",
        "änn@example.com",
        "ann@exa mple.com",
        f"{'a' * 101}@example.com",
        f"ann@{'a' * 300}.com",
    ],
)
@pytest.mark.parametrize("field", ["to", "reply_to"])
def test_what_is_no_address_is_refused_before_anything_is_sent(account: Account, field: str, address: str) -> None:
    if field == "reply_to" and not address:
        return
    with requests_of(account.clients, "sesv2") as asked:
        with pytest.raises(InvalidInput) as refusal:
            AwsChannels(account.clients, MOVING).send(any_mail(**{field: address}))
        assert refusal.value.field == field
    assert asked == []


def test_a_domain_with_other_letters_is_written_as_mail_servers_know_it() -> None:
    assert as_read(any_mail(to="ann@bücher.example"))["To"] == "ann@xn--bcher-kva.example"


@settings(deadline=None)
@given(st.text(min_size=1, max_size=40))
def test_a_tag_has_only_letters_that_ses_takes_and_says_the_key(key: str) -> None:
    try:
        value = tag_of(key)
    except UnicodeEncodeError:
        return
    assert len(value) <= 256
    assert set(value) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert read_tag(value) == key


@pytest.mark.parametrize("key", ["", "k" * 193])
def test_a_key_that_makes_no_tag_is_refused(key: str) -> None:
    with pytest.raises(InvalidInput):
        tag_of(key)


@pytest.mark.parametrize("value", ["!", "a", "é", "_w=="])
def test_a_tag_that_is_not_ours_is_refused(value: str) -> None:
    with pytest.raises(InvalidInput):
        read_tag(value)


@pytest.mark.parametrize(
    ("code", "message", "error"),
    [
        ("MessageRejected", "Email address is not verified. The following identities failed", Misconfigured),
        ("MessageRejected", "Message contains a virus", InvalidInput),
        ("MailFromDomainNotVerifiedException", "", Misconfigured),
        ("AccountSuspendedException", "", Misconfigured),
        ("SendingPausedException", "", Misconfigured),
        ("NotFoundException", "no such configuration set", Misconfigured),
        ("BadRequestException", "", InvalidInput),
        ("TooManyRequestsException", "", Unavailable),
        ("LimitExceededException", "", Unavailable),
        ("ServiceUnavailableException", "", Unavailable),
        ("InternalFailure", "", Uncertain),
    ],
)
def test_h1_a_refusal_says_whether_it_was_sent(
    account: Account, code: str, message: str, error: type[SupportMaxError]
) -> None:
    status = 500 if code == "InternalFailure" else 503 if code == "ServiceUnavailableException" else 400
    with failing(account, "sesv2", "SendEmail", code, message=message, status=status), pytest.raises(error) as raised:
        AwsChannels(account.clients, MOVING).send(any_mail())
    assert type(raised.value) is error


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (EndpointConnectionError(endpoint_url="https://email.example"), Unavailable),
        (ReadTimeoutError(endpoint_url="https://email.example"), Uncertain),
    ],
)
def test_h1_a_connection_that_breaks_is_uncertain_and_is_not_tried_again(
    account: Account, failure: Exception, error: type[SupportMaxError]
) -> None:
    tries: list[str] = []

    def break_off(request: Any, **_: Any) -> None:
        tries.append(json.loads(request.body)["FromEmailAddress"])
        raise failure

    with hooked(account, "sesv2", "before-send.sesv2.SendEmail", break_off), pytest.raises(error):
        AwsChannels(account.clients, MOVING).send(any_mail())
    assert tries == [SENDER]


@pytest.mark.parametrize("channel", ["chat", "api", "mobile", "phone", "social"])
def test_what_is_read_from_the_committed_turn_is_not_sent(account: Account, channel: str) -> None:
    with requests_of(account.clients, "sesv2") as asked:
        AwsChannels(account.clients, MOVING).send(any_mail(channel=channel, to="cus_eva"))
    assert asked == []
