"""`supportmax effects`: the effect ledger of a data folder, also while another process writes to it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from adapters.local.cli.data_folder import data_option
from adapters.local.clock import SystemClock
from adapters.local.records import LocalRecords
from adapters.local.store import open_store
from shared.effects.effect import APPROVED, COMMITTED, EXECUTING, PROPOSED, REJECTED, UNKNOWN, Effect
from shared.effects.ledger import list_effects
from shared.errors import Misconfigured, PortError
from shared.settings import read_settings

STATES = (PROPOSED, APPROVED, EXECUTING, UNKNOWN, COMMITTED, REJECTED)
TOLD = ("id", "state", "tool", "amount_minor", "currency", "customer", "conversation", "turn", "payment", "reason")


@click.command("effects")
@data_option("Data folder; it is only read.")
@click.option("--state", type=click.Choice(STATES, case_sensitive=False), help="Only the effects in this state.")
@click.option("--tenant", default="", help="Whose effects; else those of SUPPORTMAX_TENANT.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array, for programs.")
def command(data: Path, state: str | None, tenant: str, as_json: bool) -> None:
    """List the effects: state, tool, amount, customer, conversation, age."""
    try:
        effects = read_effects(data, tenant or read_settings().tenant)
    except (Misconfigured, PortError) as error:
        raise click.ClickException(str(error)) from error
    wanted = [each for each in effects if state is None or each.state == state]
    told = [describe(each, SystemClock().now()) for each in sorted(wanted, key=lambda each: (each.made, each.id))]
    if as_json:
        click.echo(json.dumps(told))
    else:
        print_table(told)


def read_effects(data: Path, tenant: str) -> list[Effect]:
    """A tenant's effects as of the last commit; raises Misconfigured where the folder holds no data."""
    store = open_store(data, read_only=True)
    try:
        return list_effects(LocalRecords(store, SystemClock()), tenant)
    finally:
        store.close()


def describe(effect: Effect, now: int) -> dict[str, Any]:
    """An effect as programs read it; `age_seconds` since it was proposed."""
    told = {name: getattr(effect, name) for name in TOLD}
    made = datetime.fromtimestamp(effect.made / 1000, UTC).isoformat(timespec="seconds")
    return told | {"made": made, "age_seconds": max(0, (now - effect.made) // 1000), "attempts": effect.attempts}


def print_table(told: Sequence[dict[str, Any]]) -> None:
    """The effects for people."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{len(told)} effects")
    table.add_column("effect", no_wrap=True)  # what other commands ask for is never cut
    for column in ("state", "tool", "amount", "customer", "conversation", "age"):
        table.add_column(column, overflow="fold")
    for each in told:
        amount = f"{each['amount_minor'] / 100:.2f} {each['currency']}" if each["currency"] else ""
        age = say_age(each["age_seconds"])
        table.add_row(each["id"], each["state"], each["tool"], amount, each["customer"], each["conversation"], age)
    Console().print(table)


def say_age(seconds: int) -> str:
    """An age in its largest whole unit."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
