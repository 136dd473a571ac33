"""The frames of an execution while one step changes them: a private copy, the commands so far, the moves to come."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from shared.workflow.exchange import Command
from shared.workflow.paths import Json, fill

Definition = dict[str, Any]
State = dict[str, Any]
Frame = dict[str, Any]

ROOT = ""


def frame_of(entry: str) -> str:
    """The frame that an entry id belongs to: `3.0` for `3.0.2t`."""
    return entry.rpartition(".")[0]


class Frames:
    """A working copy of an execution's frame table; `where` is a frame id throughout."""

    def __init__(self, definition: Definition, before: State) -> None:
        self.before = before
        self.table: dict[str, Frame] = dict(before["frames"])
        self.commands: list[Command] = []
        self.outcome: State = {}
        self.scopes: dict[str, Definition] = {ROOT: definition}
        self.moves: deque[tuple[str, Move]] = deque()

    def after(self) -> State:
        """The state as the step leaves it."""
        return {**self.before, "frames": self.table, **self.outcome}

    def change(self, where: str, **fields: Json) -> None:
        """Replace some fields of a frame."""
        self.table[where] = {**self.table[where], **fields}

    def scope(self, where: str) -> Definition:
        """The states that a frame runs: the machine, a branch or an item processor."""
        if where not in self.scopes:
            entry, _, index = where.rpartition(".")
            state = self.state(frame_of(entry))
            self.scopes[where] = (
                state["Branches"][int(index)] if state["Type"] == "Parallel" else state["ItemProcessor"]
            )
        return self.scopes[where]

    def state(self, where: str) -> Definition:
        """The definition of the state that a frame is in."""
        state: Definition = self.scope(where)["States"][self.table[where]["at"]]
        return state

    def data(self, where: str) -> Json:
        """What a frame's state was given."""
        return self.table[where]["data"]

    def open(self, where: str, data: Json, item: Json = None) -> None:
        """Begin a frame in no state yet; `item` is the Map item that it works on, if any."""
        self.table[where] = {"at": "", "data": data, "size": None, "visits": 0, "waits": None, "tries": 0, "item": item}

    def enter(self, where: str, suffix: str = "") -> str:
        """Number a new visit of the frame's state, whose answer the frame now waits for."""
        visits = self.table[where]["visits"] + 1
        entry = f"{where}.{visits}{suffix}" if where else f"{visits}{suffix}"
        self.change(where, visits=visits, waits=entry)
        return entry

    def close_children(self, where: str) -> None:
        """Stop what a group still runs; late answers are then stale."""
        waits = self.table[where]["waits"]
        if waits:
            for child in [child for child in self.table if child.startswith(f"{waits}.")]:
                del self.table[child]

    def given(self, where: str, state: Definition, *, token: str | None = None) -> Json:
        """What a state works on: the frame's data, through the state's Parameters where it has them."""
        frame = self.table[where]
        if "Parameters" not in state:
            return frame["data"]
        return fill(state["Parameters"], frame["data"], self.context(frame["item"], token))

    def context(self, item: Json, token: str | None = None) -> Json:
        """The context object `$$`."""
        context: dict[str, Json] = {"Execution": {"Name": self.before["name"]}}
        if item is not None:
            context["Map"] = {"Item": item}
        if token is not None:
            context["Task"] = {"Token": token}
        return context


Move = Callable[[Frames, str], None]
