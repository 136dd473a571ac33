"""How a row looks in DynamoDB: `pk`, `sk`, `body` (JSON text), `version`, `expires` (epoch s), `events` and `tells`.

`events` is a list of JSON texts `{id, name, body}`. They are written with the row and only by a Put, which replaces the
whole item: what a stream's new image carries is therefore what that one write had to tell, and nothing older (R9).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from shared.ports.records import ABSENT, Event, Row, Version

Item = dict[str, Any]

NAMES = {"#version": "version", "#expires": "expires"}
_LIVE = "(attribute_not_exists(#expires) OR #expires > :now)"
# An expired row is absent here as it is on read, or its key could not be written again before DynamoDB removes it (R7).
_IS_ABSENT = "attribute_not_exists(pk) OR #expires <= :now"
_IS_AT_VERSION = f"#version = :version AND {_LIVE}"


def key_of(partition: str, row: str) -> Item:
    """The primary key of a row."""
    return {"pk": {"S": partition}, "sk": {"S": row}}


def item_of(
    partition: str, row: str, version: Version, body: str, expires_at: int | None, events: Sequence[str]
) -> Item:
    """A whole item; `body` and `events` are JSON texts."""
    item = {**key_of(partition, row), "version": {"S": version}, "body": {"S": body}}
    if expires_at is not None:
        item["expires"] = {"N": str(expires_at)}
    if events:
        item["events"] = {"L": [{"S": text} for text in events]}
        item["tells"] = {"S": str(len(events))}  # what the stream's filter looks for: a leaf, which a list is not
    return item


def row_of(item: Item, now: int) -> Row | None:
    """The row in an item, None where it has expired by `now` (epoch s), which DynamoDB may take days to see."""
    if "expires" in item and int(item["expires"]["N"]) <= now:
        return None
    body = json.loads(item["body"]["S"])
    return Row(item["pk"]["S"], item["sk"]["S"], Version(item["version"]["S"]), body)


def condition_of(condition: Version, now: int) -> Item:
    """The parameters of a write that holds it to ABSENT or to a version, as of `now` (epoch s)."""
    values: Item = {":now": {"N": str(now)}}
    if condition == ABSENT:
        return {
            "ConditionExpression": _IS_ABSENT,
            "ExpressionAttributeNames": {"#expires": "expires"},
            "ExpressionAttributeValues": values,
        }
    return {
        "ConditionExpression": _IS_AT_VERSION,
        "ExpressionAttributeNames": NAMES,
        "ExpressionAttributeValues": {**values, ":version": {"S": condition}},
    }


def text_of(event: Event, body: str) -> str:
    """An event as it rides in an item; `body` is its body's JSON text."""
    return f'{{"id":{json.dumps(event.id)},"name":{json.dumps(event.name)},"body":{body}}}'
