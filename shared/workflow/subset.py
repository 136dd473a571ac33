"""What a workflow file may say: the part of States Language that every engine executes alike (design §4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from shared.workflow.choices import COMPARISONS
from shared.workflow.graph import Node, nexts, reachable, walk
from shared.workflow.paths import READ_PATH, WRITE_PATH, Json

MAX_BRANCHES = 10
MAX_AT_ONCE = 20
MAX_NESTING = 2

_STATE = frozenset({"Comment", "Type"})
_STEP = _STATE | {"Next", "End"}
_GROUP = _STEP | {"Parameters", "ResultPath", "Retry", "Catch"}
# type -> (fields it may have, fields it must have); TimeoutSecondsPath is for token tasks only
FIELDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "Task": (_GROUP | {"Resource", "TimeoutSeconds", "TimeoutSecondsPath"}, frozenset({"Resource"})),
    "Parallel": (_GROUP | {"Branches"}, frozenset({"Branches"})),
    "Map": (_GROUP | {"ItemsPath", "ItemSelector", "ItemProcessor", "MaxConcurrency"}, frozenset({"ItemProcessor"})),
    "Choice": (_STATE | {"Choices", "Default"}, frozenset({"Choices", "Default"})),
    "Pass": (_STEP | {"Result", "Parameters", "ResultPath"}, frozenset()),
    "Wait": (_STEP | {"Seconds", "SecondsPath"}, frozenset()),
    "Succeed": (_STATE, frozenset()),
    "Fail": (_STATE | {"Error", "Cause"}, frozenset({"Error"})),
}
_MACHINE = frozenset({"Comment", "StartAt", "States"})
_PROCESSOR = frozenset({"StartAt", "States", "ProcessorConfig"})
_RETRIER = frozenset(
    {"ErrorEquals", "IntervalSeconds", "BackoffRate", "MaxAttempts", "MaxDelaySeconds", "JitterStrategy"}
)
_CATCHER = frozenset({"ErrorEquals", "ResultPath", "Next"})
_CONTEXT = frozenset({"$$.Execution.Name", "$$.Task.Token"})
_ITEM = frozenset({"$$.Map.Item.Index", "$$.Map.Item.Value"})  # only the Map itself knows it on every engine
_ONE_AFTER_INDEX = re.compile(r"\$\..*\]\.\w+")  # moto answers `$.a[0].b` with a list
_ERROR = re.compile(r"States\.(ALL|Timeout)|[A-Z][A-Za-z]*")
_HANDLER = re.compile(r"(\$\{)?[a-z_]+\.[a-z_]+\}?")
_CALLBACK = "arn:aws:states:::lambda:invoke.waitForTaskToken"

Says = Iterator[str]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something outside the subset; `where` is the path of the state, `A/0/B` for state B in A's first branch."""

    where: str
    what: str


def check(definition: dict[str, Any]) -> tuple[Problem, ...]:
    """Everything in a definition that some engine would refuse or do otherwise."""
    problems = [Problem("", what) for what in _check_machine(definition)]
    for node in walk(definition):
        problems += [Problem(node.path, what) for what in _check_node(node)]
    return tuple(problems)


def _check_machine(definition: Json) -> Says:
    yield from _unknown(definition, _MACHINE, "the machine")
    if not definition.get("Comment"):
        yield "the machine has no Comment"
    yield from _check_scope(definition)


def _check_scope(scope: Json) -> Says:
    states = scope.get("States", {})
    if scope.get("StartAt") not in states:
        yield f"StartAt names no state: {scope.get('StartAt')}"
        return
    met = reachable(scope)
    yield from (f"nothing leads to {name}" for name in states if name not in met)


def _check_node(node: Node) -> Says:
    kind = node.state.get("Type")
    if kind not in FIELDS:
        yield f"no such Type: {kind}"
        return
    allowed, needed = FIELDS[kind]
    yield from _unknown(node.state, allowed, kind)
    yield from (f"{kind} needs {field}" for field in sorted(needed - node.state.keys()))
    if needed <= node.state.keys():
        for rule in _RULES:
            yield from rule(node)


