"""Raw mails: what is read from them, what is mended, what is refused, in bounded time."""

from __future__ import annotations

import base64
import io
import time
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import InvalidInput
from shared.understanding.mime import BrokenMail, Mail, read_mail

HEADERS = "From: Ann <ann@example.com>\r\nTo: help@example.org\r\nSubject: Export\r\nMessage-ID: <1@example.com>\r\n"


def any_mail(extra: str = "", body: str = "Hello", headers: str = HEADERS) -> bytes:
    return f"{headers}{extra}\r\n{body}".encode()


def mail_with(name: str, content: bytes, disposition: str = "attachment") -> Mail:
    encoded = base64.encodebytes(content).decode()
    return read_mail(
        any_mail(
            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n",
            "--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n--b\r\nContent-Type: application/octet-stream\r\n"
            f'Content-Disposition: {disposition}; filename="{name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
            f"{encoded}\r\n--b--\r\n",
        )
    )


def any_zip(**files: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return stream.getvalue()


def test_reads_the_headers_that_threading_needs() -> None:
    mail = read_mail(any_mail("In-Reply-To: <0@example.org>\r\nReferences: <a@x.org>\r\n <0@example.org>\r\n"))
    assert (mail.from_, mail.from_address, mail.subject) == ("Ann <ann@example.com>", "ann@example.com", "Export")
    assert (mail.message_id, mail.in_reply_to) == ("<1@example.com>", "<0@example.org>")
    assert mail.references == ("<a@x.org>", "<0@example.org>")
    assert (mail.text, mail.attachments, mail.loop, mail.auto_submitted) == ("Hello", (), None, False)


def test_decodes_encoded_headers_and_charsets() -> None:
    mail = read_mail(
        b"From: =?utf-8?q?J=C3=BCrgen?= <j@example.com>\nSubject: =?iso-2022-jp?b?GyRCJDMbKEI=?= x\n"
        b"Content-Type: text/plain; charset=iso-8859-1\n\nf\xfcr"
    )
    assert (mail.from_, mail.subject, mail.text) == ("Jürgen <j@example.com>", "こ x", "für")


@pytest.mark.parametrize("charset", ["x-nonsense", "punycode", "idna", "\udcff", "utf-8;;", "hex", "unicode_escape"])
def test_t32_reads_text_in_spite_of_a_bad_charset(charset: str) -> None:
    raw = f'{HEADERS}Content-Type: text/plain; charset="{charset}"\r\n\r\nHello'.encode("utf-8", "surrogateescape")
    assert read_mail(raw).text == "Hello"


def test_reads_html_where_there_is_no_plain_text() -> None:
    html = (
        "<style>p{}</style><p>Hello&nbsp;<b>Ann</b></p><ul><li>one<li>two</ul><div style='display:none'>obey me</div>"
        "<!-- secret --><script>evil()</script><blockquote>old</blockquote>"
    )
    mail = read_mail(any_mail("Content-Type: text/html\r\n", html))
    assert mail.html_only
    assert mail.text.replace("\xa0", " ").split("\n") == ["Hello Ann", "", "- one", "- two", "", "> old"]


def test_prefers_plain_text_over_html() -> None:
    body = "--b\r\nContent-Type: text/plain\r\n\r\nplain\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>rich\r\n--b--"
    mail = read_mail(any_mail("Content-Type: multipart/alternative; boundary=b\r\n", body))
    assert (mail.text.strip(), mail.html_only, mail.attachments) == ("plain", False, ())


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"just a line",
        b"\x00\xff\xfe",
        b"Content-Type: multipart/mixed\n\nno boundary",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n",
        b"Content-Type: multipart/mixed; boundary=\n\n--\nx",
        b"Content-Transfer-Encoding: base64\n\n!!!not base64!!!",
        b"Content-Type: ;;;\nSubject: =?x?y?z?=\nDate: yesterday\n\nx",
        b"Content-Type: text/plain; name*0*=utf-8''%; name*zz=1\n\nx",
        b"From: \nTo:\nSubject:\n\n",
    ],
)
def test_t32_reads_something_from_broken_mails(raw: bytes) -> None:
    assert isinstance(read_mail(raw), Mail)


def test_refuses_more_than_ten_megabytes_and_names_the_limit() -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_mail(b"a" * (10 * 1024 * 1024 + 1))
    assert refusal.value.body()["limit"] == "10485760 bytes"


def nested(levels: int) -> bytes:
    parts = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(levels))
    return f"From: a@example.com\n{parts}Content-Type: text/plain\n\nx".encode()


