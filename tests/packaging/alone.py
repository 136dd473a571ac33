"""A package as the whole world of a fresh interpreter: opens the function, and everything that it can import.

`python -I -S alone.py FOLDER FUNCTION NEEDS`; prints what was loaded at the start and which file each module is.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

FOLDER, FUNCTION = sys.argv[1:3]
IMPORTS, SERVICES = (json.loads(sys.argv[3])[name] for name in ("imports", "services"))
ANYTHING = "https://example.test/x"


def main() -> None:
    sys.path.insert(0, FOLDER)
    at_start = open_function()
    for name in (*IMPORTS, *own_modules()):
        import_module(name)
    for name in {each.split(".")[0] for each in IMPORTS} & USES.keys():
        USES[name](import_module(name))
    if "tzdata" in IMPORTS:
        from zoneinfo import ZoneInfo, reset_tzpath

        reset_tzpath([])  # a machine without time zones
        ZoneInfo("Europe/Berlin")
    files = {name: getattr(module, "__file__", None) for name, module in sys.modules.items() if name != "__main__"}
    sys.stdout.write(json.dumps({"at_start": at_start, "files": {name: file for name, file in files.items() if file}}))


def calculate(numpy: Any) -> None:
    file = io.BytesIO()
    numpy.savez_compressed(file, a=numpy.linalg.inv(numpy.eye(3)) @ numpy.ones(3))
    file.seek(0)
    assert numpy.load(file)["a"].sum() == 3


def check_numbers(_: Any) -> None:
    assert import_module("stdnum.iban").is_valid("ES91 2100 0418 4502 0005 1332")  # a country with a rule of its own
    assert import_module("stdnum.eu.vat").is_valid("DE136695976")


def seal(_: Any) -> None:
    siv = import_module("cryptography.hazmat.primitives.ciphers.aead").AESSIV
    key = siv(siv.generate_key(bit_length=512))
    assert key.decrypt(key.encrypt(b"words", None), None) == b"words"


# What is left of each library still does what it is there for.
USES: dict[str, Callable[[Any], Any]] = {
    "numpy": calculate,
    "stdnum": check_numbers,
    "cryptography": seal,
    "phonenumbers": lambda it: it.format_number(it.parse("+49 30 901820"), it.PhoneNumberFormat.NATIONAL),
    "holidays": lambda it: it.country_holidays("DE", years=2026)["2026-12-25"],
    "Stemmer": lambda it: it.Stemmer("german").stemWord("Rechnungen"),
    "nh3": lambda it: it.clean("<b>bold</b>"),
}


def open_function() -> list[str]:
    """Every handler, port and part of it, as its first events would; answers what the entry alone has loaded."""
    entry = import_module("adapters.aws.entry")
    at_start = sorted(sys.modules)
    dispatch, manifest = import_module("shared.dispatch"), import_module("shared.manifest")
    function = next(each for each in manifest.FUNCTIONS if each.name == FUNCTION)
    entry.open_entry(environment())
    provider = import_module("adapters.aws.provider").open_provider(read_settings(function.ports))
    app = dispatch.Application(provider, None)
    for handler in function.handlers:
        dispatch.resolve(handler.name)
        for taken in handler.takes:
            getattr(app if taken in manifest.PARTS else provider, taken)
    for service in SERVICES:
        provider.clients.of(service)
    return at_start


def read_settings(ports: tuple[str, ...]) -> object:
    return import_module("adapters.aws.settings").read_aws_settings(ports, environment())


def environment() -> dict[str, str]:
    settings = import_module("adapters.aws.settings")
    names = {settings.variable(name): ANYTHING for name in settings.AwsSettings.__dataclass_fields__}
    known = {"REGION": "eu-west-1", "STAGE": "dev", "FUNCTION": FUNCTION, "TENANT": "demo"}
    return names | {f"SUPPORTMAX_{name}": value for name, value in known.items()}


def own_modules() -> list[str]:
    files = (
        path.relative_to(FOLDER)
        for root in ("functions", "shared", "adapters")
        for path in Path(FOLDER, root).rglob("*.py")
    )
    return sorted(".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in files)


main()
