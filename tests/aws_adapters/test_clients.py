"""Clients are made late, wait only so long, and settings are asked for by port."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from adapters.aws.clients import PATIENCE, Patience
from adapters.aws.provider import AwsProvider, open_provider
from adapters.aws.settings import NEEDED, read_aws_settings, variable
from shared.errors import Misconfigured
from shared.manifest import FUNCTIONS, PORTS
from shared.ports.provider import CloudProvider

ROOT = Path(__file__).parents[2]
SHORTEST_TASK_SECONDS = 4


def test_opening_a_provider_loads_no_sdk_and_no_port() -> None:
    program = (
        "import sys; from adapters.aws.provider import open_provider; from adapters.aws.settings import AwsSettings;"
        "open_provider(AwsSettings('dev', 'eu-west-1')); "
        "print([m for m in sys.modules if m.startswith(('botocore', 'boto3', 'adapters.aws.records', 'pydantic'))])"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_client_is_made_once(provider: AwsProvider) -> None:
    clients = provider.clients
    assert clients.of("sqs") is clients.of("sqs")
    assert clients.of("sqs", endpoint="https://a.example") is not clients.of("sqs")
    assert clients.of("sqs", endpoint="https://a.example").meta.endpoint_url == "https://a.example"


def test_every_port_is_there_and_made_once(provider: AwsProvider) -> None:
    cloud: CloudProvider = provider
    for port in sorted(PORTS):
        if port != "business_systems":
            assert getattr(cloud, port) is getattr(cloud, port)


def test_a_call_ends_and_its_second_attempt_begins_while_the_shortest_task_still_runs() -> None:
    patience = Patience()
    assert patience.connect + patience.answer + 1 <= SHORTEST_TASK_SECONDS
    assert patience.at_most <= 12
    assert all(each.at_most <= 36 for each in PATIENCE.values())


@pytest.mark.parametrize("service", ["dynamodb", "s3", "sqs", "sesv2", "apigatewaymanagementapi"])
def test_a_client_is_as_patient_as_its_service_is_given(provider: AwsProvider, service: str) -> None:
    patience, config = PATIENCE.get(service, Patience()), provider.clients.of(service).meta.config
    assert (config.connect_timeout, config.read_timeout) == (patience.connect, patience.answer)
    assert config.retries == {"mode": "standard", "total_max_attempts": patience.attempts}
    assert config.tcp_keepalive is True


def test_h1_a_mail_is_never_sent_twice_by_the_sdk() -> None:
    assert PATIENCE["sesv2"].attempts == 1


def test_every_port_says_which_settings_it_needs() -> None:
    assert set(NEEDED) >= PORTS | {port for function in FUNCTIONS for port in function.ports}


def test_all_missing_settings_are_named_at_once() -> None:
    with pytest.raises(Misconfigured) as refusal:
        read_aws_settings(("records", "queue"), {})
    for name in ("stage", "region", "records_table", "ledger_table", "turns_queue", "turns_dead_queue"):
        assert variable(name) in str(refusal.value)


def test_a_function_is_told_only_what_its_ports_need() -> None:
    told = {"SUPPORTMAX_STAGE": "dev", "AWS_REGION": "eu-west-1", "SUPPORTMAX_SECRETS_PREFIX": "supportmax/dev/"}
    settings = read_aws_settings(("business_systems", "clock"), {**told, "SUPPORTMAX_EVENT_BUS": "unasked"})
    assert (settings.region, settings.secrets_prefix, settings.event_bus) == ("eu-west-1", "supportmax/dev/", "")
    elsewhere = read_aws_settings(("clock",), {**told, "SUPPORTMAX_REGION": "us-east-1"})
    assert elsewhere.region == "us-east-1"
    assert open_provider(elsewhere).clients.region == "us-east-1"
