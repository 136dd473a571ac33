"""What fails fails alone: a batch, a poison message, a dead letter, a subscriber, a record, a turn that dies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.errors import Conflict, Unavailable
from tests.aws.cloud import failing
from tests.aws.support import House
from tests.functions.test_escalation import PERSON

CONTEXT: dict[str, str] = {}  # dev: every turn is a Standard execution

PASSWORD = "How do I reset my password?"
MOST_RECEIVES = 5
LEASE_MINUTES = 6
DIRECTORY_SECONDS = 6  # longer than a process trusts what it has read of the directory


def send(house: House, body: str) -> None:
    url = house.provider.settings.turns_queue
    house.cloud.client("sqs").send_message(QueueUrl=url, MessageBody=body, MessageGroupId=house.tenant)


def waiting(house: House, url: str) -> list[Any]:
    """The bodies of a queue's messages, which it then forgets."""
    queues, bodies = house.cloud.client("sqs"), []
    while found := queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for each in found:
            bodies.append(each["Body"])
            queues.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
    return bodies


def post(house: House, text: str = PASSWORD, customer: str = "cus_ada") -> Any:
    """A message that nobody looks at yet."""
    body = {"customer_id": customer, "channel": "web", "initial_message": text}
    answer = house.cloud.http("POST", "/api/v1/conversations", body, house.authorization)
    return json.loads(answer["body"])


@pytest.mark.parametrize("poison", ["no JSON", "{}", '{"tenant": 5}', "[]", "null", "💩"])
def test_a_poison_message_delays_nobody_else_and_becomes_a_dead_letter(house: House, poison: str) -> None:
    send(house, poison)
    accepted = house.begin(PASSWORD, "cus_ada")
    assert house.result(accepted)["outcome"] == "resolved"
    starts = [event["Records"] for event in house.cloud.calls_of("orchestrator.start")]
    assert sum(record["body"] == poison for records in starts for record in records) == MOST_RECEIVES
    assert waiting(house, house.provider.settings.turns_dead_queue) == [poison]


def test_of_a_batch_only_what_failed_comes_back(house: House) -> None:
    began = len(house.cloud.calls_of("orchestrator.start"))
    send(house, "poison")
    accepted = [post(house), post(house, "How do I connect Slack?", "cus_ben")]
    house.cloud.settle()
    batches = [event["Records"] for event in house.cloud.calls_of("orchestrator.start")[began:]]
    together = max(batches, key=len)
    assert len(together) >= 2
    assert [house.result(each)["outcome"] for each in accepted] == ["resolved", "resolved"]
    again = [record["body"] for records in batches for record in records]
    assert sorted(again.count(body) for body in set(again)) == [1, 1, MOST_RECEIVES]
    assert waiting(house, house.provider.settings.turns_dead_queue) == ["poison"]


def test_a_message_that_fails_too_often_waits_for_its_redrive(house: House) -> None:
    down = [failing(Unavailable("the table is away"))] * MOST_RECEIVES
    house.cloud.before("orchestrator.start", *down)
    accepted = house.begin(PASSWORD, "cus_ada")
    assert house.result(accepted) is None
    (letter,) = house.provider.queue.dead_letters("turns")
    assert (letter.body["conversation"], letter.group) == (accepted["conversation_id"], house.tenant)
    assert house.provider.queue.redrive("turns") == 1
    house.cloud.settle()
    assert house.result(accepted)["outcome"] == "resolved"
    assert house.provider.queue.dead_letters("turns") == []


def test_a_stream_that_cannot_be_relayed_is_told_again_in_its_order(house: House) -> None:
    house.cloud.before("intake.relay", *[failing(Unavailable("the queue is away"))] * 3)
    accepted = house.begin(PASSWORD, "cus_ada")
    assert house.result(accepted)["outcome"] == "resolved"
    assert len(house.turns(accepted)) == 1


def test_a_broken_row_is_parked_and_the_stream_goes_on(house: House) -> None:
    row = {
        "pk": {"S": f"T|{house.tenant}|C|broken"}, "sk": {"S": "IN|1"}, "body": {"S": "{}"}, "version": {"S": "1"},
        "events": {"L": [{"S": "no JSON"}]}, "tells": {"S": "1"},
    }  # fmt: skip
    house.cloud.client("dynamodb").put_item(TableName=house.provider.settings.records_table, Item=row)
    began = len(house.cloud.calls_of("intake.relay"))
    accepted = house.begin(PASSWORD, "cus_ada")
    assert house.result(accepted)["outcome"] == "resolved"
    told = [
        record["dynamodb"]["Keys"]
        for event in house.cloud.calls_of("intake.relay")[began:]
        for record in event["Records"]
    ]
    assert sum(keys["pk"] == row["pk"] for keys in told) == 1


