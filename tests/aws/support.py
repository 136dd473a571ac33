"""The platform as its templates deploy it, on moto: a tenant of its own for each test, and the sandbox company behind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.ses.models import ses_backends

from adapters.aws.clients import Clients
from adapters.aws.entry import open_entry
from adapters.aws.provider import AwsProvider, open_provider
from adapters.aws.queue import AwsQueue
from adapters.aws.settings import read_aws_settings
from adapters.business.sandbox.sandbox import Sandbox
from shared.access.api_keys import make_api_key, need_pepper, store_api_key
from shared.company.article_files import load_articles
from shared.company.company import FOLDER, Company
from shared.conversations.handoff import read_handoff
from shared.conversations.head import need_head
from shared.conversations.keys import conversation_partition
from shared.conversations.timeline import read_said_turns
from shared.dispatch import Application
from shared.domain.conversation import Head
from shared.effects.effect import Effect
from shared.effects.ledger import list_effects
from shared.knowledge.library import current_name
from shared.manifest import FUNCTIONS
from shared.ports.business_systems import ActionContract
from tests.aws.cloud import ACCOUNT, NAME, START, MotoCloud, open_cloud
from tests.aws.envelopes import REGION
from tests.stacks.templates import synthesise

Json = Any
PERMISSIONS = ("conversations:read", "conversations:write", "channels:write", "handoffs:work", "approvals:decide")
MOST_REQUESTS = 9_999
MAIL_BUCKET = f"supportmax-prod-mail-{ACCOUNT}-{REGION}"
PORTS = tuple(sorted({port for function in FUNCTIONS for port in function.ports}))


class CloudClock:
    """The time of the cloud, which only the test lets pass."""

    def __init__(self) -> None:
        self.cloud: MotoCloud | None = None

    def now(self) -> int:
        return START + round(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds

    def skew(self) -> int:
        return 0

    @property
    def seconds(self) -> float:
        return self.cloud.time.passed if self.cloud else 0.0


class CurrentCompany:
    """The business systems of whichever test runs now; functions stay open longer than a test does."""

    def __init__(self) -> None:
        self.sandbox: Sandbox | None = None

    @property
    def now(self) -> Sandbox:
        assert self.sandbox is not None
        return self.sandbox

    def read(self, system: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return self.now.read(system, operation, arguments)

    def act(self, system: str, operation: str, arguments: dict[str, Any], *, key: str) -> dict[str, Any]:
        return self.now.act(system, operation, arguments, key=key)

    def look_up(self, system: str, key: str) -> dict[str, Any] | None:
        return self.now.look_up(system, key)

    def contract(self, system: str) -> ActionContract:
        return self.now.contract(system)


@dataclass
class Deployment:
    """A deployed stage, which many tests share."""

    clock: CloudClock = field(default_factory=CloudClock)
    company: CurrentCompany = field(default_factory=CurrentCompany)
    clients: Clients = field(default_factory=lambda: Clients(REGION))
    tenants: int = 0

    @property
    def cloud(self) -> MotoCloud:
        assert self.clock.cloud is not None
        return self.clock.cloud

    def open(self, environment: Mapping[str, str]) -> Any:
        """A function, as Lambda opens it with its environment, on this cloud's clients and clock."""
        function = next(each for each in FUNCTIONS if each.name == environment[NAME])
        return open_entry(environment, self._provider(function.ports, environment)).answer

    @cached_property
    def provider(self) -> AwsProvider:
        """Every port, for what tests look at."""
        told = self.cloud.environments().values()
        every = {name: value for environment in told for name, value in environment.items()}
        return self._provider(PORTS, every)

    @cached_property
    def library(self) -> str:
        """The tenant whose articles all others read: published once, by the deployed function."""
        articles = [asdict(article) for article in load_articles(FOLDER / "articles")]
        self.cloud.call("knowledge.publish", {"tenant": "library", "articles": articles})
        return "library"

    @cached_property
    def app(self) -> Application:
        return Application(self.provider, Company(None))

    def _provider(self, ports: tuple[str, ...], environment: Mapping[str, str]) -> AwsProvider:
        settings = read_aws_settings(ports, environment)
        provider = open_provider(settings, clients=self.clients, clock=self.clock)
        vars(provider)["business_systems"] = self.company
        vars(provider)["queue"] = AwsQueue(self.clients, settings, wait_seconds=0)  # moto has one server to ask
        return provider

    @contextmanager
    def new_tenant(self, folder: Path) -> Iterator[House]:
        """A tenant of its own, with the shipped articles, a key and the sandbox company; gone when the block ends."""
        self.tenants += 1
        house = House(self, f"tenant-{self.tenants}")
        self.company.sandbox = Sandbox(folder)
        try:
            house.move_in()
            yield house
        finally:
            house.move_out()
            self.company.sandbox.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """A response of the API."""

    status: int
    body: Json


