"""The REST API on a fresh data folder, asked without a server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.local.access import provide_key
from adapters.local.envelopes import make_event
from adapters.local.http import Rest
from adapters.local.seeding import seed_articles
from adapters.local.worker import Worker
from shared.settings import Settings

TENANT = "demo"
TWICE = "I was charged twice this month, please refund the second charge."


@dataclass(frozen=True)
class Answer:
    """A response: its status, headers and JSON body."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    @property
    def fields(self) -> list[str]:
        """The fields that a refusal names."""
        return [each["field"] for each in self.body["details"]]


class Api:
    """Asks as a client with a key does; `settle` lets the platform work off what came in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.worker = Worker(folder, Settings(tenant=TENANT))
        self.platform = self.worker.platform
        seed_articles(self.platform, TENANT)
        self.rest = Rest(self.worker)
        self.key = self.new_key("all")

    def new_key(self, name: str, tenant: str = TENANT, permissions: tuple[str, ...] = (), per_hour: int = 9_999) -> str:
        allowed = permissions or self.rest.permissions
        return provide_key(self.platform.provider, self.folder / f"{name}.key", tenant, allowed, per_hour)

    def ask(self, method: str, path: str, body: Any = None, key: str | None = None, **headers: str) -> Answer:
        """A request as any client may send it; `body` is sent as it is where it is text."""
        bearer = self.key if key is None else key
        named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        sent = {"authorization": f"Bearer {bearer}", "content-type": "application/json"} | named
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        event = make_event({"method": method, "path": path}, sent, "r-test", text)
        answer = self.rest.answer(event)
        return Answer(answer["statusCode"], answer["headers"], answer["body"])

    def post(self, path: str, body: Any = None, key: str | None = None, **headers: str) -> Answer:
        return self.ask("POST", f"/api/v1{path}", body, key, **headers)

    def get(self, path: str, key: str | None = None) -> Answer:
        return self.ask("GET", f"/api/v1{path}", None, key)

    def begin(
        self, text: str = TWICE, customer: str = "cus_ben", settle: bool = True, **headers: str
    ) -> dict[str, Any]:
        """A new conversation, worked off; what was answered to its first message."""
        answer = self.post("/conversations", any_beginning(text, customer), **headers)
        assert answer.status == 202, answer.text
        if settle:
            self.platform.settle()
        accepted: dict[str, Any] = answer.body
        return accepted

    def result(self, accepted: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/tasks/{accepted['task_id']}").body
        return found


def any_beginning(text: str = TWICE, customer: str = "cus_ben", **changes: Any) -> dict[str, Any]:
    return {"customer_id": customer, "channel": "web", "initial_message": text} | changes


@contextmanager
def open_api(folder: Path) -> Iterator[Api]:
    api = Api(folder)
    try:
        yield api
    finally:
        api.platform.close()
