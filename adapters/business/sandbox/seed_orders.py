"""The first day's orders: totals, payments and tracking written out from what the story says."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.business.sandbox.store import Body

SENT = ("shipped", "delivered")


def order_rows(told: Body, catalogue: Body) -> Iterator[tuple[str, Body]]:
    """Each order and what was paid for it."""
    prices = {product["id"]: product["price_minor"] for product in catalogue["products"]}
    for order in told.get("orders", []):
        row = order_row(told, order, prices, catalogue["company"])
        yield "order", row
        digits = row["id"].split("-")[1]
        for suffix in ("", "b") if order.get("charged_twice") else ("",):
            yield (
                "payment",
                {
                    "id": f"pay_{digits}{suffix}",
                    "for": {"kind": "order", "id": row["id"]},
                    "amount_minor": row["total_minor"],
                    "currency": "EUR",
                    "status": "captured",
                    "method": f"card ending in 4{told['no']}",
                    "captured_at": f"{row['placed']}T10:0{1 if suffix else 0}:00+00:00",
                    "refunded_minor": 0,
                },
            )


def order_row(told: Body, order: Body, prices: dict[str, int], company: Body) -> Body:
    lines = [{"sku": sku, "quantity": count, "price_minor": prices[sku]} for sku, count in order["lines"]]
    goods = sum(line["quantity"] * line["price_minor"] for line in lines)
    shipping = 0 if goods >= company["free_shipping_minor"] else company["shipping_minor"]
    promised = order.get("promised") or order.get("delivered")
    return {
        "id": order["id"],
        "status": order["status"],
        "placed": order["placed"],
        "promised": promised,
        "estimate": order.get("estimate", promised),
        "delivered": order.get("delivered"),
        "lines": lines,
        "shipping_minor": shipping,
        "total_minor": goods + shipping,
        "currency": "EUR",
        "address": {
            "street": f"Market Street {told['no']}",
            "postcode": "10000",
            "city": told["city"],
            "country": told.get("country", "DE"),
        },
        "tracking": tracking(order),
        "note": order.get("note", ""),
        "payment": "card",
    }


def tracking(order: Body) -> Body | None:
    """The carrier's view of an order that has left."""
    if order["status"] not in SENT:
        return None
    delivered = order["status"] == "delivered"
    overdue = "estimate" in order
    event = "delivered" if delivered else "held up at the carrier" if overdue else "on its way"
    return {"carrier": "Parcelway", "number": f"PW{order['id'][4:]}", "event": event}
