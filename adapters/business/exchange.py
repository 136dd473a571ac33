"""One HTTP request, with a deadline for all of it, and errors that say whether it may have arrived.

The standard library, because it connects in a step of its own: what fails there was certainly not sent. Redirects are
not followed, proxies not used, nothing is tried again, and no connection is kept: one that a frozen function had kept
may be dead, and a request lost on it would be unclear.
"""

from __future__ import annotations

import functools
import http.client
import io
import socket
import ssl
import struct
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from shared.errors import Unavailable, Uncertain

MOST_BYTES = 1024 * 1024
_NOT_LATER = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


def post(url: str, headers: Mapping[str, str], body: bytes, *, connect: float, seconds: float) -> Answer:
    """POST `body`; see `exchange`."""
    return exchange("POST", url, headers, body, connect=connect, seconds=seconds)


def exchange(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None, *, connect: float, seconds: float
) -> Answer:
    """Send a request; raises Unavailable where it was certainly not sent, and Uncertain where nobody can know.

    `connect` seconds to be connected, `seconds` until the last byte of the answer.
    """
    parts, ends = urlsplit(url), time.monotonic() + seconds
    host, target = parts.hostname or "", f"{parts.path}?{parts.query}" if parts.query else parts.path
    with closing(_connection(parts.scheme, host, parts.port, min(connect, seconds))) as connection:
        try:
            connection.connect()
        except (OSError, ValueError) as error:
            raise Unavailable(f"{host} cannot be reached ({type(error).__name__})") from error
        connection.auto_open = 0
        reached, connection.sock = connection.sock, _InTime(connection.sock, ends)
        try:
            connection.request(method, target, body, dict(headers))
            answer = connection.getresponse()
            content = answer.read(MOST_BYTES + 1)
        except (OSError, http.client.HTTPException, ValueError) as error:
            if reached.fileno() != -1:  # still open: what has not left is not sent any more
                reached.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NOT_LATER)
            raise Uncertain(f"{host} gave no answer ({type(error).__name__})") from error
    if len(content) > MOST_BYTES:
        raise Uncertain(f"{host} answered more than {MOST_BYTES} bytes")
    return Answer(answer.status, content)


def _connection(scheme: str, host: str, port: int | None, timeout: float) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=timeout, context=trusted_certificates())
    return http.client.HTTPConnection(host, port, timeout=timeout)


@functools.cache
def trusted_certificates() -> ssl.SSLContext:
    """Certificates as the system trusts them, read once."""
    return ssl.create_default_context()


class _InTime:
    """A socket of which every step ends in time; a socket's own timeout begins anew with every byte that arrives."""

    def __init__(self, connected: socket.socket, ends: float) -> None:
        self._socket, self._ends = connected, ends

    def sendall(self, data: Any) -> None:
        hurry(self._socket, self._ends)
        self._socket.sendall(data)

    def makefile(self, _: str) -> io.BufferedReader:
        return io.BufferedReader(_Arriving(self._socket, self._ends))

    def close(self) -> None:
        self._socket.close()


class _Arriving(io.RawIOBase):
    """What arrives at a socket, until its time is over."""

    def __init__(self, connected: socket.socket, ends: float) -> None:
        self._socket, self._ends = connected, ends
        self._raw = connected.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        hurry(self._socket, self._ends)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def hurry(connected: socket.socket, ends: float) -> None:
    """Give the next step the time that is left; raises TimeoutError where none is."""
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError("no time is left")
    connected.settimeout(left)
