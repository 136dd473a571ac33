"""`supportmax failover`: move a tenant's home, and let its money move again once it is reconciled there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import click

from adapters.local.cli.data_folder import data_option
from adapters.local.entry import Entry
from shared.effects.epoch import REOPEN_AFTER_MS
from shared.errors import Misconfigured, PortError, Refused
from shared.ports.tenants import Tenants, check_region, check_tenant
from shared.settings import STAGES, read_settings

CLOUDS = {"aws": "adapters.aws.failover"}
MOVED = "Money stands still. Restore or copy the ledger to the new home, then: supportmax failover {tenant} --reopen"
REOPENED = "Money may move again."
CLOSED = "Still closed: settle what is listed, or say --paid or --absent of it with --operator, then ask again."


class Homes(Protocol):
    """What a failover needs of a deployment: its directory and its handlers, region by region."""

    def tenants(self, region: str) -> Tenants: ...

    def call(self, region: str, handler: str, payload: dict[str, Any]) -> Any: ...


class LocalHomes:
    """A data folder, which is one region."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry

    def tenants(self, region: str) -> Tenants:
        return self._entry.provider.tenants

    def call(self, region: str, handler: str, payload: dict[str, Any]) -> Any:
        """Call a handler here; raises Misconfigured for another region, which no data folder is."""
        here = self._entry.provider.tenants.here
        if region != here:
            raise Misconfigured(f"{region} cannot be reached from a data folder: name --cloud, or say --lost")
        return self._entry.call(handler, payload)


@click.command("failover")
@click.argument("tenant")
@click.option("--to", metavar="REGION", help="Move the home there, also where it is already: after a restore.")
@click.option("--lost", is_flag=True, help="The old home cannot be reached: do not drain it first.")
@click.option("--reopen", is_flag=True, help="Reconcile the new home's ledger and let money move.")
@click.option("--last", type=int, default=0, help="The epoch that the ledger must have, if not the one before.")
@click.option("--empty", is_flag=True, help="Vouch for a ledger that never had a row.")
@click.option("--operator", default="", metavar="ID", help="Who says --paid and --absent.")
@click.option("--paid", multiple=True, metavar="EFFECT", help="Its system's own books say that it was done.")
@click.option("--absent", multiple=True, metavar="EFFECT", help="Its system's own books say that it was not.")
@data_option("Data folder of the only region; nothing else may be using it.")
@click.option("--cloud", type=click.Choice(sorted(CLOUDS)), help="A deployment instead of a data folder.")
@click.option("--stage", type=click.Choice([each for each in STAGES if each != "local"]), help="Which deployment.")
@click.option("--region", metavar="R", help="A region that can be reached; with --to, that one.")
def command(
    tenant: str, to: str | None, lost: bool, reopen: bool, data: Path, cloud: str | None, stage: str | None,
    region: str | None, **told: Any,
) -> None:  # fmt: skip
    """Move TENANT's home with --to, or let its money move there with --reopen; one JSON line says what was done."""
    check_options(to, reopen, cloud, stage, region)
    with explained(), open_homes(data, cloud, stage) as homes:
        check_names(tenant, to or region)
        if to:
            click.echo(json.dumps(move(homes, tenant, to, lost=lost)))
            click.echo(MOVED.format(tenant=tenant), err=True)
            return
        answer = let_money_move(homes, tenant, region or "", told)
    click.echo(json.dumps(answer))
    click.echo(REOPENED if answer["opened"] else CLOSED, err=True)
    raise SystemExit(0 if answer["opened"] else 1)


def check_options(to: str | None, reopen: bool, cloud: str | None, stage: str | None, region: str | None) -> None:
    """Raises UsageError where the options do not say what to do, or where."""
    if bool(to) == reopen:
        raise click.UsageError("say either --to REGION or --reopen")
    if cloud and not (stage and (to or region)):
        raise click.UsageError("a deployment needs --stage, and --region where nothing moves")


def check_names(tenant: str, region: str | None) -> None:
    """Raises InvalidInput for what can be no tenant or no region, before anybody is asked of it."""
    check_tenant(tenant)
    if region:
        check_region(region)


@contextmanager
def explained() -> Iterator[None]:
    """A refusal becomes the command's error."""
    try:
        yield
    except Refused as refusal:
        raise click.ClickException(json.dumps(refusal.body(), ensure_ascii=False)) from refusal
    except (Misconfigured, PortError) as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def open_homes(data: Path, cloud: str | None, stage: str | None) -> Iterator[Homes]:
    """A deployment, or the data folder as its one writer."""
    if cloud:
        yield import_module(CLOUDS[cloud]).open_homes(stage)
        return
    if not data.is_dir():
        raise Misconfigured(f"{data} is no data folder")
    entry = Entry(data, read_settings())
    try:
        yield LocalHomes(entry)
    finally:
        entry.close()


def move(homes: Homes, tenant: str, to: str, *, lost: bool) -> dict[str, Any]:
    """Drain the old home, unless it is lost, then name the new one."""
    tenants = homes.tenants(to)
    old = tenants.home(tenant)
    drained = None if lost else homes.call(old.region, "effects.drain", {"tenant": tenant})
    home = tenants.move(tenant, to)
    return {"home": asdict(home), "drained": drained, "reopen_after": home.since + REOPEN_AFTER_MS}


def let_money_move(homes: Homes, tenant: str, region: str, told: dict[str, Any]) -> dict[str, Any]:
    """Reopen the ledger where the tenant is at home, as `region` knows it."""
    home = homes.tenants(region).home(tenant)
    answer: dict[str, Any] = homes.call(home.region, "effects.reopen", {"tenant": tenant} | told)
    return answer
