"""The index file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.article import Article
from shared.errors import InvalidInput
from shared.knowledge.index import load_index
from shared.knowledge.index_build import build_index
from shared.knowledge.passages import split_article
from tests.builders.articles import any_article, any_index, some_articles


@given(some_articles())
def test_holds_every_passage_as_it_was_cut(articles: list[Article]) -> None:
    index = load_index(build_index(articles))
    cut = [passage for article in sorted(articles, key=lambda each: each.id) for passage in split_article(article)]
    assert [index.passage(number) for number in range(index.passages)] == cut


@given(some_articles().flatmap(lambda articles: st.tuples(st.just(articles), st.permutations(articles))))
def test_does_not_depend_on_the_order_of_the_articles(orders: tuple[list[Article], list[Article]]) -> None:
    assert build_index(orders[0]) == build_index(orders[1])


@given(some_articles())
def test_finds_each_passage_by_its_name_and_no_other(articles: list[Article]) -> None:
    index = load_index(build_index(articles))
    for article in articles:
        passages = split_article(article)
        assert [index.find_passage(article.id, passage.ordinal) for passage in passages] == list(passages)
        assert index.find_passage(article.id, len(passages)) is None
        assert index.find_passage(article.id, -1) is None
        assert index.find_passage(article.id + "?", 0) is None or any(a.id == article.id + "?" for a in articles)


def test_says_where_a_term_stands_and_how_often() -> None:
    index = any_index(any_article(id="a", text="gateway"), any_article(id="b", text="sensor gateway"))
    term = index.terms["gateway"]
    assert index.frequency(term) == 2
    assert list(index.postings(term)[0]) == [0, 1]


def test_weighs_a_term_more_where_it_stands_more_often_or_in_less_text() -> None:
    index = any_index(
        any_article(id="a", title="", text="gateway gateway filler filler"),
        any_article(id="b", title="", text="gateway filler filler filler"),
        any_article(id="c", title="", text="gateway filler"),
    )
    often, once, brief = index.postings(index.terms["gateway"])[1]
    assert often > once
    assert brief > once


def test_keeps_the_intents_of_an_article() -> None:
    assert any_index(any_article(intents=("tax", "pay_bill"))).intents_of(0) == ["tax", "pay_bill"]


@pytest.mark.parametrize("change", [{"text": "Other."}, {"title": "Other"}, {"intents": ("tax",)}, {"language": "de"}])
def test_names_another_content_by_another_version(change: dict[str, Any]) -> None:
    assert any_index(any_article()).version != any_index(any_article(**change)).version


def test_can_be_empty() -> None:
    assert load_index(build_index([])).passages == 0


def test_refuses_two_articles_with_one_id() -> None:
    with pytest.raises(InvalidInput, match="refunds"):
        build_index([any_article(), any_article(text="Again.")])


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: b"PK" + content[2:],
        lambda content: content[:40],
        lambda content: content[:-8],
        lambda content: content + b"more",
        lambda content: content.replace(b'"format": 1', b'"format": 9'),
        lambda content: content.replace(b'{"', b"[[", 1),
    ],
)
def test_refuses_bytes_that_are_no_index(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        load_index(damage(build_index([any_article()])))
    assert refusal.value.field == "index"
