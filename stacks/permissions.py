"""What a function may do: derived from the ports that its manifest rows name, never written by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aws_cdk import aws_iam as iam

from shared.manifest import Function
from stacks.data import Buckets, Tables
from stacks.edge import SECRET
from stacks.places import Place


@dataclass(frozen=True, slots=True)
class Grant:
    """Actions on one kind of resource; `on` names rows of `resources`."""

    actions: tuple[str, ...]
    on: tuple[str, ...]


ROWS = tuple(f"dynamodb:{action}" for action in ("GetItem", "Query", "PutItem", "DeleteItem", "ConditionCheckItem"))

# What each port asks of AWS. A port without a row asks nothing.
PORT_GRANTS: dict[str, tuple[Grant, ...]] = {
    "records": (Grant(ROWS, ("records",)),),
    "documents": (
        Grant(("s3:GetObject", "s3:PutObject", "s3:DeleteObject"), ("documents/*",)),
        Grant(("s3:ListBucket",), ("documents",)),
    ),
    "queue": (Grant(("sqs:SendMessage",), ("turns",)),),
    "events": (Grant(("events:PutEvents",), ("bus",)),),
    "workflows": (
        Grant(("states:StartExecution",), ("turn", "escalation")),
        Grant(("states:DescribeExecution",), ("turn executions", "escalation executions")),
        Grant(("states:SendTaskSuccess",), ("escalation",)),
    ),
    "timers": (
        Grant(("scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule"), ("timers",)),
        Grant(("iam:PassRole",), ("timer role",)),
    ),
    # Secrets are rows, sealed under one root that whoever first needs it makes.
    "secrets": (
        Grant(ROWS, ("records",)),
        Grant(("secretsmanager:GetSecretValue", "secretsmanager:CreateSecret"), ("root secret",)),
    ),
    "connections": (Grant(ROWS, ("records",)), Grant(("execute-api:ManageConnections",), ("sockets",))),
    "channels": (Grant(("ses:SendEmail",), ("mail identity", "mail configuration")),),
    "business_systems": (Grant(("secretsmanager:GetSecretValue",), ("gateway secret",)),),
    "tenants": (Grant(("dynamodb:GetItem", "dynamodb:Query"), ("tenants",)),),
}

# What a function needs for the way in which it is called.
TRIGGER_GRANTS: dict[str, tuple[Grant, ...]] = {
    "queue:turns": (
        Grant(
            ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"),
            ("turns",),
        ),
    ),
    "stream": (
        Grant(
            (
                "dynamodb:DescribeStream",
                "dynamodb:GetRecords",
                "dynamodb:GetShardIterator",
                "dynamodb:ListStreams",
            ),
            ("streams",),
        ),
    ),
    "mail": (Grant(("s3:GetObject",), ("mail/*",)),),
    "http": (Grant(("secretsmanager:GetSecretValue",), ("origin secret",)),),  # its door compares with it
}
# The rows above whose ARNs end in a wildcard, and why they cannot say more.
WILDCARDS = {
    "documents/*": "documents are named by what they hold; the bucket holds nothing else",
    "mail/*": "SES names each mail itself; the bucket holds nothing else",
    "turn executions": "an execution is named by its conversation and turn",
    "escalation executions": "an execution is named by its conversation and handoff",
    "timers": "a timer is named by what it is for; the group holds nothing else",
    "root secret": "Secrets Manager adds six letters of its own to the name",
    "gateway secret": "Secrets Manager adds six letters of its own to the name",
    "origin secret": "Secrets Manager adds six letters of its own to the name",
    "sockets": "a connection is named by API Gateway; the API is the stage's own",
}
MONEY_GRANTS = (Grant(ROWS, ("ledger",)),)
ALWAYS = (Grant(("logs:CreateLogStream", "logs:PutLogEvents"), ("own logs",)),)
UNHEARD_GRANTS = (Grant(("sqs:SendMessage",), ("failures",)),)  # where calls and batches end that failed for good
ASYNCHRONOUS = ("event", "mail", "receipt", "minute")


def grants_of(function: Function) -> tuple[Grant, ...]:
    """Everything that a function may do."""
    return (
        *ALWAYS,
        *(grant for port in function.ports for grant in PORT_GRANTS.get(port, ())),
        *TRIGGER_GRANTS.get(function.trigger, ()),
        *(MONEY_GRANTS if function.money and "records" in function.ports else ()),
        *(UNHEARD_GRANTS if function.trigger in (*ASYNCHRONOUS, "stream") else ()),
    )


def arns(place: Place, tables: Tables, buckets: Buckets, socket: str) -> dict[str, tuple[str, ...]]:
    """What the rows above call resources, as ARNs; `socket` is the id of the WebSocket API."""
    named, arn = place.named, place.arn

    def secret(name: str) -> str:
        return arn("secretsmanager", f"secret:{place.secrets}{name}-*")

    return {
        "records": (tables.records.table_arn,),
        "ledger": (tables.ledger.table_arn,),
        "streams": tuple(tables.streams.values()),
        "documents": (buckets.documents_arn,),
        "documents/*": (f"{buckets.documents_arn}/*",),
        "mail/*": (f"arn:aws:s3:::{place.mail_bucket}/*",) if place.config.mail_domain else (),
        "turns": (arn("sqs", named("turns")),),
        "failures": (arn("sqs", named("failures")),),
        "bus": (arn("events", f"event-bus/{place.bus}"),),
        "turn": (place.machine("turn"),),
        "escalation": (place.machine("escalation"),),
        "turn executions": () if place.config.express else (arn("states", f"execution:{named('turn')}:*"),),
        "escalation executions": (arn("states", f"execution:{named('escalation')}:*"),),
        "timers": (arn("scheduler", f"schedule/{named('timers')}/*"),),
        "timer role": (f"arn:aws:iam::{place.config.account}:role/{place.timer_role}",),
        "root secret": (secret("root"),),
        "gateway secret": (secret("business-gateway"),),
        "origin secret": (secret(SECRET),) if place.config.waf else (),
        "sockets": (arn("execute-api", f"{socket}/{place.config.stage}/*/@connections/*"),),
        "mail identity": (arn("ses", f"identity/{place.config.mail_domain}"),) if place.config.mail_domain else (),
        "mail configuration": ((arn("ses", f"configuration-set/{named('mail')}"),) if place.config.mail_domain else ()),
        "tenants": (arn("dynamodb", f"table/{named('tenants')}"),),
    }


def policy(grants: Iterable[Grant], resources: dict[str, tuple[str, ...]]) -> iam.PolicyDocument:
    """One statement for each set of resources; a grant whose resources are not deployed is left out."""
    actions: dict[tuple[str, ...], set[str]] = {}
    for grant in grants:
        on = tuple(arn for name in grant.on for arn in resources[name])
        if on:
            actions.setdefault(on, set()).update(grant.actions)
    return iam.PolicyDocument(
        statements=[iam.PolicyStatement(actions=sorted(allowed), resources=list(on)) for on, allowed in actions.items()]
    )
