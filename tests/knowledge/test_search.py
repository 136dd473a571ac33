"""Search over an index."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.article import Article
from shared.knowledge.matching import match_few, match_many
from shared.knowledge.query import MOST_SLOTS, read_query
from shared.knowledge.search import decompose, is_answerable, search
from tests.builders.articles import WORDS, any_article, any_index, some_articles

SHOP = (
    any_article(
        id="refunds", title="How do I get a refund?", text="Open the invoice and press Refund. It takes 7 days."
    ),
    any_article(id="alerts", title="Set up alerts", text="Choose a threshold and recipients.", intents=("how_to",)),
    any_article(id="export", title="Export your data", text="Choose a period and press Export."),
    any_article(id="wifi", title="Connect a sensor to the internet", text="Choose the network; enter its password."),
    any_article(id="hours", title="When are you open?", text="Monday to Friday from nine to six, not on holidays."),
)


def found(query: str, **options: Any) -> list[str]:
    return [hit.article_id for hit in search(any_index(*SHOP), query, **options)]


@pytest.mark.parametrize(
    ("query", "article"),
    [
        ("how can I get refunded", "refunds"),
        ("exporting data", "export"),
        ("alert recipients", "alerts"),
        ("wifi for my sensor", "wifi"),
        ("opening hours on a holiday", "hours"),
        ("money back", "refunds"),
        ("exprot my data", "export"),
        ("alret recipents", "alerts"),
    ],
)
def test_puts_the_article_that_answers_first(query: str, article: str) -> None:
    assert found(query)[0] == article


@pytest.mark.parametrize("query", ["", "the and of", "?!", "zebra crossing", "🙂"])
def test_finds_nothing_where_no_word_is_known(query: str) -> None:
    hits = search(any_index(*SHOP), query)
    assert hits == ()
    assert not is_answerable(hits)


def test_finds_nothing_in_an_empty_index() -> None:
    assert search(any_index(any_article(title="", text="")), "refund") == ()


def test_answers_what_is_covered_and_not_what_is_only_touched() -> None:
    index = any_index(*SHOP)
    assert is_answerable(search(index, "How do I get a refund?"))
    assert not is_answerable(search(index, "Which period of the Roman empire had the best poets and sculptors?"))


def test_gives_one_passage_an_article_unless_more_are_asked_for() -> None:
    text = "\n\n".join(["## Refund\n\n" + "refund " * 60] * 3)
    index = any_index(any_article(text=text))
    assert len(search(index, "refund")) == 1
    assert len(search(index, "refund", per_article=2)) == 2


def test_prefers_articles_written_for_the_intent() -> None:
    assert found("choose", intents={"how_to"})[0] == "alerts"


def test_finds_the_question_in_a_long_message() -> None:
    message = (
        "Good morning and happy new year from rainy Aberdeen, where my grandmother is visiting us this week. "
        "I run a flower kiosk beside the railway bridge together with my cousin. "
        "How do I set up alerts with several recipients? With best wishes, Ewan from the kiosk."
    )
    assert found(message)[0] == "alerts"


def test_asks_the_sentences_of_long_messages_only() -> None:
    assert decompose("One. Two. Three.") == ()
    assert len(decompose("A sentence of some words. " * 9)) == 6


def test_reads_no_more_than_the_rarest_words_of_a_message() -> None:
    index = any_index(*SHOP)
    assert len(read_query(index, " ".join(f"word{number}" for number in range(200)))) == MOST_SLOTS


def test_searches_in_the_languages_of_the_articles() -> None:
    index = any_index(
        any_article(id="de", language="de", title="Rechnung bezahlen", text="Die Rechnungen stehen unter Zahlungen."),
        any_article(id="fr", language="fr", title="Payer une facture", text="Ouvrez vos factures."),
    )
    assert [search(index, query)[0].article_id for query in ("meine Rechnungen", "les factures")] == ["de", "fr"]


QUERIES = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)


@given(some_articles(), QUERIES)
def test_finds_the_same_with_dictionaries_and_with_arrays(articles: list[Article], query: str) -> None:
    index = any_index(*articles)
    slots = read_query(index, query)
    assert match_few(index, slots) == match_many(index, slots)


@given(some_articles(), QUERIES, st.integers(1, 5))
def test_ranks_by_scores_between_nought_and_one(articles: list[Article], query: str, top: int) -> None:
    hits = search(any_index(*articles), query, top=top)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score < 1 for score in scores)
    assert len(hits) <= top
    assert len({hit.article_id for hit in hits}) == len(hits)


@given(some_articles(), some_articles(), QUERIES)
def test_never_shows_what_stands_in_another_index(mine: list[Article], theirs: list[Article], query: str) -> None:
    hits = search(any_index(*mine, any_article(id="own")), query)
    assert {hit.article_id for hit in hits} <= {article.id for article in mine} | {"own"}
