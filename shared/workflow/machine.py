"""The workflow core: `(definition, state, event) -> (state, commands)`, with no clock, no thread and no I/O.

A definition is States Language inside the subset that `subset.py` checks. Whoever drives the core carries out its
commands and answers each with one event; stale and doubled answers change nothing. A state is JSON and is never
changed in place: a step shares with the state before it whatever it did not touch.

An execution is a tree of frames. A frame runs one list of states: the root `""` the machine itself, its children the
branches of a Parallel or the items of a Map. Each visit of a state takes an entry id, `3` for the root's third; the
children of that visit are the frames `3.0`, `3.1`, and their first entries are `3.0.1`, `3.1.1`. So an id depends on
where it is and never on which branch answered first. A timer's id ends with `t`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from shared.workflow.choices import choose
from shared.workflow.exchange import (
    Abort,
    Command,
    Event,
    Finish,
    RunTask,
    SetTimer,
    Started,
    TaskFailed,
    TaskSucceeded,
    TimerFired,
)
from shared.workflow.failures import Failure, retry_delay, takes, whole_seconds
from shared.workflow.frames import ROOT, Definition, Frames, Move, State, frame_of
from shared.workflow.paths import Json, PathMissing, fill, read
from shared.workflow.results import measure, put_result

CALLBACK = ".waitForTaskToken"
MAX_MOVES_A_STEP = 1_000  # a loop without a task would otherwise never come back


def step(definition: Definition, state: State | None, event: Event) -> tuple[State, tuple[Command, ...]]:
    """Take one event in; the state is None only before Started. Raises ValueError for another first event."""
    if isinstance(event, Started):
        return _begin(definition, event) if state is None else (state, ())
    if state is None:
        raise ValueError("an execution begins with Started")
    if not awaits(state, event.id) or isinstance(event, TimerFired) != event.id.endswith("t"):
        return state, ()
    return _make_moves(Frames(definition, state), frame_of(event.id), partial(_answer, event=event))


def awaits(state: State, entry: str) -> bool:
    """Whether the execution still waits for the answer to the command `entry`."""
    frame = state["frames"].get(frame_of(entry))
    return frame is not None and frame["waits"] == entry


def status(state: State) -> str:
    """`running`, `succeeded` (then `state["output"]`) or `failed` (then `state["error"]` and `state["cause"]`)."""
    return str(state["status"])


def _begin(definition: Definition, event: Started) -> tuple[State, tuple[Command, ...]]:
    frames = Frames(definition, {"name": event.name, "seed": event.seed, "status": "running", "frames": {}})
    frames.open(ROOT, event.payload)
    return _make_moves(frames, ROOT, _start)


def _make_moves(frames: Frames, where: str, move: Move) -> tuple[State, tuple[Command, ...]]:
    """Make a move and all that follow from it, until every frame waits for an answer."""
    frames.moves.append((where, move))
    made = 0
    while frames.moves and not frames.outcome:
        where, move = frames.moves.popleft()
        made += 1
        if where in frames.table:
            _make(frames, where, move if made <= MAX_MOVES_A_STEP else _give_up)
    return frames.after(), tuple(frames.commands)


def _make(frames: Frames, where: str, move: Move) -> None:
    try:
        move(frames, where)
    except Failure as failure:
        _fail(frames, where, failure)
    except PathMissing as missing:
        _fail(frames, where, Failure("States.Runtime", f"nothing at {missing}"))


def _give_up(frames: Frames, where: str) -> None:
    raise Failure("States.Runtime", f"more than {MAX_MOVES_A_STEP} moves without a task")


def _start(frames: Frames, where: str) -> None:
    frames.change(where, size=measure(frames.data(where)))
    _go(frames, where, frames.scope(where)["StartAt"])


def _go(frames: Frames, where: str, name: str, **changes: Json) -> None:
    """Arrive in the state `name`, to be entered when its turn comes."""
    frames.change(where, at=name, waits=None, tries=0, group=None, **changes)
    frames.moves.append((where, _enter))


def _enter(frames: Frames, where: str) -> None:
    state = frames.state(where)
    _ENTRANCES[state["Type"]](frames, where, state)


def _enter_task(frames: Frames, where: str, state: Definition) -> None:
    entry, timeout = frames.enter(where), state.get("TimeoutSeconds")
    if "TimeoutSecondsPath" in state:
        timeout = whole_seconds(read(state["TimeoutSecondsPath"], frames.data(where)))
    if not state["Resource"].endswith(CALLBACK):
        frames.commands.append(RunTask(entry, state["Resource"], frames.given(where, state), timeout))
        return
    token = f"{frames.before['seed']}#{entry}"
    call = frames.given(where, state, token=token)
    frames.commands.append(RunTask(entry, call["FunctionName"], call["Payload"], timeout, token))


def _enter_choice(frames: Frames, where: str, state: Definition) -> None:
    name = choose(state, frames.data(where))
    if name is None:
        raise Failure("States.NoChoiceMatched")
    _go(frames, where, name)


def _enter_pass(frames: Frames, where: str, state: Definition) -> None:
    _leave(frames, where, state["Result"] if "Result" in state else frames.given(where, state))


def _enter_wait(frames: Frames, where: str, state: Definition) -> None:
    path = state.get("SecondsPath")
    seconds = whole_seconds(read(path, frames.data(where)) if path else state["Seconds"])
    frames.commands.append(SetTimer(frames.enter(where, "t"), seconds))


def _enter_succeed(frames: Frames, where: str, state: Definition) -> None:
    _end(frames, where, frames.data(where))


def _enter_fail(frames: Frames, where: str, state: Definition) -> None:
    raise Failure(state["Error"], state.get("Cause", ""))


def _enter_parallel(frames: Frames, where: str, state: Definition) -> None:
    _enter_group(frames, where, len(state["Branches"]))


def _enter_map(frames: Frames, where: str, state: Definition) -> None:
    _enter_group(frames, where, len(_items(frames, where, state)))


def _items(frames: Frames, where: str, state: Definition) -> list[Json]:
    items = read(state.get("ItemsPath", "$"), frames.data(where))
    if not isinstance(items, list):
        raise Failure("States.Runtime", "a Map needs a list")
    return items


_ENTRANCES: dict[str, Callable[[Frames, str, Definition], None]] = {
    "Task": _enter_task,
    "Choice": _enter_choice,
    "Pass": _enter_pass,
    "Wait": _enter_wait,
    "Succeed": _enter_succeed,
    "Fail": _enter_fail,
    "Parallel": _enter_parallel,
    "Map": _enter_map,
}


def _enter_group(frames: Frames, where: str, total: int) -> None:
    entry = frames.enter(where)
    frames.change(where, group={"results": [None] * total, "left": total, "opened": 0})
    _advance(frames, where, entry)


def _advance(frames: Frames, where: str, entry: str) -> None:
    """Collect a group that is complete, or open as many of its children as may run."""
    frame = frames.table[where]
    if frame["waits"] != entry:
        return
    group = frame["group"]
    if group["left"] == 0:
        _leave(frames, where, group["results"])
        return
    state, total, opened = frames.state(where), len(group["results"]), group["opened"]
    running = opened - (total - group["left"])
    until = min(total, opened + (state.get("MaxConcurrency") or total) - running)
    frames.change(where, group={**group, "opened": until})
    open_children = _open_branches if state["Type"] == "Parallel" else _open_items
    open_children(frames, where, state, range(opened, until))


def _open_branches(frames: Frames, where: str, state: Definition, indices: range) -> None:
    frame, given = frames.table[where], frames.given(where, state)
    for index in indices:
        _open_child(frames, f"{frame['waits']}.{index}", given, frame["item"])


def _open_items(frames: Frames, where: str, state: Definition, indices: range) -> None:
    """Open items of a Map, each with what the Map's ItemSelector (once called Parameters) makes of it."""
    frame, values = frames.table[where], _items(frames, where, state)
    selector = state.get("ItemSelector", state.get("Parameters"))
    for index in indices:
        item = {"Index": index, "Value": values[index]}
        given = values[index]
        if selector is not None:
            given = fill(selector, frame["data"], frames.context(item))
        _open_child(frames, f"{frame['waits']}.{index}", given, item)


