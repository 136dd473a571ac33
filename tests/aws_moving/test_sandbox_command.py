"""`supportmax sandbox` as a function in the cloud meets it: a child process on loopback."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.business.gateway import SECRET, Gateway
from adapters.local.clock import SystemClock
from adapters.local.ids import LocalIds
from adapters.local.secrets import LocalSecrets

RUN = "from adapters.local.cli.main import main; main()"
EVA = {"customer": "cus_eva"}


@contextmanager
def any_sandbox(data: Path) -> Iterator[Gateway]:
    """The command on a data folder, and a client with the secret that it wrote there."""
    command = (sys.executable, "-c", RUN, "sandbox", "--port", "0", "--data", str(data))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            found = re.match(r"SUPPORTMAX_BUSINESS_URL=(http://127\.0\.0\.1:\d+) ", running.stdout.readline())
            assert found
            secrets = LocalSecrets(data.with_name("of-the-client"), LocalIds())
            secrets.put(SECRET, (data / "gateway.key").read_bytes().strip())
            yield Gateway(found[1], secrets, SystemClock(), LocalIds())
        finally:
            running.send_signal(signal.SIGTERM)
            assert running.wait(10) == 0


def test_the_company_is_reached_by_its_url_and_its_key_and_remembers_both(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with any_sandbox(data) as gateway:
        first = gateway.act("accounts", "issue_api_key", {**EVA, "label": "export"}, key="k1")
        key = (data / "gateway.key").read_bytes()
    with any_sandbox(data) as gateway:
        assert gateway.look_up("accounts", "k1") == first
    assert (data / "gateway.key").read_bytes() == key
    assert key.startswith(b"whsec_")
    assert stat.S_IMODE(os.stat(data / "gateway.key").st_mode) == 0o600


def test_a_port_that_is_taken_ends_the_command_with_what_to_do(tmp_path: Path) -> None:
    with any_sandbox(tmp_path / "data") as gateway:
        port = gateway._url.rsplit(":", 1)[1]
        command = (sys.executable, "-c", RUN, "sandbox", "--port", port, "--data", str(tmp_path / "other"))
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert "--port" in ended.stderr
