"""Faults between the SDK and moto: what an attempt meets before or after moto has carried it out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from moto.core.botocore_stubber import MockRawResponse

URL = "https://aws.example"
Fault = Callable[[], Exception] | tuple[int, str] | None


no_connection: Callable[[], Exception] = partial(EndpointConnectionError, endpoint_url=URL)
no_handshake: Callable[[], Exception] = partial(ConnectTimeoutError, endpoint_url=URL)
no_answer: Callable[[], Exception] = partial(ReadTimeoutError, endpoint_url=URL)


@contextmanager
def attempts_meet(client: Any, *faults: Fault, done: bool = False) -> Iterator[list[bytes]]:
    """Let the client's next attempts meet these faults, one each; the SDK waits for nothing between them.

    A fault makes an exception, a status with a code, or None for an attempt that passes. With `done` moto has carried the
    attempt out before the fault, so only the answer is lost. Yields what each attempt sent.
    """
    waiting, seen = list(faults), list[bytes]()

    def meet(request: Any, **_: Any) -> AWSResponse | None:
        seen.append(request.body)
        fault = waiting.pop(0) if waiting else None
        if callable(fault):
            raise fault()
        return None if fault is None else answer(request.url, *fault)

    events = client.meta.events
    (events.register_last if done else events.register_first)("before-send.*", meet)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
        try:
            yield seen
        finally:
            events.unregister("before-send.*", meet)


def answer(url: str, status: int, code: str) -> AWSResponse:
    """What a service answers with an error, for the JSON protocols and for S3."""
    if "s3" in url:
        body = f"<Error><Code>{code}</Code></Error>"
    else:
        body = json.dumps({"__type": f"com.amazonaws#{code}", "message": "no"})
    return AWSResponse(url, status, {"x-amzn-RequestId": "r1"}, MockRawResponse(body.encode()))


@contextmanager
def calls_fail(client: Any, fault: Exception) -> Iterator[None]:
    """Let every call of a client end in this exception of the SDK."""

    def fail(**_: Any) -> None:
        raise fault

    client.meta.events.register_first("before-call.*", fail)
    try:
        yield
    finally:
        client.meta.events.unregister("before-call.*", fail)
