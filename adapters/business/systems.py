"""A company's systems by name, each with its own connector, as `systems.toml` in its folder says."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from adapters.business.http_system import Api, HttpSystem
from adapters.business.netsuite import Books, netsuite
from adapters.business.stripe import STRIPE
from shared.errors import Misconfigured, Unsupported
from shared.ports.business_systems import ActionContract, BusinessSystems
from shared.ports.clock import Clock
from shared.ports.ids import Ids
from shared.ports.secrets import Secrets

FILE = "systems.toml"
Row = dict[str, Any]


class Systems:
    """The `business_systems` port over several connectors; what none is named for goes to `otherwise`."""

    def __init__(self, named: Mapping[str, BusinessSystems], otherwise: BusinessSystems | None = None) -> None:
        self._named, self._otherwise = dict(named), otherwise

    def read(self, system: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Ask a system something (B1)."""
        return self._behind(system).read(system, operation, arguments)

    def act(self, system: str, operation: str, arguments: dict[str, Any], *, key: str) -> dict[str, Any]:
        """Make a system do something once per `key` (B2)."""
        return self._behind(system).act(system, operation, arguments, key=key)

    def look_up(self, system: str, key: str) -> dict[str, Any] | None:
        """The result of the action that was done under `key`, or None where it is absent (B3)."""
        return self._behind(system).look_up(system, key)

    def contract(self, system: str) -> ActionContract:
        """What the system promises about repeated actions."""
        return self._behind(system).contract(system)

    def _behind(self, system: str) -> BusinessSystems:
        behind = self._named.get(system, self._otherwise)
        if behind is None:
            raise Unsupported(f"the business system {system[:40]!r}: {FILE} names none")
        return behind


def read_systems(company: Path) -> dict[str, Row]:
    """The rows of a company's systems.toml by system; none where there is no such file. Raises Misconfigured."""
    path = company / FILE
    try:
        rows = tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
    except ValueError as error:
        raise Misconfigured(f"{FILE} is not TOML: {error}") from error
    for system, row in rows.items():
        if not isinstance(row, dict) or row.get("kind") not in KINDS:
            raise Misconfigured(f"{FILE}: [{system}] is to name its kind: {', '.join(sorted(KINDS))}")
    return rows


def open_systems(
    rows: Mapping[str, Row], secrets: Secrets, clock: Clock, ids: Ids, *, otherwise: BusinessSystems | None = None
) -> Systems:
    """The connectors that rows describe; nothing is asked of them, nor any secret read, until a system is used."""
    named = {}
    for system, row in rows.items():
        api, url, secret = KINDS[row["kind"]](system, row), _text(system, row, "url"), _text(system, row, "secret")
        try:
            named[system] = HttpSystem(system, api, url, secret, secrets, clock, ids)
        except Misconfigured as error:
            raise Misconfigured(f"{FILE}: the url of [{system}] is to be https://… without a query") from error
    return Systems(named, otherwise)


def make_stripe(system: str, row: Row) -> Api:
    """`kind = "stripe"` needs nothing more."""
    _only(system, row, set())
    return STRIPE


def make_netsuite(system: str, row: Row) -> Api:
    """`kind = "netsuite"` also needs `account`, `credit_item` and `[<system>.currencies]`, all of internal ids."""
    _only(system, row, {"account", "credit_item", "currencies"})
    currencies = row.get("currencies")
    if not isinstance(currencies, dict) or not all(isinstance(each, str) for each in currencies.values()):
        raise Misconfigured(f"{FILE}: [{system}.currencies] is to give an internal id, a text, for each ISO code")
    return netsuite(Books(currencies, _text(system, row, "account"), _text(system, row, "credit_item")))


KINDS: dict[str, Callable[[str, Row], Api]] = {"netsuite": make_netsuite, "stripe": make_stripe}


def _text(system: str, row: Row, name: str) -> str:
    given = row.get(name)
    if not isinstance(given, str) or not given:
        raise Misconfigured(f"{FILE}: [{system}] is to give {name}, a text")
    return given


def _only(system: str, row: Row, more: set[str]) -> None:
    unknown = row.keys() - {"kind", "url", "secret"} - more
    if unknown:
        raise Misconfigured(f"{FILE}: [{system}] does not know {min(unknown)}")
