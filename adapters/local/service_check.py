"""What `supportmax doctor --url` asks a running platform: its health, its readiness, its door, its certificate."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from shared.errors import Misconfigured

SECONDS = 10
DAYS_LEFT = 14
OLDEST_TLS = "TLSv1.2"
GUARDED = "/api/v1/conversations/doctor"  # a read that asks for a program's key, of what nobody has begun

Check = tuple[str, Callable[[], str], str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a platform answers: scheme, host, port, and the path before every route."""

    scheme: str
    host: str
    port: int | None
    path: str

    def ask(self, route: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        """Status and body of one GET; raises Misconfigured where nobody answers."""
        kind = http.client.HTTPSConnection if self.scheme == "https" else http.client.HTTPConnection
        connection = kind(self.host, self.port, timeout=SECONDS)
        try:
            connection.request("GET", self.path + route, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except ssl.SSLError:
            raise
        except OSError as error:
            raise Misconfigured(f"nobody answers at {self.host}: {error}") from error
        finally:
            connection.close()


def service_checks(url: str, key: str = "") -> list[Check]:
    """(name, check, what to do) of each part of a running platform; `key` is an API key, "" where there is none."""
    asked = [
        ("service", lambda: check_answer(url, "/health"), "start it with `supportmax serve`, or correct --url"),
        ("ready", lambda: check_answer(url, "/health/ready"), "wait a minute; else read the function's log"),
        ("transport", lambda: check_transport(url), "serve it over https with a valid certificate"),
        ("door", lambda: check_door(url), "correct --url, or have the key asked for"),
    ]
    if key:
        asked.append(("key", lambda: check_key(url, key), "make a key with `supportmax tenant add`, or ask for one"))
    return asked


def check_answer(url: str, route: str) -> str:
    """The route answers 200."""
    status, _ = place_of(url).ask(route)
    if status != 200:
        raise Misconfigured(f"{route} answers {status}")
    return f"{url}{route} answers 200"


def check_door(url: str) -> str:
    """Without a key a guarded route answers 401 or 403."""
    status, _ = place_of(url).ask(GUARDED)
    if status not in (401, 403):
        raise Misconfigured(f"{GUARDED} answers {status} without a key: take the service from the network")
    return f"{status} without a key"


def check_key(url: str, key: str) -> str:
    """With the key the guarded route says that there is no such conversation, which nobody else is told."""
    status, _ = place_of(url).ask(GUARDED, {"Authorization": f"Bearer {key}"})
    if status != 404:
        raise Misconfigured(f"{GUARDED} answers {status} with the key, not 404")
    return "the key is known"


def check_transport(url: str) -> str:
    """TLS 1.2 or later with a certificate that lasts another fortnight; plain http is for this machine alone."""
    place = place_of(url)
    if place.scheme == "http":
        if not is_this_machine(place.host):
            raise Misconfigured("plain http beyond this machine")
        return "plain http on this machine"
    with (
        socket.create_connection((place.host, place.port or 443), timeout=SECONDS) as plain,
        ssl.create_default_context().wrap_socket(plain, server_hostname=place.host) as secure,
    ):
        version, certificate = secure.version() or "", secure.getpeercert() or {}
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    days = (ends - datetime.now(UTC)).days
    if version < OLDEST_TLS or days < DAYS_LEFT:
        raise Misconfigured(f"{version}, certificate valid for {days} days")
    return f"{version}, certificate valid for {days} days"


def place_of(url: str) -> Place:
    """Where a URL leads; raises Misconfigured where it is no http address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Misconfigured(f"{url} is no http address")
    return Place(parts.scheme, parts.hostname, parts.port, parts.path.rstrip("/"))


def is_this_machine(host: str) -> bool:
    """Whether a host is a loopback address or its name."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
