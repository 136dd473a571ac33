"""The local files, clock, telemetry and outbox where they promise more than the ports do."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from adapters.local.channels import LocalChannels
from adapters.local.clock import ShiftedClock, SystemClock
from adapters.local.connections import LocalConnections
from adapters.local.documents import LocalDocuments
from adapters.local.files import DESK
from adapters.local.ids import LocalIds
from adapters.local.secrets import LocalSecrets
from adapters.local.telemetry import LocalTelemetry
from shared.errors import NotFound, Unavailable, Unsupported
from shared.ports.channels import Outgoing


def test_secrets_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    secrets = LocalSecrets(tmp_path / "secrets", LocalIds())
    secrets.put("key|t1|c1", b"value")
    files = [file for file in (tmp_path / "secrets").rglob("*") if file.is_file()]
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600]
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_unfinished_files_of_a_killed_process_are_removed_and_never_listed(tmp_path: Path) -> None:
    documents = LocalDocuments(tmp_path, LocalIds())
    documents.put("raw/mail", b"x")
    (tmp_path / DESK / "half").write_bytes(b"half a mail")
    assert list(documents.list_names("")) == ["raw/mail"]
    assert list(LocalDocuments(tmp_path, LocalIds()).list_names("")) == ["raw/mail"]
    assert list((tmp_path / DESK).iterdir()) == []


def test_opened_read_only_files_are_neither_made_nor_changed(tmp_path: Path) -> None:
    documents = LocalDocuments(tmp_path / "d", LocalIds(), read_only=True)
    secrets = LocalSecrets(tmp_path / "s", LocalIds(), read_only=True)
    channels = LocalChannels(tmp_path / "o", SystemClock(), LocalIds(), read_only=True)
    with pytest.raises(NotFound):
        documents.get("a")
    with pytest.raises(Unsupported):
        documents.put("a", b"")
    with pytest.raises(Unsupported):
        documents.delete("a")
    with pytest.raises(Unsupported):
        secrets.put("a", b"")
    with pytest.raises(Unsupported):
        secrets.delete("a")
    with pytest.raises(Unsupported):
        channels.send(Outgoing("k", "email", "a@example.com", "s", "t"))
    assert list(documents.list_names("")) == []
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_does_not_take_it_is_unavailable(tmp_path: Path) -> None:
    documents = LocalDocuments(tmp_path / "d", LocalIds())
    (tmp_path / "d" / "a%").write_text("a file where a folder must be")
    with pytest.raises(Unavailable):
        documents.put("a/b", b"x")


def test_a_shifted_clock_is_ahead_and_steps_forward_only() -> None:
    base = SystemClock()
    clock = ShiftedClock(base, 3600)
    assert 3_599_000 <= clock.now() - base.now() <= 3_601_000
    before = clock.monotonic()
    clock.advance(60)
    clock.advance(-60)
    assert clock.monotonic() - before >= 60
    assert clock.skew() == base.skew() == 0


def test_the_telemetry_file_is_bounded(tmp_path: Path) -> None:
    file = tmp_path / "telemetry.jsonl"
    telemetry = LocalTelemetry(file, SystemClock(), max_bytes=2000)
    for number in range(200):
        telemetry.fact("turn", n=number)
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) == 2
    assert max(sizes) <= 2000
    assert json.loads(file.read_text().splitlines()[-1])["n"] == 199


def test_silent_telemetry_counts_without_a_file_and_a_broken_file_is_only_counted(tmp_path: Path) -> None:
    silent = LocalTelemetry(None, SystemClock())
    for outcome in ("resolved", "resolved", "escalated"):
        silent.count("turns", outcome=outcome)
    assert silent.totals() == {("turns", (("outcome", "resolved"),)): 2, ("turns", (("outcome", "escalated"),)): 1}
    broken = LocalTelemetry(tmp_path / "no folder" / "file", SystemClock())
    broken.fact("turn")
    assert (silent.lost, broken.lost) == (0, 1)


def test_each_repeat_of_a_mail_is_kept_like_smtp_would_send_it(tmp_path: Path) -> None:
    channels = LocalChannels(tmp_path, SystemClock(), LocalIds())
    for _ in range(2):
        channels.send(Outgoing("k", "email", "a@example.com", "s", "t"))
        channels.send(Outgoing("k", "social", "@a", "", "t"))
    sent = [json.loads(file.read_text()) for file in tmp_path.glob("*.json")]
    assert sorted(message["channel"] for message in sent) == ["email", "email", "social"]
    assert {message["auto_submitted"] for message in sent} == {"auto-replied"}


def test_a_connection_whose_socket_breaks_is_forgotten() -> None:
    connections = LocalConnections()

    def broken(body: dict[str, object]) -> bool:
        raise BrokenPipeError

    connections.attach("ws1", broken)
    connections.join("ws1", "t1|desk")
    assert connections.push("ws1", {}) is False
    assert connections.members("t1|desk") == ()
