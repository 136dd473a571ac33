"""`supportmax simulate`: thousands of seeded bad days, and the known bugs that they must catch."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

DEFAULT_SEEDS = 1_000


@click.command("simulate")
@click.option("--seeds", type=click.IntRange(1), default=DEFAULT_SEEDS, show_default=True, help="How many seeds.")
@click.option("--first", type=click.IntRange(0), default=0, help="The first seed.")
@click.option("--faults", default="", help="Only these faults, by name and separated by commas.")
@click.option("--mutant", default="", help="Play with this known bug; it must be caught.")
@click.option("--mutants", is_flag=True, help="Hunt every known bug for at most this many seeds.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def command(seeds: int, first: int, faults: str, mutant: str, mutants: bool, as_json: bool) -> None:
    """Play seeds on the simulated cloud; exit 1 on a violation, on a goal that no seed of many reached, or where a
    known bug survives.
    """
    from adapters.simulated.campaign import hunt_all

    names = _names(faults)
    bug = _mutant(mutant)
    played = range(first, first + seeds)
    if mutants:
        caught = {name: found[0] if found else None for name, found in hunt_all(played).items()}
        _print_hunt(caught, as_json)
        raise SystemExit(1 if None in caught.values() else 0)
    _campaign(played, names, bug, as_json)


def _campaign(seeds: range, faults: tuple[str, ...], mutant: Any, as_json: bool) -> None:
    from adapters.simulated.campaign import make_smaller, missing_goals, run_campaign, tell_story

    campaign = run_campaign(seeds, only=faults, mutant=mutant, see=_progress(len(seeds)))
    missing = missing_goals(campaign) if len(seeds) >= DEFAULT_SEEDS and not (faults or mutant) else []
    told = {
        "seeds": campaign.seeds,
        "violations": campaign.violations,
        "faults": dict(sorted(campaign.injected.items())),
        "sometimes": campaign.goals,
        "seeds_per_second": round(campaign.seeds_per_second, 1),
    }
    (_print_json if as_json else _print_campaign)(told)
    if campaign.failed:
        click.echo("\n".join(tell_story(make_smaller(campaign.failed[0], mutant=mutant))), err=True)
    _end(bool(campaign.failed), missing)


def _end(failed: bool, missing: list[str]) -> None:
    click.echo("".join(f"no seed reached: {goal}\n" for goal in missing), err=True, nl=False)
    raise SystemExit(1 if failed or missing else 0)


def _names(faults: str) -> tuple[str, ...]:
    from adapters.simulated.faults import BY_NAME

    names = tuple(name.strip() for name in faults.split(",") if name.strip())
    unknown = [name for name in names if name not in BY_NAME]
    if unknown:
        raise click.BadParameter(f"unknown: {', '.join(unknown)}; known: {', '.join(BY_NAME)}", param_hint="--faults")
    return names


def _mutant(name: str) -> Any:
    from adapters.simulated.mutants import BY_NAME

    if name and name not in BY_NAME:
        raise click.BadParameter(f"unknown: {name}; known: {', '.join(BY_NAME)}", param_hint="--mutant")
    return BY_NAME.get(name)


def _progress(seeds: int) -> Any:
    """Says on a terminal's standard error how far it is, every hundred seeds."""
    done = 0

    def see(_: Any) -> None:
        nonlocal done
        done += 1
        if done % 100 == 0 and sys.stderr.isatty():
            click.echo(f"\r{done} of {seeds} seeds", err=True, nl=False)

    return see


def _print_json(told: dict[str, Any]) -> None:
    click.echo(json.dumps(told))


def _print_campaign(told: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table("fault", "injected", title=f"{told['seeds']} seeds, {told['violations']} violations")
    for name, times in told["faults"].items():
        table.add_row(name, str(times))
    console.print(table)
    goals = Table("sometimes", "reached", title=f"{told['seeds_per_second']} seeds a CPU second")
    for name, times in told["sometimes"].items():
        goals.add_row(name, str(times))
    console.print(goals)


def _print_hunt(caught: dict[str, int | None], as_json: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    from adapters.simulated.mutants import BY_NAME

    if as_json:
        click.echo(json.dumps({"mutants": [{"name": name, "caught_at": at} for name, at in caught.items()]}))
        return
    table = Table("mutant", "what is wrong", "caught after seeds")
    for name, at in caught.items():
        table.add_row(name, BY_NAME[name].says, "survived" if at is None else str(at))
    Console().print(table)
