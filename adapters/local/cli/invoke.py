"""`supportmax invoke`: one handler called with one stored event, here or on an account in memory."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import click

from adapters.local.clock import SystemClock
from shared.access.strict_json import read_json
from shared.errors import InvalidInput, Misconfigured, Refused, SupportMaxError
from shared.manifest import FUNCTIONS
from shared.settings import read_settings


@click.command("invoke")
@click.argument("handler")
@click.option("--event", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True, help="Its event.")
@click.option("--cloud", type=click.Choice(["local", "aws"]), default="local", show_default=True)
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder; else a temporary one.")
def command(handler: str, event: Path, cloud: str, data: Path | None) -> None:
    """Call HANDLER (`role.file`) with an event from events/samples, and print what it answers as JSON."""
    with tempfile.TemporaryDirectory(prefix="supportmax-") as temporary:
        try:
            answer = CLOUDS[cloud](host_of(handler), handler, event, data or Path(temporary))
        except Refused as refusal:
            told = json.dumps(refusal.body(), ensure_ascii=False)
            raise click.ClickException(f"{type(refusal).__name__}: {refusal}\n{told}") from refusal
        except SupportMaxError as error:
            raise click.ClickException(f"{type(error).__name__}: {error}") from error
    click.echo(json.dumps(answer, indent=2))


def host_of(handler: str) -> str:
    """The deployed function that hosts a handler; raises InvalidInput."""
    found = next((each.name for each in FUNCTIONS if handler in (one.name for one in each.handlers)), "")
    if not found:
        raise InvalidInput(f"no handler {handler}", field="handler", limit="a row of the manifest", action="check it")
    return found


def call_here(_: str, handler: str, event: Path, data: Path) -> Any:
    """The payload itself, on a data folder; a document that it names lies beside it."""
    from adapters.local.entry import Entry

    task = read_event(event)
    entry = Entry(data, read_settings())
    try:
        if isinstance(task, dict) and task.get("document"):
            entry.provider.documents.put(task["document"], (event.parent / task["document"]).read_bytes())
        return entry.call(handler, task)
    finally:
        entry.close()


def call_on_aws(function: str, _: str, event: Path, data: Path) -> Any:
    """The envelope that AWS sends, on an account in memory; a mail that it tells of lies beside it as `.eml`."""
    from adapters.aws.rehearsal import furnish, open_account

    told, mail, tenant = read_event(event), event.with_suffix(".eml"), read_settings().tenant
    with redirect_stdout(sys.stderr), open_account(data, SystemClock(), tenant) as account:  # logs are no answer
        furnish(account, tenant, told, mail.read_bytes() if mail.exists() else b"")
        return account.open(function).answer(told, None)


def read_event(path: Path) -> Any:
    try:
        return read_json(path.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise InvalidInput("not UTF-8", field="event", limit="JSON in UTF-8", action="save it as UTF-8") from error
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read: {error.strerror}") from error


CLOUDS: dict[str, Callable[[str, str, Path, Path], Any]] = {"local": call_here, "aws": call_on_aws}
