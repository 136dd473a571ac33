"""`supportmax doctor --url` against a real server: healthy, ready, shut to strangers, open to a good key, and safe."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from adapters.local.cli.main import main
from adapters.local.service_check import check_door, check_transport, is_this_machine, place_of
from shared.errors import Misconfigured
from tests.builders.serving import any_server


@contextmanager
def a_server(answer: int, certificate: Path | None = None) -> Iterator[int]:
    """A loopback server that answers everything with one status, over TLS where it has a certificate; its port."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answer)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Tests print nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def any_certificate(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1 that nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file


def test_a_served_platform_passes_every_check_with_its_key_and_fails_with_another(tmp_path: Path) -> None:
    with any_server(tmp_path / "served") as served:
        told = []
        other = tmp_path / "other.key"
        other.write_text("sm_demo_0123456789abcdef0123456789abcdef\n")
        for file in (tmp_path / "served" / "demo.key", other):
            options = ["doctor", "--data", str(tmp_path / "data"), "--url", served.address, "--key-file", str(file)]
            told.append(CliRunner().invoke(main, options))
    good, bad = told
    assert good.exit_code == 0, good.stdout
    for part in ("service", "ready", "transport", "door", "key"):
        assert f"ok   {part:14}" in good.stdout
    assert bad.exit_code == 1
    assert "FAIL key " in bad.stdout
    assert other.read_text().strip() not in bad.stdout


def test_a_service_that_answers_strangers_is_no_sound_one() -> None:
    with a_server(200) as port, pytest.raises(Misconfigured, match="200 without a key"):
        check_door(f"http://127.0.0.1:{port}")


def test_of_a_dead_address_it_is_said_that_nobody_answers_there(tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["doctor", "--data", str(tmp_path), "--url", "http://127.0.0.1:1"]).stdout
    assert told.count("nobody answers at 127.0.0.1") == 3
    assert "take the service from the network" not in told


def test_plain_http_is_for_this_machine_alone() -> None:
    assert "this machine" in check_transport("http://127.0.0.1:1")
    with pytest.raises(Misconfigured, match="plain http"):
        check_transport("http://support.example.com")


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    with a_server(200, any_certificate(tmp_path)) as port, pytest.raises(ssl.SSLCertVerificationError):
        check_transport(f"https://127.0.0.1:{port}")


@pytest.mark.parametrize(("host", "own"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("a.b", False)])
def test_loopback_is_this_machine(host: str, own: bool) -> None:
    assert is_this_machine(host) is own


def test_the_path_before_the_routes_is_kept() -> None:
    assert place_of("https://api.example.com:8443/prod/").path == "/prod"
