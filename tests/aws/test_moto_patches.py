"""What moto does without each patch, and with it: a new moto that no longer needs one fails here."""

from __future__ import annotations

import json
import time as real_time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.utils import TMP_THREADS

from tests.aws import moto_patches as patches
from tests.aws.hand_time import HandTime
from tests.aws.interpreter import REGION, ROLE, TRUST, open_interpreter
from tests.workflow.builders import ask_operator, machine, pass_on, wait

ARN = f"arn:aws:lambda:{REGION}:123456789012:function:any"


@pytest.fixture
def moto() -> Iterator[None]:
    with mock_aws(config=patches.CONFIG):
        yield


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


def any_function() -> None:
    client("iam").create_role(RoleName="any", AssumeRolePolicyDocument=TRUST)
    made = {"FunctionName": "any", "Role": ROLE, "Handler": "x.y", "Code": {"ZipFile": b""}}
    client("lambda").create_function(**made, Runtime="python3.12")


def call_any(event: Any) -> tuple[Any, str | None]:
    """Its answer, and whether Lambda says that it failed."""
    answer = client("lambda").invoke(FunctionName="any", Payload=json.dumps(event))
    return json.loads(answer["Payload"].read()), answer.get("FunctionError")


def test_a_function_answers_its_own_event_until_it_is_run_here(moto: None, monkeypatch: pytest.MonkeyPatch) -> None:
    any_function()
    assert call_any({"n": 1}) == ({"n": 1}, None)
    patches.run_functions_here(monkeypatch, lambda name, event: [name, event["n"] + 1])
    assert call_any({"n": 1}) == (["any", 2], None)


