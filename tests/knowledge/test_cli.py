"""The filters `search` and `similar`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.local.cli import search, similar
from shared.errors import InvalidInput

ARTICLE = {"id": "refunds", "title": "How do I get a refund?", "text": "Open the invoice and press Refund."}


def run_search(folder: Path, articles: list[object], queries: list[object], *options: str) -> Result:
    file = folder / "articles.jsonl"
    file.write_text("\n".join(json.dumps(article) for article in articles), encoding="utf-8")
    lines = "\n".join(json.dumps(query) for query in queries)
    return CliRunner().invoke(search.command, ["--articles", str(file), *options], input=lines)


def test_answers_each_query_in_order_with_one_result_an_article(tmp_path: Path) -> None:
    other = {"id": 2, "title": "Invoices", "text": "They stand under Billing."}
    result = run_search(tmp_path, [ARTICLE, other], [{"id": 1, "query": "refund"}, {"id": 2, "query": "zebra"}])
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert result.exit_code == 0
    assert (first["id"], first["results"][0]["article_id"]) == (1, "refunds")
    assert first["results"][0]["passage"] == ARTICLE["text"]
    assert second == {"id": 2, "answerable": False, "results": []}


def test_gives_as_many_results_as_asked_for(tmp_path: Path) -> None:
    articles: list[object] = [{**ARTICLE, "id": f"a{number}"} for number in range(20)]
    for options, expected in (((), 10), (("--top", "3"), 3)):
        result = run_search(tmp_path, articles, [{"id": 1, "query": "refund"}], *options)
        assert len(json.loads(result.stdout)["results"]) == expected


def test_refuses_a_query_and_goes_on(tmp_path: Path) -> None:
    result = run_search(tmp_path, [ARTICLE], [{"id": 1}, {"id": 2, "query": "refund"}])
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert result.exit_code == 1
    assert first["error"]["field"] == "query"
    assert second["results"]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("{", "line"),
        ("[]", "line"),
        (json.dumps(ARTICLE), "id"),
        ('{"title": "A", "text": "B"}', "id"),
        ('{"id": true, "title": "A", "text": "B"}', "id"),
        ('{"id": 1, "text": "B"}', "title"),
        ('{"id": 1, "title": "\\ud800", "text": "B"}', "title"),
        ('{"id": 1, "title": "A", "text": null}', "text"),
        ('{"id": 1, "title": "A", "text": "B", "language": 7}', "language"),
    ],
)
def test_names_the_line_and_the_field_of_a_bad_article(line: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        search.read_articles([json.dumps(ARTICLE), "", line])
    assert refusal.value.field == f"articles line 3: {field}"


def test_says_on_standard_error_why_it_cannot_start(tmp_path: Path) -> None:
    result = run_search(tmp_path, [ARTICLE, ARTICLE], [{"id": 1, "query": "refund"}])
    assert (result.exit_code, result.stdout) == (2, "")
    assert json.loads(result.stderr)["error"]["field"] == "articles line 2: id"


def test_refuses_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_bytes(b'{"id": 1, "title": "caf\xe9", "text": ""}')
    with pytest.raises(InvalidInput, match="UTF-8"):
        search.read_file(file)


def test_says_how_alike_two_texts_are() -> None:
    lines = '{"id": "x", "a": "My order", "b": "my order!"}\n{"id": "y", "a": "one"}'
    result = CliRunner().invoke(similar.command, input=lines)
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert first == {"id": "x", "similarity": 1.0}
    assert (result.exit_code, second["error"]["field"]) == (1, "b")
