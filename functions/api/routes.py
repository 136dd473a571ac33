"""The table of routes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions.api import approvals, channels, conversations, desk_queue, endings, handoffs, pages, tasks

VERSION = "/api/v1"
SIGNED = re.compile(rf"{VERSION}/channels/[^/]+/webhook")  # its sender's signature is its credential
CONVERSATION = f"{VERSION}/conversations/<conversation_id>"
HANDOFF = f"{VERSION}/handoffs/<conversation_id>"


@dataclass(frozen=True, slots=True)
class Route:
    """One row; `status` is what a success answers."""

    method: str
    path: str
    answer: Callable[..., Any]
    status: int = 200

    @property
    def resource(self) -> str:
        """The first word of its path."""
        return self.path.removeprefix(f"{VERSION}/").split("/")[0] if self.path.startswith(VERSION) else "platform"

    @property
    def summary(self) -> str:
        return (self.answer.__doc__ or "").split(";")[0].split("\n")[0].rstrip(".")


ROUTES = (
    Route("POST", f"{VERSION}/conversations", conversations.begin, 202),
    Route("POST", f"{CONVERSATION}/messages", conversations.write, 202),
    Route("GET", CONVERSATION, conversations.read),
    Route("GET", f"{CONVERSATION}/status", conversations.read_status),
    Route("POST", f"{CONVERSATION}/escalate", endings.escalate),
    Route("POST", f"{CONVERSATION}/resolve", endings.resolve),
    Route("POST", f"{CONVERSATION}/rate", endings.rate),
    Route("GET", f"{VERSION}/tasks/<task_id>", tasks.read),
    Route("GET", f"{VERSION}/approvals", approvals.list_approvals),
    Route("POST", f"{VERSION}/approvals/<approval_id>", approvals.decide),
    Route("GET", f"{VERSION}/handoffs", desk_queue.list_handoffs),
    Route("POST", f"{HANDOFF}/take", handoffs.take),
    Route("POST", f"{HANDOFF}/reply", handoffs.reply),
    Route("POST", f"{HANDOFF}/hand_back", handoffs.hand_back),
    Route("POST", f"{VERSION}/channels/email", channels.receive_email, 202),
    Route("POST", f"{VERSION}/channels/<source>/webhook", channels.receive_webhook),
    Route("GET", "/health", pages.health),
    Route("GET", "/health/live", pages.health),
    Route("GET", "/health/ready", pages.ready),
    Route("GET", "/health/detailed", pages.detailed),
    Route("GET", "/metrics", pages.metrics),
)


def needs_key(path: str) -> bool:
    """Whether a path is for callers with a credential."""
    return path.startswith(f"{VERSION}/") and not SIGNED.fullmatch(path)
