"""`supportmax doctor`: each part by itself, and what to do about one that is broken."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.local.cli.main import main
from adapters.local.platform import Platform
from shared.settings import Settings


def run_doctor(data: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["doctor", "--data", str(data), *options])


def line_of(result: Result, part: str) -> str:
    return next(line for line in result.stdout.splitlines() if line[5:].startswith(part))


@contextmanager
def a_service(status: int) -> Iterator[str]:
    """A loopback service whose health is `status`."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Tests print nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_sound_machine_passes_and_no_folder_is_left_behind(tmp_path: Path) -> None:
    result = run_doctor(tmp_path / "data")
    assert result.exit_code == 0, result.stdout
    assert all(line.startswith("ok ") for line in result.stdout.splitlines())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_the_platform_has_open_is_sound(tmp_path: Path) -> None:
    platform = Platform(tmp_path / "data", Settings())
    result = run_doctor(tmp_path / "data")
    platform.close()
    assert line_of(result, "data folder").startswith("ok ")


def test_a_folder_that_holds_something_else_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "supportmax.db").write_text("no database, but long enough to be taken for the beginning of one" * 20)
    result = run_doctor(tmp_path)
    assert result.exit_code == 1
    assert line_of(result, "data folder").startswith("FAIL")
    assert "choose another folder" in result.stdout


@pytest.mark.parametrize(("status", "said"), [(200, "ok"), (503, "FAIL")])
def test_a_service_is_as_sound_as_its_health(tmp_path: Path, status: int, said: str) -> None:
    with a_service(status) as url:
        assert line_of(run_doctor(tmp_path, "--url", url), "service").startswith(said)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "ftp://127.0.0.1", "nonsense", "http://127.0.0.1:99999"])
def test_a_service_that_cannot_be_asked_fails(tmp_path: Path, url: str) -> None:
    result = run_doctor(tmp_path, "--url", url)
    assert result.exit_code == 1
    assert line_of(result, "service").startswith("FAIL")
