"""The shipped turn, with scripted handlers: every way ends with a commit or at an operator."""

from __future__ import annotations

from typing import Any

import pytest

from shared.workflow.definitions import handlers, load_definition
from tests.workflow.playing import Script, play
from tests.workflow.scenario import TIMES_OUT, Raises

FIELDS = ("tenant", "conversation", "customer", "channel", "turn", "subject", "messages", "known", "owner", "execution")
TURN: dict[str, Any] = {**dict.fromkeys(FIELDS, "x"), "owner": "ai"}


def done(**output: Any) -> dict[str, Any]:
    return {"ok": True, "output": output}


def any_answers(**changed: list[Any]) -> dict[str, list[Any]]:
    """Handlers of a turn that goes well; `changed` names them with `__` for the dot."""
    solved: dict[str, list[Any]] = {handler: [done(result="committed")] for handler in handlers("turn")}
    solved["orchestrator.understand"] = [done(gate="go")]
    solved["orchestrator.plan"] = [
        done(route="specialists", assignments=[{"handler": "billing"}, {"handler": "sales"}])
    ]
    solved["orchestrator.combine"] = [done(outcome="reply")]
    solved["reply.review"] = [done(verdict="send")]
    return solved | {name.replace("__", "."): answers for name, answers in changed.items()}


def test_a_turn_that_goes_well_calls_each_step_once() -> None:
    script = Script(any_answers())
    assert play(load_definition("turn"), TURN, script).state["status"] == "succeeded"
    assert list(script.calls) == [
        "orchestrator.understand", "sentiment.assess", "orchestrator.plan", "billing.work", "sales.work",
        "orchestrator.combine", "reply.review", "reply.send",
    ]  # fmt: skip


@pytest.mark.parametrize("answer", [Raises("KeyError"), TIMES_OUT, {"ok": False, "error": "broken"}, None])
@pytest.mark.parametrize("handler", handlers("turn"))
def test_whichever_handler_breaks_the_turn_ends_with_a_commit_or_as_dead(handler: str, answer: Any) -> None:
    script = Script(any_answers() | {handler: [answer]})
    played = play(load_definition("turn"), TURN, script)
    committed = any(script.calls[name] for name in ("reply.send", "escalation.open") if name != handler)
    assert committed or played.result == "TurnDied"


def test_a_message_that_arrives_meanwhile_is_read_too() -> None:
    moved = done(result="moved", next=TURN)
    script = Script(any_answers(reply__send=[moved, done(result="committed")]))
    assert play(load_definition("turn"), TURN, script).state["status"] == "succeeded"
    assert script.calls["orchestrator.understand"] == script.calls["reply.send"] == 2