def test_rows_without_events_call_nobody(house: House) -> None:
    house.begin(PASSWORD, "cus_ada")
    for event in house.cloud.calls_of("intake.relay"):
        assert all(record["dynamodb"]["NewImage"]["events"]["L"] for record in event["Records"])


def test_a_subscriber_that_fails_for_good_leaves_the_event_and_stops_no_other(house: House) -> None:
    began = len(house.cloud.calls_of("analytics.project"))
    house.cloud.before("analytics.project", *[failing(Conflict("again and again"))] * 3)
    accepted = house.begin(PASSWORD, "cus_ada")
    assert house.result(accepted)["outcome"] == "resolved"
    tried = house.cloud.calls_of("analytics.project")[began:]
    assert [each["name"] for each in tried] == ["TurnCommitted"] * 3
    (failure,) = map(json.loads, waiting(house, house.cloud.output("FailuresQueue")))
    assert failure["requestPayload"] == tried[0]
    assert failure["responsePayload"]["errorType"] == "Conflict"
    assert house.cloud.calls_of("realtime.tell")[-1]["body"]["conversation"] == accepted["conversation_id"]


def test_a_subscriber_that_fails_once_is_called_again(house: House) -> None:
    house.cloud.before("analytics.project", failing(Unavailable("for a moment")))
    house.begin(PASSWORD, "cus_ada")
    assert waiting(house, house.cloud.output("FailuresQueue")) == []


def kill_turns(house: House) -> None:
    """The machine stops in the middle, as Express does when it is ended from outside."""
    house.cloud.client("stepfunctions").stop_execution(executionArn=running(house))


def running(house: House) -> str:
    turn = house.provider.settings.turn_machine
    found = house.cloud.client("stepfunctions").list_executions(stateMachineArn=turn, statusFilter="RUNNING")
    return str(found["executions"][-1]["executionArn"])


def wait_minutes(house: House, minutes: int) -> None:
    house.cloud.advance(minutes * 60)
    house.cloud.tick()


def test_a_turn_that_died_is_restarted_once(house: House) -> None:
    house.cloud.before("orchestrator.combine", lambda: kill_turns(house))
    accepted = house.begin(PASSWORD, "cus_ada")
    assert house.result(accepted) is None
    wait_minutes(house, LEASE_MINUTES)
    assert house.result(accepted)["outcome"] == "resolved"
    assert (house.head(accepted).fence, len(house.turns(accepted))) == (2, 1)


def test_a_turn_that_died_twice_goes_to_an_operator(house: House) -> None:
    house.cloud.before("orchestrator.combine", *[lambda: kill_turns(house)] * 2)
    accepted = house.begin(PASSWORD, "cus_ada")
    for _ in range(2):
        wait_minutes(house, LEASE_MINUTES)
    assert house.result(accepted)["outcome"] == "parked"
    assert (bool(house.handoff(accepted)["operator"]), house.machine(accepted)) == (True, "running")


def test_a_tenant_that_moved_away_is_left_alone_here(house: House) -> None:
    """What it still has in stream and queue is the other region's to do, and nobody is let in."""
    accepted = post(house)
    house.provider.tenants.move(house.tenant, "eu-west-1")
    house.cloud.advance(DIRECTORY_SECONDS)
    house.cloud.tick()
    assert [event for event in house.cloud.calls_of("orchestrator.plan") if event["tenant"] == house.tenant] == []
    refused = house.ask("GET", f"conversations/{accepted['conversation_id']}")
    assert (refused.status, "eu-west-1" in str(refused.body)) == (421, True)


def test_one_schedule_a_minute_asks_for_every_tenant(house: House) -> None:
    began = len(house.cloud.called)
    house.cloud.tick()
    called = [function for function, _ in house.cloud.called[began:]]
    assert called == ["sla.sweep"]


def test_what_no_specialist_can_do_ends_at_an_operator(house: House) -> None:
    house.cloud.before("orchestrator.plan", *[failing(KeyError("a bug"))] * 2)
    accepted = house.begin(PASSWORD, "cus_ada")
    assert house.result(accepted)["outcome"] == "parked"
    assert house.handoff(accepted)["operator"]


def test_an_escalation_that_cannot_page_asks_again_after_a_minute(house: House) -> None:
    house.cloud.before("escalation.page", failing(Unavailable("the table is away")))
    accepted = house.begin(PERSON, "cus_ada")
    assert "token" not in house.handoff(accepted)
    house.cloud.advance(60)
    assert house.handoff(accepted)["token"]