def _open_child(frames: Frames, where: str, data: Json, item: Json) -> None:
    frames.open(where, data, item)
    _go(frames, where, frames.scope(where)["StartAt"])


def _answer(frames: Frames, where: str, event: Event) -> None:
    """What an awaited event does to its frame."""
    if isinstance(event, TaskSucceeded):
        _leave(frames, where, event.output)
    elif not isinstance(event, TimerFired):
        raise Failure(event.error if isinstance(event, TaskFailed) else "States.Timeout")
    elif frames.state(where)["Type"] == "Wait":
        _leave(frames, where, frames.data(where))
    else:
        _enter(frames, where)


def _leave(frames: Frames, where: str, result: Json) -> None:
    """Put a state's result where its ResultPath says, and go on."""
    state = frames.state(where)
    changes = put_result(state, frames.table[where], result)
    if "Next" in state:
        _go(frames, where, state["Next"], **changes)
    else:
        _end(frames, where, changes.get("data", frames.data(where)))


def _end(frames: Frames, where: str, data: Json) -> None:
    """Close a frame that came to its end, and let the group that it belongs to go on."""
    del frames.table[where]
    if where == ROOT:
        frames.outcome = {"status": "succeeded", "output": data}
        frames.commands.append(Finish(data))
        return
    entry, _, index = where.rpartition(".")
    parent = frame_of(entry)
    group = frames.table[parent]["group"]
    results = [*group["results"]]
    results[int(index)] = data
    frames.change(parent, group={**group, "results": results, "left": group["left"] - 1})
    frames.moves.append((parent, partial(_advance, entry=entry)))


