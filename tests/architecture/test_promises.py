"""Every numbered promise of a port is cited by a contract test, and this machine is held to every contract."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module

import pytest

from shared.manifest import PORTS
from tests.architecture.sources import Source, functions_of, imported, sources

CONTRACT = "tests/contract"
# Invariants and attacks are cited, too; the one promise of `ids` shares the letter of the former.
OF_OTHERS = {"I", "T"}


def promises_of(port: str) -> list[str]:
    """The numbers that a port's docstring makes, in order; those of another port that it refers to have its letter."""
    made = re.findall(r"\b[A-Z]\d{1,2}\b", import_module(f"shared.ports.{port}").__doc__ or "")
    return list(dict.fromkeys(number for number in made if number[0] == made[0][0]))


PROMISES = {number: port for port in sorted(PORTS) for number in promises_of(port)}


def cited() -> Iterator[tuple[str, str]]:
    """(number, test) for each number in the name of a contract test: `test_r3_to_r9_rows` cites R3 and R9."""
    for source in sources(CONTRACT):
        for function in functions_of(source):
            if function.name.startswith("test_"):
                for number in re.findall(r"(?<=_)[a-z]\d{1,2}(?=_)", function.name):
                    yield number.upper(), f"{source.at(function)} {function.name}"


def contracts() -> dict[str, Source]:
    """Every contract class by its name, with the file that it stands in."""
    return {
        node.name: source
        for source in sources(CONTRACT)
        for node in source.tree.body
        if isinstance(node, ast.ClassDef) and node.name.endswith("Contract")
    }


@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_is_cited_by_a_contract_test(promise: str) -> None:
    assert promise in dict(cited()), f"no test of {CONTRACT} is named test_{promise.lower()}_…: {PROMISES[promise]}"


@pytest.mark.parametrize("port", sorted(PORTS))
def test_a_port_numbers_its_promises_without_gaps(port: str) -> None:
    made = promises_of(port)
    assert made == [f"{made[0][0]}{number}" for number in range(1, len(made) + 1)]


def test_no_two_ports_share_a_letter() -> None:
    letters = [promises_of(port)[0][0] for port in PORTS]
    assert len(letters) == len(set(letters))


def test_a_contract_test_cites_no_promise_that_nobody_makes() -> None:
    unknown = [where for number, where in cited() if number not in PROMISES and number[0] not in OF_OTHERS]
    assert not unknown, "\n".join(unknown)


def test_this_machine_is_held_to_every_contract() -> None:
    held = {
        base.id
        for source in sources(CONTRACT)
        if source.name.startswith(f"{CONTRACT}/test_local")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
        for base in node.bases
        if isinstance(base, ast.Name)
    }
    assert set(contracts()) - held == set()


def test_a_contract_knows_no_provider() -> None:
    known = [
        source.at(node)
        for source in set(contracts().values())
        for module, node in imported(source)
        if module.split(".")[0] == "adapters"
    ]
    assert not known, "\n".join(known)
