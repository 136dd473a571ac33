"""Feeding messages one by one and reading what became of each; what `run` and `demo` stand on."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.local.cli.filters import Record
from adapters.local.outcomes import read_outcome
from adapters.local.platform import Platform
from adapters.local.seeding import seed_articles
from shared.errors import InvalidInput
from shared.ports.clock import Clock
from shared.settings import Settings, read_settings

TEXT_FIELDS = ("text", "channel", "customer_id", "from", "subject", "conversation_id", "received_at")
# what intake calls the fields that may be left out
OPTIONAL = {"customer": "customer_id", "from_": "from", "subject": "subject", "conversation": "conversation_id"}


class Runner:
    """One data folder's platform, fed in order: a message's outcome is final before the next is taken."""

    def __init__(self, folder: Path, *, settings: Settings | None = None, clock: Clock | None = None) -> None:
        self.settings = settings or read_settings()
        self.platform = Platform(folder, self.settings, clock=clock)
        seed_articles(self.platform, self.settings.tenant)
        self.platform.settle()

    def answer(self, record: Record) -> Record:
        """One line's outcome; raises Refused where the message is not accepted."""
        began = time.perf_counter()
        arriving = to_arriving(record, self.settings.tenant)
        arriving["customer"] = arriving["customer"] or self._proven_customer(record)
        received = self.platform.call("intake.receive", arriving)
        self.platform.settle()
        outcome = read_outcome(self.platform, self.settings.tenant, received["conversation"], received["message"])
        outcome.pop("reason", None)
        return outcome | {"duration_ms": round((time.perf_counter() - began) * 1000, 1)}

    def _proven_customer(self, record: Record) -> str:
        """The customer whose verified address a mail came from, where its envelope says that DMARC passed (T30)."""
        named = record.get("envelope")
        envelope: Record = named if isinstance(named, dict) else record
        if record.get("channel") != "email" or not record.get("from") or envelope.get("dmarc") != "pass":
            return ""
        found = self.platform.provider.business_systems.read("accounts", "customer_by_email", {"email": record["from"]})
        return str(found.get("customer") or "")

    def close(self) -> None:
        self.platform.close()


def to_arriving(record: Record, tenant: str) -> dict[str, Any]:
    """A line as intake takes it: `customer_id` is trusted, `from` never is; raises InvalidInput naming the field."""
    for field in TEXT_FIELDS:
        if record.get(field) is not None and not isinstance(record[field], str):
            raise InvalidInput(f"{field} is no text", field=field, limit="a string", action=f"give {field} as text")
    if not isinstance(record.get("text"), str):
        raise InvalidInput("text is missing", field="text", limit="1 to 5000 characters", action="give the words")
    return {
        "tenant": tenant,
        "channel": record.get("channel") or "api",
        "text": record["text"],
        "own_id": json.dumps(record["id"]),
        "at": read_time(record.get("received_at")),
        **{name: record.get(field) or "" for name, field in OPTIONAL.items()},
    }


def read_time(text: str | None) -> int:
    """Epoch milliseconds of an ISO 8601 time with a zone, 0 for none; raises InvalidInput."""
    if not text:
        return 0
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            "not a time", field="received_at", limit="ISO 8601", action="write 2026-11-20T10:00:00+00:00"
        ) from error
    if moment.tzinfo is None:
        raise InvalidInput("a time without a zone", field="received_at", limit="ISO 8601", action="add the zone")
    return int(moment.timestamp() * 1000)
