"""What the documents say is so: commands run, pictures and tables are current, rows name real tests, links lead somewhere."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from adapters.local.cli.main import COMMANDS
from shared.manifest import BY_NAME
from tests.architecture.documents import PARTS, PLANNED, documents, parts_of
from tests.architecture.sources import ROOT, sources
from tests.builders.serving import any_server

REQUIREMENTS = 158
StatusRow = tuple[int, str, str, str, str]
STATES = {"yes", "part", "not yet"}
README = (ROOT / "README.md").read_text("utf-8")
STATUS = (ROOT / "docs" / "status.md").read_text("utf-8")
FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\((?!https?://|mailto:)([^)#\s]+)(?:#[^)]*)?\)")
TICKED = re.compile(r"`([^`\n]+)`")
TEST = re.compile(r"tests/[\w/]+\.py::\w+(?:::\w+)?")
FILE = re.compile(r"(?:adapters|benchmarks|docs|events|functions|shared|stacks|tests)/[\w./-]+\.\w+")
OF_A_MACHINE = re.compile(r"(?:^|[\s\"'`(=:])/(?:work|root|home|farm|Users)/", re.MULTILINE)
OF_A_REGISTRY = re.compile(r"pypi\.|registry\.npm|npmjs|index-url|proxy\.golang|files\.pythonhosted", re.IGNORECASE)
ROW = re.compile(r"""f?"([A-Z]{2,9})\|\{?""")
# The stand-in for curl in the walk through the API: what README uses of it, on machines that have none.
CURL = """#!{python}
import sys, urllib.request
words, headers, data, url = sys.argv[1:], {{}}, None, ""
while words:
    word = words.pop(0)
    if word == "-H":
        name, _, value = words.pop(0).partition(": ")
        headers[name] = value
    elif word == "--json":
        data = words.pop(0).encode()
        headers["Content-Type"] = "application/json"
    elif word != "-s":
        url = word
with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
    print(answer.read().decode())
"""

EVERY_DOCUMENT = pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)


def blocks(text: str, language: str) -> list[str]:
    return [fence["code"] for fence in FENCE.finditer(text) if fence["language"] == language]


# --- what is generated is current


@EVERY_DOCUMENT
def test_every_generated_part_is_what_its_command_writes(path: Path) -> None:
    for name, text in parts_of(path.read_text("utf-8")):
        assert text == PARTS[name](), f"{path.name}, {name}: run `python -m tests.architecture.documents`"


def test_every_part_that_can_be_generated_stands_somewhere() -> None:
    assert {name for path in documents() for name, _ in parts_of(path.read_text("utf-8"))} == set(PARTS)


# --- commands


def commands_of_readme() -> list[str]:
    """The lines of README that end by themselves and need nothing but this machine."""
    lines = [line for code in blocks(README, "sh") for line in code.splitlines() if ".venv/bin/supportmax" in line]
    return [line for line in lines if " serve " not in line]


