"""Whether an earlier attempt of a call, that the SDK made by itself, may have been carried out.

The SDK tells only of its last attempt. "Throttled" after a time-out is not "certainly not done", so each attempt that
leaves a doubt marks the call, and the mark rides on the error that is raised in the end.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ConnectionClosedError, HTTPClientError, ReadTimeoutError, ResponseStreamingError

MARK = "supportmax_in_doubt"
UNCLEAR = (ReadTimeoutError, ConnectionClosedError, ResponseStreamingError)
CLEAR_CODES = frozenset({"ServiceUnavailable", "ServiceUnavailableException", "SlowDown", "ThrottlingException"})


def remember_doubt(client: Any) -> None:
    """Let a client mark the errors of calls of which an attempt is unclear."""
    client.meta.events.register("response-received.*", _look_at_attempt)
    client.meta.events.register("after-call.*", _mark_answer)
    client.meta.events.register("after-call-error.*", _mark_exception)


def in_doubt(error: BaseException) -> bool:
    """Whether any attempt of the call that ended in `error` may have been carried out."""
    metadata = answer_in(error).get("ResponseMetadata", {})
    return bool(metadata.get(MARK) or getattr(error, MARK, False))


def answer_in(error: BaseException) -> dict[str, Any]:
    """What AWS answered, as an error of the SDK carries it; a broken connection's error carries None."""
    return getattr(error, "response", None) or {}


def unclear(error: Exception) -> bool:
    """Whether the connection broke after the request may have been read."""
    exact = type(error) is HTTPClientError  # botocore's wrapper round whatever urllib3 did not expect
    return exact or isinstance(error, UNCLEAR)


def _look_at_attempt(
    context: dict[str, Any], parsed_response: dict[str, Any] | None, exception: Exception | None, **_: Any
) -> None:
    if exception is not None:
        doubtful = unclear(exception)
    else:
        answer = parsed_response or {}
        failed = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 200) >= 500
        doubtful = failed and answer.get("Error", {}).get("Code") not in CLEAR_CODES
    if doubtful:
        context[MARK] = True


def _mark_answer(context: dict[str, Any], parsed: dict[str, Any], **_: Any) -> None:
    if context.get(MARK):
        parsed.setdefault("ResponseMetadata", {})[MARK] = True


def _mark_exception(context: dict[str, Any], exception: Exception, **_: Any) -> None:
    if context.get(MARK):
        setattr(exception, MARK, True)
