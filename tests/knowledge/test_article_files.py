"""Articles as files, and those that ship."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import shared.company
from shared.company.article_files import load_articles, parse_article
from shared.errors import InvalidInput
from shared.knowledge.search import is_answerable, search
from tests.builders.articles import any_index

COMPANY = Path(shared.company.__file__).parent
SHIPPED = load_articles(COMPANY / "articles")
HEADER = 'id = "a"\ntitle = "A"\nintents = ["tax"]'


def any_file(header: str = HEADER, text: str = "Text.") -> str:
    return f"+++\n{header}\n+++\n\n{text}\n"


def test_reads_a_file() -> None:
    article = parse_article(any_file(HEADER + '\ntags = ["x"]\nupdated = "2026-11-01"'), "a.md")
    assert (article.id, article.intents, article.tags, article.text) == ("a", ("tax",), ("x",), "Text.")
    assert (article.language, article.version, article.status) == ("en", 1, "published")


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ("no header", "header"),
        (any_file("id = "), "header"),
        (any_file('id = "a"\ntitle = "A"'), "intents"),
        (any_file(HEADER.replace('"a"', "7")), "id"),
        (any_file(HEADER + '\nstatus = "secret"'), "status"),
        (any_file(HEADER + "\nversion = 0"), "version"),
        (any_file(HEADER + '\ntags = "x"'), "tags"),
        (any_file(HEADER + '\nauthor = "x"'), "author"),
        (any_file(text=""), "text"),
    ],
)
def test_names_the_file_and_the_field_that_is_wrong(content: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse_article(content, "a.md")
    assert refusal.value.field == f"a.md: {field}"


def test_refuses_two_files_with_one_id(tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text(any_file(), encoding="utf-8")
    with pytest.raises(InvalidInput, match="a: id"):
        load_articles(tmp_path)


def test_ships_at_least_seventy_articles_named_like_their_files() -> None:
    assert len(SHIPPED) >= 70
    assert {article.id for article in SHIPPED} == {path.stem for path in (COMPANY / "articles").glob("*.md")}


def test_ships_an_article_for_every_intent() -> None:
    taxonomy = tomllib.loads((COMPANY / "intents" / "taxonomy.toml").read_text(encoding="utf-8"))
    answered = {intent for article in SHIPPED for intent in article.intents}
    assert answered <= set(taxonomy["intents"])
    assert set(taxonomy["intents"]) <= answered


def test_ships_articles_of_a_length_that_people_read() -> None:
    assert [article.id for article in SHIPPED if not 100 <= len(article.text.split()) <= 330] == []


def test_finds_every_shipped_article_by_its_title() -> None:
    index = any_index(*SHIPPED)
    for article in SHIPPED:
        hits = search(index, article.title)
        assert hits[0].article_id == article.id
        assert is_answerable(hits)
