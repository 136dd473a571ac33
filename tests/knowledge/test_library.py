"""The articles at work: what was published last is what is searched."""

from __future__ import annotations

from pathlib import Path

from adapters.local.clock import ShiftedClock, SystemClock
from adapters.local.documents import LocalDocuments
from adapters.local.ids import LocalIds
from functions.knowledge import publish
from shared.knowledge.evidence import find_evidence
from shared.knowledge.library import Library
from shared.ports.documents import Documents
from tests.builders.articles import any_article

TENANT, QUESTION = "acme", "How do I export a report?"


def any_documents(folder: Path) -> Documents:
    return LocalDocuments(folder, LocalIds())


def publish_text(documents: Documents, text: str, tenant: str = TENANT) -> None:
    article = any_article(title="Exporting reports", text=text)
    publish.handle(publish.Publishing(tenant, (article,)), documents=documents)


def test_what_is_published_while_a_worker_runs_is_found_within_a_second(tmp_path: Path) -> None:
    documents = any_documents(tmp_path)
    clock = ShiftedClock(SystemClock())
    library = Library(documents, clock)
    assert library.index(TENANT) is None
    publish_text(documents, "To export a report, choose Export under Reports.")
    assert "under Reports" in find_evidence(library, TENANT, QUESTION).text
    publish_text(documents, "To export a report, choose Download in the menu.")
    clock.advance(2)
    assert "Download in the menu" in find_evidence(library, TENANT, QUESTION).text


def test_an_index_is_loaded_once_until_a_newer_one_is_published(tmp_path: Path) -> None:
    documents = any_documents(tmp_path)
    library = Library(documents, SystemClock())
    publish_text(documents, "To export a report, choose Export under Reports.")
    assert library.index(TENANT) is library.index(TENANT)


def test_t20_another_tenants_articles_are_never_found(tmp_path: Path) -> None:
    documents = any_documents(tmp_path)
    publish_text(documents, "To export a report, choose Export under Reports.", tenant="other")
    assert not find_evidence(Library(documents, SystemClock()), TENANT, QUESTION).answerable