def _unknown(found: Json, allowed: frozenset[str], whose: str) -> Says:
    yield from (f"{whose} may not have {field}" for field in found if field not in allowed)


def _check_comment(node: Node) -> Says:
    if not node.state.get("Comment"):
        yield "no Comment"


def _check_ways(node: Node) -> Says:
    if "Next" in FIELDS[node.state["Type"]][0] and ("Next" in node.state) is (node.state.get("End") is True):
        yield "needs either Next or End: true"
    yield from (f"leads to no state: {name}" for name in nexts(node.state) if name not in node.scope["States"])


def _check_values(node: Node) -> Says:
    """Fields and templates: integers only, no intrinsic functions, known paths."""
    own = {key: value for key, value in node.state.items() if key not in ("Branches", "ItemProcessor")}
    context = _CONTEXT | _ITEM if node.state["Type"] == "Map" else _CONTEXT
    for key, value in _leaves(own):
        if isinstance(value, float):
            yield f"{key} is a float: {value}"
        yield from _check_path(key, value, context)
        if isinstance(value, str):
            yield from _check_reading(key, value)


def _check_path(key: str, value: Json, context: frozenset[str]) -> Says:
    if key.endswith(".$") and value not in context and not _is_path(key, value):
        yield f"{key} is no reference path of the subset: {value}"
    if key.endswith("Path") and not _is_path(key, value):
        yield f"{key} is no path of the subset: {value}"


def _check_reading(key: str, value: str) -> Says:
    if value.startswith("$.") and value.endswith(".Cause"):
        yield f"{key} reads Cause"
    if _ONE_AFTER_INDEX.fullmatch(value):
        yield f"{key} ends one name after an index: {value}"