@dataclass
class House:
    """What a test does as a tenant's customers, programs and operators, and what it sees."""

    deployment: Deployment
    tenant: str
    key: str = ""
    refunds_before: int = 0
    mails_before: int = 0

    @property
    def cloud(self) -> MotoCloud:
        return self.deployment.cloud

    @property
    def provider(self) -> AwsProvider:
        return self.deployment.provider

    @property
    def authorization(self) -> dict[str, str]:
        """The header that shows the tenant's key."""
        return {"authorization": f"Bearer {self.key}"}

    def move_in(self) -> None:
        """Point to the published articles, make a key, and enter the tenant in the directory."""
        current = self.provider.documents.get(current_name(self.deployment.library))
        self.provider.documents.put(current_name(self.tenant), current)
        pepper, now = need_pepper(self.provider.secrets, self.provider.ids), self.provider.clock.now()
        made = make_api_key(self.provider.ids, pepper, self.tenant, "test", PERMISSIONS, now, MOST_REQUESTS)
        self.key, row = made
        store_api_key(self.provider.records, row)
        self.provider.tenants.add(self.tenant, REGION)
        self.mails_before = len(ses_backends[ACCOUNT][REGION].sent_messages)
        self.refunds_before = len(self.deployment.company.now.books()["refund"])
        self.cloud.settle()

    def move_out(self) -> None:
        """Nothing of the tenant runs any more, and no minute asks for it."""
        self.cloud.calm()
        forget_rows(self.tenant)
        keys = {"pk": {"S": "TENANTS"}, "sk": {"S": self.tenant}}
        self.cloud.client("dynamodb").delete_item(TableName=self.provider.settings.directory_table, Key=keys)

    def call(self, handler: str, **task: Any) -> Json:
        """Call a function that is called by hand."""
        return self.cloud.call(handler, {"tenant": self.tenant} | task)

    def ask(self, method: str, path: str, body: Json = None, *, operator: str = "", **headers: str) -> Answer:
        """A request with the tenant's key, or of an operator who has signed in."""
        claims = self.claims(operator) if operator else None
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given |= {} if operator else self.authorization
        answer = self.cloud.http(method, f"/api/v1/{path}", body, given, claims=claims)
        self.cloud.settle()
        return Answer(answer["statusCode"], json.loads(answer["body"]))

    def claims(self, operator: str) -> dict[str, Any]:
        """What a token says of an operator."""
        groups = f"[{self.tenant}.supervisor]"
        return {"username": operator, "sub": operator, "token_use": "access", "cognito:groups": groups}

    def begin(self, text: str, customer: str = "cus_ben", **headers: str) -> Json:
        """A customer's first message, and everything that follows; what was answered at once."""
        body = {"customer_id": customer, "channel": "web", "initial_message": text}
        answer = self.ask("POST", "conversations", body, **headers)
        assert answer.status == 202, answer
        return answer.body

    def result(self, accepted: Json) -> Json:
        """What became of a message, read by its task; None while it is worked on."""
        return self.ask("GET", f"tasks/{accepted['task_id']}").body["result"]

    def head(self, accepted: Json) -> Head:
        return need_head(self.provider.records, self.tenant, accepted["conversation_id"])[0]

    def handoff(self, accepted: Json) -> dict[str, Any]:
        conversation, escalation = accepted["conversation_id"], self.head(accepted).escalation
        return read_handoff(self.provider.records, self.tenant, conversation, escalation).body

    def machine(self, accepted: Json) -> str:
        """How the conversation's escalation is."""
        name = f"{accepted['conversation_id']}-{self.head(accepted).escalation}"
        return self.provider.workflows.status("escalation", name)

    def turns(self, accepted: Json) -> list[dict[str, Any]]:
        """Every committed turn, newest first."""
        return read_said_turns(self.provider.records, self.tenant, accepted["conversation_id"], self.head(accepted))

    def effects(self) -> list[Effect]:
        return list_effects(self.provider.records, self.tenant)

    def refunds(self) -> int:
        """How many refunds the company's own books have that were not there in the beginning."""
        return len(self.deployment.company.now.books()["refund"]) - self.refunds_before

    def mails(self) -> int:
        """How many mails SES was given since the test began."""
        return len(ses_backends[ACCOUNT][REGION].sent_messages) - self.mails_before

    def rows(self, accepted: Json) -> dict[str, dict[str, Any]]:
        """Every row of a conversation."""
        partition = conversation_partition(self.tenant, accepted["conversation_id"])
        return {row.row: row.body for row in self.provider.records.query(partition)}


def forget_rows(tenant: str) -> None:
    """Drop a tenant's rows: moto sorts every row of a table for every query."""
    for table in dynamodb_backends[ACCOUNT][REGION].tables.values():
        for key in [key for key in table.items if f"|{tenant}|" in str(key)]:
            del table.items[key]


@contextmanager
def open_deployment(**context: str) -> Iterator[Deployment]:
    """One region of what is synthesised for a context, deployed."""
    deployment = Deployment()
    here = {name: each for name, each in synthesise(**context).templates.items() if name.endswith(REGION)}
    with open_cloud(here, deployment.open) as cloud:
        deployment.clock.cloud = cloud
        yield deployment
