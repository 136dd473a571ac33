"""A company's articles, one Markdown file each, with a TOML header between `+++` lines."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from shared.domain.article import Article, ArticleStatus
from shared.errors import InvalidInput

FENCE = "+++"
REQUIRED = ("id", "title", "intents")
KINDS: dict[str, type] = {"intents": list, "tags": list, "version": int}  # every other field is a string
FIELDS = frozenset({*REQUIRED, "tags", "language", "version", "status", "updated"})


def load_articles(folder: Path) -> tuple[Article, ...]:
    """Every `*.md` of a folder in the order of ids; raises InvalidInput naming the file and the field."""
    articles = [parse_article(path.read_text(encoding="utf-8"), path.name) for path in sorted(folder.glob("*.md"))]
    seen: set[str] = set()
    for article in articles:
        if article.id in seen:
            raise _refuse(article.id, "id", "unique", "give every article an id of its own")
        seen.add(article.id)
    return tuple(sorted(articles, key=lambda article: article.id))


def parse_article(content: str, name: str) -> Article:
    """One file's article; `name` stands in errors. Raises InvalidInput."""
    start, found, rest = content.lstrip("\ufeff\r\n ").partition(f"{FENCE}\n")
    header, closed, text = rest.partition(f"\n{FENCE}\n")
    if start or not found or not closed:
        raise _refuse(name, "header", f"TOML between two lines {FENCE}", "begin the file with a header")
    try:
        fields = tomllib.loads(header)
    except tomllib.TOMLDecodeError as error:
        raise _refuse(name, "header", str(error), "mend the TOML") from error
    _check(fields, name)
    if not text.strip():
        raise _refuse(name, "text", "1 character or more", "write the answer below the header")
    lists = {each: tuple(fields.get(each, ())) for each in ("intents", "tags")}
    return Article(**{**fields, **lists, "text": text.strip()})


def _check(fields: Mapping[str, Any], name: str) -> None:
    """Refuse what is missing, unknown or of another type."""
    for field in (*REQUIRED, *fields):
        if field not in FIELDS or field not in fields:
            raise _refuse(name, field, f"{', '.join(REQUIRED)} and, if wanted, {_optional()}", "mend the header")
        if not _fits(field, fields[field]):
            raise _refuse(name, field, _expected(field), "mend the header")


def _fits(field: str, value: object) -> bool:
    if field == "status":
        return value in get_args(ArticleStatus)
    kind = KINDS.get(field, str)
    if kind is list:
        return isinstance(value, list) and all(isinstance(each, str) and each for each in value)
    return isinstance(value, kind) and not isinstance(value, bool) and value not in ("", 0)


def _expected(field: str) -> str:
    kind = KINDS.get(field, str).__name__
    known = {"list": "a list of strings", "int": "a whole number from 1", "str": "a string that is not empty"}
    return "draft or published" if field == "status" else known[kind]


def _optional() -> str:
    return ", ".join(sorted(FIELDS.difference(REQUIRED)))


def _refuse(name: str, field: str, limit: str, action: str) -> InvalidInput:
    return InvalidInput(f"{name}: {field}", field=f"{name}: {field}", limit=limit, action=action)
