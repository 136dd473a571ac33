"""The functions are the manifest's, told what their ports need, and called as its rows say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.aws.settings import NEEDED, read_aws_settings, variable
from shared.manifest import FUNCTIONS, SUBSCRIPTIONS, Function
from stacks.environment import PORT_SETTINGS
from tests.stacks.templates import Assembly, Template, of_type

EACH_FUNCTION = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)


def made(template: Template, function: Function) -> dict[str, Any]:
    (found,) = [
        each
        for each in of_type(template, "AWS::Lambda::Function").values()
        if each["Environment"]["Variables"]["SUPPORTMAX_FUNCTION"] == function.name
    ]
    return found


def called(template: Template, target: Any) -> str:
    """The name of the function behind a reference to its alias."""
    alias = template["Resources"][target["Ref"]]["Properties"]
    name: str = template["Resources"][alias["FunctionName"]["Ref"]]["Properties"]["FunctionName"]
    return name


def test_there_is_one_function_for_each_row(either: Assembly) -> None:
    told = {
        each["Environment"]["Variables"]["SUPPORTMAX_FUNCTION"]
        for each in of_type(either.platform(), "AWS::Lambda::Function").values()
    }
    assert told == {function.name for function in FUNCTIONS}


@EACH_FUNCTION
def test_a_function_is_named_timed_and_called_as_its_row_says(dev: Assembly, function: Function) -> None:
    found = made(dev.platform(), function)
    assert found["FunctionName"] == f"supportmax-dev-{function.name.replace('.', '-')}"
    assert found["Timeout"] == function.seconds
    assert (found["Runtime"], found["Architectures"]) == ("python3.11", ["arm64"])
    assert found["Handler"] == "adapters.aws.entry.handle"


@EACH_FUNCTION
def test_a_function_is_told_what_its_ports_need(full: Assembly, function: Function) -> None:
    told = made(full.platform(), function)["Environment"]["Variables"]
    settings = read_aws_settings(function.ports, {name: str(value) for name, value in told.items()})
    assert (settings.stage, settings.region, settings.function) == ("prod", "us-east-1", function.name)


@EACH_FUNCTION
def test_a_function_is_told_nothing_that_no_port_of_it_needs(full: Assembly, function: Function) -> None:
    told = made(full.platform(), function)["Environment"]["Variables"]
    needed = {variable(name) for port in function.ports for name in (*NEEDED[port], "business_url")}
    always = {variable(name) for name in ("stage", "region", "function", "tenant")}
    own = {"SUPPORTMAX_ORIGIN_SECRET"} if function.trigger == "http" else set()
    assert set(told) <= needed | always | own


def test_both_tables_of_settings_agree() -> None:
    ours = {port: {name.lower() for name in names} - {"business_url"} for port, names in PORT_SETTINGS.items()}
    assert ours == {port: set(names) for port, names in NEEDED.items() if names}


@EACH_FUNCTION
def test_a_functions_log_is_its_own_and_ends(either: Assembly, function: Function) -> None:
    template = either.platform()
    found = made(template, function)
    log = template["Resources"][found["LoggingConfig"]["LogGroup"]["Ref"]]["Properties"]
    assert log["LogGroupName"] == f"/aws/lambda/{found['FunctionName']}"
    assert log["RetentionInDays"] in (7, 90)
    assert found["LoggingConfig"]["SystemLogLevel"] == "WARN"  # no three lines for each call that goes well


def test_a_call_that_nobody_waits_for_ends_in_the_queue_of_failures(either: Assembly) -> None:
    template = either.platform()
    told = {each["FunctionName"] for each in of_type(template, "AWS::Lambda::EventInvokeConfig").values()}
    waiting = {"event", "mail", "receipt", "minute"}
    names = {made(template, function)["FunctionName"] for function in FUNCTIONS if function.trigger in waiting}
    assert told == names
    for each in of_type(template, "AWS::Lambda::EventInvokeConfig").values():
        queue = each["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0]
        assert template["Resources"][queue]["Properties"]["QueueName"].endswith("-failures")


def test_the_queue_gives_back_single_messages_and_holds_its_pace(either: Assembly) -> None:
    template = either.platform()
    (mapping,) = [
        each for each in of_type(template, "AWS::Lambda::EventSourceMapping").values() if "ScalingConfig" in each
    ]
    queue = template["Resources"][mapping["EventSourceArn"]["Fn::GetAtt"][0]]["Properties"]
    (consumer,) = [function for function in FUNCTIONS if function.trigger == "queue:turns"]
    assert queue["QueueName"].endswith("-turns")
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"]["MaximumConcurrency"] >= 2
    assert queue["VisibilityTimeout"] >= 6 * consumer.seconds
    assert queue["RedrivePolicy"]["maxReceiveCount"] >= 5
    assert called(template, mapping["FunctionName"]) == made(template, consumer)["FunctionName"]


def test_every_queue_keeps_its_messages_for_two_weeks(either: Assembly) -> None:
    queues = of_type(either.platform(), "AWS::SQS::Queue").values()
    assert len(queues) == 3
    assert {queue["MessageRetentionPeriod"] for queue in queues} == {14 * 24 * 3600}
    assert all(queue["SqsManagedSseEnabled"] for queue in queues)


def test_both_streams_are_relayed_and_a_poisoned_record_is_split_off(either: Assembly) -> None:
    template = either.platform()
    mappings = [
        each for each in of_type(template, "AWS::Lambda::EventSourceMapping").values() if "StartingPosition" in each
    ]
    assert len({json.dumps(each["EventSourceArn"]) for each in mappings}) == 2
    for mapping in mappings:
        assert mapping["BisectBatchOnFunctionError"]
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["MaximumRetryAttempts"] > 0
        assert mapping["ParallelizationFactor"] > 1
        assert mapping["DestinationConfig"]["OnFailure"]["Destination"]
        (pattern,) = mapping["FilterCriteria"]["Filters"]
        assert json.loads(pattern["Pattern"]) == {"dynamodb": {"NewImage": {"tells": {"S": [{"exists": True}]}}}}
        assert called(template, mapping["FunctionName"]).endswith("-intake-relay")


def test_each_subscriber_has_a_rule_of_its_own_for_what_it_hears(either: Assembly) -> None:
    template = either.platform()
    heard: dict[str, set[str]] = {}
    for event, handlers in SUBSCRIPTIONS.items():
        for handler in handlers:
            heard.setdefault(handler.replace(".", "-"), set()).add(event)
    rules = [
        each
        for each in of_type(template, "AWS::Events::Rule").values()
        if "EventBusName" in each and each["Targets"][0]["Id"] == "function"
    ]
    found = {rule["Name"].split("-", 2)[2]: set(rule["EventPattern"]["detail-type"]) for rule in rules}
    assert found == heard
    for rule in rules:
        (target,) = rule["Targets"]
        assert rule["EventPattern"]["source"] == ["supportmax"]
        assert (target["InputPath"], called(template, target["Arn"])) == ("$.detail", rule["Name"])
        assert target["DeadLetterConfig"]["Arn"]


def test_a_minute_has_one_call(either: Assembly) -> None:
    template = either.platform()
    (schedule,) = of_type(template, "AWS::Scheduler::Schedule").values()
    (minute,) = [function for function in FUNCTIONS if function.trigger == "minute"]
    assert schedule["ScheduleExpression"] == "rate(1 minute)"
    assert called(template, schedule["Target"]["Arn"]) == made(template, minute)["FunctionName"]
    assert len(of_type(template, "AWS::Scheduler::ScheduleGroup")) == 1


def test_everything_is_called_by_the_alias_that_a_rollout_moves(full: Assembly) -> None:
    template = full.platform()
    aliases = of_type(template, "AWS::Lambda::Alias")
    assert {alias["Name"] for alias in aliases.values()} == {"live"}
    granted = of_type(template, "AWS::Lambda::Permission").values()
    assert {each["FunctionName"]["Ref"] for each in granted} <= set(aliases)


def test_prod_sets_executions_aside_and_dev_does_not(full: Assembly, dev: Assembly) -> None:
    def reserved(template: Template) -> int:
        functions = of_type(template, "AWS::Lambda::Function").values()
        return sum(int(each.get("ReservedConcurrentExecutions", 0)) for each in functions)

    assert 0 < reserved(full.platform()) <= 900  # AWS keeps 100 of an account's thousand for the others
    assert reserved(dev.platform()) == 0
