"""`supportmax tenant`: the tenants of a deployed stage, for an administrator with rights of their own there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from typing import Any

import click

from shared.agents.staffing import find_operator
from shared.company.company import Company
from shared.errors import Misconfigured, PortError, Refused
from shared.settings import STAGES, read_settings

CLOUDS = {"aws": "adapters.aws.administration"}
PERSON = re.compile(r"([a-z0-9_-]{1,64})=([^@\s=]+@[^@\s=]+)", re.ASCII)
SHOWN_ONCE = "This key is shown once; only its hash is kept."


def at_a_stage(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say where: stage, region and cloud."""
    deployed = click.Choice([stage for stage in STAGES if stage != "local"])
    options = (
        click.option("--stage", type=deployed, required=True, help="Which deployment."),
        click.option("--region", required=True, metavar="R", help="The region, which is the tenants' home."),
        click.option("--cloud", type=click.Choice(sorted(CLOUDS)), default="aws", show_default=True),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group("tenant")
def command() -> None:
    """Add tenants to a deployed stage, make API keys for them, list them."""


@command.command("add")
@click.argument("name")
@at_a_stage
@click.option("--person", default="", metavar="ID=MAIL", help="Invite the tenant's first operator, a supervisor.")
def add(name: str, stage: str, region: str, cloud: str, person: str) -> None:
    """Publish the shipped articles for NAME, make its roles and one API key, and enter it in the directory."""
    operator, mail = read_person(person) if person else ("", "")
    told = asdict(administer(cloud, stage, region, lambda there: there.add(name, operator, mail)))
    click.echo(json.dumps(told))
    click.echo(SHOWN_ONCE, err=True)


@command.command("key")
@click.argument("name")
@at_a_stage
@click.option("--for", "purpose", default="key", help="What the key is called in lists.")
def key(name: str, stage: str, region: str, cloud: str, purpose: str) -> None:
    """Make another API key for NAME; the ones before stay valid until they expire."""
    made = administer(cloud, stage, region, lambda there: there.make_key(name, purpose))
    click.echo(json.dumps({"tenant": name, "key": made}))
    click.echo(SHOWN_ONCE, err=True)


@command.command("list")
@at_a_stage
def list_(stage: str, region: str, cloud: str) -> None:
    """One line a tenant whose home the region is: tenant, region, epoch, since."""
    for home in administer(cloud, stage, region, lambda there: there.homes()):
        click.echo(json.dumps(asdict(home)))


def read_person(told: str) -> tuple[str, str]:
    """An operator's id and mail address; raises BadParameter."""
    found = PERSON.fullmatch(told)
    if found is None:
        raise click.BadParameter("an operator's id and mail address, like ada=ada@example.com", param_hint="--person")
    staff = Company(read_settings().company).staff
    if find_operator(staff, found[1]) is None:
        known = ", ".join(each.id for each in staff.operators)
        raise click.BadParameter(
            f"{found[1]} is not on the staff ({known}): add them to the company's operators.toml", param_hint="--person"
        )
    return found[1], found[2]


def administer(cloud: str, stage: str, region: str, act: Callable[[Any], Any]) -> Any:
    """What an act at a deployed stage gives; a refusal becomes the command's error."""
    try:
        return act(import_module(CLOUDS[cloud]).DeployedStage(stage, region))
    except Refused as refusal:
        raise click.ClickException(json.dumps(refusal.body(), ensure_ascii=False)) from refusal
    except (Misconfigured, PortError) as error:
        raise click.ClickException(str(error)) from error
