"""The figures of `supportmax cost --cloud aws`, as programs read them (design §9)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from adapters.aws.cost_model import KINDS, STAGES, THOUSAND, Model, read_model
from adapters.aws.prices import Amounts, add, times

GOALS = {"auto_resolved": 0.02, "blended": 0.05, "idle_dev": 1.0}  # dollars: for 1,000 tickets, and a month
SHOWN = 6  # digits behind the point


def report(tickets_per_day: int | None = None, model: Model | None = None) -> dict[str, Any]:
    """Dollars for 1,000 tickets and a month of standing still; with a number of tickets, a month's bill too."""
    model = model or read_model()
    warm, cold = thousand(model, cold=False), thousand(model, cold=True)
    idle = {stage: model.idle_month(stage) for stage in STAGES}
    told = {
        "cloud": "aws",
        "region": model.prices.region,
        "prices_dated": model.prices.dated.isoformat(),
        "operations_measured": model.measured,
        "per_1000": totals(model, warm),
        "per_1000_cold": totals(model, cold),
        "by_service": by_service(model, warm),
        "by_service_cold": by_service(model, cold),
        "beside_per_1000": beside(model),
        "model_per_1000": {name: show(dollars) for name, dollars in model.model_per_1000().items()},
        "idle_month": totals(model, idle),
        "idle_items": {stage: items(model, amounts) for stage, amounts in idle.items()},
        "operations": operations(model),
        "goals": GOALS,
        "unverified": model.prices.doubtful(unit for unit in model.prices.by_unit),
        "sources": sources(model),
    }
    return told if tickets_per_day is None else told | {"bill_month": bill(model, tickets_per_day)}


def thousand(model: Model, *, cold: bool) -> dict[str, Amounts]:
    """The amounts of a thousand tickets of each kind, and of the usual mix."""
    kinds: dict[str, Amounts] = {kind: times(model.ticket(kind, cold=cold), THOUSAND) for kind in KINDS}
    return kinds | {"blended": times(model.blended(cold=cold), THOUSAND)}


def beside(model: Model) -> dict[str, float]:
    """Lines of their own for 1,000 tickets: what another channel, a replica and Standard turns would add."""
    lines = {name: model.beside(name) for name in ("e_mail", "api", "open_chat", "replica")}
    dollars = {name: model.prices.total(times(amounts, THOUSAND)) for name, amounts in lines.items()}
    standard = model.prices.total(model.ticket("auto_resolved", standard=True))
    express = model.prices.total(model.ticket("auto_resolved"))
    return {name: show(each) for name, each in {**dollars, "standard_turns": (standard - express) * THOUSAND}.items()}


def operations(model: Model) -> dict[str, dict[str, float]]:
    """What one ticket asks of each service, Lambda's modelled seconds among it."""
    return {kind: {unit: show(amount) for unit, amount in model.ticket(kind).items()} for kind in KINDS}


def bill(model: Model, tickets_per_day: int) -> dict[str, Any]:
    """A month of prod in one region at so many tickets a day."""
    parts = model.month(tickets_per_day)
    whole = add(*parts.values())
    return {
        "tickets_per_day": tickets_per_day,
        "parts": totals(model, parts),
        "by_service": {name: show(dollars) for name, dollars in model.prices.by_service(whole).items()},
        "total": show(model.prices.total(whole)),
    }


def items(model: Model, amounts: Amounts) -> list[dict[str, Any]]:
    """Each unit of some amounts with its price and what it comes to."""
    costs = model.prices.cost(amounts)
    return [{"unit": unit, "amount": show(amounts[unit]), "usd": show(costs[unit])} for unit in amounts]


def totals(model: Model, kinds: Mapping[str, Amounts]) -> dict[str, float]:
    return {kind: show(model.prices.total(amounts)) for kind, amounts in kinds.items()}


def by_service(model: Model, kinds: Mapping[str, Amounts]) -> dict[str, dict[str, float]]:
    """Service -> kind of ticket -> dollars for a thousand."""
    found = {kind: model.prices.by_service(amounts) for kind, amounts in kinds.items()}
    services = dict.fromkeys(service for each in found.values() for service in each)
    return {
        service: {kind: show(each.get(service, Decimal(0))) for kind, each in found.items()} for service in services
    }


def sources(model: Model) -> dict[str, dict[str, Any]]:
    """Every price with its day, its publisher, and whether it can be relied on."""
    return {
        unit: {
            "usd": float(price.usd),
            "per": price.per,
            "read": price.read.isoformat(),
            "publisher": price.publisher,
            "verified": price.verified,
        }
        for unit, price in model.prices.by_unit.items()
    }


def show(amount: Decimal) -> float:
    """A number as JSON carries it."""
    return round(float(amount), SHOWN)
