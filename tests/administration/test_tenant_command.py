"""`supportmax tenant` against a stage that moto keeps: a tenant can be served as soon as it is in the directory."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result
from moto import mock_aws

from adapters.aws.administration import PERMISSIONS, DeployedStage
from adapters.aws.clients import Clients
from adapters.aws.clock import AwsClock
from adapters.aws.provider import AwsProvider
from adapters.local.cli.tenant import command
from shared.access.api_keys import list_api_keys, read_api_key
from shared.access.roles import read_sign_in
from shared.errors import Misconfigured
from shared.knowledge.library import read_current
from tests.contract.aws_backend import make_table

REGION = "eu-west-1"
WHERE = ("--stage", "dev", "--region", REGION)
BUCKET = "documents-of-dev"
TABLES = {"RecordsTable": "records-of-dev", "LedgerTable": "ledger-of-dev"}


@pytest.fixture
def deployed() -> Iterator[Clients]:
    """What the data stack of stage dev leaves in an account, without anything that runs."""
    with mock_aws():
        clients = Clients(REGION)
        for table in (*TABLES.values(), "supportmax-dev-tenants"):
            make_table(clients, table)
        clients.of("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        pool = clients.of("cognito-idp").create_user_pool(PoolName="supportmax-dev-operators")["UserPool"]["Id"]
        deploy_outputs(clients, **TABLES, DocumentsBucket=BUCKET, UserPool=pool)
        yield clients


def deploy_outputs(clients: Clients, **outputs: str) -> None:
    template = {
        "Resources": {"Any": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    clients.of("cloudformation").create_stack(StackName="supportmax-dev-data", TemplateBody=json.dumps(template))


def run_tenant(*arguments: str) -> Result:
    return CliRunner().invoke(command, [*arguments, *WHERE])


def test_a_new_tenant_has_articles_roles_a_home_and_a_key_that_opens(deployed: Clients) -> None:
    result = run_tenant("add", "acme")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    there = stage_here()
    principal = read_api_key(there.records, there.secrets, AwsClock(), told["key"])
    assert (principal.tenant, principal.permissions) == ("acme", PERMISSIONS)
    assert read_current(there.documents, "acme") is not None
    assert told["articles"] > 0
    assert there.tenants.home("acme").region == REGION
    assert "acme.supervisor" in told["groups"]


def test_the_first_person_is_invited_and_may_act_for_this_tenant(deployed: Clients) -> None:
    assert run_tenant("add", "acme", "--person", "noor=noor@example.com").exit_code == 0
    cognito = deployed.of("cognito-idp")
    pool = cognito.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    (person,) = cognito.list_users(UserPoolId=pool)["Users"]
    groups = cognito.admin_list_groups_for_user(UserPoolId=pool, Username=person["Username"])["Groups"]
    claims = {"username": person["Username"], "cognito:groups": [each["GroupName"] for each in groups]}
    who = read_sign_in(claims)
    assert (who.tenant, who.operator) == ("acme", "noor")


def test_a_person_who_is_not_on_the_staff_is_refused_before_anything_is_made(deployed: Clients) -> None:
    result = run_tenant("add", "acme", "--person", "stranger=ada@example.com")
    assert result.exit_code == 2
    assert "operators.toml" in result.output
    assert rows_of_keys() == 0


def test_a_person_without_an_id_is_refused_with_the_form(deployed: Clients) -> None:
    result = run_tenant("add", "acme", "--person", "ada@example.com")
    assert result.exit_code == 2
    assert "ada=ada@example.com" in result.output


def test_adding_a_tenant_twice_is_refused_and_makes_no_second_key(deployed: Clients) -> None:
    run_tenant("add", "acme")
    before = rows_of_keys()
    result = run_tenant("add", "acme")
    assert result.exit_code == 1
    assert "tenant key" in result.output
    assert rows_of_keys() == before == 1


def test_what_broke_off_before_the_directory_can_be_begun_again(deployed: Clients) -> None:
    begun = DeployedStage("dev", REGION)
    begun._publish("acme")
    begun._make_groups("acme")
    result = run_tenant("add", "acme")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["articles"] == 0  # they were published already


def test_another_key_opens_too_and_only_a_known_tenant_gets_one(deployed: Clients) -> None:
    first = json.loads(run_tenant("add", "acme").stdout)["key"]
    second = json.loads(run_tenant("key", "acme", "--for", "crm").stdout)["key"]
    there = stage_here()
    for key in (first, second):
        assert read_api_key(there.records, there.secrets, AwsClock(), key).tenant == "acme"
    assert run_tenant("key", "nobody").exit_code == 1


def test_tenants_are_listed_where_they_are_at_home(deployed: Clients) -> None:
    for tenant in ("zebra", "acme"):
        run_tenant("add", tenant)
    listed = [json.loads(line) for line in run_tenant("list").stdout.splitlines()]
    assert [(each["tenant"], each["region"], each["epoch"]) for each in listed] == [
        ("acme", REGION, 1),
        ("zebra", REGION, 1),
    ]


@pytest.mark.parametrize("name", ["a|b", "", "x" * 65, "Ümlaut"])
def test_a_name_that_cannot_stand_in_a_row_is_refused(deployed: Clients, name: str) -> None:
    result = run_tenant("add", name)
    assert result.exit_code == 1
    assert '"field": "tenant"' in result.output


def test_a_stage_that_is_not_deployed_is_said_to_be_so() -> None:
    with mock_aws(), pytest.raises(Misconfigured, match="supportmax-prod-data"):
        DeployedStage("prod", REGION)


def test_a_data_stack_that_tells_too_little_is_named() -> None:
    with mock_aws():
        deploy_outputs(Clients(REGION), RecordsTable="r")
        with pytest.raises(Misconfigured, match="DocumentsBucket, LedgerTable"):
            DeployedStage("dev", REGION)


def stage_here() -> AwsProvider:
    """The ports of the stage, for looking at what the command left there."""
    return DeployedStage("dev", REGION).provider


def rows_of_keys() -> int:
    return len(list_api_keys(stage_here().records, "acme"))