def _fail(frames: Frames, where: str, failure: Failure) -> None:
    """Retry, catch, or pass the failure on to the frame above."""
    frames.close_children(where)
    state = frames.state(where) if frames.table[where]["at"] else {}
    if _retry(frames, where, state, failure):
        return
    for catcher in state.get("Catch", ()):
        if takes(catcher, failure.error):
            _catch(frames, where, catcher, failure)
            return
    _fail_above(frames, where, failure)


def _retry(frames: Frames, where: str, state: Definition, failure: Failure) -> bool:
    """Set the timer of the next try, if there is one."""
    tries = frames.table[where]["tries"]
    for retrier in state.get("Retry", ()):
        if takes(retrier, failure.error) and tries < retrier.get("MaxAttempts", 3):
            frames.change(where, tries=tries + 1)
            jitter = retrier.get("JitterStrategy", "NONE") == "FULL"
            frames.commands.append(SetTimer(frames.enter(where, "t"), retry_delay(retrier, tries), jitter))
            return True
    return False


def _catch(frames: Frames, where: str, catcher: Definition, failure: Failure) -> None:
    try:
        changes = put_result(catcher, frames.table[where], {"Error": failure.error, "Cause": failure.cause})
    except Failure as unplaceable:
        _fail_above(frames, where, unplaceable)
    else:
        _go(frames, where, catcher["Next"], **changes)


def _fail_above(frames: Frames, where: str, failure: Failure) -> None:
    del frames.table[where]
    if where != ROOT:
        _fail(frames, frame_of(frame_of(where)), failure)
        return
    frames.outcome = {"status": "failed", "error": failure.error, "cause": failure.cause}
    frames.commands.append(Abort(failure.error, failure.cause))
