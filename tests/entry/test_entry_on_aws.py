"""How a function on AWS fails: alone, by name, without a customer's words, and without losing anything."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from adapters.aws.batches import PartlyDone
from adapters.aws.entry import open_entry
from adapters.aws.rehearsal import REGION, Account
from adapters.aws.secrets import AwsSecrets
from adapters.aws.settings import variable
from adapters.aws.triggers import TRIGGERS
from shared.conversations.keys import money_partition
from shared.errors import Misconfigured, Throttled
from shared.manifest import API, FUNCTIONS, HANDLERS
from shared.ports.records import Batch, Put
from tests.aws_adapters.faults import attempts_meet
from tests.entry import sent
from tests.entry.lone import BEGINNING, CONNECTION, POISON, QUIET
from tests.entry.stories import SAMPLES, SECRET, TENANT

ELSEWHERE = "us-west-2"
ROUTES = SAMPLES.parents[1] / "functions" / "api"
RETRIED = ("Retry", "Unavailable", "Throttled", "Conflict", "Uncertain")


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.aws.json").read_text("utf-8"))


def begin(account: Account) -> Any:
    return account.open("api").answer(sample("intake.receive/refund"), None)


def move_away(account: Account) -> None:
    account.provider.tenants.move(TENANT, ELSEWHERE)


# --- opening


def test_every_setting_that_is_missing_is_named_at_once() -> None:
    told = {variable("function"): "orchestrator.start", variable("stage"): "dev"}
    with pytest.raises(Misconfigured) as refused:
        open_entry(told)
    for name in ("region", "records_table", "ledger_table", "turn_machine", "escalation_machine", "turns"):
        assert variable(name) in str(refused.value)


@pytest.mark.parametrize(("told", "says"), [({}, "SUPPORTMAX_FUNCTION"), ({"function": "no.such"}, "no.such")])
def test_a_function_that_is_none_of_the_manifests_says_so(told: dict[str, str], says: str) -> None:
    with pytest.raises(Misconfigured, match=says):
        open_entry({variable(name): value for name, value in told.items()})


@pytest.mark.parametrize(
    ("function", "handler", "not_loaded"),
    [
        (
            "orchestrator.start",
            "orchestrator.start",
            ("numpy", "sklearn", "functions.api", "shared.tools", "shared.company"),
        ),
        ("intake.relay", "intake.relay", ("numpy", "cryptography", "functions.api", "shared.tools", "shared.company")),
        ("reply.send", "reply.send", ("numpy", "sklearn", "functions.api", "shared.tools.catalog", "shared.knowledge")),
        ("realtime", "realtime.message", ("numpy", "pydantic_settings", "aws_lambda_powertools", "shared.tools")),
    ],
)
def test_a_function_loads_only_what_it_hosts(function: str, handler: str, not_loaded: tuple[str, ...]) -> None:
    program = (
        "import sys, adapters.aws.entry, shared.dispatch as d;"
        f"d.resolve({handler!r});"
        f"print([m for m in sys.modules if m.startswith({(*not_loaded, 'boto3', 'anthropic')!r})])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.strip() == "[]"


# --- batches


def test_a_message_of_a_wrong_shape_stops_no_other(bare: Account) -> None:
    begin(bare)
    (good,) = sample("orchestrator.start/refund")["Records"]
    wrong = [sent.queue_record("no json", 7), sent.queue_record({"tenant": TENANT}, 8)]
    answer = bare.open("orchestrator.start").answer({"Records": [wrong[0], good, wrong[1]]}, None)
    failed = [each["itemIdentifier"] for each in answer["batchItemFailures"]]
    assert failed == [wrong[0]["messageId"], wrong[1]["messageId"]]
    machines = bare.provider.clients.of("stepfunctions")
    machine = bare.environment[variable("turn_machine")]
    assert len(machines.list_executions(stateMachineArn=machine)["executions"]) == 1


def test_a_stream_comes_again_from_the_first_change_that_failed(bare: Account) -> None:
    begin(bare)
    (told,) = sample("intake.relay/refund")["Records"]
    records = [sent.stream_record(QUIET, 1), told | {"dynamodb": told["dynamodb"] | {"SequenceNumber": "2"}}]
    records += [told | {"dynamodb": told["dynamodb"] | {"SequenceNumber": "3"}}]
    bare.provider.clients.of("sqs").delete_queue(QueueUrl=bare.environment[variable("turns_queue")])
    answer = bare.open("intake.relay").answer({"Records": records}, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}]}


def test_a_change_that_can_never_be_read_is_parked_and_told(bare: Account, capsys: pytest.CaptureFixture[str]) -> None:
    begin(bare)
    (told,) = sample("intake.relay/refund")["Records"]
    answer = bare.open("intake.relay").answer({"Records": [sent.stream_record(POISON, 1), told]}, None)
    assert answer == {"batchItemFailures": []}
    said = capsys.readouterr().out
    assert '"messages_parked":1' in said
    queue = bare.environment[variable("turns_queue")]
    assert len(bare.provider.clients.of("sqs").receive_message(QueueUrl=queue)["Messages"]) == 1


def test_a_minute_that_fails_for_one_tenant_is_kept_for_the_others(bare: Account) -> None:
    for tenant in ("alpha", "zulu"):
        bare.provider.tenants.add(tenant, REGION)
    broken = Put("TELL|e1", {})
    bare.provider.records.write(Batch(money_partition("alpha"), (broken,)))
    names = next(len(each.handlers) for each in FUNCTIONS if each.name == "sla.sweep")
    with pytest.raises(PartlyDone, match=f"^1 of {3 * names} failed"):
        bare.open("sla.sweep").answer(sample("sla.sweep/minute"), None)


def test_a_task_that_may_be_tried_again_fails_by_its_own_name(bare: Account) -> None:
    """Step Functions retries by the exception's class name."""
    busy = (400, "ThrottlingException")
    with attempts_meet(bare.provider.clients.of("dynamodb"), busy, busy, busy), pytest.raises(Throttled) as raised:
        bare.open("escalation.assign").answer(sample("escalation.assign/wrong_absent"), None)
    assert type(raised.value).__name__ in RETRIED


