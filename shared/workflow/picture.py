"""A workflow as a mermaid flowchart, readable where GitHub shows it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from shared.workflow.choices import COMPARISONS
from shared.workflow.graph import Definition

# type -> the marks around a label: a box, a diamond, a stadium, a slanted box
_SHAPES = {
    "Choice": ('{{"', '"}}'),
    "Succeed": ('(["', '"])'),
    "Fail": ('(["', '"])'),
    "Wait": ('[/"', '"/]'),
    "Pass": ('("', '")'),
}
_BOX = ('["', '"]')
_GROUPS = ("Parallel", "Map")
_SIGNS = {
    "StringEquals": "",
    "BooleanEquals": "",
    "NumericEquals": "= ",
    "NumericGreaterThan": "> ",
    "NumericGreaterThanEquals": "≥ ",
    "NumericLessThan": "< ",
    "NumericLessThanEquals": "≤ ",
}


def draw(definition: Definition) -> str:
    """The flowchart, one line a state and a way; dashed ways are taken when something fails."""
    lines = ["flowchart TD", *_Drawing().scope(definition, "s", "  ")]
    return "\n".join(lines) + "\n"


class _Drawing:
    """Short names for the states as they are met."""

    def __init__(self) -> None:
        self.numbers = count(1)
        self.names: dict[str, str] = {}

    def name(self, prefix: str, state: str) -> str:
        key = f"{prefix}/{state}"
        if key not in self.names:
            self.names[key] = f"s{next(self.numbers)}"
        return self.names[key]

    def scope(self, scope: Definition, prefix: str, indent: str) -> Iterator[str]:
        """The states of a scope, then the ways between them."""
        for title, state in scope["States"].items():
            yield from self.state(title, state, self.name(prefix, title), indent)
        for title, state in scope["States"].items():
            name = self.name(prefix, title)
            for way, label in _ways(state):
                arrow = f'-- "{_clean(label)}" -->' if label else "-->"
                yield f"{indent}{name} {arrow} {self.name(prefix, way)}"
        yield from self.catches(scope, prefix, indent)

    def state(self, title: str, state: Definition, name: str, indent: str) -> Iterator[str]:
        if state["Type"] in _GROUPS:
            yield from self.group(title, state, name, indent)
            return
        before, after = _SHAPES.get(state["Type"], _BOX)
        yield f"{indent}{name}{before}{_label(title, state)}{after}"

    def group(self, title: str, state: Definition, name: str, indent: str) -> Iterator[str]:
        """A Parallel or a Map, its inside drawn in it."""
        note = "for each item" if state["Type"] == "Map" else "at the same time"
        yield f'{indent}subgraph {name}["{_clean(title)} ({note})"]'
        for index, branch in enumerate(state.get("Branches", [state.get("ItemProcessor")])):
            yield from self.scope(branch, f"{name}.{index}", indent + "  ")
        yield f"{indent}end"

    def catches(self, scope: Definition, prefix: str, indent: str) -> Iterator[str]:
        """One dashed line for all the states whose failure leads to the same one."""
        groups: dict[tuple[str, str], list[str]] = {}
        for title, state in scope["States"].items():
            for catcher in state.get("Catch", ()):
                label = _failure(catcher)
                groups.setdefault((catcher["Next"], label), []).append(self.name(prefix, title))
        for (way, label), names in groups.items():
            yield f'{indent}{" & ".join(names)} -. "{_clean(label)}" .-> {self.name(prefix, way)}'


def _label(title: str, state: Definition) -> str:
    return f"{_clean(title)}<br/><small>{_clean(_detail(state))}</small>" if _detail(state) else _clean(title)


def _detail(state: Definition) -> str:
    """The second line of a state's label: whose work it is, or how long it waits."""
    if state["Type"] == "Task":
        resource = str(state.get("Parameters", {}).get("FunctionName", state["Resource"]))
        handler = resource.removeprefix("${").removesuffix("}")
        return f"{handler}, waits for its token" if state["Resource"].endswith(".waitForTaskToken") else handler
    if state["Type"] == "Wait":
        return f"{state['Seconds']} s" if "Seconds" in state else str(state["SecondsPath"])
    return str(state.get("Error", ""))


def _ways(state: Definition) -> Iterator[tuple[str, str]]:
    """Where a state leads when nothing fails; ways to the same state share a line."""
    labels: dict[str, list[str]] = {state["Next"]: []} if "Next" in state else {}
    for rule in state.get("Choices", ()):
        labels.setdefault(rule["Next"], []).append(_condition(rule))
    if "Default" in state:
        labels.setdefault(state["Default"], []).append("else")
    for way, conditions in labels.items():
        yield way, " or ".join(dict.fromkeys(conditions))


def _condition(rule: Definition) -> str:
    """A rule in few words; guards are left out where a comparison follows."""
    if "And" in rule:
        compared = [part for part in rule["And"] if part.get("IsPresent") is not True]
        return " and ".join(map(_condition, compared or rule["And"]))
    if "Or" in rule:
        return " or ".join(map(_condition, rule["Or"]))
    if "Not" in rule:
        return f"not {_condition(rule['Not'])}"
    return _comparison(rule)


def _comparison(rule: Definition) -> str:
    variable = str(rule["Variable"]).rpartition(".")[2]
    if "IsPresent" in rule:
        return f"{variable} given" if rule["IsPresent"] else f"no {variable}"
    name = next(name for name in rule if name in COMPARISONS)
    value = rule[name]
    if isinstance(value, bool):
        return variable if value else f"not {variable}"
    return str(value) if name == "StringEquals" else f"{variable} {_SIGNS[name]}{value}"


def _failure(catcher: Definition) -> str:
    names = [name.removeprefix("States.").lower() for name in catcher["ErrorEquals"]]
    return "fails" if names == ["all"] else " or ".join(names)


def _clean(text: str) -> str:
    """Text that mermaid shows as it stands."""
    return text.replace('"', "#quot;").replace("<", "&lt;").replace(">", "&gt;")
