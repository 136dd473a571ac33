"""A bill that is written while AWS is called: requests and charged units, by the function that is at work.

It listens to botocore's own events, so it sees the requests of every client and changes none of them.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from adapters.aws.billing_units import CHARGES, Sizes
from shared.errors import Misconfigured

_AT_WORK: ContextVar[str] = ContextVar("function at work", default="")
_PARAMS = "supportmax_params"


@dataclass
class Bill:
    """Calls by (function, `Service.Operation`), units by (function, unit of prices.toml); DynamoDB's calls and units by
    (function, kind of row, operation or unit), where a kind is a row's name up to its first `|`, "" for a query.
    """

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    units: defaultdict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    rows: defaultdict[tuple[str, str, str], float] = field(default_factory=lambda: defaultdict(float))
    sizes: Sizes = field(default_factory=dict)
    writing: threading.Lock = field(default_factory=threading.Lock)

    def charge(self, unit: str, amount: float = 1) -> None:
        """Put something on the bill of the function that is at work."""
        with self.writing:
            self.units[_AT_WORK.get(), unit] += amount

    def clear(self) -> None:
        """Begin a new bill; the sizes of items stay known."""
        with self.writing:
            self.calls.clear()
            self.units.clear()
            self.rows.clear()

    def count(self, unit: str, *, of: Sequence[str] = (), but: Sequence[str] = ()) -> float:
        """Units by these functions, or by all but those; what nobody at work asked for is not counted."""
        return _sum(self.units, unit, of, but)

    def requests(self, operation: str, *, of: Sequence[str] = (), but: Sequence[str] = ()) -> int:
        """Calls of operations whose name begins so, such as `DynamoDB.` or `SQS.SendMessage`."""
        names = {name for _, name in self.calls if _is(name, operation)}
        return int(sum(_sum(self.calls, name, of, but) for name in names))

    def __call__(self, params: dict[str, Any], parsed: dict[str, Any], service: str, operation: str) -> None:
        charge = CHARGES.get((service, operation))
        if charge is None:
            raise Misconfigured(
                f"{service}.{operation} has no row in adapters/aws/billing_units.py: what does it cost?"
            )
        with self.writing:
            at_work, units = _AT_WORK.get(), charge(params, parsed, self.sizes)
            self.calls[at_work, f"{service}.{operation}"] += 1
            for unit, amount in units.items():
                self.units[at_work, unit] += amount
            if service == "DynamoDB":
                for what, amount in {operation: 1, **units}.items():
                    self.rows[at_work, kind_of_row(params), what] += amount


def kind_of_row(params: Mapping[str, Any]) -> str:
    """The kind of the row that a request is about; of a transaction, of its first."""
    if "TransactItems" in params:
        return kind_of_row(next(iter(params["TransactItems"][0].values())))
    key = params.get("Item") or params.get("Key") or {}
    return str(key.get("sk", {}).get("S", "")).partition("|")[0]


@contextmanager
def at_work(function: str) -> Iterator[None]:
    """Everything that is called within is on this function's bill; what is called outside is nobody's."""
    token = _AT_WORK.set(function)
    try:
        yield
    finally:
        _AT_WORK.reset(token)


@contextmanager
def recorded(bill: Bill) -> Iterator[Bill]:
    """Every botocore client that is made within writes the bill while a function is at work."""
    from botocore import handlers

    def keep(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context[_PARAMS] = params

    def write(parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        if _AT_WORK.get() and _PARAMS in context:
            bill(context[_PARAMS], parsed, model.service_model.service_id, model.name)

    rows = [("provide-client-params", keep), ("after-call", write)]
    handlers.BUILTIN_HANDLERS.extend(rows)
    try:
        yield bill
    finally:
        for row in rows:
            handlers.BUILTIN_HANDLERS.remove(row)


def _sum(counted: Mapping[tuple[str, str], float], name: str, of: Sequence[str], but: Sequence[str]) -> float:
    return sum(
        amount
        for (function, each), amount in counted.items()
        if each == name and function and function not in but and (not of or function in of)
    )


def _is(name: str, operation: str) -> bool:
    return name == operation or (operation.endswith(".") and name.startswith(operation))