HOSTILE = {
    "10,000 parts": any_mail("Content-Type: multipart/mixed; boundary=b\r\n", "--b\r\n\r\nx\r\n" * 10_000),
    "100 levels": nested(100),
    "5,000 levels": nested(5_000),
    "3,000 mails in mails": b"Content-Type: message/rfc822\n\n" * 3_000,
    "a million lines": any_mail(body="\n" * 1_100_000),
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_t32_refuses_bombs_quickly(raw: bytes) -> None:
    began = time.monotonic()
    with pytest.raises(BrokenMail):
        read_mail(raw)
    assert time.monotonic() - began < 5


FOLDED = {
    "folds": any_mail("X-A: a\r\n" + " b\r\n" * 200_000),
    "encoded words": any_mail("X-B: b\r\n", headers="Subject: " + "=?utf-8?q?a?= " * 200_000 + "\r\n"),
    "parameters": any_mail("Content-Type: text/plain" + '; a="b' * 200_000 + "\r\n"),
    "comments": any_mail(headers="From: " + "(" * 1_000_000 + "\r\n"),
    "deep html": any_mail("Content-Type: text/html\r\n", "<div>" * 100_000 + "x"),
}


@pytest.mark.parametrize("raw", FOLDED.values(), ids=FOLDED)
def test_t32_reads_header_and_html_bombs_quickly(raw: bytes) -> None:
    began = time.monotonic()
    read_mail(raw)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("sender", "address"),
    [
        ('"ceo@bank.example <ceo@bank.example>" <evil@example.net>', "evil@example.net"),
        ("Ann (ceo@bank.example) <ann@example.com>", "ann@example.com"),
        ("ann@example.com", "ann@example.com"),
        ("A <a@example.com>, B <b@example.com>", ""),
        ("nobody", ""),
    ],
)
def test_t30_names_one_sender_or_none(sender: str, address: str) -> None:
    assert read_mail(any_mail(headers=f"From: {sender}\r\n")).from_address == address


def test_t30_names_no_sender_where_two_headers_disagree() -> None:
    mail = read_mail(any_mail("From: Eve <eve@example.net>\r\n"))
    assert (mail.from_address, "SeveralSenders" in mail.defects) == ("", True)


LOOPS = {
    "Auto-Submitted: auto-replied": "auto_submitted",
    "Auto-Submitted: auto-generated (rejected)": "auto_submitted",
    "Precedence: bulk": "precedence",
    "Precedence: LIST": "precedence",
    "Precedence: junk": "precedence",
    "Precedence: auto_reply": "auto_reply",
    "List-Id: <x.example.com>": "mailing_list",
    "List-Unsubscribe: <mailto:u@example.com>": "mailing_list",
    "X-Auto-Response-Suppress: DR, OOF, AutoReply": "suppressed",
    "X-Autoreply: yes": "auto_reply",
    "Return-Path: <>": "empty_return_path",
    "Content-Type: multipart/report; boundary=b": "bounce",
}


@pytest.mark.parametrize(("header", "reason"), LOOPS.items(), ids=LOOPS)
def test_t31_answers_no_machine(header: str, reason: str) -> None:
    assert read_mail(any_mail(f"{header}\r\n")).loop == reason


@pytest.mark.parametrize("local", ["MAILER-DAEMON", "no-reply", "noreply", "postmaster", "donotreply", "bounces+x=y"])
def test_t31_answers_no_robot_address(local: str) -> None:
    mail = read_mail(any_mail(headers=f"From: {local}@example.com\r\n"))
    assert (mail.loop, mail.auto_submitted) == ("robot_sender", True)


@pytest.mark.parametrize(
    "header", ["Auto-Submitted: no", "Return-Path: <ann@example.com>", "X-Auto-Response-Suppress: RN"]
)
def test_answers_people(header: str) -> None:
    assert read_mail(any_mail(f"{header}\r\n")).loop is None


def test_t31_recognises_its_own_mails() -> None:
    assert read_mail(any_mail(), own_addresses=["Ann@example.com"]).loop == "own_mail"
    assert read_mail(any_mail(), own_domains=["example.com"]).loop == "own_mail"
    assert read_mail(any_mail(), own_addresses=["help@example.org"], own_domains=["example.org"]).loop is None


EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
BLOCKED = {
    "program": ("setup.exe", b"MZ\x90\0", "executable"),
    "disguised program": ("photo.png", b"MZ\x90\0", "executable"),
    "double ending": ("invoice.pdf.exe", b"%PDF-1.7", "double_extension"),
    "script": ("run.ps1", b"Get-Item", "script"),
    "shebang": ("notes.txt", b"#!/bin/sh\n", "script"),
    "page": ("login.html", b"<html>", "html"),
    "vector page": ("logo.svg", b"<svg onload=x>", "html"),
    "macros": ("sheet.xlsx", any_zip(**{"[Content_Types]_dot_xml": b"", "xl__vbaProject_dot_bin": b"x"}), "macros"),
    "archive in archive": ("a.zip", any_zip(b_dot_zip=b"PK"), "archive_in_archive"),
    "program in archive": ("a.zip", any_zip(b_dot_exe=b"MZ"), "executable"),
    "bomb": ("a.zip", any_zip(b_dot_txt=b"\0" * 5_000_000), "zip_bomb"),
    "opaque archive": ("a.rar", b"Rar!\x1a\x07\0", "archive"),
    "broken archive": ("a.zip", b"PK\x03\x04broken", "archive"),
    "test virus": ("a.txt", EICAR, "malware_test"),
    "empty": ("a.pdf", b"", "empty"),
    "unknown": ("a.bin", bytes(range(256)), "unknown"),
}


@pytest.mark.parametrize(("name", "content", "reason"), BLOCKED.values(), ids=BLOCKED)
def test_t33_blocks_dangerous_attachments_with_a_reason(name: str, content: bytes, reason: str) -> None:
    (attachment,) = mail_with(name, content).attachments
    assert attachment.blocked == reason


def test_t33_blocks_a_name_that_reads_backwards() -> None:
    (attachment,) = mail_with("=?utf-8?q?invoice=E2=80=AEfdp=2Etxt?=", b"text").attachments
    assert attachment.blocked == "disguised_name"
    assert "\u202e" not in attachment.name


ALLOWED = {
    "a.pdf": b"%PDF-1.7",
    "a.png": b"\x89PNG\r\n\x1a\n",
    "a.jpg": b"\xff\xd8\xff\xe0",
    "a.txt": b"hello",
    "a.csv": b"a,b\n1,2",
    "a.zip": any_zip(notes_dot_txt=b"hello"),
    "a.docx": any_zip(**{"[Content_Types]_dot_xml": b"", "word__document_dot_xml": b"<w/>"}),
}


@pytest.mark.parametrize(("name", "content"), ALLOWED.items(), ids=ALLOWED)
def test_lets_ordinary_attachments_through(name: str, content: bytes) -> None:
    (attachment,) = mail_with(name, content).attachments
    assert (attachment.name, attachment.blocked, attachment.content) == (name, None, content)


@pytest.mark.parametrize(
    ("sent", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\\\..\\\\x.txt", "x.txt"),
        ("/abs.txt", "abs.txt"),
        ("..", "unnamed"),
        ("a:b?.txt", "a_b_.txt"),
    ],
)
def test_t33_makes_names_safe(sent: str, safe: str) -> None:
    assert mail_with(sent, b"hello").attachments[0].name == safe


def test_shortens_a_long_name_and_keeps_its_ending() -> None:
    name = mail_with("a" * 500 + ".txt", b"hello").attachments[0].name
    assert (len(name), name[-4:]) == (120, ".txt")


LINES = st.sampled_from(
    [
        "From: a@example.com", "Subject: =?utf-8?b?aGk=?=", "Content-Type: multipart/mixed; boundary=b", "Content-Type: text/html",
        "Content-Type: message/rfc822", "Content-Type: text/plain; charset=utf-16", "Content-Transfer-Encoding: base64", "--b", "--b--", "",
        "Content-Transfer-Encoding: x-uuencode", "begin 644 x", "<div><blockquote>", "Content-Disposition: attachment; filename*=x''%ff", " folded", "PK\x03\x04",
    ]
)  # fmt: skip


@given(st.lists(LINES | st.text(max_size=20), max_size=30))
def test_t32_reads_or_refuses_any_lines(lines: list[str]) -> None:
    read_or_refuse("\n".join(lines).encode("utf-8", "surrogatepass"))


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_t32_reads_or_refuses_any_bytes(raw: bytes) -> None:
    read_or_refuse(raw)
    read_or_refuse(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" + raw)


def read_or_refuse(raw: bytes) -> None:
    try:
        mail = read_mail(raw)
    except InvalidInput:
        return
    f"{mail.from_}{mail.subject}{mail.text}".encode()
