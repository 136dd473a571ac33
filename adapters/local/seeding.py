"""What a new data folder begins with: the sample company's articles, published for its tenant."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from adapters.local.platform import Platform
from shared.company.article_files import load_articles
from shared.company.company import FOLDER
from shared.knowledge.library import read_current


def seed_articles(platform: Platform, tenant: str) -> None:
    """Publish the shipped articles where the tenant has none."""
    if read_current(platform.provider.documents, tenant) is None:
        platform.call("knowledge.publish", {"tenant": tenant, "articles": articles_of()})


def articles_of() -> list[dict[str, Any]]:
    """The shipped articles as they are published."""
    return [asdict(article) for article in load_articles(FOLDER / "articles")]
