"""A turn through everything that the templates deploy: API, table, stream, queue, machine, specialists, bus, and back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.errors import Unavailable
from tests.aws.cloud import failing
from tests.aws.support import House
from tests.stacks.templates import FULL

CONTEXT = FULL

TWICE = "I was charged twice this month, please refund the second charge."
PASSWORD = "How do I reset my password?"
STEPS = [
    "api", "intake.relay", "orchestrator.start", "orchestrator.plan", "billing.work", "orchestrator.combine",
    "reply.review", "reply.send", "analytics.project",
]  # fmt: skip


def test_a_message_is_answered_and_read_back(house: House) -> None:
    accepted = house.begin(TWICE)
    told = house.result(accepted)
    assert (told["outcome"], told["status"]) == ("resolved", "resolved")
    assert "29.00 EUR" in told["response"]
    assert house.refunds() == 1
    thread = house.ask("GET", f"conversations/{accepted['conversation_id']}").body
    assert [each["text"] for each in thread["messages"]] == [TWICE, told["response"]]


def test_a_request_past_the_front_is_refused(house: House) -> None:
    path = "/api/v1/conversations/c-1"
    answers = [house.cloud.http("GET", path, None, house.authorization, front=by) for by in (False, True)]
    assert [each["statusCode"] for each in answers] == [403, 404]


def test_each_step_runs_in_its_own_function(house: House) -> None:
    began = len(house.cloud.called)
    house.begin(TWICE)
    called = list(dict.fromkeys(function for function, _ in house.cloud.called[began:]))
    assert [name for name in called if name in STEPS] == STEPS


def test_no_words_of_a_customer_stand_in_a_queue_an_execution_or_a_log(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    began = len(house.cloud.called)
    house.begin("My name is Wilhelmina Quackenbush, I was charged twice, please refund it.")
    inner = [each for each in house.cloud.called[began:] if each[0] != "api"]
    assert "Quackenbush" not in json.dumps(inner) + capsys.readouterr().out


def test_a_request_repeated_with_its_key_is_the_same_request(house: House) -> None:
    first = house.begin(TWICE, idempotency_key="k-1")
    said, rows = house.result(first), house.rows(first)
    assert house.begin(TWICE, idempotency_key="k-1") == first
    assert (house.result(first), house.rows(first), house.refunds()) == (said, rows, 1)


def test_everything_called_twice_changes_nothing(house: House) -> None:
    """Each call behind the API is repeated, in its order, as every service of AWS may do."""
    began = len(house.cloud.called)
    accepted = house.begin(TWICE)
    said, turns, effects = house.result(accepted), house.turns(accepted), house.effects()
    for function, event in house.cloud.called[began:]:
        if function != "api":
            house.cloud.call(function, event)
    house.cloud.settle()
    assert (house.result(accepted), house.turns(accepted), house.effects()) == (said, turns, effects)
    assert house.refunds() == 1


def start_again(house: House, name: str) -> None:
    """Start the turn that was started last under another name, as Express does with a start that came twice."""
    machines = house.cloud.client("stepfunctions")
    turn = house.provider.settings.turn_machine
    running = machines.list_executions(stateMachineArn=turn)["executions"][-1]
    given = machines.describe_execution(executionArn=running["executionArn"])["input"]
    machines.start_execution(stateMachineArn=turn, name=name, input=given)


def test_a_turn_that_express_starts_twice_at_once_pays_and_answers_once(house: House) -> None:
    house.cloud.before("orchestrator.plan", lambda: start_again(house, f"{house.tenant}-again"))
    accepted = house.begin(TWICE)
    assert len(house.cloud.calls_of("reply.send")) >= 2
    assert (len(house.turns(accepted)), house.refunds(), len(house.effects())) == (1, 1, 1)
    assert house.head(accepted).status == "resolved"


def test_a_turn_that_express_starts_again_afterwards_changes_nothing(house: House) -> None:
    accepted = house.begin(TWICE)
    rows = house.rows(accepted)
    start_again(house, f"{house.tenant}-again")
    house.cloud.settle()
    assert {name: row for name, row in house.rows(accepted).items() if name in rows} == rows
    assert (len(house.turns(accepted)), house.refunds()) == (1, 1)


def test_a_message_that_comes_meanwhile_is_answered_in_the_same_reply(house: House) -> None:
    def write_meanwhile() -> None:
        path = f"/api/v1/conversations/{accepted['conversation_id']}/messages"
        house.cloud.http("POST", path, {"message": "And how do I connect Slack?"}, house.authorization)
        while house.cloud.look():
            pass

    answer = house.cloud.http(
        "POST",
        "/api/v1/conversations",
        {"customer_id": "cus_leo", "channel": "web", "initial_message": "I forgot my password, please send me a link."},
        house.authorization,
    )
    accepted = json.loads(answer["body"])
    house.cloud.before("reply.send", write_meanwhile)
    house.cloud.settle()
    (turn,) = house.turns(accepted)
    assert len(turn["answers"]) == 2
    assert "Slack" in house.result(accepted)["response"]


@pytest.mark.parametrize("step", ["billing.work", "reply.send", "orchestrator.start"])
def test_a_function_that_dies_after_its_work_is_called_again_and_nothing_is_done_twice(house: House, step: str) -> None:
    house.cloud.after(step, failing(Unavailable("the answer was lost")))
    accepted = house.begin(TWICE)
    assert house.result(accepted)["outcome"] == "resolved"
    assert (len(house.turns(accepted)), house.refunds()) == (1, 1)


def pushes(house: House, connection: str) -> list[Any]:
    """What was pushed to a connection."""
    from moto.apigatewaymanagementapi.models import apigatewaymanagementapi_backends as backends

    data = backends["123456789012"]["us-east-1"].get_connection(connection).data.decode()
    return [json.loads(line) for line in data.replace("}{", "}\n{").splitlines()]


def test_a_reply_is_pushed_to_whoever_listens(house: House) -> None:
    accepted = house.begin(PASSWORD, "cus_ada")
    connection = f"connection-of-{house.tenant}"
    house.cloud.socket("$connect", connection, conversation=accepted["conversation_id"])
    house.cloud.socket("$default", connection, {"type": "auth", "key": house.key})
    house.cloud.socket("$default", connection, {"type": "message", "message": "And how do I connect Slack?"})
    house.cloud.settle()
    told = [each["type"] for each in pushes(house, connection)]
    assert told[:2] == ["ready", "accepted"]
    assert "reply" in told
    house.cloud.socket("$disconnect", connection)
    assert house.provider.connections.members(f"{house.tenant}|{accepted['conversation_id']}") == ()
