"""What the events that AWS sends mean: each is held to its shape, and read into what a handler takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NoReturn
from urllib.parse import unquote_plus

from adapters.aws.records_stream import events_of, partition_of
from shared.errors import InvalidInput

Event = Mapping[str, Any]
SQS, DYNAMODB, S3 = "aws:sqs", "aws:dynamodb", "aws:s3"
SOCKET_KINDS = ("CONNECT", "MESSAGE", "DISCONNECT")
IDS: tuple[tuple[str | int, ...], ...] = (
    ("requestContext", "requestId"), ("Records", 0, "messageId"), ("Records", 0, "eventID"), ("id",), ("execution",),
)  # fmt: skip
METHOD = ("requestContext", "http", "method")
SETUP_NOTE = "AMAZON_SES_SETUP_NOTIFICATION"  # SES writes it once, to see whether it may


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A raw mail that SES has put into a bucket, and the tenant whose folder it lies in, empty where in none."""

    bucket: str
    key: str
    tenant: str


@dataclass(frozen=True, slots=True)
class SocketEvent:
    """What happened on a WebSocket; a binary message has no body."""

    kind: str
    connection: str
    conversation: str
    body: str


def read_records(event: Event, source: str) -> list[Event]:
    """The records of a batch; raises InvalidInput for what is no batch of this source."""
    records = event.get("Records") if isinstance(event, Mapping) else None
    if not isinstance(records, list) or not records:
        refuse("Records", f"a batch of {source}")
    if any(not isinstance(each, Mapping) or each.get("eventSource") != source for each in records):
        refuse("Records.eventSource", source)
    return records


def read_message(record: Event) -> Any:
    """A queue message's JSON value."""
    try:
        return json.loads(record["body"])
    except (KeyError, TypeError, ValueError):
        refuse("body", "JSON")


def read_events(record: Event) -> tuple[str, list[dict[str, Any]]]:
    """The tenant and the events that a change of a table carries, none where it carries none."""
    try:
        events = [asdict(each) for each in events_of(record)]
        mark, _, rest = partition_of(record).partition("|")
    except (AttributeError, KeyError, TypeError, ValueError):
        refuse("dynamodb", "keys, and events as JSON texts")
    if events and mark != "T":
        refuse("dynamodb.Keys.pk", "a tenant's partition")
    return rest.partition("|")[0], events


def read_fact(event: Event) -> Any:
    """What a subscriber is told: the detail, which a rule's target may already have taken out of its envelope."""
    if not isinstance(event, Mapping):
        refuse("event", "an event of the platform")
    if "detail-type" not in event:
        return event
    detail = event.get("detail")
    if not isinstance(detail, Mapping) or detail.get("name") != event["detail-type"]:
        refuse("detail", "an event of the platform, by its own name")
    return detail


def read_timer(event: Event) -> tuple[str, Any] | None:
    """A timer's handler and what it is told; None for the schedule of the minute."""
    fields = set(event) if isinstance(event, Mapping) else set()
    if fields == {"minute"}:
        return None
    if fields != {"handler", "body"} or not isinstance(event["handler"], str):
        refuse("event", "a minute, or a timer's handler and body")
    return event["handler"], event["body"]


def read_stored_mail(record: Event) -> StoredMail | None:
    """Where a mail lies, `<folder>/<tenant>/<id>` or `<id>` alone; None for SES's note that it may write there."""
    try:
        bucket, key = str(record["s3"]["bucket"]["name"]), unquote_plus(record["s3"]["object"]["key"])
    except (AttributeError, KeyError, TypeError):
        refuse("s3", "a bucket's name and an object's key")
    *folders, name = key.split("/")
    return None if name == SETUP_NOTE else StoredMail(bucket, key, folders[-1] if folders else "")


def read_socket(event: Event) -> SocketEvent:
    """What happened on which connection; raises InvalidInput."""
    kind, connection = (find_text(event, "requestContext", name) for name in ("eventType", "connectionId"))
    if kind not in SOCKET_KINDS or not connection:
        refuse("requestContext", f"eventType, one of {', '.join(SOCKET_KINDS)}, and connectionId")
    body = "" if event.get("isBase64Encoded") else find_text(event, "body")
    return SocketEvent(kind, connection, find_text(event, "queryStringParameters", "conversation"), body)


def read_request(event: Event) -> dict[str, Any]:
    """A request of the HTTP API, payload version 2.0; header names are lower case."""
    if find_text(event, "version") != "2.0" or not find_text(event, "rawPath") or not find_text(event, *METHOD):
        refuse("version", "a request of API Gateway's HTTP API, payload version 2.0")
    told = event.get("headers") or {}
    if not isinstance(told, Mapping):
        refuse("headers", "values by name")
    headers = {str(name).lower(): value for name, value in told.items()}
    return {**event, "headers": headers, "body": event.get("body")}


def correlate(event: Any) -> str:
    """The id under which others know this call: a request, a message, a record, an event or an execution."""
    return next((told for path in IDS if (told := find_text(event, *path))), "")


def find_text(event: Any, *path: str | int) -> str:
    """The text at a place in an event, empty where there is none."""
    found = event
    for step in path:
        if isinstance(step, int):
            found = found[step] if isinstance(found, list) and len(found) > step else None
        else:
            found = found.get(step) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else ""


def refuse(field: str, limit: str) -> NoReturn:
    raise InvalidInput("an event of another shape", field=field, limit=limit, action="look at what calls this function")
