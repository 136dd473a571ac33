"""What a function's code can reach, found without running it."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.aws.botocore_data import find_needs
from adapters.aws.package import EMPTIED, find_code
from adapters.packaging.closure import Choice, find_closure, find_module, read_choice
from adapters.packaging.data_files import READS, find_data
from shared.errors import Misconfigured
from shared.manifest import FUNCTIONS, HANDLERS, Function
from tests.builders.packages import ROOT, function_called, local_contents

# A line of the WebSocket takes a customer's words in as the API does, in its own process.
CALLED_IN_PROCESS = {"realtime": {"functions.intake.receive"}}
NOBODY_CHOOSES = Choice(frozenset(), frozenset(), frozenset())


def write_sources(folder: Path, **sources: str) -> Path:
    """Modules of `shared`, by name."""
    for name, source in sources.items():
        path = folder / "shared" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, "utf-8")
    (folder / "shared" / "__init__.py").touch()
    return folder


def reach(folder: Path, choice: Choice = NOBODY_CHOOSES) -> set[str]:
    found = find_closure(folder, ["shared.first"], choice)
    return {*found.ours, *found.foreign} - {"shared", "shared.first"}


@pytest.mark.parametrize(
    ("source", "reached"),
    [
        ("import shared.second", {"shared.second"}),
        ("from shared import second", {"shared.second"}),
        ("from shared.second import anything", {"shared.second"}),
        ("def late():\n    import shared.second", {"shared.second"}),
        ("TABLE = {'row': 'shared.second'}", {"shared.second"}),
        ("try:\n    import numpy.linalg\nfinally:\n    import os", {"numpy.linalg"}),
        ("from zoneinfo import ZoneInfo", {"tzdata"}),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import shared.second", set()),
        ("'shared.nothing'", set()),
    ],
)
def test_an_import_counts_wherever_it_stands_but_not_for_type_checkers(
    source: str, reached: set[str], tmp_path: Path
) -> None:
    assert reach(write_sources(tmp_path, first=source, second="")) == reached


def test_what_stands_under_a_name_counts_where_the_name_is_taken(tmp_path: Path) -> None:
    source = "def vault():\n    import cryptography\ndef library():\n    import numpy\nT = {'queue': 'shared.second'}"
    folder = write_sources(tmp_path, first=source, second="")
    names = frozenset({"vault", "library", "queue"})
    assert reach(folder, Choice(frozenset({"shared.first"}), names, frozenset({"vault"}))) == {"cryptography"}
    assert reach(folder, Choice(frozenset({"shared.first"}), names, frozenset({"queue"}))) == {"shared.second"}
    assert reach(folder) == {"cryptography", "numpy", "shared.second"}


def test_a_property_that_opens_another_takes_it_too(tmp_path: Path) -> None:
    source = "@cached_property\ndef {name}(self):\n    import {what}\n    return self.{other}\n"
    source = source.format(name="vault", what="cryptography", other="keys") + source.format(
        name="keys", what="botocore", other="nothing"
    )
    folder = write_sources(tmp_path, first=source)
    for taken, reached in (("vault", {"cryptography", "botocore"}), ("keys", {"botocore"}), ("clock", set[str]())):
        assert reach(folder, read_choice(folder, frozenset({"shared.first"}), [taken], ())) == reached


def test_an_import_of_a_module_of_ours_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"shared\.first imports shared\.gone, which does not exist"):
        reach(write_sources(tmp_path, first="import shared.gone"))


def test_a_chain_tells_how_a_module_came_in() -> None:
    closure = find_code(ROOT, function_called("orchestrator.understand"))
    chain = closure.chain("numpy")
    assert chain[0] in ("adapters.aws.entry", "functions.orchestrator.understand")
    assert chain[-1] == "numpy"


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.name)
def test_a_function_holds_its_own_handlers_and_no_other_functions(function: Function) -> None:
    modules = find_code(ROOT, function).ours
    own = {handler.module for handler in function.handlers}
    assert own <= modules.keys()
    others = {handler.module for handler in HANDLERS} - own
    assert others & modules.keys() == CALLED_IN_PROCESS.get(function.name, set())


@pytest.mark.parametrize(
    ("name", "services"),
    [
        ("realtime.tell", {"apigatewaymanagementapi", "dynamodb", "secretsmanager"}),
        ("orchestrator.start", {"dynamodb", "stepfunctions"}),
        ("intake.relay", {"dynamodb", "sqs", "events", "stepfunctions"}),
        ("intake.email", {"dynamodb", "s3", "secretsmanager"}),
    ],
)
def test_a_function_is_packed_with_the_services_that_its_code_asks_for(name: str, services: set[str]) -> None:
    assert find_needs(ROOT, find_code(ROOT, function_called(name)).ours).services == services


def test_a_service_that_is_not_named_in_place_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "adapters" / "aws" / "any.py"
    path.parent.mkdir(parents=True)
    path.write_text("def ask(clients, name):\n    return clients.of(name)\n", "utf-8")
    with pytest.raises(Misconfigured, match=r"any\.py:2: name the service in place"):
        find_needs(tmp_path, ["adapters.aws.any"])


def test_the_files_that_a_module_reads_go_with_it() -> None:
    closure = find_code(ROOT, function_called("orchestrator.understand"))
    names = {path.name for path in find_data(ROOT, closure.ours)}
    assert {"model.npz", "taxonomy.toml", "mood.toml", "en.toml"} <= names


def test_what_is_emptied_is_there() -> None:
    assert local_contents("knowledge.publish").files.keys() >= EMPTIED


def test_every_row_of_read_files_is_of_a_module_that_exists() -> None:
    assert not [module for module in READS if find_module(ROOT, module) is None]


def test_a_module_that_reads_files_without_saying_which_is_refused(tmp_path: Path) -> None:
    folder = write_sources(tmp_path, first="from pathlib import Path\nHERE = Path(__file__).parent")
    with pytest.raises(Misconfigured, match=r"shared\.first reads files: give it a row"):
        find_data(folder, ["shared.first"])
