"""Sales tools: products and plans, stock, quotes, orders."""

from __future__ import annotations

from shared.ports.business_systems import BusinessSystems
from shared.tools.slots import Number, Quantity, Reference, checked
from shared.tools.tool import Facts


@checked
def get_product_information(systems: BusinessSystems, *, product: Number = "") -> Facts:
    """Read products with price and delivery time, and the plans; all of them or those that a name fits."""
    products = systems.read("catalogue", "products", {})["products"]
    plans = systems.read("catalogue", "plans", {})["plans"]
    fitting = fit(products, product)
    fitting_plans = fit(plans, product)
    handles = {each["id"]: {"price_minor": each["price_minor"], "currency": each["currency"]} for each in fitting}
    return {
        "found": bool(fitting or fitting_plans),
        "products": fitting,
        "plans": fitting_plans,
        "handles": {"sku": handles},
    }


def fit(offers: list[Facts], wanted: str) -> list[Facts]:
    """The offers whose id or name shares a word with what was asked for; all where nothing was."""
    words = {word.strip(".,?!").lower() for word in wanted.split()} - {"tallybird", "sensor", "plan", ""}
    return [each for each in offers if not words or words & {each["id"], *each["name"].lower().split()}]


@checked
def check_inventory_availability(systems: BusinessSystems, *, sku: Reference, quantity: Quantity = 1) -> Facts:
    """Say whether so many of a product are in stock, and when it comes back where not."""
    facts = systems.read("catalogue", "products", {})
    found = [each for each in facts["products"] if each["id"] == sku.lower()]
    if not found:
        return {"found": False}
    product = found[0]
    return {
        "found": True,
        "sku": product["id"],
        "name": product["name"],
        "available": product["stock"] >= quantity,
        "stock": product["stock"],
        "restock": product.get("restock"),
        "ships_in_days": product["ships_in_days"],
        "as_of": facts["as_of"],
    }


@checked
def generate_quote(
    systems: BusinessSystems, *, key: str, customer: str, sku: Reference, quantity: Quantity = 1
) -> Facts:
    """Make a quote for so many of a product with the customer's discounts, valid for 14 days."""
    quote = systems.act("orders", "quote", {"customer": customer, "sku": sku, "quantity": quantity}, key=key)
    handle = {"amount_minor": quote["total_minor"], "currency": quote["currency"]}
    return {**quote, "handles": {"quote": {quote["id"]: handle}}}


@checked
def process_order(systems: BusinessSystems, *, key: str, customer: str, quote: Reference) -> Facts:
    """Place the order that a quote offers, on invoice."""
    return systems.act("orders", "place", {"customer": customer, "quote": quote}, key=key)
