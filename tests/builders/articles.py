"""Articles for tests."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from shared.domain.article import Article
from shared.knowledge.index import Index, load_index
from shared.knowledge.index_build import build_index

WORDS = ("invoice", "refund", "sensor", "gateway", "parcel", "password", "export", "alert", "shipping", "quote")


def any_article(**fields: Any) -> Article:
    """An article about refunds, but for the fields that matter to the test."""
    usual = {"id": "refunds", "title": "How do I get a refund?", "text": "Open the invoice and press Refund."}
    return Article(**{**usual, **fields})


def any_index(*articles: Article) -> Index:
    """The loaded index of the articles, or of one article."""
    return load_index(build_index(articles or (any_article(),)))


def some_articles() -> st.SearchStrategy[list[Article]]:
    """Articles with ids of their own, from a small vocabulary and from wild texts."""
    words = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
    one = st.builds(any_article, id=st.text(min_size=1, max_size=6), title=words, text=words | st.text(max_size=80))
    return st.lists(one, max_size=12, unique_by=lambda article: article.id)
