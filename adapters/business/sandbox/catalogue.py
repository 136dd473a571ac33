"""The catalogue: products with price and stock, and the plans."""

from __future__ import annotations

from adapters.business.sandbox.store import Body, Rows


def list_products(rows: Rows) -> Body:
    return {"products": rows.all("product"), "as_of": rows.now()}


def list_plans(rows: Rows) -> Body:
    """The plans, cheapest first."""
    return {"plans": sorted(rows.all("plan"), key=lambda plan: int(plan["price_minor"]))}
