"""Choice rules: which of a Choice state's ways the data takes."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from shared.workflow.paths import Json, is_present, read

Rule = dict[str, Any]


def _is_integer(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def _is_boolean(value: Json) -> bool:
    return isinstance(value, bool)


# comparison -> (what it can compare, how); a value of another type is simply not equal, as Amazon has it
COMPARISONS: dict[str, tuple[Callable[[Json], bool], Callable[[Json, Json], bool]]] = {
    "StringEquals": (_is_text, operator.eq),
    "NumericEquals": (_is_integer, operator.eq),
    "NumericGreaterThan": (_is_integer, operator.gt),
    "NumericGreaterThanEquals": (_is_integer, operator.ge),
    "NumericLessThan": (_is_integer, operator.lt),
    "NumericLessThanEquals": (_is_integer, operator.le),
    "BooleanEquals": (_is_boolean, operator.eq),
}


def holds(rule: Rule, data: Json) -> bool:
    """Whether a rule is true of the data; raises PathMissing where it compares what is not there."""
    if "Variable" in rule:
        return compare(rule, data)
    if "And" in rule:
        return all(holds(part, data) for part in rule["And"])
    if "Or" in rule:
        return any(holds(part, data) for part in rule["Or"])
    return not holds(rule["Not"], data)


def compare(rule: Rule, data: Json) -> bool:
    """One comparison of a variable with a literal."""
    if "IsPresent" in rule:
        return is_present(rule["Variable"], data) is rule["IsPresent"]
    value = read(rule["Variable"], data)
    name = next(name for name in rule if name in COMPARISONS)
    can_compare, compared = COMPARISONS[name]
    return can_compare(value) and compared(value, rule[name])


def choose(state: dict[str, Any], data: Json) -> str | None:
    """The name of the next state, or None where no rule holds and there is no default."""
    for rule in state["Choices"]:
        if holds(rule, data):
            return str(rule["Next"])
    return state.get("Default")
