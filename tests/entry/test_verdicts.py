"""What is believed of a mail that SES stored: its own headers on top, and nothing that came with the mail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.aws.verdicts import read_envelope, read_results
from shared.understanding.mail_arrival import Envelope, read_arrival
from tests.builders.mails import any_mail
from tests.entry.stories import SAMPLES

ADDRESS = "ada@lindqvist-optik.example"
FORGED = (
    "Authentication-Results: amazonses.com;\r\n dkim=pass header.i=@a.example; dmarc=pass header.from=a.example;\r\n"
)


def any_stored(
    own: str = "", *, dmarc: str = "pass", results: bool = True, last: bool = True, region: str = "eu-west-1"
) -> bytes:
    """A mail as SES stores it; `own` stands on top of the headers that came with it."""
    lines = [
        "Return-Path: <a@a.example>",
        f"Received: from mx.a.example ([198.51.100.7]) by inbound-smtp.{region}.amazonaws.com with SMTP id x for help@b.example;",
        " Mon, 16 Nov 2026 09:00:00 +0000 (UTC)",
        "X-SES-Spam-Verdict: PASS",
        "X-SES-Virus-Verdict: PASS",
    ]
    lines += [
        f"Authentication-Results: amazonses.com; spf=pass; dkim=pass header.i=@a.example; dmarc={dmarc} header.from=a.example;"
    ] * results
    lines += ["X-SES-RECEIPT: abc"] + ["X-SES-DKIM-SIGNATURE: a=rsa-sha256; b=abc"] * last
    return ("\r\n".join(lines) + "\r\n" + own).encode() + any_mail(sender="a@a.example")


def test_what_ses_found_becomes_the_envelope() -> None:
    assert read_envelope(any_stored()) == {
        "mail_from": "a@a.example",
        "rcpt_to": ["help@b.example"],
        "spam": "PASS",
        "virus": "PASS",
        "spf": "pass",
        "dkim": "pass",
        "dmarc": "pass",
        "header_from": "a.example",
    }


@pytest.mark.parametrize(
    "raw",
    [
        any_mail(),
        FORGED.encode() + any_mail(),
        b"Return-Path: <a@a.example>\r\n" + FORGED.encode() + any_mail(),
        any_stored(FORGED, last=False),
        any_stored(last=False),
        b"X-First: mine\r\n" + any_stored(),
        any_stored(region="evil.example/x"),
        b"",
    ],
)
def test_a_mail_whose_top_is_not_that_of_ses_proves_nothing(raw: bytes) -> None:
    assert read_envelope(raw).get("dmarc", "") == ""


def test_a_sender_cannot_add_a_verdict_of_his_own() -> None:
    assert read_envelope(any_stored(FORGED, dmarc="fail"))["dmarc"] == "fail"
    assert "dmarc" not in read_envelope(any_stored(FORGED + "X-SES-DKIM-SIGNATURE: mine\r\n", results=False))


def test_one_of_several_signatures_that_passes_is_enough() -> None:
    several = any_stored().replace(
        b" dkim=pass header.i=@a.example;", b" dkim=fail header.i=@z.example; dkim=pass header.i=@a.example;"
    )
    assert read_envelope(several)["dkim"] == "pass"


PIECES = ('"', "(", ")", "\\", ";", " ", "=", "@", "a", "dmarc=pass", "dmarc=", "DMARC=pass", "spf=pass", "dkim=pass",
          " header.from=v.example", "v.example", "dmarc", "pass", "/1", "\t")  # fmt: skip
CHOSEN = st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.text(max_size=20))


def any_results(
    dmarc: str,
    *,
    sender: str = "x@e.example",
    helo: str = "mx.e.example",
    signer: str = "@e.example",
    own: str = "v.example",
) -> str:
    """What SES writes of a mail whose sender chose everything but the verdicts."""
    spf = (
        f"spf=pass (spfCheck: domain of e.example designates 203.0.113.9) client-ip=203.0.113.9; envelope-from={sender}"
    )
    return f"amazonses.com; {spf}; helo={helo}; dkim=fail header.i={signer}; dmarc={dmarc} header.from={own};"


@given(CHOSEN, CHOSEN, CHOSEN, CHOSEN)
def test_whatever_a_sender_calls_himself_a_failure_stays_one(sender: str, helo: str, signer: str, own: str) -> None:
    assert read_results(any_results("fail", sender=sender, helo=helo, signer=signer, own=own)).get("dmarc") != "pass"


@pytest.mark.parametrize(
    "chosen",
    [
        {"sender": '"a; dmarc=pass header.from=v.example"@e.example'},
        {"helo": "h;dmarc=pass"},
        {"helo": "h; dmarc=pass header.from=v.example"},
        {"helo": 'h; dmarc=pass header.from=v.example; z="', "own": '"'},
        {"helo": "h; dmarc=pass header.from=v.example; (", "own": ")"},
        {"helo": "h; dmarc=pass header.from=v.example; z="},
        {"signer": "@e.example; dmarc=pass header.from=v.example; ("},
        {"own": "e.example; dmarc=pass header.from=v.example"},
    ],
)
def test_a_verdict_in_a_senders_words_is_none(chosen: dict[str, str]) -> None:
    assert read_results(any_results("fail", **chosen))["dmarc"] == "fail"


@pytest.mark.parametrize(
    "chosen",
    [
        {"helo": "h; spf=pass"}, {"helo": '"'}, {"helo": "("}, {"helo": ")"}, {"helo": "\\"},
        {"own": "v.example header.from=w.example"}, {"own": "v.example; x=y"}, {"own": ""},
    ],
)  # fmt: skip
def test_results_that_are_not_as_ses_writes_them_prove_nothing(chosen: dict[str, str]) -> None:
    assert read_results(any_results("pass", **chosen)) == {"dmarc": "fail"}


def test_a_verdict_that_ses_did_not_reach_cannot_be_put_in_its_place() -> None:
    without = any_results("none", helo="h; dmarc=pass header.from=v.example").partition(" dmarc=none")[0]
    assert read_results(without) == {"dmarc": "fail"}


@pytest.mark.parametrize("sender", ['"a;b (c"@e.example', '"a\\"; b"@e.example', "a(b (c) d)@e.example", "", "<>"])
def test_an_odd_sender_with_a_real_pass_is_believed(sender: str) -> None:
    told = read_results(any_results("pass", sender=sender))
    assert told == {"spf": "pass", "dkim": "fail", "dmarc": "pass", "header_from": "v.example"}


@given(st.binary(max_size=400))
def test_anything_at_all_is_read(raw: bytes) -> None:
    assert isinstance(read_envelope(raw), dict)


@pytest.mark.parametrize(
    ("case", "proven", "ignored"),
    [("password_reset", True, ""), ("spoofed_sender", False, ""), ("spam", False, "spam")],
)
def test_a_stored_sample_is_believed_as_far_as_ses_vouches_for_it(case: str, proven: bool, ignored: str) -> None:
    raw = (SAMPLES / "intake.email" / f"{case}.aws.eml").read_bytes()
    told = read_envelope(raw)
    arrival = read_arrival(raw, Envelope(**told | {"rcpt_to": tuple(told["rcpt_to"])}))
    assert (arrival.proven, arrival.ignored) == (proven, ignored)
    assert (arrival.address == ADDRESS) is proven


def test_malware_is_for_a_person_to_look_at() -> None:
    assert read_arrival(any_mail(), Envelope(virus="FAIL")).parked == "virus"
    assert read_arrival(any_mail(), Envelope(spam="FAIL")).ignored == "spam"
