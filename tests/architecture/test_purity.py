"""Time, chance, the environment and threads come in from outside, or a run could not be repeated (design §2, §10)."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

import pytest

from tests.architecture.sources import Source, imported, sources

SETTINGS = "shared/settings.py"
ENVIRONMENT = {"os.environ", "os.getenv", "os.putenv", "os.environb"}
TIME_AND_CHANCE = {
    "time.time", "time.time_ns", "time.monotonic", "time.perf_counter", "time.sleep", "time.localtime", "time.gmtime",
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now",
    "datetime.datetime.utcnow", "datetime.date.today", "os.urandom", "uuid.uuid4", "uuid.uuid1",
}  # fmt: skip
CHANCE = {"random", "uuid", "secrets", "numpy.random"}
THREADS = {"threading", "multiprocessing", "concurrent", "asyncio", "queue", "subprocess", "signal", "sched"}
LATER = re.compile(r"\bTODO\b|\bFIXME\b|\bXXX\b|type:\s*ignore")
REASONED = re.compile(r"# noqa: [A-Z]+[0-9]+ - \w+")
CALLS_IN_THE_END = {"records", "queue", "events", "documents", "workflows", "timers", "channels", "business_systems"}


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a name or an attribute; nothing for any other expression."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (base := dotted(node.value)):
        return f"{base}.{node.attr}"
    return ""


def uses(source: Source, names: set[str]) -> list[str]:
    """Where a file names one of these, spelled out or imported from its module."""
    found = [
        f"{source.at(node)} {dotted(node)}"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and dotted(node) in names
    ]
    taken = [
        f"{source.at(node)} {node.module}.{alias.name}"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if f"{node.module}.{alias.name}" in names
    ]
    return found + taken


def imports(source: Source, modules: set[str]) -> list[str]:
    """Where a file imports one of these modules or a part of one."""
    return [
        f"{source.at(node)} {module}"
        for module, node in imported(source)
        if any(module == each or module.startswith(f"{each}.") for each in modules)
    ]


def test_the_environment_is_read_in_one_file() -> None:
    assert [place for source in sources() if source.name != SETTINGS for place in uses(source, ENVIRONMENT)] == []


def test_functions_and_shared_ask_no_clock_and_throw_no_dice() -> None:
    pure = sources("functions", "shared")
    assert [place for source in pure for place in uses(source, TIME_AND_CHANCE) + imports(source, CHANCE)] == []


def test_functions_start_no_threads_and_no_processes() -> None:
    assert [place for source in sources("functions") for place in imports(source, THREADS)] == []


def test_shared_starts_no_threads_and_no_processes() -> None:
    assert [place for source in sources("shared") for place in imports(source, THREADS - {"asyncio"})] == []


def test_powertools_is_for_the_router_and_for_aws() -> None:
    elsewhere = [source for source in sources() if not source.within("functions/api", "adapters/aws")]
    assert [place for source in elsewhere for place in imports(source, {"aws_lambda_powertools"})] == []


def test_no_error_is_swallowed() -> None:
    assert [place for source in sources() for place in silent_handlers(source)] == []


def silent_handlers(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and (node.type is None or all(map(says_nothing, node.body))):
            yield source.at(node)


def says_nothing(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def test_functions_call_no_port_while_they_fall() -> None:
    """A crash must stay dead: a port call in `finally` would still act (design §10)."""
    found = [
        f"{source.at(call)} {dotted(call.func)}"
        for source in sources("functions")
        for block in ast.walk(source.tree)
        if isinstance(block, ast.Try)
        for statement in block.finalbody
        for call in ast.walk(statement)
        if isinstance(call, ast.Call) and set(dotted(call.func).split(".")) & CALLS_IN_THE_END
    ]
    assert found == []


def test_functions_and_shared_keep_no_state_in_their_modules() -> None:
    assert [place for source in sources("functions", "shared") for place in module_state(source)] == []


def module_state(source: Source) -> Iterator[str]:
    """A `global`, or a lower-case name bound to something that can change: constants are capitals."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Global):
            yield source.at(node)
    for statement in source.tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(
            statement.value, ast.Dict | ast.List | ast.Set | ast.DictComp | ast.ListComp
        ):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            yield from (source.at(statement) for each in targets if dotted(each).strip("_").islower())


def test_nothing_is_left_for_later_and_nothing_is_silenced_without_a_reason() -> None:
    assert [place for source in sources() for place in left_over(source)] == []


def left_over(source: Source) -> Iterator[str]:
    """A mark of unfinished work, a silenced type, or a silenced rule that is not named with its reason."""
    for number, line in enumerate(source.text.splitlines(), 1):
        if LATER.search(line) or ("noqa" in line and not REASONED.search(line)):
            yield f"{source.name}:{number}"


@pytest.mark.parametrize(
    ("code", "check"),
    [
        ("import os\nx = os.environ['A']", lambda source: uses(source, ENVIRONMENT)),
        ("from os import environ", lambda source: uses(source, ENVIRONMENT)),
        ("import time\ndef f():\n    return time.time()", lambda source: uses(source, TIME_AND_CHANCE)),
        ("from datetime import datetime\nx = datetime.now()", lambda source: uses(source, TIME_AND_CHANCE)),
        ("def f():\n    import random", lambda source: imports(source, CHANCE)),
        ("from concurrent.futures import Future", lambda source: imports(source, THREADS)),
        ("try:\n    f()\nexcept ValueError:\n    pass", lambda source: list(silent_handlers(source))),
        ("try:\n    f()\nexcept ValueError:\n    ...", lambda source: list(silent_handlers(source))),
        ("try:\n    f()\nexcept:\n    raise", lambda source: list(silent_handlers(source))),
        ("x = 1  # noqa", lambda source: list(left_over(source))),
        ("x = 1  # noqa: S101", lambda source: list(left_over(source))),
        ("x = f()  # type: ignore[arg-type]", lambda source: list(left_over(source))),
        ("seen = {}", lambda source: list(module_state(source))),
        ("def f():\n    global x\n    x = 1", lambda source: list(module_state(source))),
    ],
)
def test_each_of_these_checks_finds_what_it_forbids(code: str, check: Callable[[Source], list[str]]) -> None:
    assert check(Source("shared/example.py", code, ast.parse(code)))
