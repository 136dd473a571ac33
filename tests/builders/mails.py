"""Raw mails and a platform that takes them in, for tests."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adapters.local.outcomes import read_outcome
from adapters.local.platform import Platform
from shared.settings import Settings
from tests.builders.events import told

TENANT = "demo"
NOON = 1_763_640_000_000  # 2025-11-20 12:00 UTC
CUSTOMER, CUSTOMER_ADDRESS = "cus_ada", "ada@lindqvist-optik.example"
PASSED = {"dmarc": "PASS", "spf": "PASS", "dkim": "PASS"}


class FixedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: int = NOON) -> None:
        self.at = at

    def now(self) -> int:
        return self.at

    def monotonic(self) -> float:
        return self.at / 1000

    def skew(self) -> int:
        return 0


def any_mail(
    text: str = "How do I reset my password?",
    *,
    sender: str = "someone@post.example",
    subject: str = "A question",
    message_id: str = "<m1@post.example>",
    **headers: str,
) -> bytes:
    """A raw mail; `headers` are written with `_` for `-`, and an empty `message_id` leaves it out."""
    lines = [f"From: {sender}", "To: help@support.tallybird.example", f"Subject: {subject}"]
    lines += [f"Message-ID: {message_id}"] if message_id else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "Content-Type: text/plain; charset=utf-8", "", text, ""]).encode()


def any_attachment_mail(*files: tuple[str, bytes]) -> bytes:
    """A mail with files."""
    parts = [
        f'Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{base64.b64encode(content).decode()}\r\n"
        for name, content in files
    ]
    head = any_mail().decode().split("Content-Type:")[0] + 'Content-Type: multipart/mixed; boundary="B"\r\n\r\n'
    body = "Content-Type: text/plain\r\n\r\nPlease see the files.\r\n"
    return (head + "".join(f"--B\r\n{part}" for part in [body, *parts]) + "--B--\r\n").encode()


class Mailroom:
    """A platform in a folder that mails are handed to."""

    def __init__(self, platform: Platform, clock: FixedClock) -> None:
        self.platform, self.clock = platform, clock
        self.provider = platform.provider

    def receive(self, raw: bytes, **envelope: Any) -> dict[str, Any]:
        """Hand a mail over; what became of it at the door."""
        task = {"tenant": TENANT, "raw": base64.b64encode(raw).decode(), "envelope": envelope}
        received: dict[str, Any] = self.platform.call("intake.email", task)
        return received

    def answer(self, raw: bytes, **envelope: Any) -> dict[str, Any]:
        """Hand a mail over and work everything off; its outcome."""
        received = self.receive(raw, **envelope)
        self.platform.settle()
        return read_outcome(self.platform, TENANT, received["conversation"], received["message"])

    def row(self, received: dict[str, Any]) -> dict[str, Any]:
        """The row of a message."""
        partition = f"T|{TENANT}|C|{received['conversation']}"
        found = self.provider.records.get(partition, f"IN|{received['message']}")
        assert found is not None
        return found.body

    def words(self, received: dict[str, Any]) -> dict[str, str]:
        """The sealed words of a message, opened."""
        row = self.row(received)
        opened: dict[str, str] = self.platform.app.vault.open(TENANT, row["subject_key"], row["sealed"])
        return opened

    def sent(self) -> list[dict[str, Any]]:
        """What has left by mail, in order."""
        import json

        outbox = self.provider.store.folder / "outbox"
        return [json.loads(path.read_text()) for path in sorted(outbox.glob("email-*.json"))]

    def told(self, name: str) -> list[dict[str, Any]]:
        """The bodies of the events of that name that wait to be published."""
        return [event.body for event in told(self.provider.records) if event.name == name]


@contextmanager
def open_mailroom(folder: Path) -> Iterator[Mailroom]:
    """A fresh platform in a folder, whose clock stands at noon."""
    clock = FixedClock()
    platform = Platform(folder, Settings(tenant=TENANT), clock=clock, sleep=lambda seconds: None)
    try:
        yield Mailroom(platform, clock)
    finally:
        platform.close()
