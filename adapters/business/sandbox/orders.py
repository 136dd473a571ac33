"""Orders: where they are, and what may still be changed about them."""

from __future__ import annotations

from typing import Any

from adapters.business.sandbox.billing import credited
from adapters.business.sandbox.names import later, new_id
from adapters.business.sandbox.store import Body, Rows
from shared.errors import InvalidInput, WrongState

CANCELLABLE = ("placed", "packed", "late")
RETURN_DAYS = 30
CLAIM_DAYS = 5
FILED = (("claims", "claim"), ("returns", "return"))


def find_order(rows: Rows, *, customer: str, number: str) -> Body:
    """An order of this customer by number, or the newest where the number is empty."""
    rows.customer(customer)
    found = rows.numbered("order", number, customer)
    if found is None:
        return {"found": False, "as_of": rows.now()}
    held = rows.of_kinds(customer, "claim", "return", "credit")
    filed = {name: [each for each in held[kind] if each["order"] == found["id"]] for name, kind in FILED}
    order = {**found, **filed, "credited_minor": credited(held["credit"], found["id"])}
    return {"found": True, "order": order, "as_of": rows.now()}


def list_orders(rows: Rows, *, customer: str) -> Body:
    """All orders, newest first."""
    rows.customer(customer)
    return {"orders": sorted(rows.of(customer, "order"), key=lambda order: str(order["placed"]), reverse=True)}


def cancel(rows: Rows, *, key: str, customer: str, order: str, reason: str) -> Body:
    """Cancel what has not left the warehouse; the payment stays to be refunded."""
    found = need(rows, order, customer, CANCELLABLE)
    rows.change("order", found, status="cancelled", cancelled_at=rows.now(), cancelled_because=reason)
    owed = {"refund_due_minor": found["total_minor"], "currency": found["currency"]}
    return {"order": order, "status": "cancelled", **owed}


def change_lines(rows: Rows, *, key: str, customer: str, order: str, sku: str, quantity: int) -> Body:
    """Set how many of a product an order holds (0 takes it out) while nothing is packed."""
    found = need(rows, order, customer, ("placed",))
    product = need_product(rows, sku)
    kept = [line for line in found["lines"] if line["sku"] != sku]
    added = [{"sku": sku, "quantity": quantity, "price_minor": product["price_minor"]}] if quantity else []
    if not kept + added:
        raise WrongState("nothing would be left", field="quantity", limit="1 line or more", action="cancel the order")
    lines = kept + added
    total = sum(int(line["quantity"]) * int(line["price_minor"]) for line in lines) + int(found["shipping_minor"])
    changed = rows.change("order", found, lines=lines, total_minor=total)
    return {"order": changed, "difference_minor": total - int(found["total_minor"])}


def change_address(rows: Rows, *, key: str, customer: str, order: str, address: dict[str, Any]) -> Body:
    """Send an order elsewhere in the same country while it is still here."""
    found = need(rows, order, customer, CANCELLABLE)
    if address["country"] != found["address"]["country"]:
        raise WrongState(
            "another country needs a new order", field="country", limit=found["address"]["country"], action="ask"
        )
    return {"order": rows.change("order", found, address=address)}


def create_return(rows: Rows, *, key: str, customer: str, order: str, sku: str, quantity: int, reason: str) -> Body:
    """Open a return within 30 days of delivery; the label goes to the address on file."""
    found = need(rows, order, customer, ("delivered",))
    line = need_line(found, sku, quantity)
    if found["delivered"] < later(rows.now(), days=-RETURN_DAYS):
        raise WrongState("too late to return", field="order", limit=f"{RETURN_DAYS} days", action="explain the policy")
    entry = {
        "id": new_id("ret", key),
        "customer": customer,
        "order": order,
        "sku": sku,
        "quantity": quantity,
        "reason": reason,
        "status": "label_sent",
        "value_minor": quantity * int(line["price_minor"]),
        "currency": found["currency"],
        "send_by": later(rows.now(), days=14),
    }
    return rows.put("return", entry)


def report_damage(
    rows: Rows, *, key: str, customer: str, order: str, sku: str, quantity: int, description: str, wish: str
) -> Body:
    """File a claim for a damaged item; a replacement is sent at once where there is stock."""
    found = need(rows, order, customer, ("delivered",))
    line = need_line(found, sku, quantity)
    product = need_product(rows, sku)
    sent = wish == "replacement" and int(product["stock"]) >= quantity
    if sent:
        rows.change("product", product, stock=int(product["stock"]) - quantity)
    entry = {
        "id": new_id("clm", key),
        "customer": customer,
        "order": order,
        "sku": sku,
        "quantity": quantity,
        "description": description,
        "wish": wish,
        "status": "replacement_sent" if sent else "refund_due" if wish == "refund" else "waiting_for_stock",
        "value_minor": quantity * int(line["price_minor"]),
        "currency": found["currency"],
        "arrives_by": later(rows.now(), days=CLAIM_DAYS) if sent else None,
    }
    return rows.put("claim", entry)


def schedule_visit(rows: Rows, *, key: str, customer: str, day: str, subject: str) -> Body:
    """Book a technician for a day after today."""
    filed = rows.customer(customer)
    today = rows.now()[:10]
    if day <= today:
        raise InvalidInput("that day is gone", field="day", limit=f"after {today}", action="choose a later day")
    visit = {"id": new_id("vis", key), "customer": customer, "day": day, "subject": subject, "at": filed["address"]}
    return rows.put("visit", visit)


def need(rows: Rows, order: str, customer: str, states: tuple[str, ...]) -> Body:
    """An order in one of the states that allow the change; raises NotFound, WrongState."""
    found = rows.need("order", order, customer)
    if found["status"] not in states:
        raise WrongState(
            f"the order is {found['status']}", field="order", limit=", ".join(states), action="say what is possible"
        )
    return found


def need_line(order: Body, sku: str, quantity: int) -> Body:
    """The order's line of a product with at least this many; raises InvalidInput."""
    for line in order["lines"]:
        if line["sku"] == sku and line["quantity"] >= quantity:
            return dict(line)
    held = ", ".join(f"{line['quantity']} {line['sku']}" for line in order["lines"])
    raise InvalidInput("not in this order", field="sku", limit=held, action="name a product of the order")


def need_product(rows: Rows, sku: str) -> Body:
    """A product; raises InvalidInput."""
    found = rows.get("product", sku)
    if found is None:
        raise InvalidInput("no such product", field="sku", limit="a product of the catalogue", action="look it up")
    return found
