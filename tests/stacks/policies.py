"""What each role of a template allows, wherever it is written: inline, in a policy beside it, in a managed one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.stacks.templates import Template, of_type


@dataclass(frozen=True)
class Allowed:
    """One action on one resource, which is its text or what CloudFormation will put there as JSON."""

    action: str
    resource: str


def roles(template: Template) -> dict[str, frozenset[Allowed]]:
    """Everything that each role allows, by the role's logical id; a managed policy of AWS allows `managed:<its ARN>`."""
    found = {name: set(_inline(role)) for name, role in of_type(template, "AWS::IAM::Role").items()}
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for policy in of_type(template, kind).values():
            for role in policy.get("Roles", ()):
                found[role["Ref"]] |= set(_statements(policy["PolicyDocument"]))
    return {name: frozenset(allowed) for name, allowed in found.items()}


def _inline(role: dict[str, Any]) -> Iterator[Allowed]:
    for policy in role.get("Policies", ()):
        yield from _statements(policy["PolicyDocument"])
    for arn in role.get("ManagedPolicyArns", ()):
        yield Allowed(f"managed:{text(arn)}", "*")


def _statements(document: dict[str, Any]) -> Iterator[Allowed]:
    for statement in document["Statement"]:
        assert statement["Effect"] == "Allow"
        assert not {"NotAction", "NotResource"} & set(statement)
        for action in _list(statement["Action"]):
            for resource in _list(statement["Resource"]):
                yield Allowed(action, text(resource))


def text(value: Any) -> str:
    """A resource as text; what CloudFormation puts in stands as JSON without wildcards."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        between, parts = value["Fn::Join"]
        return str(between).join(map(text, parts))
    return json.dumps(value)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
