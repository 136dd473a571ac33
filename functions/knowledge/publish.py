"""Publish articles: build a tenant's index from them and make it the one that is searched."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from shared.domain.article import Article
from shared.knowledge.index_build import build_index
from shared.knowledge.library import current_name, index_name, read_current
from shared.ports.documents import Documents


@dataclass(frozen=True, slots=True)
class Publishing:
    """A tenant's articles, all of them: what is not here is no longer found."""

    tenant: str
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class Published:
    version: int
    articles: int


def handle(task: Publishing, *, documents: Documents) -> Published:
    """Store the articles and the index under a new version, then point to it: readers see the old or the new."""
    current = read_current(documents, task.tenant)
    version = current.version + 1 if current else 1
    name = index_name(task.tenant, version)
    lines = (json.dumps(asdict(article), ensure_ascii=False) for article in task.articles)
    documents.put(f"{name}.jsonl", "\n".join(lines).encode())
    documents.put(name, build_index(task.articles))
    documents.put(current_name(task.tenant), json.dumps({"version": version, "document": name}).encode())
    return Published(version, len(task.articles))
