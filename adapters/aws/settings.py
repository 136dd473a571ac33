"""What a function is told by its environment: typed, and only what the ports need that it takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.settings import read_names, read_settings


@dataclass(frozen=True, slots=True)
class AwsSettings:
    """One text a name; each is read from SUPPORTMAX_<NAME IN CAPITALS>, "" where no port asked for it."""

    stage: str
    region: str
    function: str = ""
    tenant: str = "demo"
    records_table: str = ""
    ledger_table: str = ""
    directory_table: str = ""
    documents_bucket: str = ""
    turns_queue: str = ""
    turns_dead_queue: str = ""
    event_bus: str = ""
    turn_machine: str = ""
    escalation_machine: str = ""
    turns: str = ""
    timer_group: str = ""
    timer_target: str = ""
    timer_role: str = ""
    secrets_prefix: str = ""
    socket_url: str = ""
    mail_from: str = ""
    mail_configuration: str = ""
    business_url: str = ""
    origin_secret: str = ""


NEEDED: dict[str, tuple[str, ...]] = {
    "records": ("records_table", "ledger_table"),
    "documents": ("documents_bucket",),
    "queue": ("turns_queue", "turns_dead_queue"),
    "events": ("event_bus",),
    "workflows": ("turn_machine", "escalation_machine", "turns"),
    "timers": ("timer_group", "timer_target", "timer_role"),
    "secrets": ("secrets_prefix", "records_table", "ledger_table"),
    "connections": ("records_table", "socket_url"),
    "channels": ("mail_from", "mail_configuration"),
    "business_systems": ("secrets_prefix",),  # business_url may be absent: then every system is Unsupported
    "tenants": ("directory_table",),
    "telemetry": (),
    "clock": (),
    "ids": (),
}
PACKED_COMPANY = "company"  # the folder of a package that `supportmax package aws --company` fills
ALWAYS = ("stage", "region")
OPTIONAL = ("function", "tenant", "business_url", "origin_secret")
AWS_REGION = "AWS_REGION"  # set by Lambda itself


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"SUPPORTMAX_{name.upper()}"


def read_aws_settings(ports: Iterable[str], environment: Mapping[str, str] | None = None) -> AwsSettings:
    """Settings for a function with these ports; raises Misconfigured listing every variable that is missing."""
    aws_region = read_names((), (AWS_REGION,), environment)[AWS_REGION]
    optional = {*OPTIONAL, "region"} if aws_region else {*OPTIONAL}
    needed = {*ALWAYS}.union(*(NEEDED[port] for port in ports)) - optional
    found = read_names(map(variable, sorted(needed)), map(variable, sorted(optional)), environment)
    given = {name: found[variable(name)] for name in needed | optional if found[variable(name)]}
    return AwsSettings(**{"region": aws_region, **given})


def company_folder(environment: Mapping[str, str] | None = None) -> Path | None:
    """The company's own data: where the environment says, or in the package, or None for the shipped ones."""
    packed = Path(__file__).parents[2] / PACKED_COMPANY
    return read_settings(environment).company or (packed if packed.is_dir() else None)
