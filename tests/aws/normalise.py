"""Makes of a synthesised template one that moto's CloudFormation deploys, and keeps what it cannot.

What moto does not make is dropped; where others name it, they are given a name. What wires things together is asked
for as outputs, so that CloudFormation itself resolves it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Json = Any
Resource = dict[str, Any]

MADE = {
    "AWS::DynamoDB::Table": ("TableName", "AttributeDefinitions", "KeySchema", "BillingMode", "StreamSpecification"),
    "AWS::Events::EventBus": ("Name",),
    "AWS::Events::Rule": ("Name", "EventBusName", "EventPattern", "Targets"),
    "AWS::IAM::Role": ("RoleName", "AssumeRolePolicyDocument", "Policies"),
    "AWS::Lambda::Function": ("FunctionName", "Environment", "Handler", "Role", "Runtime", "Timeout", "MemorySize", "Code"),
    "AWS::S3::Bucket": ("BucketName", "VersioningConfiguration"),
    "AWS::SQS::Queue": ("QueueName", "RedrivePolicy", "VisibilityTimeout", "MessageRetentionPeriod"),
    "AWS::StepFunctions::StateMachine": ("StateMachineName", "DefinitionString", "RoleArn"),
}  # fmt: skip
# What the cloud runs itself, and the properties that it needs resolved, by their path.
WIRES: dict[str, tuple[str, ...]] = {
    "AWS::Lambda::Alias": ("FunctionName", "Name"),
    "AWS::Lambda::EventSourceMapping": ("EventSourceArn", "FunctionName"),
    "AWS::ApiGatewayV2::Integration": ("IntegrationUri",),
    "AWS::Scheduler::Schedule": ("Target.Arn",),
    "AWS::SecretsManager::Secret": ("Name",),
    "AWS::S3::Bucket": ("NotificationConfiguration.LambdaConfigurations.0.Function",),
}
ALIAS = "AWS::Lambda::Alias"
# A table that is replicated is a table of one region here.
SAME: dict[str, str] = {"AWS::DynamoDB::GlobalTable": "AWS::DynamoDB::Table"}
NO_CODE = {"ZipFile": "nothing"}


def normalise(template: Mapping[str, Any]) -> dict[str, Any]:
    """The template for moto; each wire's property is the output `<logical id><path without dots>`."""
    resources: dict[str, Resource] = template["Resources"]
    rename = _Names(resources).rename
    made = {name: _shape(each) for name, each in resources.items() if _is_made(each, resources)}
    outputs = {**template.get("Outputs", {}), **_wires(resources)}
    return {"Resources": rename(made), "Outputs": rename(outputs)}


def kind_of(resource: Resource) -> str:
    """Its type, as moto has it."""
    kind = str(resource["Type"])
    return SAME.get(kind, kind)


def at(properties: Json, path: str) -> Json:
    """What stands at a path like `Target.Arn` or `Listeners.0.Function`, None where nothing does."""
    for part in path.split("."):
        try:
            properties = properties[int(part) if part.isdecimal() else part]
        except LookupError:
            return None
    return properties


def _is_made(resource: Resource, resources: Mapping[str, Resource]) -> bool:
    """Whether moto makes it; not a rule that tells something else than functions, which moto cannot."""
    told = (at(target, "Arn.Ref") for target in resource.get("Properties", {}).get("Targets", ()))
    return kind_of(resource) in MADE and all(kind_of(resources[name]) == ALIAS for name in told)


def _shape(resource: Resource) -> Resource:
    kind = kind_of(resource)
    given = resource.get("Properties", {})
    kept = {name: given[name] for name in MADE[kind] if name in given}
    return {"Type": kind, "Properties": kept | ({"Code": NO_CODE} if "Code" in kept else {})}


def _wires(resources: Mapping[str, Resource]) -> dict[str, Any]:
    return {
        f"{name}{path.replace('.', '')}": {"Value": found}
        for name, each in resources.items()
        for path in WIRES.get(str(each["Type"]), ())
        if (found := at(each.get("Properties", {}), path)) is not None
    }


class _Names:
    """What stands for a reference that moto would answer wrongly, or not at all."""

    def __init__(self, resources: Mapping[str, Resource]) -> None:
        self._resources = resources
        self._refs: dict[str, Callable[[str, Resource], Json]] = {
            ALIAS: _alias_arn,
            "AWS::Events::EventBus": lambda _, bus: bus["Name"],
        }

    def rename(self, value: Json) -> Json:
        """The value with every such reference replaced."""
        if isinstance(value, list):
            return [self.rename(each) for each in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and (named := self._named(value)) in self._resources:
            return self._replace(value, named)
        return {key: self.rename(each) for key, each in value.items()}

    def _named(self, value: Mapping[str, Any]) -> str:
        found = value.get("Ref") or value.get("Fn::GetAtt") or ""
        return str(found[0] if isinstance(found, list) else found)

    def _replace(self, value: Json, named: str) -> Json:
        resource = self._resources[named]
        kind = kind_of(resource)
        if "Ref" in value and kind in self._refs:
            return self._refs[kind](named, resource["Properties"])
        return value if kind in MADE else named


def _alias_arn(_: str, alias: Resource) -> Json:
    """The ARN of the alias, by way of its function."""
    return {"Fn::Join": [":", [{"Fn::GetAtt": [alias["FunctionName"]["Ref"], "Arn"]}, alias["Name"]]]}