def run_in_shell(code: str, folder: Path, *, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A piece of README in a folder of its own, where `.venv/bin/supportmax` is the program under test."""
    program = folder / ".venv" / "bin" / "supportmax"
    program.parent.mkdir(parents=True, exist_ok=True)
    make_program(program, "import sys; sys.argv[0] = 'supportmax'; from adapters.local.cli.main import main; main()\n")
    searched = os.pathsep.join([*([str(path)] if path else []), os.environ["PATH"]])
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": searched}
    command = ["bash", "-euo", "pipefail", "-c", code]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


def make_program(path: Path, code: str) -> None:
    path.write_text(code if code.startswith("#!") else f"#!{sys.executable}\n{code}", "utf-8")
    path.chmod(0o755)


@pytest.mark.parametrize("line", commands_of_readme())
def test_a_command_of_readme_runs_and_answers(line: str, tmp_path: Path) -> None:
    done = run_in_shell(line, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_message_of_readme_ends_as_readme_says(tmp_path: Path) -> None:
    line = next(line for line in commands_of_readme() if " run " in line)
    first, again = run_in_shell(line, tmp_path).stdout, run_in_shell(line, tmp_path).stdout
    for said in ('"refund_payment", "status": "committed", "amount_minor": 2940', '"outcome": "resolved"'):
        assert said in first
    assert without_times(first) == without_times(again)


def without_times(line: str) -> str:
    return re.sub(r'"duration_ms": [\d.]+', "", line)


def test_the_walk_through_the_api_ends_with_the_refund(tmp_path: Path) -> None:
    (walk,) = [code for code in blocks(README, "sh") if "curl" in code]
    tools = tmp_path / "tools"
    tools.mkdir()
    make_program(tools / "curl", CURL.format(python=sys.executable))
    make_program(tools / "python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    with any_server(tmp_path / "build" / "serve") as served:
        done = run_in_shell(walk.replace("http://127.0.0.1:8080", served.address), tmp_path, path=tools)
        assert done.returncode == 0, done.stderr
    begun, decided, *ended = done.stdout.splitlines()
    assert '"outcome":"awaiting_approval"' in begun
    assert '"state":"APPROVED"' in decided
    assert "We have refunded" in ended[-1]


@EVERY_DOCUMENT
def test_every_command_that_is_named_exists_or_is_said_not_to(path: Path) -> None:
    named = re.findall(r"supportmax ([a-z][a-z-]+)", path.read_text("utf-8"))
    assert set(named) <= {*COMMANDS, *PLANNED}


@EVERY_DOCUMENT
def test_every_target_that_is_named_is_in_the_makefile(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    code = [*TICKED.findall(path.read_text("utf-8")), *(code for code in blocks(path.read_text("utf-8"), "sh"))]
    assert {target for text in code for target in re.findall(r"^make ([a-z-]+)", text, re.MULTILINE)} <= targets


# --- places


@EVERY_DOCUMENT
def test_every_link_leads_to_a_file(path: Path) -> None:
    text = FENCE.sub("", path.read_text("utf-8"))
    assert [link for link in LINK.findall(text) if not (path.parent / link).exists()] == []


@EVERY_DOCUMENT
def test_every_file_that_is_named_exists(path: Path) -> None:
    text = FENCE.sub("", path.read_text("utf-8"))
    named = {name for ticked in TICKED.findall(text) for name in FILE.findall(ticked) if FILE.fullmatch(ticked)}
    made_up = {"functions/sla/age.py", "tests/functions/test_sla_age.py"}  # the example of adding_a_handler
    assert {name for name in named - made_up if not (ROOT / name).exists()} == set()


@EVERY_DOCUMENT
def test_every_test_that_is_named_exists(path: Path) -> None:
    assert [name for name in TEST.findall(path.read_text("utf-8")) if not is_test(name)] == []


def is_test(name: str) -> bool:
    file, _, test = name.partition("::")
    return test.split("::")[-1] in names_in(file)


@cache
def names_in(file: str) -> frozenset[str]:
    """Functions and classes of a test file, at its top or in a class."""
    if not (ROOT / file).is_file():
        return frozenset()
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef))


@EVERY_DOCUMENT
def test_no_document_names_a_place_of_one_machine_or_a_registry(path: Path) -> None:
    text = path.read_text("utf-8")
    assert OF_A_MACHINE.findall(text) + OF_A_REGISTRY.findall(text) == []


def test_every_document_is_reached_from_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        path = waiting.pop().resolve()
        if path in reached or path.suffix != ".md":
            continue
        reached.add(path)
        waiting += [path.parent / link for link in LINK.findall(path.read_text("utf-8"))]
    assert [path.name for path in documents() if path.resolve() not in reached and path.name != "CHANGELOG.md"] == []


def test_every_kind_of_row_that_the_code_stores_stands_in_the_table_of_rows() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    stored = {kind for source in sources("functions", "shared") for kind in ROW.findall(source.text)}
    assert {kind for kind in stored if f"`{kind}\\|" not in text} == set()


# --- status: one row a requirement


def rows_of_status() -> list[StatusRow]:
    """(number, capability, state, covered by, what is missing) of each row."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in STATUS.splitlines()]
    return [(int(cells[0]), cells[1], cells[2], cells[3], cells[4]) for cells in lines if cells[0].isdigit()]


def test_status_has_one_row_for_each_requirement_in_order() -> None:
    assert [row[0] for row in rows_of_status()] == list(range(1, REQUIREMENTS + 1))


@pytest.mark.parametrize("row", rows_of_status(), ids=lambda row: str(row[0]))
def test_a_row_names_what_covers_it_and_what_would_do_the_rest(row: StatusRow) -> None:
    _, capability, state, covered, missing = row
    assert capability
    assert state in STATES
    assert bool(TICKED.findall(covered)) == (state != "not yet")
    assert bool(missing) == (state != "yes")
    assert missing == "" or missing.split(":")[0] in works_to_do()
    assert [ticked for ticked in TICKED.findall(covered) if not stands(ticked)] == []


def stands(ticked: str) -> bool:
    """Whether a reference is a test, a file or a command that exists."""
    if "::" in ticked:
        return is_test(ticked)
    if ticked.startswith("supportmax "):
        return ticked.split()[1] in COMMANDS
    return ticked in BY_NAME or (ROOT / ticked).exists()


def works_to_do() -> set[str]:
    """The pieces of work that status names in its first table."""
    return set(re.findall(r"^\| \*\*([^*]+)\*\* \|", STATUS, re.MULTILINE))


# --- the guides do what they say


def test_adding_a_handler_as_described_gives_a_handler_that_works(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "adding_a_handler.md").read_text("utf-8")
    copy = copy_of_the_project(tmp_path)
    handler, row, test = blocks(guide, "python")
    (copy / "functions/sla/age.py").write_text(handler, "utf-8")
    insert(copy / "shared/manifest.py", "HANDLERS: tuple[Handler, ...] = (\n", row)
    (copy / "tests/functions").mkdir(parents=True)
    (copy / "tests/functions/test_sla_age.py").write_text(test, "utf-8")
    done = pytest_in(copy, "tests/functions/test_sla_age.py")
    assert done.returncode == 0, done.stdout + done.stderr


def test_adding_a_tool_as_described_gives_a_tool_that_works(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "adding_a_tool.md").read_text("utf-8")
    copy = copy_of_the_project(tmp_path)
    tool, row, call = blocks(guide, "python")
    orders = copy / "shared/tools/orders.py"
    orders.write_text(f"{orders.read_text('utf-8')}\n\n{tool}", "utf-8")
    insert(copy / "shared/tools/catalog.py", "ORDER_TOOLS = (\n", row)
    shutil.copytree(ROOT / "tests" / "tools", copy / "tests" / "tools")
    insert(copy / "tests/tools/test_tools.py", "CALLS: dict[str, tuple[str, Facts, Facts]] = {\n", call)
    done = pytest_in(copy, "tests/tools", "-k", "list_orders or every_tool_has")
    assert done.returncode == 0, done.stdout + done.stderr


def copy_of_the_project(folder: Path) -> Path:
    leave = shutil.ignore_patterns("__pycache__")
    for room in ("functions", "shared", "adapters"):
        shutil.copytree(ROOT / room, folder / room, ignore=leave)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def insert(path: Path, behind: str, text: str) -> None:
    """Put lines behind a line that stands in a file once."""
    before, found, after = path.read_text("utf-8").partition(behind)
    assert found, f"{path.name} has no {behind!r}"
    path.write_text(before + found + text + after, "utf-8")


def pytest_in(folder: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """Pytest over a copy, which must not see the original."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False
    )
