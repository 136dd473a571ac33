"""The shop's side of orders: quotes, and orders placed from them."""

from __future__ import annotations

from adapters.business.sandbox.names import later, new_id
from adapters.business.sandbox.orders import need_product
from adapters.business.sandbox.store import Body, Rows
from shared.errors import WrongState

QUOTE_DAYS = 14
FREE_SHIPPING_MINOR = 15_000
SHIPPING_MINOR = 990


def quote(rows: Rows, *, key: str, customer: str, sku: str, quantity: int) -> Body:
    """A price for so many of a product with the customer's tier and volume discounts, valid for 14 days."""
    filed = rows.customer(customer)
    product = need_product(rows, sku)
    listed = quantity * int(product["price_minor"])
    discount_bp = find_discount(rows, filed["tier"], quantity)
    net = listed - listed * discount_bp // 10_000
    shipping = 0 if net >= FREE_SHIPPING_MINOR else SHIPPING_MINOR
    entry = {
        "id": new_id("quo", key),
        "customer": customer,
        "sku": sku,
        "quantity": quantity,
        "listed_minor": listed,
        "discount_bp": discount_bp,
        "shipping_minor": shipping,
        "total_minor": net + shipping,
        "currency": product["currency"],
        "valid_until": later(rows.now(), days=QUOTE_DAYS),
        "status": "open",
    }
    return rows.put("quote", entry)


def find_discount(rows: Rows, tier: str, quantity: int) -> int:
    """The best discount that applies, in basis points."""
    fitting = [
        int(each["discount_bp"])
        for each in rows.all("discount")
        if tier in each["tiers"] and quantity >= each["from_quantity"]
    ]
    return max(fitting, default=0)


def place(rows: Rows, *, key: str, customer: str, quote: str) -> Body:
    """Order what a quote offers, on invoice; takes it out of stock."""
    filed = rows.customer(customer)
    offer = rows.need("quote", quote, customer)
    product = need_product(rows, offer["sku"])
    if offer["status"] != "open":
        raise WrongState("already ordered", field="quote", limit="an open quote", action="make a new quote")
    if product["stock"] < offer["quantity"]:
        raise WrongState("not enough in stock", field="quantity", limit=str(product["stock"]), action="order fewer")
    rows.change("product", product, stock=int(product["stock"]) - int(offer["quantity"]))
    rows.change("quote", offer, status="ordered")
    number = f"ORD-{int(new_id('', key)[1:], 16) % 900_000 + 100_000}"
    unit = (int(offer["total_minor"]) - int(offer["shipping_minor"])) // int(offer["quantity"])
    order = {
        "id": number,
        "customer": customer,
        "status": "placed",
        "placed": rows.now()[:10],
        "promised": later(rows.now(), days=int(product["ships_in_days"]) + 2),
        "delivered": None,
        "lines": [{"sku": offer["sku"], "quantity": offer["quantity"], "price_minor": unit}],
        "shipping_minor": offer["shipping_minor"],
        "total_minor": offer["total_minor"],
        "currency": offer["currency"],
        "address": filed["address"],
        "tracking": None,
        "note": "",
        "payment": "on_invoice",
    }
    return rows.put("order", order)
