"""Articles from a file or a folder into a tenant's published ones: checked line by line, merged by id."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from adapters.local.cli.search import read_articles
from adapters.local.platform import Platform
from shared.company.article_files import load_articles
from shared.domain.article import Article
from shared.errors import InvalidInput
from shared.knowledge.library import read_current
from shared.ports.documents import Documents

LISTS = ("intents", "tags")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; `articles` is how many are published now, as index `version`."""

    version: int
    articles: int
    added: int
    changed: int
    unchanged: int


def import_articles(platform: Platform, tenant: str, found: Sequence[Article]) -> Imported:
    """Publish the articles beside those that the tenant has; one with a known id replaces it as its next version."""
    before = {article.id: article for article in read_published(platform.provider.documents, tenant)}
    after = dict(before)
    for article in found:
        old = before.get(article.id)
        after[article.id] = article if old is None else _next_version(old, article)
    published = platform.call(
        "knowledge.publish", {"tenant": tenant, "articles": [asdict(article) for article in after.values()]}
    )
    added = len(after) - len(before)
    changed = sum(after[name] != article for name, article in before.items())
    return Imported(published["version"], len(after), added, changed, len(found) - added - changed)


def read_published(documents: Documents, tenant: str) -> list[Article]:
    """The articles of the tenant's current index."""
    current = read_current(documents, tenant)
    if current is None:
        return []
    lines = documents.get(f"{current.document}.jsonl").decode().split("\n")
    rows = (json.loads(line) for line in lines if line)
    return [Article(**row | {name: tuple(row[name]) for name in LISTS}) for row in rows]


def read_source(path: Path) -> Sequence[Article]:
    """The articles of a JSONL file, or of a folder's *.md files; raises InvalidInput naming the line and the field."""
    found = load_articles(path) if path.is_dir() else read_lines(path)
    if not found:
        raise InvalidInput("no articles", field="articles", limit="1 or more", action="name a file or folder with some")
    return found


def read_lines(path: Path) -> list[Article]:
    """The articles of a JSONL file, with the intents and tags that it gives."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise InvalidInput("not UTF-8", field="articles", limit="UTF-8", action="save the file as UTF-8") from error
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    checked = read_articles(lines)
    return [
        _complete(article, json.loads(line), number) for article, (number, line) in zip(checked, numbered, strict=True)
    ]


def _complete(article: Article, row: dict[str, Any], number: int) -> Article:
    for name in ("title", "text"):
        if not getattr(article, name).strip():
            raise _refuse(number, name, "1 character or more", f"give the article a {name}")
    return replace(article, intents=_read_list(row, "intents", number), tags=_read_list(row, "tags", number))


def _read_list(row: dict[str, Any], name: str, number: int) -> tuple[str, ...]:
    value = row.get(name) or []
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise _refuse(number, name, "a list of non-empty strings", f"mend {name}, or leave it out")
    return tuple(value)


def _next_version(old: Article, new: Article) -> Article:
    same = replace(new, version=old.version)
    return old if same == old else replace(new, version=max(new.version, old.version + 1))


def _refuse(number: int, name: str, limit: str, action: str) -> InvalidInput:
    return InvalidInput(f"line {number}: {name}", field=f"articles line {number}: {name}", limit=limit, action=action)
