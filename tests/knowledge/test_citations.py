"""Citations and answers made of passages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.knowledge.citations import Citation, answer_from, check_citation, find_unsupported
from shared.knowledge.extracts import extract
from shared.knowledge.search import Hit, search
from tests.builders.articles import any_article, any_index

TEXT = """Refunds take up to 7 days.

## Steps

1. Open **Billing** and choose the payment.
2. Press **Refund**.
3. Confirm with your password.

## States

| State | Meaning |
|---|---|
| Sent | the money has left us and is on its way |
| Done | the bank has confirmed it to us |
"""
INDEX = any_index(any_article(text=TEXT))


def any_hit(**fields: Any) -> Hit:
    usual = {"article_id": "refunds", "title": "Refunds", "passage": TEXT, "score": 0.9, "ordinal": 0}
    return Hit(**{**usual, **fields})


def any_citation(**fields: Any) -> Citation:
    return Citation(**{"article_id": "refunds", "ordinal": 0, "version": INDEX.version, **fields})


@pytest.mark.parametrize(
    "quote", ["", "Refunds take up to 7 days", "open BILLING  and choose", "How do I get a refund?"]
)
def test_accepts_what_really_stands_there(quote: str) -> None:
    assert check_citation(INDEX, any_citation(quote=quote)) is None


@pytest.mark.parametrize(
    ("fault", "fields"),
    [
        ("not_in_passage", {"quote": "Refunds take up to 14 days"}),
        ("not_in_passage", {"quote": "Refunds take up to 7 day"}),
        ("not_in_passage", {"quote": "…"}),
        ("no_such_passage", {"ordinal": 7}),
        ("no_such_passage", {"article_id": "invented"}),
        ("other_version", {"version": "0000"}),
    ],
)
def test_says_what_is_wrong_with_a_citation(fault: str, fields: dict[str, Any]) -> None:
    assert check_citation(INDEX, any_citation(**fields)) == fault


def test_finds_sentences_that_no_passage_supports() -> None:
    said = [
        "Refunds take up to 7 days.",
        "Refunds take up to 3 days.",
        "You also get a free holiday in Spain.",
        "Thank you!",
    ]
    assert find_unsupported(said, [TEXT]) == (said[1], said[2])


def test_answers_with_citations_that_hold() -> None:
    answer = answer_from(search(INDEX, "how do I get a refund"), "how do I get a refund", 500, version=INDEX.version)
    assert answer.text
    assert [check_citation(INDEX, citation) for citation in answer.citations] == [None]


def test_does_not_answer_from_weak_hits() -> None:
    answer = answer_from([any_hit(score=0.2)], "refund", 500)
    assert (answer.text, answer.citations) == ("", ())


def test_leaves_out_passages_that_are_much_weaker_than_the_best() -> None:
    answer = answer_from([any_hit(score=0.99), any_hit(article_id="other", score=0.6)], "refund", 2_000)
    assert [citation.article_id for citation in answer.citations] == ["refunds"]


def test_quotes_the_section_that_tells_most_without_its_marks() -> None:
    assert extract(TEXT, "which payment, what to press and confirm", 150) == (
        "1. Open Billing and choose the payment.\n2. Press Refund.\n3. Confirm with your password."
    )


def test_begins_with_the_first_step_where_not_all_fit() -> None:
    assert extract(TEXT, "confirm with my password, press", 62) == (
        "1. Open Billing and choose the payment.\n2. Press Refund."
    )


def test_says_table_rows_as_lines() -> None:
    assert extract(TEXT, "state meaning bank money", 150).startswith(
        "Sent: the money has left us and is on its way\nDone"
    )


def test_names_the_columns_of_figures() -> None:
    table = "| Plan | Price | Sensors |\n|---|---|---|\n| Team | 99 | 15 |"
    assert extract(table, "price", 500) == "Team: Price 99, Sensors 15"


@given(st.text(alphabet="ab .#-1\n|*", max_size=400), st.text(alphabet="ab ", max_size=20), st.integers(0, 200))
def test_never_says_more_than_there_is_room_for(passage: str, query: str, room: int) -> None:
    assert len(extract(passage, query, room)) <= room


@given(st.lists(st.sampled_from(["A refund.", "Press it now.", "Wait 7 days."]), max_size=30), st.integers(0, 300))
def test_never_cuts_a_sentence(sentences: list[str], room: int) -> None:
    assert extract(" ".join(sentences), "refund", room)[-1:] in ("", ".")


def test_a_short_passage_is_quoted_whole_with_its_headings() -> None:
    whole = extract(TEXT, "bank", 500)
    assert whole.startswith("Refunds take up to 7 days.\n\nSteps:\n1. Open Billing")
    assert "States:\nSent: the money has left us" in whole
