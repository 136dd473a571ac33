"""`supportmax tools`: what agents can do, and which agent may do it."""

from __future__ import annotations

import json
from typing import Any

import click

from shared.tools.catalog import TOOLS, tools_of
from shared.tools.tool import Tool


@click.command("tools")
@click.option("--agent", help="Only the tools that this agent may be given.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array, for programs.")
def command(agent: str | None, as_json: bool) -> None:
    """List the tools: name, family, effect, agents, aliases."""
    tools = tuple(TOOLS.values()) if agent is None else tools_of(agent)
    if agent is not None and not tools:
        known = sorted({name for tool in TOOLS.values() for name in tool.agents})
        raise click.BadParameter(f"no agent called {agent}; there are {', '.join(known)}", param_hint="--agent")
    if as_json:
        click.echo(json.dumps([describe(tool) for tool in tools]))
    else:
        print_table(tools)


def describe(tool: Tool) -> dict[str, Any]:
    """A tool as programs read it."""
    return {
        "name": tool.name,
        "family": tool.family,
        "effect": tool.effect,
        "agents": list(tool.agents),
        "aliases": list(tool.aliases),
    }


def print_table(tools: tuple[Tool, ...]) -> None:
    """The tools for people."""
    from rich.console import Console
    from rich.table import Table

    table = Table("tool", "family", "effect", "what it does", "agents", title="Tools")
    for tool in tools:
        table.add_row(tool.name, tool.family, tool.effect, tool.description, ", ".join(tool.agents))
    Console().print(table)
