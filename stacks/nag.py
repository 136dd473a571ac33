"""What the AwsSolutions rules say and we do otherwise: each by its id, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aws_cdk import Acknowledgment, App, Stack, Validations
from cdk_nag import AwsSolutionsChecks
from constructs import Construct

PACK = "AwsSolutions"

OPERATORS = {
    "COG8": "the plus tier costs per operator; whoever wants it sets it in the pool, no template of ours depends on it",
}
FUNCTIONS = {
    "L1": "the packages hold byte code for Python 3.11; another runtime would compile it at each cold start",
}
MESSAGING = {
    "SQS3": "the queue of failures is what the others' failures go to",
}
WORKFLOW = {
    "IAM5[Resource::*]": "delivering logs and traces of a state machine knows no resource",
    "SF1": "every event would hold what customers write; errors are logged, without execution data",
    "SF2": "a trace of an Express turn costs four times the turn's execution; one correlation id joins its logs",
}
API = {
    "APIG4": "the function asks for a key or a signature itself; only people's routes have an authorizer before it",
}
SOCKET = {
    "APIG1": "a WebSocket API logs access only through a role that all APIs of the account share; its function logs",
    "APIG4": "the function asks for a credential in the first message, which no authorizer reads",
}
FRONT = {
    "CFR1": "customers write from every country",
    "CFR4": "CloudFront's own certificate sets the oldest TLS; a company's domain brings its certificate and policy",
    "SMG4": "both sides take the secret at a deployment; the function accepts the version before, so it is put by hand",
}
PAGES = {
    "CFR1": "customers read from every country",
    "CFR2": "the pages are files without a form or a session; what they call stands behind the API's rules",
    "CFR4": "CloudFront's own certificate sets the oldest TLS; a company's domain brings its certificate and policy",
}
TABLES = (OPERATORS, FUNCTIONS, MESSAGING, WORKFLOW, API, SOCKET, FRONT, PAGES)


def check(app: App) -> None:
    """Hold the whole app to the pack: a finding that nobody acknowledged fails the synthesis."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))


def acknowledge(scope: Construct, reasons: Mapping[str, str]) -> None:
    """Acknowledge rules for everything within `scope`, by the rule's short id (`SQS3`)."""
    rules = [Acknowledgment(id=f"{PACK}-{rule}", reason=reason) for rule, reason in reasons.items()]
    Validations.of(scope).acknowledge(*rules)


def acknowledge_wildcards(scope: Construct, arns: Iterable[str], reason: str) -> None:
    """Acknowledge that roles within `scope` are allowed resources that end in a wildcard."""
    acknowledge(scope, {f"IAM5[Resource::{_flat(Stack.of(scope).resolve(arn))}]": reason for arn in arns})


def _flat(value: Any) -> str:
    """A resolved ARN as the rule writes it in its id."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        between, parts = value["Fn::Join"]
        return str(between).join(map(_flat, parts))
    if "Fn::ImportValue" in value:
        return _flat(value["Fn::ImportValue"])
    return f"<{value['Ref']}>"
