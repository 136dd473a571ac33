"""Mails in: whose they are, which conversation they join, what is kept, and what no machine may answer."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.company.company import Company
from shared.conversations.daily_answers import MOST_A_DAY
from shared.conversations.delivery import reply_token
from shared.conversations.mail_threads import sent_message_id
from shared.errors import InvalidInput, Unavailable
from tests.builders.mails import (
    CUSTOMER,
    CUSTOMER_ADDRESS,
    NOON,
    PASSED,
    TENANT,
    Mailroom,
    any_attachment_mail,
    any_mail,
    open_mailroom,
)

MIB = 1024 * 1024
OWN_DOMAIN = Company().identity.mail_domain


@pytest.fixture
def mailroom(tmp_path: Path) -> Iterator[Mailroom]:
    with open_mailroom(tmp_path / "data") as room:
        yield room


def any_reply(**changes: str) -> bytes:
    return any_mail(**{"message_id": "<m2@post.example>", "text": "It still does not work.", **changes})


class TestWhoWrote:
    def test_a_sender_whose_domain_dmarc_confirms_is_the_customer_with_that_address(self, mailroom: Mailroom) -> None:
        received = mailroom.receive(any_mail(sender=f"Ada <{CUSTOMER_ADDRESS}>"), mail_from=CUSTOMER_ADDRESS, **PASSED)
        assert mailroom.row(received)["customer"] == CUSTOMER

    @pytest.mark.parametrize(
        "envelope",
        [
            {},
            {"dmarc": "fail", "spf": "pass", "dkim": "pass"},
            {"dmarc": "none"},
            {"dmarc": "pass", "spf": "fail", "dkim": "fail"},
            {"dmarc": "pass", "header_from": "evil.example"},
        ],
    )
    def test_t30_a_sender_who_is_not_proven_is_nobodys_customer(
        self, mailroom: Mailroom, envelope: dict[str, str]
    ) -> None:
        received = mailroom.receive(any_mail(sender=CUSTOMER_ADDRESS), mail_from="x@evil.example", **envelope)
        assert mailroom.row(received)["customer"] == ""
        assert mailroom.words(received)["from"] == "x@evil.example", "nobody is answered at an address they forged"

    def test_t30_a_forged_sender_is_told_nothing_of_the_account(self, mailroom: Mailroom) -> None:
        raw = any_mail("What is my current plan, and when is the next invoice due?", sender=CUSTOMER_ADDRESS)
        outcome = mailroom.answer(raw, mail_from="x@evil.example", dmarc="fail")
        assert not any(action["status"] == "done" for action in outcome["actions"])
        assert "Starter" not in outcome["reply"]

    def test_a_mail_with_two_senders_has_none(self, mailroom: Mailroom) -> None:
        raw = any_mail(sender=f"{CUSTOMER_ADDRESS}, x@evil.example")
        assert mailroom.row(mailroom.receive(raw, mail_from="x@evil.example", **PASSED))["customer"] == ""

    def test_while_the_accounts_are_down_a_proven_mail_is_not_accepted_yet(self, mailroom: Mailroom) -> None:
        mailroom.provider.business_systems.set_fault("accounts", "down")
        with pytest.raises(Unavailable):
            mailroom.receive(any_mail(sender=CUSTOMER_ADDRESS), **PASSED)


class TestThreads:
    def test_a_reply_to_our_own_address_joins_by_its_token(self, mailroom: Mailroom) -> None:
        first = mailroom.receive(any_mail())
        token = reply_token(mailroom.provider.secrets, TENANT, first["conversation"])
        reply = mailroom.receive(any_reply(), rcpt_to=[f"reply+{token}@{OWN_DOMAIN}"])
        assert reply["conversation"] == first["conversation"]

    @pytest.mark.parametrize("forge", [lambda t: t[:-1] + ("0" if t[-1] != "0" else "1"), lambda t: t[:-24] + "ä" * 24])
    def test_a_forged_token_joins_nothing(self, mailroom: Mailroom, forge: object) -> None:
        first = mailroom.receive(any_mail())
        token = reply_token(mailroom.provider.secrets, TENANT, first["conversation"])
        assert callable(forge)
        reply = mailroom.receive(any_reply(), rcpt_to=[f"reply+{forge(token)}@{OWN_DOMAIN}"])
        assert reply["conversation"] != first["conversation"]

    @pytest.mark.parametrize("header", ["In_Reply_To", "References"])
    def test_a_reply_joins_the_mail_that_it_answers(self, mailroom: Mailroom, header: str) -> None:
        first = mailroom.receive(any_mail())
        reply = mailroom.receive(any_reply(**{header: "<unknown@x.example> <m1@post.example>"[-18:]}))
        assert reply["conversation"] == first["conversation"]

    def test_a_reply_joins_by_the_id_of_the_mail_that_we_sent(self, mailroom: Mailroom) -> None:
        outcome = mailroom.answer(any_mail())
        (sent,) = mailroom.sent()
        reply = mailroom.receive(any_reply(In_Reply_To=sent_message_id(sent["key"], OWN_DOMAIN)))
        assert reply["conversation"] == outcome["conversation_id"]

    def test_the_subject_alone_joins_nothing(self, mailroom: Mailroom) -> None:
        first = mailroom.receive(any_mail(subject="My invoice"))
        assert mailroom.receive(any_reply(subject="Re: My invoice"))["conversation"] != first["conversation"]

    def test_a_stranger_who_knows_a_message_id_opens_a_conversation_of_their_own(self, mailroom: Mailroom) -> None:
        first = mailroom.receive(any_mail(sender=CUSTOMER_ADDRESS), **PASSED)
        token = reply_token(mailroom.provider.secrets, TENANT, first["conversation"])
        for envelope in ({"dmarc": "fail"}, {**PASSED, "rcpt_to": [f"reply+{token}@{OWN_DOMAIN}"]}):
            sender = CUSTOMER_ADDRESS if envelope["dmarc"] == "fail" else "other@post.example"
            raw = any_reply(sender=sender, In_Reply_To="<m1@post.example>", message_id=f"<{envelope['dmarc']}@x>")
            assert mailroom.receive(raw, **envelope)["conversation"] != first["conversation"]

    def test_f1_a_mail_delivered_three_times_is_one_message(self, mailroom: Mailroom) -> None:
        copies = [any_mail(Received=f"by relay{number}") for number in range(3)]
        received = [mailroom.receive(raw) for raw in copies]
        assert [each["new"] for each in received] == [True, False, False]
        assert len({(each["conversation"], each["message"]) for each in received}) == 1
        assert len(mailroom.told("MessageReceived")) == 1

    def test_f4_a_redelivery_stays_where_the_first_delivery_went(self, mailroom: Mailroom) -> None:
        reply = any_reply(In_Reply_To="<m1@post.example>")
        early = mailroom.receive(reply)
        mailroom.receive(any_mail())
        assert mailroom.receive(reply) == early | {"new": False}

    def test_another_mail_under_a_used_message_id_is_not_lost(self, mailroom: Mailroom) -> None:
        first, second = (mailroom.receive(any_mail(text)) for text in ("One thing.", "Another thing."))
        assert second["new"]
        assert first["message"] != second["message"]

    def test_whoever_saw_a_mail_cannot_keep_it_out_by_sending_its_copy_first(self, mailroom: Mailroom) -> None:
        copy = any_mail(sender=CUSTOMER_ADDRESS)
        forged = mailroom.receive(copy, mail_from="x@evil.example", dmarc="fail")
        assert mailroom.receive(copy, mail_from=CUSTOMER_ADDRESS, **PASSED)["new"]
        assert mailroom.row(forged)["customer"] == ""

    def test_a_mail_without_a_message_id_is_known_by_its_content(self, mailroom: Mailroom) -> None:
        received = [mailroom.receive(any_mail(message_id="")) for _ in range(2)]
        assert [each["new"] for each in received] == [True, False]


MACHINES = [
    ({"Auto_Submitted": "auto-replied"}, "auto_submitted"),
    ({"Precedence": "bulk"}, "precedence"),
    ({"X_Auto_Response_Suppress": "All"}, "suppressed"),
    ({"List_Id": "<news.post.example>"}, "mailing_list"),
    ({"sender": "mailer-daemon@post.example"}, "robot_sender"),
    ({"message_id": f"<c1-TURN.1.1@{OWN_DOMAIN}>"}, "own_mail"),
    ({"Return_Path": "<>"}, "empty_return_path"),
]


class TestLoops:
    @pytest.mark.parametrize(("headers", "reason"), MACHINES)
    def test_t31_a_mail_that_a_machine_wrote_is_kept_and_never_answered(
        self, mailroom: Mailroom, headers: dict[str, str], reason: str
    ) -> None:
        received = mailroom.receive(any_mail(**headers))
        assert received["ignored"] == reason
        assert mailroom.told("MessageReceived") == []
        assert mailroom.provider.documents.get(mailroom.row(received)["document"])

    def test_a_bounce_is_known_by_its_envelope(self, mailroom: Mailroom) -> None:
        assert mailroom.receive(any_mail(), mail_from="<>")["ignored"] == "empty_return_path"

    def test_t31_beyond_five_answers_a_day_there_is_silence_one_alert_and_one_operator(
        self, mailroom: Mailroom
    ) -> None:
        outcomes = [mailroom.answer(any_mail(message_id=f"<{number}@loop>")) for number in range(MOST_A_DAY + 4)]
        assert len(mailroom.sent()) == MOST_A_DAY
        assert [each["outcome"] for each in outcomes[MOST_A_DAY:]] == ["parked", "ignored", "ignored", "ignored"]
        assert len({each["conversation_id"] for each in outcomes[MOST_A_DAY:]}) == 1
        assert outcomes[MOST_A_DAY]["handoff"]["operator"]

    def test_the_alert_rides_with_the_first_mail_that_is_too_many(self, mailroom: Mailroom) -> None:
        for number in range(MOST_A_DAY + 3):
            mailroom.receive(any_mail(message_id=f"<{number}@loop>"))
        assert [each["type"] for each in mailroom.told("AlertRaised")] == ["too_many_mails"]

    def test_a_redelivery_does_not_use_the_limit_up(self, mailroom: Mailroom) -> None:
        for _ in range(MOST_A_DAY * 2):
            assert mailroom.receive(any_mail())["parked"] == ""

    def test_the_next_day_the_sender_is_answered_again(self, mailroom: Mailroom) -> None:
        for number in range(MOST_A_DAY + 1):
            mailroom.receive(any_mail(message_id=f"<{number}@loop>"))
        mailroom.clock.at = NOON + 86_400_000
        received = mailroom.receive(any_mail(message_id="<next@day>"))
        assert (received["parked"], received["ignored"]) == ("", "")


class TestWhatIsKept:
    def test_the_words_are_what_was_written_now_and_the_raw_mail_is_kept(self, mailroom: Mailroom) -> None:
        raw = any_mail(
            "My plan is wrong.\r\n\r\nOn Mon, 3 Nov 2025 at 10:00, Help <help@x.example> wrote:\r\n> Old words."
        )
        received = mailroom.receive(raw)
        assert mailroom.words(received)["text"] == "My plan is wrong."
        assert mailroom.provider.documents.get(mailroom.row(received)["document"]) == raw

    def test_an_address_in_angle_brackets_is_no_markup(self, mailroom: Mailroom) -> None:
        received = mailroom.receive(any_mail("Write to <ada@x.example> or <https://x.example/a>, <b>please</b>."))
        assert mailroom.words(received)["text"] == "Write to ada@x.example or https://x.example/a, please."

    def test_a_mail_that_says_all_in_its_subject_says_that(self, mailroom: Mailroom) -> None:
        assert mailroom.words(mailroom.receive(any_mail("", subject="Cancel my plan")))["text"] == "Cancel my plan"

    @pytest.mark.parametrize("character", ["a", "ß", "語", "🙂", '"'])
    def test_a_long_text_begins_in_the_row_and_goes_on_in_a_document(self, mailroom: Mailroom, character: str) -> None:
        text = character * 6_000
        received = mailroom.receive(
            any_mail(text, References=" ".join(f"<{n}@{'r' * 200}.example>" for n in range(90)))
        )
        begins, name = mailroom.words(received)["text"], mailroom.row(received)["mail"]["text"]
        assert 3_000 < len(begins) <= 5_000
        assert text.startswith(begins)
        assert mailroom.provider.documents.get(name).decode() == text

    def test_t33_attachments_are_stored_under_safe_names_and_blocked_ones_only_named(self, mailroom: Mailroom) -> None:
        files = [("../../Bill €.pdf", b"%PDF-1.7 x"), ("invoice.pdf.exe", b"MZ\x90\x00" + b"\0" * 60)]
        bill, program = mailroom.row(mailroom.receive(any_attachment_mail(*files)))["attachments"]
        assert bill.endswith("/files/00-Bill_.pdf")
        assert mailroom.provider.documents.get(bill) == files[0][1]
        assert program == "blocked:double_extension:invoice.pdf.exe"
        assert not [name for name in mailroom.provider.documents.list_names("mail/") if "exe" in name]

    def test_twenty_attachments_are_listed_and_the_rest_is_counted(self, mailroom: Mailroom) -> None:
        files = [(f"{number:03d}{'n' * 200}.txt", b"text") for number in range(60)]
        assert mailroom.row(mailroom.receive(any_attachment_mail(*files)))["attachments"][-1] == "more:40"


class TestLimits:
    def test_ten_megabytes_are_taken(self, mailroom: Mailroom) -> None:
        filler = b"x-filler: " + b"y" * 900 + b"\r\n"
        raw = any_mail() + filler * (99 * MIB // 10 // len(filler))
        assert mailroom.receive(raw)["new"]

    def test_t32_more_is_refused_before_anything_is_kept(self, mailroom: Mailroom) -> None:
        with pytest.raises(InvalidInput) as caught:
            mailroom.receive(any_mail() + b"x" * (10 * MIB + MIB // 10))
        assert caught.value.body() == {
            "code": "invalid_input", "field": "raw", "limit": "10485760 bytes", "action": "send large files by a link",
        }  # fmt: skip
        assert mailroom.provider.documents.list_names("mail/") == []
        assert mailroom.told("MessageReceived") == []

    @pytest.mark.parametrize(
        "task",
        [{}, {"raw": "not base64!"}, {"raw": "aGk=", "document": "a"}, {"raw": "aGk=", "envelope": {"rcpt_to": 3}}],
    )
    def test_a_task_that_makes_no_sense_is_refused_by_field(self, mailroom: Mailroom, task: dict[str, object]) -> None:
        with pytest.raises(InvalidInput) as caught:
            mailroom.platform.call("intake.email", {"tenant": TENANT, **task})
        assert caught.value.field

    def test_a_stored_mail_is_read_where_it_lies(self, mailroom: Mailroom) -> None:
        mailroom.provider.documents.put("inbox/1.eml", any_mail())
        received = mailroom.platform.call("intake.email", {"tenant": TENANT, "document": "inbox/1.eml"})
        assert mailroom.row(received)["document"] == "inbox/1.eml"
        assert mailroom.provider.documents.list_names("mail/") == []


def nested(levels: int) -> bytes:
    """A mail of multiparts within multiparts."""
    opens = "".join(f'--b{n}\r\nContent-Type: multipart/mixed; boundary="b{n + 1}"\r\n\r\n' for n in range(levels))
    head = any_mail().decode().split("Content-Type:")[0]
    return (head + f'Content-Type: multipart/mixed; boundary="b0"\r\n\r\n{opens}').encode()


class TestBrokenMails:
    @pytest.mark.parametrize(
        ("raw", "reason"),
        [
            (nested(100), "broken_mail"),
            (
                any_mail().replace(b"text/plain", b"multipart/mixed; boundary=b") + b"--b\r\n\r\n" * 10_000,
                "broken_mail",
            ),
            (b"\x00\x01\x02", "no_sender"),
            (any_mail("", subject=""), "nothing_readable"),
        ],
        ids=["100 levels", "10,000 parts", "no mail at all", "empty"],
    )
    def test_t32_what_cannot_be_read_is_parked_with_an_operator(
        self, mailroom: Mailroom, raw: bytes, reason: str
    ) -> None:
        outcome = mailroom.answer(raw)
        assert (outcome["outcome"], outcome["handoff"]["reason"]) == ("parked", reason)
        assert outcome["handoff"]["operator"]
        assert all(part["text"] and part["rows"] for part in outcome["handoff"]["packet"].values())
        assert mailroom.sent() == []

    def test_an_unknown_charset_delays_nobody(self, mailroom: Mailroom) -> None:
        raw = any_mail("Grüße").replace(b"charset=utf-8", b"charset=x-nobody-knows")
        assert mailroom.words(mailroom.receive(raw))["text"] == "Grüße"

    def test_a_parked_mail_that_comes_again_is_the_same(self, mailroom: Mailroom) -> None:
        first = mailroom.receive(b"\x00\x01")
        assert mailroom.receive(b"\x00\x01") == first | {"new": False}
        assert len(mailroom.told("EscalationOpened")) == 1

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        raw=st.binary(min_size=1, max_size=400)
        | st.builds(lambda head, body: any_mail() + head + body, st.binary(max_size=40), st.binary(max_size=200))
        | st.builds(
            lambda subject, text, own: any_mail(text, subject=subject, message_id=own),
            st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace").decode()),
            st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace").decode()),
            st.text(max_size=30).map(lambda text: text.encode("utf-8", "replace").decode()),
        ),
        mail_from=st.none() | st.text(max_size=40),
    )
    def test_whatever_comes_is_kept_and_either_waits_or_is_parked_or_ignored(
        self, mailroom: Mailroom, raw: bytes, mail_from: str | None
    ) -> None:
        """I13, T32: arbitrary bytes never crash intake, and none of them are lost."""
        received = mailroom.receive(raw, mail_from=mail_from)
        row = mailroom.row(received)
        assert mailroom.provider.documents.get(row["document"]) == raw or not received["new"]
        waiting = [event["message"] for event in mailroom.told("MessageReceived")]
        parked = [event["conversation"] for event in mailroom.told("EscalationOpened")]
        assert (
            received["message"] in waiting
            or received["conversation"] in parked
            or row["ignored"] == received["ignored"] != ""
        )
        assert len(json.dumps(row)) < 30_000
        assert base64.b64decode(row["sealed"])
