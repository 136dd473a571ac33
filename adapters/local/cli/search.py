"""`supportmax search`: answer queries from a file of articles."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from adapters.local.cli.filters import Record, filter_command, need_text
from shared.domain.article import Article
from shared.errors import InvalidInput
from shared.knowledge.index import Index, load_index
from shared.knowledge.index_build import build_index
from shared.knowledge.search import is_answerable, search

MOST_CHARACTERS = 1_000_000


@click.command(name="search")
@click.option("--articles", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--top", type=click.IntRange(1, 100), default=10, show_default=True)
def command(articles: Path, top: int) -> None:
    """Answer {id, query} lines from a file of {id, title, text} lines."""
    try:
        index = load_index(build_index(read_file(articles)))
    except InvalidInput as refusal:
        click.echo(json.dumps({"id": None, "error": refusal.body()}, ensure_ascii=False), err=True)
        sys.exit(2)
    filter_command(lambda record: answer(index, record, top))


def answer(index: Index, record: Record, top: int) -> Record:
    """One query's answer: one result an article, best first."""
    hits = search(index, need_text(record, "query"), top=top)
    results = [{"article_id": hit.article_id, "score": hit.score, "passage": hit.passage} for hit in hits]
    return {"answerable": is_answerable(hits), "results": results}


def read_file(path: Path) -> list[Article]:
    """The articles of a JSONL file in UTF-8; raises InvalidInput."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("not UTF-8", field="articles", limit="UTF-8", action="save the file as UTF-8") from error
    return read_articles(text.split("\n"))


def read_articles(lines: Iterable[str]) -> list[Article]:
    """The articles of a JSONL file; raises InvalidInput naming the line and the field."""
    found: dict[str, Article] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        article = _read_article(line, number)
        if article.id in found:
            raise _refuse(number, "id", "unique", f"give the second {article.id} another id, or remove it")
        found[article.id] = article
    return list(found.values())


def _read_article(line: str, number: int) -> Article:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise _refuse(number, "line", "one JSON object a line", "mend or remove the line") from error
    if not isinstance(record, dict):
        raise _refuse(number, "line", "one JSON object a line", "mend or remove the line")
    if isinstance(record.get("id"), int) and not isinstance(record["id"], bool):
        record["id"] = str(record["id"])
    if not record.get("id"):
        raise _refuse(number, "id", "a string or an integer", "give every article an id")
    language = record.get("language", "en")
    if not isinstance(language, str):
        raise _refuse(number, "language", "an ISO 639-1 code", "give the language as text, or leave it out")
    return Article(
        _text(record, "id", number), _text(record, "title", number), _text(record, "text", number), language=language
    )


def _text(record: dict[str, Any], name: str, number: int) -> str:
    value = record.get(name)
    if not isinstance(value, str) or len(value) > MOST_CHARACTERS:
        raise _refuse(number, name, f"a string of at most {MOST_CHARACTERS} characters", f"give {name} as text")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise _refuse(number, name, "Unicode without lone surrogates", f"mend the escapes in {name}") from error
    return value


def _refuse(number: int, name: str, limit: str, action: str) -> InvalidInput:
    return InvalidInput(
        f"line {number} of the articles: {name}", field=f"articles line {number}: {name}", limit=limit, action=action
    )
