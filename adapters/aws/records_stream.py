"""What the records' stream has to tell: the events that ride in new images (R9).

The stream is NEW_IMAGE. Items are only ever put whole, never updated in part, so the events of an image belong to the
write that made it; an item that is removed, by a batch or by its expiry, tells nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from shared.ports.records import Event


def events_of(record: Mapping[str, Any]) -> list[Event]:
    """The events that one stream record carries, in the order in which they were stored."""
    image = record.get("dynamodb", {}).get("NewImage", {})
    told = [json.loads(text["S"]) for text in image.get("events", {}).get("L", ())]
    return [Event(each["id"], each["name"], each["body"]) for each in told]


def partition_of(record: Mapping[str, Any]) -> str:
    """The partition that a stream record is about, so that a relay can tell whose it is."""
    return str(record["dynamodb"]["Keys"]["pk"]["S"]).removeprefix("#")
