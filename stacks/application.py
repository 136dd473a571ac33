"""The stacks of a deployment: in each region what is kept and what runs, and what all regions share."""

from __future__ import annotations

from aws_cdk import App, CfnOutput, Environment, Stack

from shared.manifest import API, REALTIME
from stacks import edge, nag, permissions
from stacks.alarms import Alarms
from stacks.api import Api
from stacks.budget import Budget
from stacks.config import WAF_REGION, Config
from stacks.dashboard import Dashboard
from stacks.data import Buckets, Directory, Tables
from stacks.email import Email
from stacks.environment import settings
from stacks.functions import Functions
from stacks.identity import Operators, issuer_of
from stacks.messaging import Messaging
from stacks.places import Place
from stacks.rollout import Rollout
from stacks.socket import Socket
from stacks.triggers import Triggers
from stacks.web import Web
from stacks.workflow import Workflow


def build(app: App, config: Config) -> None:
    """Add every stack of a deployment to `app`."""
    shared: list[Stack] = [Shared(app, Place(config, config.regions[0]))]
    shared += [Edge(app, Place(config, WAF_REGION))] if config.waf else []
    for region in config.regions:
        place = Place(config, region)
        platform = Platform(app, place, Data(app, place))
        for stack in shared:
            platform.add_stack_dependency(stack)
    if config.nag:
        nag.check(app)


class RegionStack(Stack):
    """A stack of one region: an explicit environment, so that a synthesis looks nothing up."""

    def __init__(self, app: App, place: Place, kind: str, holds: str) -> None:
        config = place.config
        super().__init__(
            app,
            f"{config.named(kind)}-{place.region}",
            stack_name=config.named(kind),
            description=f"SupportMax Pro, {config.stage}: {holds}",
            env=Environment(account=config.account, region=place.region),
            termination_protection=config.rules.keep,
            tags={"application": f"supportmax-{config.stage}", "stage": config.stage, "part": kind},
        )

    def tell(self, **outputs: str) -> None:
        """Print values when the stack is deployed."""
        for name, value in outputs.items():
            CfnOutput(self, name, value=value)


class Shared(RegionStack):
    """The directory of tenants, and the budget: once for all regions."""

    def __init__(self, app: App, place: Place) -> None:
        super().__init__(app, place, "directory", "which tenant is at home where, and what all may cost")
        self.tell(DirectoryTable=Directory(self, place).table.table_name)
        if place.config.budget:
            Budget(self, place)


class Edge(RegionStack):
    """What CloudFront asks before it lets a request in."""

    def __init__(self, app: App, place: Place) -> None:
        super().__init__(app, place, edge.STACK, "who may come in")
        self.tell(**{edge.OUTPUT: edge.Rules(self, place).acl.attr_arn})


class Data(RegionStack):
    """What outlives every deployment of what runs."""

    def __init__(self, app: App, place: Place) -> None:
        super().__init__(app, place, "data", "what is kept")
        self.tables = Tables(self, place)
        self.buckets = Buckets(self, place)
        self.operators = None if place.config.issuer else Operators(self, place)
        self.tell(
            RecordsTable=self.tables.records.table_name,
            LedgerTable=self.tables.ledger.table_name,
            DocumentsBucket=self.buckets.documents.bucket_name,
        )
        if self.operators:
            self.tell(UserPool=self.operators.pool.user_pool_id, DeskClient=self.operators.client.user_pool_client_id)
            nag.acknowledge(self.operators, nag.OPERATORS)


class Platform(RegionStack):
    """What runs."""

    def __init__(self, app: App, place: Place, data: Data) -> None:
        super().__init__(app, place, "platform", "what runs")
        self._place, self._data = place, data
        self._socket, self._messaging = Socket(self, place), Messaging(self, place)
        self._functions = self._make_functions()
        nag.acknowledge(Workflow(self, place, self._functions), nag.WORKFLOW)
        Triggers(self, place, self._functions, self._messaging, data.tables.streams)
        self._watch(self._open_doors())
        nag.acknowledge(self._socket, nag.SOCKET)
        nag.acknowledge(self._messaging, nag.MESSAGING)

    def _make_functions(self) -> Functions:
        place, data, socket = self._place, self._data, self._socket.api.ref
        told = settings(place, data.tables, data.buckets, socket)
        resources = permissions.arns(place, data.tables, data.buckets, socket)
        functions = Functions(self, place, told, resources, self._messaging.failures.queue_arn)
        nag.acknowledge(functions, nag.FUNCTIONS)
        for name, reason in permissions.WILDCARDS.items():
            nag.acknowledge_wildcards(functions, resources[name], reason)
        return functions

    def _open_doors(self) -> str:
        """The APIs, and what the deployment asks for beside them: mail, pages, a front; returns the HTTP API's id."""
        place, data, functions = self._place, self._data, self._functions
        api = Api(self, place, functions.aliases[API], issuer_of(place, data.operators))
        nag.acknowledge(api, nag.API)
        self._socket.lead_to(functions.aliases[REALTIME])
        self.tell(ApiUrl=api.url, SocketUrl=self._socket.url)
        if place.config.mail_domain:
            Email(self, place, functions, self._messaging.failures.queue_arn, data.buckets.logs)
        if place.config.web:
            web = Web(self, place, data.buckets.logs)
            nag.acknowledge(web, nag.PAGES)
            self.tell(PagesUrl=f"https://{web.distribution.domain_name}", PagesBucket=web.bucket.bucket_name)
        if place.config.waf:
            front = edge.Front(self, place, api.api.ref, data.buckets.logs)
            nag.acknowledge(front, nag.FRONT)
            self.tell(FrontUrl=f"https://{front.distribution.domain_name}")
        return api.api.ref

    def _watch(self, api: str) -> None:
        """Alarms, the page of figures, and how a new version goes live."""
        place, messaging = self._place, self._messaging
        Alarms(self, place, messaging.bus, api)
        if place.config.rules.dashboard:
            Dashboard(self, place, self._data.tables.records.table_name)
        if place.config.rules.canary:
            Rollout(self, place, self._functions)
        self.tell(
            TurnsQueue=messaging.turns.queue_url,
            TurnsDeadQueue=messaging.turns_dead.queue_url,
            FailuresQueue=messaging.failures.queue_url,
        )
