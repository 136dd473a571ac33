"""Articles cut into passages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.knowledge.passages import MOST, split_article, split_sentences
from tests.builders.articles import any_article


def paragraph(words: int, name: str = "word") -> str:
    return " ".join([name] * words)


def texts(text: str) -> list[str]:
    return [passage.text for passage in split_article(any_article(text=text))]


def test_keeps_a_short_article_in_one_piece() -> None:
    assert texts("One.\n\nTwo.") == ["One.\n\nTwo."]


def test_begins_a_new_passage_where_the_old_one_is_full() -> None:
    assert texts(f"{paragraph(90, 'a')}\n\n{paragraph(20, 'b')}") == [paragraph(90, "a"), paragraph(20, "b")]


def test_begins_a_new_passage_at_a_heading_once_the_old_one_says_enough() -> None:
    assert texts(f"{paragraph(45)}\n\n## Next\n\nMore.") == [paragraph(45), "## Next\n\nMore."]


def test_leaves_no_heading_at_the_end_of_a_passage() -> None:
    assert texts(f"{paragraph(30)}\n\n## Next\n\n{paragraph(100)}")[-1].startswith("## Next")


def test_cuts_a_long_list_between_its_items() -> None:
    items = [f"{number}. {paragraph(20)}" for number in range(1, 10)]
    assert [line for text in texts("\n".join(items)) for line in text.splitlines()] == items


def test_cuts_a_long_paragraph_between_its_sentences() -> None:
    sentences = [paragraph(30) + "." for _ in range(9)]
    assert all(text.endswith(".") for text in texts(" ".join(sentences).replace("word.", "word. W")[:-2]))


def test_gives_an_article_without_text_one_empty_passage() -> None:
    assert texts("") == [""]


def test_counts_passages_from_nought() -> None:
    passages = split_article(any_article(text=f"{paragraph(90)}\n\n{paragraph(90)}"))
    assert [passage.ordinal for passage in passages] == [0, 1]


@given(st.text(alphabet="ab .#-1\n|", max_size=2_000))
def test_loses_no_word_and_changes_no_order(text: str) -> None:
    assert " ".join(texts(text)).split() == text.split()


@given(st.lists(st.integers(1, 300), max_size=8))
def test_makes_no_passage_much_larger_than_the_limit(sizes: list[int]) -> None:
    assert all(len(text.split()) <= MOST for text in texts("\n\n".join(paragraph(size) for size in sizes)))


def test_splits_sentences_but_not_abbreviations_and_versions() -> None:
    text = "Use v. 2.4 e.g. here. Then press Save! (Really?) Done"
    assert split_sentences(text) == ["Use v.", "2.4 e.g. here.", "Then press Save!", "(Really?)", "Done"]


def test_splits_lines_and_scripts_without_spaces() -> None:
    assert split_sentences("一。二！\n- three") == ["一。", "二！", "- three"]