def _leaves(value: Json, key: str = "") -> Iterator[tuple[str, Json]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _leaves(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from _leaves(part, key)
    else:
        yield key, value


def _is_path(key: str, value: Json) -> bool:
    if key == "ResultPath":
        return value is None or (isinstance(value, str) and WRITE_PATH.fullmatch(value) is not None)
    return isinstance(value, str) and READ_PATH.fullmatch(value) is not None


def _check_task(node: Node) -> Says:
    state = node.state
    if state["Type"] != "Task":
        return
    if state["Resource"] == _CALLBACK:
        yield from _check_callback(state)
        return
    if not _HANDLER.fullmatch(state["Resource"]):
        yield f"Resource is neither ${{role.file}} nor {_CALLBACK}"
    if "TimeoutSeconds" not in state:
        yield "needs TimeoutSeconds"
    if "TimeoutSecondsPath" in state:
        yield "TimeoutSecondsPath is for token tasks only"


def _check_callback(state: Json) -> Says:
    call = state.get("Parameters", {})
    if set(call) != {"FunctionName", "Payload"} or not _HANDLER.fullmatch(call.get("FunctionName", "")):
        yield "a token task's Parameters are FunctionName (${role.file}) and Payload"
    if ("TimeoutSeconds" in state) is ("TimeoutSecondsPath" in state):
        yield "needs either TimeoutSeconds or TimeoutSecondsPath"
    if "$$.Task.Token" not in [value for _, value in _leaves(call)]:
        yield "a token task gives no token away"


def _check_retry(node: Node) -> Says:
    retriers = node.state.get("Retry", [])
    if len(retriers) > 1:
        yield "more than one retrier"
    for retrier in retriers:
        yield from _unknown(retrier, _RETRIER, "Retry")
        yield from _check_errors(retrier)
        yield from (f"Retry needs {field}" for field in ("IntervalSeconds", "MaxAttempts") if field not in retrier)
        yield from (f"Retry needs a positive {name}" for name in _counts(retrier) if retrier[name] < 1)


def _counts(retrier: Json) -> list[str]:
    return [
        name for name in ("IntervalSeconds", "BackoffRate", "MaxDelaySeconds") if isinstance(retrier.get(name), int)
    ]


def _check_catch(node: Node) -> Says:
    for catcher in node.state.get("Catch", []):
        yield from _unknown(catcher, _CATCHER, "Catch")
        yield from _check_errors(catcher)
    if node.nesting and node.state["Type"] in ("Task", "Parallel", "Map") and not _catches_all(node.state):
        yield "inside a branch, and does not catch States.ALL: engines differ in what siblings do"
    if node.nesting and node.state["Type"] == "Fail":
        yield "a branch may not Fail: engines differ in what siblings do"


def _catches_all(state: Json) -> bool:
    return any("States.ALL" in catcher["ErrorEquals"] for catcher in state.get("Catch", []))


def _check_errors(rule: Json) -> Says:
    names = rule.get("ErrorEquals") or [""]
    yield from (f"not a declared error name: {name}" for name in names if not _ERROR.fullmatch(name))
    if "States.ALL" in names and len(names) > 1:
        yield "States.ALL stands alone"


def _check_wait(node: Node) -> Says:
    if node.state["Type"] == "Wait" and ("Seconds" in node.state) is ("SecondsPath" in node.state):
        yield "needs either Seconds or SecondsPath"


def _check_group(node: Node) -> Says:
    for _, scope in node.scopes():
        yield from _unknown(scope, _PROCESSOR if node.state["Type"] == "Map" else _MACHINE, "a branch")
        yield from _check_scope(scope)
        if node.nesting >= MAX_NESTING:
            yield f"nested deeper than {MAX_NESTING}"
    if len(node.state.get("Branches", ())) > MAX_BRANCHES:
        yield f"more than {MAX_BRANCHES} branches"
    if node.state["Type"] == "Map":
        yield from _check_map(node.state)


def _check_map(state: Json) -> Says:
    if not 1 <= state.get("MaxConcurrency", 0) <= MAX_AT_ONCE:
        yield f"MaxConcurrency is from 1 to {MAX_AT_ONCE}"
    if state["ItemProcessor"].get("ProcessorConfig") != {"Mode": "INLINE"}:
        yield "ProcessorConfig is {Mode: INLINE}"
    if {"Parameters", "ItemSelector"} <= state.keys():
        yield "either ItemSelector or Parameters"


def _check_choice(node: Node) -> Says:
    for rule in node.state.get("Choices", ()):
        if "Next" not in rule:
            yield "a choice without Next"
        yield from _check_rule(rule, frozenset())


def _check_rule(rule: Json, guarded: frozenset[str]) -> Says:
    """One rule; `guarded` are the paths that are known to be present where it is evaluated."""
    if "And" in rule:
        for part in rule["And"]:
            yield from _check_rule(part, guarded)
            if part.get("IsPresent") is True:
                guarded |= _prefixes(part["Variable"])
    elif "Or" in rule or "Not" in rule:
        for part in rule.get("Or", [rule.get("Not")]):
            yield from _check_rule(part, guarded)
    else:
        yield from _check_comparison(rule, guarded)


def _check_comparison(rule: Json, guarded: frozenset[str]) -> Says:
    variable = rule.get("Variable", "")
    tests = rule.keys() - {"Variable", "Next", "Comment"}
    if len(tests) != 1 or not tests <= COMPARISONS.keys() | {"IsPresent"}:
        yield f"no comparison of the subset: {', '.join(sorted(tests))}"
    elif not READ_PATH.fullmatch(variable):
        yield f"Variable is no reference path of the subset: {variable}"
    elif "IsPresent" not in rule and variable not in guarded:
        yield f"compares {variable} without IsPresent before it in the same And"


def _prefixes(path: str) -> frozenset[str]:
    """A path and all that must be present when it is."""
    ends = [match.start() for match in re.finditer(r"[.\[]", path)]
    return frozenset({path, *(path[:end] for end in ends)})


_RULES: tuple[Callable[[Node], Says], ...] = (
    _check_comment,
    _check_ways,
    _check_values,
    _check_task,
    _check_retry,
    _check_catch,
    _check_wait,
    _check_group,
    _check_choice,
)
