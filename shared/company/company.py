"""Everything that a company sets, loaded from its folder: shapes are checked here, meanings where they are used."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from shared.company.playbook import Playbook, read_playbook
from shared.errors import Misconfigured

T = TypeVar("T")
FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Flags:
    mode: str
    intents: dict[str, str]
    tenants: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Identity:
    """identity.toml."""

    mail_domain: str
    link_hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Threshold:
    """What an effect needs; amounts in minor units, `tiers` overriding `auto_below`."""

    currency: str
    auto_below: int
    two_above: int
    role: str
    hours: int
    tiers: dict[str, int]


@dataclass(frozen=True, slots=True)
class Caps:
    currency: str
    customer_day: int
    tenant_day: int


@dataclass(frozen=True, slots=True)
class Gates:
    """Confidence gates in basis points (requirements §11.4)."""

    go: int
    act: int
    look: int
    person: int
    category: int
    articles: int
    several: int
    out_of_scope: int


@dataclass(frozen=True, slots=True)
class Routing:
    """`alone` are intents that are worked on only where nothing else was wanted; `intent_gates` sets some aside or asks
    back; `skills` names the operators' skill where it is not the category.
    """

    gates: Gates
    alone: tuple[str, ...]
    intent_gates: dict[str, str]
    skills: dict[str, str]
    weights: dict[str, dict[str, int]]
    tiers: dict[str, dict[str, int]]
    handlers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Tier:
    greeting: str
    closing: str
    skill: str


@dataclass(frozen=True, slots=True)
class Rung:
    level: str
    role: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Operator:
    id: str
    name: str
    level: str
    skills: tuple[str, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Staff:
    ladder: tuple[Rung, ...]
    operators: tuple[Operator, ...]


@dataclass(frozen=True)
class Company:
    """One company's data; each part is read when it is first asked for. `override` is a folder of the company's own."""

    override: Path | None = None

    @cached_property
    def flags(self) -> Flags:
        return _shape(self.table("flags"), Flags, "flags.toml")

    @cached_property
    def identity(self) -> Identity:
        return _shape(self.table("identity"), Identity, "identity.toml")

    @cached_property
    def approvals(self) -> dict[str, Threshold]:
        table = {name: {"tiers": {}} | row for name, row in self.table("approvals").items() if name != "caps"}
        return _shape(table, dict[str, Threshold], "approvals.toml")

    @cached_property
    def caps(self) -> Caps:
        return _shape(self.table("approvals").get("caps"), Caps, "approvals.toml")

    @cached_property
    def routing(self) -> Routing:
        return _shape(self.table("routing"), Routing, "routing.toml")

    @cached_property
    def tiers(self) -> dict[str, Tier]:
        return _shape(self.table("tiers"), dict[str, Tier], "tiers.toml")

    @cached_property
    def languages(self) -> frozenset[str]:
        """The languages that the playbooks and articles are written in."""
        return frozenset(self.table("phrases")["languages"])

    @cached_property
    def phrases(self) -> dict[str, dict[str, str]]:
        """What is said without a playbook, by phrase and language."""
        return _shape(self.table("phrases")["phrases"], dict[str, dict[str, str]], "phrases.toml")

    @cached_property
    def staff(self) -> Staff:
        return _shape(self.table("operators"), Staff, "operators.toml")

    def playbook(self, name: str) -> Playbook | None:
        """A playbook by name (an intent's is called like the intent), the company's own before the shipped one."""
        path = self.playbook_files.get(name)
        return None if path is None else _load_playbook(path)

    @cached_property
    def playbook_files(self) -> dict[str, Path]:
        return {path.stem: path for folder in self._folders("playbooks") for path in sorted(folder.glob("*.toml"))}

    def table(self, name: str) -> dict[str, Any]:
        """A TOML file by name, the company's own file before the shipped one; raises Misconfigured."""
        return _find_table(self.override, name)

    def _folders(self, part: str) -> list[Path]:
        roots = [FOLDER, *([self.override] if self.override else [])]
        return [root / part for root in roots if (root / part).is_dir()]


@cache
def _find_table(override: Path | None, name: str) -> dict[str, Any]:
    """A file as it was when it was first asked for; shared, so never change it."""
    found = [path for root in (override, FOLDER) if root and (path := root / f"{name}.toml").exists()]
    if not found:
        raise Misconfigured(f"{name}.toml is missing")
    return _load_table(found[0])


@cache
def _load_table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{path.name}: {error}") from error


@cache
def _load_playbook(path: Path) -> Playbook:
    return read_playbook(path.stem, path.read_text("utf-8"))


def _shape(table: Any, kind: type[T], name: str) -> T:
    try:
        return TypeAdapter(kind).validate_python(table)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Misconfigured(f"{name}: {where}: {first['msg']}") from error


def say(company: Company, phrase: str, language: str) -> str:
    """A phrase in the customer's language, else in English."""
    versions = company.phrases[phrase]
    return versions.get(language, versions["en"])


def mode_of(company: Company, tenant: str, intent: str) -> str:
    """`live`, `suggest` or `off`: the most careful of the tenant's and the intent's."""
    own = company.flags.tenants.get(tenant, {})
    by_intent = own.get("intents", {}).get(intent) or company.flags.intents.get(intent)
    modes = (own.get("mode", company.flags.mode), by_intent)
    return max((mode for mode in modes if mode), key=("live", "suggest", "off").index)
