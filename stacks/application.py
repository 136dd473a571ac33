"""The stacks of a deployment: in each region what is kept and what runs, and once the directory of tenants."""

from __future__ import annotations

from aws_cdk import App, CfnOutput, Environment, Stack

from shared.manifest import API, REALTIME
from stacks import permissions
from stacks.api import Api
from stacks.config import Config
from stacks.data import Buckets, Directory, Tables
from stacks.environment import settings
from stacks.functions import Functions
from stacks.identity import Operators, issuer_of
from stacks.messaging import Messaging
from stacks.places import Place
from stacks.socket import Socket
from stacks.triggers import Triggers
from stacks.workflow import Workflow


def build(app: App, config: Config) -> None:
    """Add every stack of a deployment to `app`."""
    places = [Place(config, region) for region in config.regions]
    first = RegionStack(app, places[0], "directory", "which tenant is at home where")
    Directory(first, places[0])
    for place in places:
        Platform(app, place, Data(app, place)).add_stack_dependency(first)


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
            tags={"application": "supportmax", "stage": config.stage, "part": kind},  # they reach every resource
        )

    def tell(self, **outputs: str) -> None:
        """Print values when the stack is deployed."""
        for name, value in outputs.items():
            CfnOutput(self, name, value=value)


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


class Platform(RegionStack):
    """What runs."""

    def __init__(self, app: App, place: Place, data: Data) -> None:
        super().__init__(app, place, "platform", "what runs")
        socket, messaging = Socket(self, place), Messaging(self, place)
        told = settings(place, data.tables, data.buckets, socket.api.ref)
        resources = permissions.arns(place, data.tables, data.buckets, socket.api.ref)
        functions = Functions(self, place, told, resources, messaging.failures.queue_arn)
        Workflow(self, place, functions)
        Triggers(self, place, functions, messaging, data.tables.streams)
        api = Api(self, place, functions.aliases[API], issuer_of(place, data.operators))
        if REALTIME in functions.aliases:
            socket.lead_to(functions.aliases[REALTIME])
        self.tell(
            ApiUrl=api.url,
            SocketUrl=socket.url,
            TurnsQueue=messaging.turns.queue_url,
            TurnsDeadQueue=messaging.turns_dead.queue_url,
            FailuresQueue=messaging.failures.queue_url,
        )
