"""Who may import whom: the contracts of `.importlinter`."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tests.architecture.sources import ROOT, sources


@pytest.fixture
def loggers_go_on() -> Iterator[None]:
    """The linter configures logging, which silences every logger that others have made."""
    yield
    for each in logging.Logger.manager.loggerDict.values():
        if isinstance(each, logging.Logger):
            each.disabled = False


@pytest.mark.usefixtures("loggers_go_on")
def test_every_arrow_points_the_way_that_the_design_draws_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    status = lint_imports(config_filename=str(ROOT / ".importlinter"), no_cache=True, no_logo=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_every_folder_with_sources_is_a_package_so_that_the_linter_sees_it() -> None:
    folders = {(ROOT / source.name).parent for source in sources()} - {ROOT}
    assert [str(folder.relative_to(ROOT)) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []
