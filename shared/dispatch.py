"""Calling a handler by name: resolve it, decode its input, hand it the ports that it names, encode its answer.

The only module that knows how a manifest row becomes a call; every cloud's entry and the local engine go through it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from shared.conversations.moneyless import Moneyless
from shared.errors import InvalidInput, Misconfigured, Refused
from shared.manifest import BY_NAME, PARTS

if TYPE_CHECKING:  # a part's modules are loaded with the part: a function that takes none of them starts without them
    from shared.company.company import Company
    from shared.knowledge.library import Library
    from shared.ports.provider import CloudProvider
    from shared.privacy.vault import Vault
    from shared.tools.executor import Toolbox


@dataclass(frozen=True, slots=True)
class Resolved:
    """A handler ready to call: its function, its input's and its answer's adapters."""

    call: Callable[..., Any]
    takes: tuple[str, ...]
    reads: TypeAdapter[Any]
    answers: TypeAdapter[Any]


@cache
def resolve(name: str) -> Resolved:
    """A manifest row's `handle`; raises Misconfigured where its signature is not what the row says."""
    row = BY_NAME.get(name)
    if row is None:
        raise InvalidInput("unknown handler", field="handler", limit="a row of the manifest", action="check the name")
    call = import_module(row.module).handle
    parameters = list(inspect.signature(call).parameters)
    if set(parameters[1:]) != set(row.takes):
        raise Misconfigured(f"{name} takes {parameters[1:]}, its manifest row says {list(row.takes)}")
    hints = get_type_hints(call)
    return Resolved(call, row.takes, TypeAdapter(hints[parameters[0]]), TypeAdapter(hints["return"]))


class Application:
    """The platform on one provider: parts are built once, when a handler first takes them.

    `company` is what a company set, or the folder where it lies, None for the shipped one.
    """

    def __init__(self, provider: CloudProvider, company: Company | Path | None) -> None:
        self.provider = provider
        self._company = company

    @cached_property
    def company(self) -> Company:
        from shared.company.company import Company

        return self._company if isinstance(self._company, Company) else Company(self._company)

    @cached_property
    def vault(self) -> Vault:
        from shared.privacy.vault import Vault

        return Vault(self.provider.records, self.provider.secrets, self.provider.clock)

    @cached_property
    def library(self) -> Library:
        from shared.knowledge.library import Library

        return Library(self.provider.documents, self.provider.clock)

    @cached_property
    def toolbox(self) -> Toolbox:
        from shared.tools.breaker import Breaker
        from shared.tools.catalog import TOOLS
        from shared.tools.executor import Toolbox

        ports = self.provider
        breaker = Breaker(ports.records, ports.clock)
        return Toolbox(TOOLS, ports.records, ports.business_systems, ports.clock, self.company, breaker, ports.tenants)

    def call(self, name: str, payload: Any) -> Any:
        """Call a handler with a JSON value and answer one; raises InvalidInput for a value of the wrong shape."""
        handler = resolve(name)
        try:
            task = handler.reads.validate_python(payload)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "input"
            raise InvalidInput(
                f"{name}: {first['msg']}", field=where, limit=first["type"], action="send the fields that it takes"
            ) from error
        answer = handler.call(task, **{taken: self._part(name, taken) for taken in handler.takes})
        return handler.answers.dump_python(answer, mode="json")

    def call_task(self, name: str, payload: Any) -> dict[str, Any]:
        """Call a handler as a workflow's task: `{ok, output | error}`; what may be retried is raised by name."""
        try:
            return {"ok": True, "output": self.call(name, payload)}
        except Refused as refusal:
            return {"ok": False, "error": refusal.code}

    def _part(self, handler: str, name: str) -> Any:
        if name == "records" and not BY_NAME[handler].money:
            return Moneyless(self.provider.records, handler)
        return getattr(self if name in PARTS else self.provider, name)
