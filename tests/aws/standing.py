"""What stands in an account beside what moto's CloudFormation makes of a template."""

from __future__ import annotations

from typing import Any

from tests.aws.wiring import Stack, front_headers

Stacks = tuple[Stack, ...]


def make_aliases(functions: Any, stacks: Stacks) -> None:
    """The aliases by which functions are called, each on the newest version."""
    for stack in stacks:
        for name, alias in stack.of("AWS::Lambda::Alias"):
            function = stack.function_at(name, "FunctionName")
            functions.create_alias(FunctionName=function, Name=alias["Name"], FunctionVersion="$LATEST")


def make_senders(mail: Any, stacks: Stacks) -> None:
    """The senders that SES knows, and how it is told to send."""
    for stack in stacks:
        for _, identity in stack.of("AWS::SES::EmailIdentity"):
            mail.create_email_identity(EmailIdentity=identity["EmailIdentity"])
        for _, given in stack.of("AWS::SES::ConfigurationSet"):
            mail.create_configuration_set(ConfigurationSetName=given["Name"])


def make_secrets(keeper: Any, stacks: Stacks) -> dict[str, str]:
    """The secrets that a template generates; the headers by which a front shows one to what is behind it."""
    shown: dict[str, str] = {}
    for stack in stacks:
        for name, _ in stack.of("AWS::SecretsManager::Secret"):
            keeper.create_secret(Name=stack.told(name, "Name"), SecretString=f"generated for {name}")
        for header, secret in front_headers(stack):
            shown[header] = keeper.get_secret_value(SecretId=secret)["SecretString"]
    return shown