# --- homes


def test_a_tenant_of_another_region_is_answered_where_to_ask(bare: Account) -> None:
    move_away(bare)
    answer = begin(bare)
    assert answer["statusCode"] == 421
    (detail,) = json.loads(answer["body"])["details"]
    assert ELSEWHERE in detail["message"]


def test_a_key_of_another_regions_tenant_is_told_where_it_is_good(bare: Account) -> None:
    """Its row lies there, so here nobody can know it; a key of nobody's tenant is just wrong."""
    bare.provider.tenants.add("elsewhere", ELSEWHERE)
    event = sample("intake.receive/refund")
    for tenant, status in (("elsewhere", 421), ("nobody", 401)):
        headers = event["headers"] | {"authorization": f"Bearer sm_{tenant}_{SECRET}"}
        assert bare.open("api").answer(event | {"headers": headers}, None)["statusCode"] == status


def test_work_of_a_tenant_that_has_moved_is_left_alone(bare: Account, capsys: pytest.CaptureFixture[str]) -> None:
    begin(bare)
    move_away(bare)
    for name in ("intake.relay", "orchestrator.start"):
        assert bare.open(name).answer(sample(f"{name}/refund"), None) == {"batchItemFailures": []}
    assert capsys.readouterr().out.count('"fact":"left_alone"') == 2
    queue = bare.environment[variable("turns_queue")]
    assert "Messages" not in bare.provider.clients.of("sqs").receive_message(QueueUrl=queue)
    assert bare.open("sla.sweep").answer(sample("sla.sweep/minute"), None) == {"tenants": 0}


def test_a_mail_to_a_tenant_that_has_moved_is_not_lost(bare: Account) -> None:
    """It fails, and so ends where asynchronous calls end that failed for good."""
    move_away(bare)
    with pytest.raises(PartlyDone):
        bare.open("intake.email").answer(sample("intake.email/wrong_gone"), None)


# --- the door


def test_who_does_not_come_through_the_front_is_refused(bare: Account) -> None:
    typed_in = AwsSecrets(bare.provider.clients, bare.provider.settings)
    typed_in.put("origin", b"old")
    typed_in.put("origin", b"new")
    behind = replace(bare, environment={**bare.environment, variable("origin_secret"): "origin"})
    entry, event = behind.open("api"), sample("intake.receive/refund")
    shown = {"": 403, "guessed": 403, "old": 202, "new": 202}
    for secret, status in shown.items():
        headers = event["headers"] | ({"X-Origin-Verify": secret} if secret else {})
        assert entry.answer(event | {"headers": headers}, None)["statusCode"] == status


