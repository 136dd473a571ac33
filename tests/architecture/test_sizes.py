"""How large things may grow before they are split (design §2)."""

from __future__ import annotations

import ast
import re
import statistics
import warnings

from radon.complexity import cc_visit_ast

from tests.architecture.sources import body_lines, functions_of, sources

MAX_FILE, MAX_BODY, MAX_HANDLER, MAX_COMPLEXITY, WANTED_MEDIAN = 300, 40, 80, 8, 80
VAGUE = re.compile(r"(?:^|_)(?:utils?|helpers?|common|misc|manager|service|processor|impl)$")
VAGUE_CLASS = re.compile(r"(?:Utils?|Helpers?|Manager|Service|Processor|Impl)$")
ENTRY = re.compile(r"adapters/[a-z]+/entry\.py")


def test_no_file_is_longer_than_300_lines() -> None:
    long = [f"{source.name} {source.lines}" for source in sources() if source.lines > MAX_FILE]
    assert not long, lines(long)


def test_no_function_has_more_than_40_lines() -> None:
    long = [
        f"{source.at(function)} {function.name} {body_lines(function)}"
        for source in sources()
        for function in functions_of(source)
        if body_lines(function) > MAX_BODY
    ]
    assert not long, lines(long)


def test_handlers_and_entries_fit_on_a_screen() -> None:
    found = [source for source in sources() if source.within("functions") or ENTRY.fullmatch(source.name)]
    long = [f"{source.name} {source.lines}" for source in found if source.lines > MAX_HANDLER]
    assert not long, lines(long)


def test_no_function_decides_more_than_eight_things() -> None:
    complex_ones = [f"{found:2} {where}" for found, where in complexities() if found > MAX_COMPLEXITY]
    assert not complex_ones, lines(complex_ones)


def test_nothing_has_a_name_that_says_nothing() -> None:
    files = [source.name for source in sources() if any(map(VAGUE.search, source.name[:-3].split("/")))]
    classes = [
        f"{source.at(node)} {node.name}"
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef) and VAGUE_CLASS.search(node.name)
    ]
    assert not files + classes, lines(files + classes)


def test_every_file_says_in_its_first_lines_what_it_is() -> None:
    silent = [source.name for source in sources() if source.text.strip() and not ast.get_docstring(source.tree)]
    assert not silent, lines(silent)


def test_the_usual_file_is_short() -> None:
    """Reported as a warning of its own, never a failure: a median moves with every file that is added."""
    median = statistics.median(source.lines for source in sources() if source.text.strip())
    if median > WANTED_MEDIAN:
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            warnings.warn(f"the median file has {median:g} lines, wanted at most {WANTED_MEDIAN}", stacklevel=1)


def complexities() -> list[tuple[int, str]]:
    """Every function's complexity as radon counts it (conditions, loops, boolean operators), the worst first."""
    blocks = [(block, source) for source in sources() for block in cc_visit_ast(source.tree)]
    found = [
        (block.complexity, f"{source.name}:{block.lineno} {block.name}")
        for block, source in blocks
        if not hasattr(block, "methods")
    ]
    return sorted(found, reverse=True)


def lines(found: list[str]) -> str:
    return "\n" + "\n".join(found)
