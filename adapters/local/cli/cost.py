"""`supportmax cost`: what the platform costs in a cloud, from counted operations and dated list prices."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import click

from shared.errors import Misconfigured

CLOUDS = {"aws": "adapters.aws.cost"}
KINDS = {"auto_resolved": "by itself", "escalated": "by operator", "blended": "one in ten escalated"}
BESIDE = {
    "e_mail": "by e-mail instead of chat",
    "api": "by API instead of chat: written, and read once",
    "open_chat": "a chat page opened for it, for five minutes",
    "replica": "one further region, were rows replicated there (they are not)",
    "standard_turns": "turns as Standard workflows (dev and staging)",
}
Rows = list[tuple[str, ...]]
PARTS = {
    "tickets": "tickets, by chat",
    "e_mail": "what half of them by e-mail adds",
    "kept": "rows of a year, and their backup",
    "metrics": "metrics of the platform's own",
    "standing": "idle",
}


@click.command("cost")
@click.option("--tickets-per-day", type=click.IntRange(min=0), metavar="N", help="Print a month's bill for N a day.")
@click.option("--cloud", type=click.Choice(sorted(CLOUDS)), default="aws", show_default=True, help="Where it runs.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def command(tickets_per_day: int | None, cloud: str, as_json: bool) -> None:
    """Print what 1,000 tickets and a month of standing still cost, by service, at list prices."""
    try:
        told = import_module(CLOUDS[cloud]).report(tickets_per_day)
    except Misconfigured as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(told))
    else:
        print_tables(told)


def print_tables(told: Mapping[str, Any]) -> None:
    """The figures for people."""
    from rich.console import Console
    from rich.table import Table

    console = Console(width=80, highlight=False)
    for title, columns, rows in tables(told):
        table = Table(*columns)
        for column in table.columns[1:]:
            column.justify = "right"
        for row in rows:
            table.add_row(*row)
        console.print(title, table, sep="\n")
    console.print("\n".join(footnotes(told)))


def tables(told: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...], Rows]]:
    """(title, columns, rows) of each table."""
    where = f"{told['cloud']} {told['region']}, list prices of {told['prices_dated']}"
    yield f"$ for 1,000 tickets resolved ({where})", ("service", *KINDS.values()), by_service(told)
    yield "Beside it, $ for 1,000 tickets", ("line", "$"), beside(told)
    for stage, items in told["idle_items"].items():
        goal = f", goal ≤ {told['goals']['idle_dev']:.2f}" if stage == "dev" else ""
        rows: Rows = [(each["unit"], f"{each['amount']:,.0f}", f"{each['usd']:.4f}") for each in items]
        total = ("in all", "", f"{told['idle_month'][stage]:.4f}")
        yield f"$ a month of {stage} while nobody writes{goal}", ("what", "how many", "$"), [*rows, total]
    if "bill_month" in told:
        bill = told["bill_month"]
        parts: Rows = [(label, f"{bill['parts'][name]:.2f}") for name, label in PARTS.items()]
        title = f"$ a month of prod at {bill['tickets_per_day']:,} tickets a day"
        yield title, ("part", "$"), [*parts, ("in all", f"{bill['total']:.2f}")]


def by_service(told: Mapping[str, Any]) -> Rows:
    """A row a service, then the sums with their goals."""
    goals = told["goals"]
    sums = {"in all, warm": told["per_1000"], "in all, every start cold": told["per_1000_cold"]}
    bars = ("goal", *(f"≤ {goals[kind]:.4f}" if kind in goals else "" for kind in KINDS))
    rows = {**told["by_service"], **sums}
    return [*((name, *(f"{row[kind]:.4f}" for kind in KINDS)) for name, row in rows.items()), bars]


def beside(told: Mapping[str, Any]) -> Rows:
    models = [
        (f"{name} for every ticket (assumed tokens)", f"{usd:.4f}") for name, usd in told["model_per_1000"].items()
    ]
    return [*((label, f"{told['beside_per_1000'][name]:+.4f}") for name, label in BESIDE.items()), *models]


def footnotes(told: Mapping[str, Any]) -> Iterator[str]:
    yield f"Operations were counted on {told['operations_measured']}; how long functions run is modelled."
    yield f"Not verified: the prices of {', '.join(told['unverified'])}."
    yield "Each price's day and publisher: `supportmax cost --json`, key `sources`."