def test_claims_are_believed_in_the_context_alone(bare: Account) -> None:
    """A caller can write headers and a body, but no request context."""
    signed_in = sent.by_operator("GET", "/api/v1/approvals", None, "noor")
    api = bare.open("api")
    assert api.answer(signed_in, None)["statusCode"] == 200
    claims = signed_in["requestContext"].pop("authorizer")
    forged = signed_in | {"headers": signed_in["headers"] | {"authorizer": json.dumps(claims)}, "authorizer": claims}
    assert api.answer(forged, None)["statusCode"] == 401


def test_a_reply_that_somebody_waits_for_comes_later_here(bare: Account) -> None:
    event = sample("intake.receive/refund")
    answer = bare.open("api").answer(event | {"headers": event["headers"] | {"prefer": "wait=20"}}, None)
    assert answer["statusCode"] == 202
    assert "Preference-Applied" not in answer["headers"]


# --- what is told


def test_a_failure_is_told_without_anybodys_words(bare: Account, caplog: pytest.LogCaptureFixture) -> None:
    secret = "my card is 4111 1111 1111 1111"
    wrong = sent.by_queue({"tenant": TENANT, "conversation": [secret], "message": secret})
    bare.open("orchestrator.start").answer(wrong, None)
    (told,) = [vars(each) for each in caplog.records if each.name == "orchestrator.start"]
    assert (told["msg"], told["error"]) == ("failed", "InvalidInput")
    assert told["correlation_id"] == wrong["Records"][0]["messageId"]
    assert "4111" not in str(told)


def test_what_was_counted_is_written_when_a_call_ends(bare: Account, capsys: pytest.CaptureFixture[str]) -> None:
    bare.open("api").answer(sent.by_client("POST", "/api/v1/conversations", BEGINNING), None)
    lines = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    assert [each["api_requests_total"] for each in lines if "_aws" in each] == [1]


# --- sockets


def test_what_is_said_on_a_socket_is_pushed_and_a_bad_key_ends_it(bare: Account) -> None:
    url, entry = bare.environment[variable("socket_url")], bare.open("realtime")
    client = bare.provider.clients.of("apigatewaymanagementapi", endpoint=url)
    asked: list[tuple[str, Any]] = []

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        asked.append((model.name, json.loads(params["Data"])["type"] if "Data" in params else params["ConnectionId"]))

    client.meta.events.register("provide-client-params.*", note)
    for name in ("realtime.connect/desk", "realtime.message/auth", "realtime.disconnect/gone"):
        entry.answer(sample(name), None)
    assert asked == [("PostToConnection", "ready")]
    entry.answer(sample("realtime.message/wrong_key"), None)
    assert asked[1:] == [("PostToConnection", "closed"), ("DeleteConnection", CONNECTION)]
    assert bare.provider.connections.members(f"{TENANT}|desk") == ()


def test_a_connection_hears_of_the_desk_once_its_key_was_good(bare: Account) -> None:
    entry = bare.open("realtime")
    for name, listening in (("connect/desk", ()), ("message/auth", (CONNECTION,)), ("disconnect/gone", ())):
        entry.answer(sample(f"realtime.{name}"), None)
        assert bare.provider.connections.members(f"{TENANT}|desk") == listening


# --- tables


def test_every_trigger_of_the_manifest_has_an_answer() -> None:
    assert {function.trigger for function in FUNCTIONS} == set(TRIGGERS)


def test_the_api_reaches_every_port_of_the_handlers_that_its_routes_call() -> None:
    written = "".join(path.read_text("utf-8") for path in ROUTES.glob("*.py"))
    called = [handler for handler in HANDLERS if f'"{handler.name}"' in written]
    api = next(function for function in FUNCTIONS if function.name == API)
    assert {port for handler in called for port in handler.ports} <= set(api.ports)
    assert {handler.name for handler in api.handlers} <= {handler.name for handler in called}
