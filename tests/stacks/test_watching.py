"""What wakes somebody, what a deployment watches while it goes live, and what dev may cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.aws import telemetry
from shared.domain import events as facts
from shared.manifest import FUNCTIONS
from stacks.alarms import NAMESPACE, OURS, TOLD_AT_ONCE
from tests.stacks.templates import Assembly, of_type

HANDLERS = Path(__file__).parents[2] / "functions"
EACH_FUNCTION = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)


def alarms(assembly: Assembly) -> dict[str, dict[str, Any]]:
    return {each["AlarmName"]: each for each in of_type(assembly.platform(), "AWS::CloudWatch::Alarm").values()}


def test_dev_has_one_alarm_of_one_metric(dev: Assembly) -> None:
    """Ten cents a month; a composite alarm alone would cost fifty."""
    (alarm,) = alarms(dev).values()
    assert (alarm["AlarmName"], alarm["MetricName"]) == ("supportmax-dev-failing", "Errors")
    assert "Metrics" not in alarm
    assert of_type(dev.platform(), "AWS::CloudWatch::CompositeAlarm") == {}


def test_what_needs_a_person_is_told_at_once_by_every_stage(either: Assembly) -> None:
    template = either.platform()
    (rule,) = [each for each in of_type(template, "AWS::Events::Rule").values() if each["Name"].endswith("-attention")]
    (target,) = rule["Targets"]
    assert rule["EventPattern"] == {"source": ["supportmax"], "detail-type": list(TOLD_AT_ONCE)}
    assert template["Resources"][target["Arn"]["Ref"]]["Type"] == "AWS::SNS::Topic"
    assert set(TOLD_AT_ONCE) == {facts.ALERT_RAISED, facts.MESSAGE_PARKED, facts.SLA_BREACHED}


def test_alarms_may_speak_to_the_topic_that_refuses_whoever_comes_without_tls(either: Assembly) -> None:
    (policy,) = of_type(either.platform(), "AWS::SNS::TopicPolicy").values()
    statements = policy["PolicyDocument"]["Statement"]
    (allowed,) = [each for each in statements if each["Effect"] == "Allow"]
    assert allowed["Principal"]["Service"] == ["cloudwatch.amazonaws.com", "events.amazonaws.com"]
    assert set(allowed["Condition"]) == {"ArnLike"}
    assert [each["Condition"] for each in statements if each["Effect"] == "Deny"] == [
        {"Bool": {"aws:SecureTransport": "false"}}
    ]


def test_the_metrics_are_those_that_the_functions_count() -> None:
    handlers = "".join(path.read_text("utf-8") for path in sorted(HANDLERS.rglob("*.py")))
    assert telemetry.NAMESPACE == NAMESPACE
    assert [metric for metric in OURS if f'"{metric}"' not in handlers] == []


def test_nothing_in_dev_costs_by_the_month_but_its_alarms(dev: Assembly) -> None:
    dear = {
        "AWS::CloudWatch::Dashboard",
        "AWS::KMS::Key",
        "AWS::SecretsManager::Secret",
        "AWS::WAFv2::WebACL",
        "AWS::EC2::NatGateway",
        "AWS::EC2::VPCEndpoint",
        "AWS::Events::Archive",
    }
    kinds = {made["Type"] for template in dev.templates.values() for made in template["Resources"].values()}
    assert kinds & dear == set()
    functions = of_type(dev.platform(), "AWS::Lambda::Alias").values()
    assert all("ProvisionedConcurrencyConfig" not in each for each in functions)


@EACH_FUNCTION
def test_prod_watches_each_functions_errors_throttles_and_time(full: Assembly, function: Any) -> None:
    found = {
        alarm["MetricName"]: alarm
        for alarm in alarms(full).values()
        if alarm.get("Dimensions")
        == [{"Name": "FunctionName", "Value": f"supportmax-prod-{function.name.replace('.', '-')}"}]
    }
    beside = {"intake.relay": {"IteratorAge"}, "sla.sweep": {"Invocations"}}.get(function.name, set())
    assert set(found) == {"Errors", "Throttles", "Duration"} | beside
    assert found["Duration"]["Threshold"] == function.seconds * 800


def test_prod_watches_what_waits_and_what_was_given_up(full: Assembly) -> None:
    queues = {
        (alarm["Dimensions"][0]["Value"].removeprefix("supportmax-prod-"), alarm["MetricName"])
        for alarm in alarms(full).values()
        if alarm["Namespace"] == "AWS/SQS"
    }
    visible = "ApproximateNumberOfMessagesVisible"
    assert queues == {("turns", "ApproximateAgeOfOldestMessage"), ("turns-dead", visible), ("failures", visible)}


def test_prod_watches_an_api_that_answers_with_errors_of_its_own(full: Assembly) -> None:
    """The front catches everything, so its function's own errors stay none."""
    alarm = alarms(full)["supportmax-prod-api-5xx"]
    http = of_type(full.platform(), "AWS::ApiGatewayV2::Api")
    (api,) = [name for name, each in http.items() if each["ProtocolType"] == "HTTP"]
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == ("AWS/ApiGateway", "5xx", "Sum")
    assert alarm["Dimensions"] == [{"Name": "ApiId", "Value": {"Ref": api}}]
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"


