"""An article: what a company tells its customers about one question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ArticleStatus = Literal["draft", "published"]


@dataclass(frozen=True, slots=True)
class Article:
    """One question and its answer; `updated` is an ISO date, `version` counts up from 1, `language` is ISO 639-1."""

    id: str
    title: str
    text: str
    intents: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = "en"
    version: int = 1
    status: ArticleStatus = "published"
    updated: str = ""