def test_what_a_function_raises_is_told_by_its_class(moto: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(name: str, event: Any) -> Any:
        raise LookupError(f"{name} found nothing")

    any_function()
    patches.run_functions_here(monkeypatch, run)
    answer, failed = call_any({})
    assert failed
    assert (answer["errorType"], answer["errorMessage"]) == ("LookupError", "any found nothing")


def test_the_backend_without_docker_has_a_way_of_its_own_to_answer() -> None:
    assert "invoke" in vars(LambdaSimpleBackend)


def deploy_machine() -> list[str]:
    """Deploy a template of one machine; the names of those that can be started."""
    definition = json.dumps(machine({"A": pass_on()}))
    properties = {"StateMachineName": "any", "DefinitionString": definition, "RoleArn": ROLE}
    template = {"Resources": {"M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}
    client("cloudformation").create_stack(StackName="any", TemplateBody=json.dumps(template))
    return [each["name"] for each in client("stepfunctions").list_state_machines()["stateMachines"]]


def test_a_machine_of_a_template_cannot_be_started_until_it_is_put_where_they_run(moto: None) -> None:
    assert deploy_machine() == []
    with pytest.MonkeyPatch.context() as patch, mock_aws(config=patches.CONFIG):
        client("cloudformation").delete_stack(StackName="any")
        patches.put_machines_where_they_run(patch)
        assert deploy_machine() == ["any"]


def test_every_task_makes_a_client_until_they_are_shared(moto: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def make() -> Any:
        return vars(lambda_eval_utils)["boto_client_for"](REGION, "lambda")

    assert make() is not make()
    patches.share_clients(monkeypatch)
    assert make() is make()


def test_a_definition_is_parsed_at_every_start_until_it_is_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse() -> Any:
        return AmazonStateLanguageParser.parse(json.dumps(machine({"A": pass_on()})))

    assert parse() is not parse()
    patches.parse_once(monkeypatch)
    assert parse() is parse()


def test_pauses_are_real_until_time_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    assert vars(retrier_decl)["time"] is real_time
    held = HandTime()
    patches.hold_time(monkeypatch, held)
    vars(retrier_decl)["time"].sleep(86_400)
    assert held.pauses == [86_400]


def test_a_day_passes_when_it_is_let_pass() -> None:
    began = real_time.monotonic()
    with open_interpreter() as interpreter:
        assert interpreter.play(machine({"W": wait(Seconds=86_400)}), {}, {}).waits == (86_400,)
    assert real_time.monotonic() - began < 20


def start(definition: Any, name: str = "first") -> str:
    machines = client("stepfunctions")
    arn = machines.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]
    return str(machines.start_execution(stateMachineArn=arn, name="any", input='{"id": 1}')["executionArn"])


def test_nobody_knows_that_a_machine_ended_until_they_are_counted(moto: None, monkeypatch: pytest.MonkeyPatch) -> None:
    held = HandTime()
    patches.hold_time(monkeypatch, held)
    start(machine({"A": pass_on()}))
    for thread in TMP_THREADS:
        thread.join(20)
    assert held.running == 0
    patches.count_machines(monkeypatch, held)
    execution = start(machine({"W": wait(Seconds=60)}), "second")
    assert held.running == 1
    held.settle()
    held.advance(60)
    held.settle()
    assert client("stepfunctions").describe_execution(executionArn=execution)["status"] == "SUCCEEDED"


def answer_first_token_twice(patch: pytest.MonkeyPatch) -> None:
    """The second time the machine waits at its second token."""
    tokens: list[str] = []
    held = HandTime()
    patches.run_functions_here(patch, lambda name, event: tokens.append(event["token"]))
    patches.hold_time(patch, held)
    patches.count_machines(patch, held)
    any_function()
    start(machine({"A": asks("B"), "B": asks()}))
    try:
        for _ in range(2):
            held.settle()
            client("stepfunctions").send_task_success(taskToken=tokens[0], output='{"id": 1}')
    finally:
        held.finish()


def asks(to: str | None = None) -> dict[str, Any]:
    asked = ask_operator(to)
    return asked | {"Parameters": asked["Parameters"] | {"FunctionName": ARN}}


def test_a_token_may_be_answered_twice(moto: None, monkeypatch: pytest.MonkeyPatch) -> None:
    answer_first_token_twice(monkeypatch)


def test_a_token_may_be_answered_once_where_it_wakes_once(moto: None, monkeypatch: pytest.MonkeyPatch) -> None:
    patches.wake_once(monkeypatch)
    with pytest.raises(ClientError, match="TaskTimedOut"):
        answer_first_token_twice(monkeypatch)


def tell(**how: str) -> None:
    events = client("events")
    events.put_rule(Name="any", EventPattern=json.dumps({"source": ["supportmax"]}))
    events.put_targets(Rule="any", Targets=[{"Id": "f", "Arn": ARN, **how}])
    events.put_events(Entries=[{"Source": "supportmax", "DetailType": "Happened", "Detail": '{"n": 1}'}])


def test_a_rule_cannot_call_a_function_until_it_reaches_them(moto: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotImplementedError):
        tell()
    told: list[tuple[str, Any]] = []
    patches.reach_functions(monkeypatch, lambda arn, event: told.append((arn, event)))
    tell()
    client("events").put_events(Entries=[{"Source": "another", "DetailType": "Happened", "Detail": "{}"}])
    assert [(arn, event["source"], event["detail-type"], event["detail"]) for arn, event in told] == [
        (ARN, "supportmax", "Happened", {"n": 1})
    ]


def test_a_rule_may_hand_over_a_part_of_the_event(moto: None, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    patches.reach_functions(monkeypatch, lambda arn, event: told.append(event))
    tell(InputPath="$.detail")
    assert told == [{"n": 1}]


def test_a_delay_is_real_until_queues_age_by_hand(moto: None, monkeypatch: pytest.MonkeyPatch) -> None:
    held, queues = HandTime(), client("sqs")
    url = queues.create_queue(QueueName="any")["QueueUrl"]
    queues.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=600)
    held.advance(600)
    assert "Messages" not in queues.receive_message(QueueUrl=url)
    patches.age_queues(monkeypatch, held)
    assert [each["Body"] for each in queues.receive_message(QueueUrl=url)["Messages"]] == ["later"]
