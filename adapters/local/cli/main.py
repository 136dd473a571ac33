"""`supportmax`: one table of commands, each loaded only when it is called."""

from __future__ import annotations

from importlib import import_module

import click

# name -> (module, one line of help); the module's `command` is a click command
COMMANDS = {
    "demo": ("adapters.local.cli.demo", "Play the sample stories through the whole platform."),
    "run": ("adapters.local.cli.run", "Run messages through the whole platform, one outcome a line."),
    "serve": ("adapters.local.cli.serve", "Serve the API, the WebSocket and a page on this machine."),
    "sandbox": ("adapters.local.cli.sandbox", "Serve the sandbox company's systems as a gateway on this machine."),
    "webhook": ("adapters.local.cli.webhook", "Make a signing secret for a source of webhooks."),
    "understand": ("adapters.local.cli.understand", "Say what each text wants: intent, priority, mood, entities."),
    "guard": ("adapters.local.cli.guard", "Find injections and personal data, and mask it."),
    "search": ("adapters.local.cli.search", "Answer queries from a file of articles."),
    "email": ("adapters.local.cli.email", "Read raw mails: what was written now, without quotes and footers."),
    "similar": ("adapters.local.cli.similar", "Say how alike two texts are."),
    "workflow": ("adapters.local.cli.workflow", "Print a workflow as States Language or as a picture."),
    "tools": ("adapters.local.cli.tools", "List what agents can do, and which agent may do it."),
    "playbooks": ("adapters.local.cli.playbooks", "Check playbooks: tools, slots, references, replies."),
    "train": ("adapters.local.cli.train", "Train the intent classifier from labelled utterances."),
    "articles": ("adapters.local.cli.articles", "Import a company's articles from a file or a folder."),
    "effects": ("adapters.local.cli.effects", "List the effects of a data folder: state, amount, customer, age."),
    "simulate": ("adapters.local.cli.simulate", "Play thousands of seeded bad days; hunt known bugs."),
    "failover": ("adapters.local.cli.failover", "Move a tenant's home, and reopen its money there once reconciled."),
    "tenant": ("adapters.local.cli.tenant", "Add tenants to a deployed stage, make API keys for them, list them."),
    "cost": ("adapters.local.cli.cost", "Say what 1,000 tickets and a month of standing still cost in a cloud."),
    "package": ("adapters.local.cli.package", "Pack the functions for a cloud, each with what it can reach."),
    "invoke": ("adapters.local.cli.invoke", "Call one handler with a stored event, here or on an account in memory."),
    "doctor": ("adapters.local.cli.doctor", "Check whether this machine can run the platform, and what to mend."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module only to run it or to show its own help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup)
def main() -> None:
    """SupportMax Pro: customer support that acts under rules, on this machine or in your cloud."""
