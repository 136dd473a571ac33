"""One AWS account in memory, kept by moto: what `invoke --cloud aws` and the tests of the entry run a function on.

Nothing consumes its queues and no machine runs: a function is called with one event, and what it leaves can be read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.aws.clients import Clients
from adapters.aws.entry import Entry, open_entry
from adapters.aws.envelopes import find_text
from adapters.aws.provider import AwsProvider
from adapters.aws.settings import AwsSettings, read_aws_settings, variable
from shared.access.api_keys import DAY_MS, PER_HOUR, PREFIX_DIGITS, KeyRow, hash_key, need_pepper, store_api_key
from shared.access.api_keys import FORM as API_KEY
from shared.company.article_files import load_articles
from shared.company.company import FOLDER
from shared.errors import Misconfigured
from shared.manifest import PORTS
from shared.ports.clock import Clock

if TYPE_CHECKING:
    from adapters.business.sandbox.sandbox import Sandbox

REGION = "eu-central-1"
STAGE = "dev"
TABLES = ("records", "ledger", "directory")
DOCUMENTS, MAIL = "supportmax-dev-documents", "supportmax-dev-mail"
ROLE = "arn:aws:iam::123456789012:role/supportmax-dev"
QUEUES = (("turns", "turns_queue"), ("turns-dead", "turns_dead_queue"))
FIXED = {
    "stage": STAGE,
    "region": REGION,
    "documents_bucket": DOCUMENTS,
    "event_bus": f"supportmax-{STAGE}",
    "turns": "standard",
    "timer_group": f"supportmax-{STAGE}-timers",
    "timer_target": f"arn:aws:lambda:{REGION}:123456789012:function:supportmax-{STAGE}-sla-sweep",
    "timer_role": ROLE,
    "secrets_prefix": f"supportmax/{STAGE}/",
    "socket_url": f"https://socket.execute-api.{REGION}.amazonaws.com/{STAGE}",
    "mail_from": "support@tallybird.example",
    "mail_configuration": f"supportmax-{STAGE}",
}
AT_ONCE = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})


class Rehearsal(AwsProvider):
    """The ports of an account in memory, with the sandbox company in place of a real one."""

    def __init__(self, settings: AwsSettings, clients: Clients, clock: Clock, folder: Path) -> None:
        super().__init__(settings, clients, clock)
        self._folder = folder

    def told(self, settings: AwsSettings) -> Rehearsal:
        """The same account, for a function with other settings; the books are opened once."""
        other = Rehearsal(settings, self.clients, self.clock, self._folder)
        vars(other)["business_systems"] = self.business_systems
        return other

    @cached_property
    def business_systems(self) -> Sandbox:
        from adapters.business.sandbox.sandbox import Sandbox

        return Sandbox(self._folder)


@dataclass(frozen=True, slots=True)
class Account:
    """What stands in it is in `environment`, as every function would be told; `provider` looks into it."""

    environment: Mapping[str, str]
    provider: Rehearsal

    def open(self, function: str) -> Entry:
        """A function, ready to be called."""
        environment = {**self.environment, variable("function"): function}
        return open_entry(environment, self.provider.told(read_aws_settings(PORTS, environment)))


@contextmanager
def open_account(folder: Path, clock: Clock, tenant: str = "demo") -> Iterator[Account]:
    """A fresh account in which `tenant` is at home; the sandbox's books lie in `folder`. Raises Misconfigured."""
    try:
        from moto import mock_aws
    except ImportError as error:
        raise Misconfigured("--cloud aws runs on moto: install it with `pip install 'supportmax-pro[test]'`") from error
    with mock_aws():
        clients = Clients(REGION)
        environment = make_account(clients) | {variable("tenant"): tenant}
        provider = Rehearsal(read_aws_settings(PORTS, environment), clients, clock, folder)
        provider.tenants.add(tenant, REGION)
        yield Account(environment, provider)


def make_account(clients: Clients) -> dict[str, str]:
    """Make tables, buckets, queues, bus, machines and sender; the environment that names them."""
    for name in TABLES:
        make_table(clients, f"supportmax-{STAGE}-{name}")
    for bucket in (DOCUMENTS, MAIL):
        clients.of("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    clients.of("events").create_event_bus(Name=f"supportmax-{STAGE}")
    clients.of("scheduler").create_schedule_group(Name=f"supportmax-{STAGE}-timers")
    clients.of("sesv2").create_email_identity(EmailIdentity="support@tallybird.example")
    made = {each: clients.of("sqs").create_queue(QueueName=f"supportmax-{STAGE}-{name}") for name, each in QUEUES}
    told = {setting: queue["QueueUrl"] for setting, queue in made.items()}
    told |= {f"{name}_table": f"supportmax-{STAGE}-{name}" for name in TABLES}
    told |= {f"{name}_machine": make_machine(clients, name) for name in ("turn", "escalation")} | FIXED
    return {variable(name): value for name, value in told.items()}


def make_table(clients: Clients, name: str) -> None:
    clients.of("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )


def furnish(account: Account, tenant: str, event: Any, mail: bytes = b"") -> None:
    """What an event takes for granted: the shipped articles, a mail that it tells of, and the key that it shows."""
    articles = [asdict(article) for article in load_articles(FOLDER / "articles")]
    account.open("knowledge.publish").answer({"tenant": tenant, "articles": articles}, None)
    stored = find_text(event, "Records", 0, "s3", "object", "key")
    if mail and stored:
        account.provider.clients.of("s3").put_object(Bucket=MAIL, Key=stored, Body=mail)
    shown = API_KEY.fullmatch(find_text(event, "headers", "authorization").removeprefix("Bearer "))
    if shown:
        let_in(account.provider, shown[1], shown[0])


def let_in(provider: Rehearsal, tenant: str, key: str) -> None:
    """Let a key in as if it had been made here."""
    hashed = hash_key(need_pepper(provider.secrets, provider.ids), key)
    allowed: tuple[str, ...] = import_module("functions.api.caller").PERMISSIONS
    now = provider.clock.now()
    row = KeyRow(hashed[:PREFIX_DIGITS], tenant, "rehearsal", hashed, allowed, PER_HOUR, now, now + DAY_MS)
    store_api_key(provider.records, row)


def make_machine(clients: Clients, name: str) -> str:
    """A machine that ends at once: who starts it is rehearsed here, and not what it does."""
    made = clients.of("stepfunctions").create_state_machine(
        name=f"supportmax-{STAGE}-{name}", definition=AT_ONCE, roleArn=ROLE
    )
    return str(made["stateMachineArn"])
