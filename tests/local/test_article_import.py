"""`supportmax articles import`: what is published, what replaces what, and what is refused by line and field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from adapters.local.cli.main import main
from adapters.local.platform import Platform
from shared.knowledge.search import search
from shared.settings import Settings


def any_line(**changes: Any) -> str:
    return json.dumps({"id": "a1", "title": "What is a gateway?", "text": "It connects sensors.", **changes})


def run_import(source: Path, data: Path, *more: str) -> Result:
    return CliRunner().invoke(main, ["articles", "import", str(source), "--data", str(data), *more])


def import_lines(folder: Path, *lines: str) -> Result:
    source = folder / "articles.jsonl"
    source.write_text("\n".join(lines), encoding="utf-8")
    return run_import(source, folder / "data")


def test_articles_are_published_beside_those_that_are_there(tmp_path: Path) -> None:
    import_lines(tmp_path, any_line(id="a1"), "", any_line(id=2, intents=["how_to"], tags=["x"]))
    result = import_lines(tmp_path, any_line(id="a1", text="It joins sensors."), any_line(id="a3"), any_line(id="2"))
    told = json.loads(result.stdout)
    assert told == {"version": 2, "articles": 3, "added": 1, "changed": 2, "unchanged": 0}
    assert json.loads(import_lines(tmp_path, any_line(id="a3")).stdout)["unchanged"] == 1


def test_what_is_imported_is_found(tmp_path: Path) -> None:
    import_lines(tmp_path, any_line())
    platform = Platform(tmp_path / "data", Settings())
    index = platform.app.library.index("demo")
    assert index is not None
    hits = search(index, "what is a gateway")
    platform.close()
    assert [hit.article_id for hit in hits] == ["a1"]


def test_a_folder_of_markdown_is_imported_for_the_tenant_that_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "a.md").write_text('+++\nid = "a"\ntitle = "T"\nintents = []\n+++\nText.\n', encoding="utf-8")
    result = run_import(folder, tmp_path / "data", "--tenant", "other")
    assert json.loads(result.stdout)["added"] == 1


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("{", "line 2: line"),
        (any_line(id=""), "line 2: id"),
        (any_line(text=" "), "line 2: text"),
        (any_line(title=None), "line 2: title"),
        (any_line(tags="x"), "line 2: tags"),
        (any_line(intents=[""]), "line 2: intents"),
        (any_line(id="a0"), "line 2: id"),
    ],
)
def test_one_bad_line_is_named_and_nothing_is_published(tmp_path: Path, line: str, field: str) -> None:
    result = import_lines(tmp_path, any_line(id="a0"), line)
    assert result.exit_code == 1
    assert field in result.output
    assert not (tmp_path / "data").exists()


def test_a_folder_that_is_in_use_is_left_alone(tmp_path: Path) -> None:
    platform = Platform(tmp_path / "data", Settings())
    result = import_lines(tmp_path, any_line())
    platform.close()
    assert result.exit_code == 1
    assert "in use" in result.output
