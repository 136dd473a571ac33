"""The gateway over TLS: an answer comes from whom the certificate names, or nothing was sent."""

from __future__ import annotations

import datetime
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.business import exchange
from adapters.business.gateway import SECRET, Gateway
from adapters.business.sandbox import server
from adapters.business.sandbox.sandbox import Sandbox
from adapters.business.sandbox.server import GatewayServer
from adapters.local.clock import SystemClock
from adapters.local.ids import LocalIds
from adapters.local.secrets import LocalSecrets
from shared.errors import Unavailable
from tests.contract.test_gateway_business_systems import A_SECRET

EVA = {"customer": "cus_eva"}


@dataclass(frozen=True, slots=True)
class Served:
    """A company behind TLS on this machine, and where its certificate lies."""

    company: Sandbox
    secrets: LocalSecrets
    port: int
    certificate: Path

    def gateway(self, host: str = "localhost") -> Gateway:
        return Gateway(f"https://{host}:{self.port}", self.secrets, SystemClock(), LocalIds())


def write_certificate(folder: Path) -> Path:
    """A certificate for `localhost`, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "gateway.pem"
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    secrets = LocalSecrets(tmp_path / "secrets", LocalIds())
    for name in (SECRET, server.SECRET):
        secrets.put(name, A_SECRET)
    file = write_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with closing(Sandbox(tmp_path)) as company, GatewayServer(company, secrets, SystemClock()) as serving:
        serving.socket = context.wrap_socket(serving.socket, server_side=True)
        thread = threading.Thread(target=serving.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield Served(company, secrets, serving.server_port, file)
        finally:
            serving.shutdown()
            thread.join()


@pytest.fixture
def trusting(served: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """This machine trusts the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(served.certificate))
    exchange.trusted_certificates.cache_clear()
    yield served
    exchange.trusted_certificates.cache_clear()


def test_reads_and_actions_go_through(trusting: Served) -> None:
    gateway = trusting.gateway()
    result = gateway.act("accounts", "issue_api_key", {**EVA, "label": "export"}, key="k1")
    assert gateway.look_up("accounts", "k1") == result
    assert len(gateway.read("accounts", "api_keys", EVA)["api_keys"]) >= 1


def test_a_certificate_that_nobody_trusts_is_unavailable_and_nothing_was_sent(served: Served) -> None:
    with pytest.raises(Unavailable, match="SSLCertVerificationError"):
        served.gateway().act("accounts", "issue_api_key", {**EVA, "label": "export"}, key="k1")
    assert served.company.look_up("accounts", "k1") is None


def test_a_certificate_for_another_name_is_unavailable(trusting: Served) -> None:
    with pytest.raises(Unavailable, match="SSLCertVerificationError"):
        trusting.gateway("127.0.0.1").act("accounts", "issue_api_key", {**EVA, "label": "export"}, key="k1")
    assert trusting.company.look_up("accounts", "k1") is None
