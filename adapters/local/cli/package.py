"""`supportmax package`: what is deployed, as archives that a cloud takes."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from adapters.aws.package import BUDGET, MB, Built, add_company, build, check_company, collect, install, write_manifest
from shared.errors import Misconfigured
from shared.manifest import FUNCTIONS, Function

SOURCE = Path(__file__).resolve().parents[3]


@click.group("package")
def command() -> None:
    """Pack every function with what it can reach, and nothing else."""


@command.command("aws", short_help="Lambda zips for arm64, and a manifest of them.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("build/aws"), show_default=True)
@click.option("--company", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Its own data's folder.")
@click.option("--function", "names", multiple=True, metavar="NAME", help="Only this one; may be given again.")
def package_aws(out: Path, company: Path | None, names: tuple[str, ...]) -> None:
    """Write a zip a function, reproducible to the byte, and manifest.json; exit status 1 where one is too large.

    Wheels for Lambda are fetched by uv when they do not lie beside OUT.
    """
    functions = choose(names)
    if company is not None:
        try:
            check_company(company)
        except Misconfigured as error:
            raise click.BadParameter(str(error), param_hint="--company") from error
    wheels = install(SOURCE, out.parent / "wheels")
    built = {}
    for each in functions:
        contents = collect(SOURCE, wheels, each)
        built[each.name] = build(out, add_company(contents, company) if company else contents)
    write_manifest(out, built)
    Console(width=120).print(as_table(functions, built))
    sys.exit(any(each.bytes > BUDGET for each in built.values()))


def choose(names: tuple[str, ...]) -> tuple[Function, ...]:
    known = {each.name: each for each in FUNCTIONS}
    for name in names:
        if name not in known:
            raise click.BadParameter(f"{name} is no function; one of {', '.join(known)}", param_hint="--function")
    return tuple(known[name] for name in names) or FUNCTIONS


def as_table(functions: tuple[Function, ...], built: dict[str, Built]) -> Table:
    """A row a function, with the distributions that not every function has."""
    everywhere = set.intersection(*(set(each.distributions) for each in built.values())) if len(built) > 1 else set()
    table = Table("function", "MB", "unpacked", "distributions beside the common ones")
    table.title = f"at most {BUDGET // MB} MB each"
    table.caption = f"common: {', '.join(sorted(everywhere))}" if everywhere else None
    for each in functions:
        row = built[each.name]
        sizes = (f"{row.bytes / MB:.1f}", f"{row.unpacked / MB:.0f}")
        own = ", ".join(name for name in row.distributions if name not in everywhere)
        table.add_row(each.name, *sizes, own)
    return table
