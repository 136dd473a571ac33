"""What callers send about conversations; unknown fields are ignored."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from shared.conversations.limits import LONGEST_TEXT

Name = Annotated[str, Field(pattern="^[a-zA-Z0-9_-]+$", min_length=1, max_length=100)]
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
Attachment = Annotated[str, Field(min_length=1, max_length=500)]
Priority = Literal["low", "medium", "high", "critical", "urgent", "P1", "P2", "P3", "P4"]
Channel = Literal["web", "chat", "email", "phone", "social", "mobile", "api"]


class Beginning(BaseModel):
    """A customer's first message; `web` is chat."""

    customer_id: Name
    channel: Channel = "api"
    initial_message: Text
    priority: Priority | None = None


class Writing(BaseModel):
    """A customer's next message; attachments are names or links, files come through `channels/email`."""

    message: Text
    attachments: list[Attachment] = Field(default_factory=list, max_length=10)


class Asking(BaseModel):
    """Why a person should take over."""

    reason: str = Field(default="", max_length=500)


class Score(BaseModel):
    """How good the help was."""

    score: int = Field(ge=1, le=5, strict=True)
    comment: str = Field(default="", max_length=LONGEST_TEXT)