def test_prod_watches_how_far_the_relay_is_behind_both_streams(full: Assembly) -> None:
    alarm = alarms(full)["supportmax-prod-intake-relay-behind"]
    assert (alarm["MetricName"], alarm["Statistic"], alarm["Threshold"]) == ("IteratorAge", "Maximum", 180_000)


def test_prod_hears_that_the_minute_stopped_from_the_lack_of_data(full: Assembly) -> None:
    alarm = alarms(full)["supportmax-prod-minute-stopped"]
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": "supportmax-prod-sla-sweep"}]
    assert (alarm["MetricName"], alarm["Statistic"], alarm["Period"]) == ("Invocations", "Sum", 300)
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
    assert alarm["TreatMissingData"] == "breaching"


def test_prod_watches_its_own_promises_and_both_machines(full: Assembly) -> None:
    ours = {alarm["MetricName"] for alarm in alarms(full).values() if alarm["Namespace"] == "SupportMax"}
    machines = [alarm for alarm in alarms(full).values() if alarm["Namespace"] == "AWS/States"]
    assert ours == set(OURS)
    assert len({alarm["Dimensions"][0]["Value"] for alarm in machines}) == 2


def test_an_alarm_without_data_is_silent_but_the_minutes_and_every_one_tells_somebody(either: Assembly) -> None:
    for name, alarm in alarms(either).items():
        assert alarm["TreatMissingData"] == ("breaching" if name.endswith("-minute-stopped") else "notBreaching")
        assert len(alarm["AlarmActions"]) == 1
        assert alarm["AlarmDescription"]


def test_the_alarms_mail_is_told(full: Assembly, dev: Assembly) -> None:
    (told,) = of_type(full.platform(), "AWS::SNS::Subscription").values()
    assert (told["Protocol"], told["Endpoint"]) == ("email", "on-call@example.com")
    assert of_type(dev.platform(), "AWS::SNS::Subscription") == {}


def test_spend_is_watched_once_for_all_regions(full: Assembly, dev: Assembly) -> None:
    (budget,) = of_type(full.directory(), "AWS::Budgets::Budget").values()
    assert budget["Budget"]["BudgetLimit"] == {"Amount": 100, "Unit": "USD"}
    assert of_type(dev.directory(), "AWS::Budgets::Budget") == {}


def test_the_page_of_figures_names_what_is_deployed(full: Assembly) -> None:
    (page,) = of_type(full.platform(), "AWS::CloudWatch::Dashboard").values()
    body = json.dumps(page["DashboardBody"])
    assert all(f"supportmax-prod-{function.name.replace('.', '-')}" in body for function in FUNCTIONS)
    assert all(metric in body for metric in OURS)


@EACH_FUNCTION
def test_in_prod_a_version_goes_live_by_a_tenth_and_back_where_it_fails(full: Assembly, function: Any) -> None:
    name = f"supportmax-prod-{function.name.replace('.', '-')}"
    template = full.platform()
    (group,) = [
        each
        for each in of_type(template, "AWS::CodeDeploy::DeploymentGroup").values()
        if each["DeploymentGroupName"] == name
    ]
    assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
    stopping = [f"{name}-errors", *(["supportmax-prod-api-5xx"] if function.name == "api" else [])]
    assert group["AlarmConfiguration"] == {"Enabled": True, "Alarms": [{"Name": each} for each in stopping]}
    assert set(stopping) <= set(alarms(full))
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]


def test_every_alias_of_prod_moves_by_its_group_and_dev_moves_at_once(full: Assembly, dev: Assembly) -> None:
    for assembly, moves in ((full, True), (dev, False)):
        template = assembly.platform()
        aliases = [made for made in template["Resources"].values() if made["Type"] == "AWS::Lambda::Alias"]
        groups = [
            made["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"]["Ref"]
            for made in aliases
            if "UpdatePolicy" in made
        ]
        assert len(set(groups)) == (len(aliases) if moves else 0)
