"""Order tools: where an order is, and cancelling, changing, returning and claiming what is in it."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Ge, Le, Len

from shared.ports.business_systems import BusinessSystems
from shared.tools.slots import Number, Quantity, Reference, Text, checked
from shared.tools.tool import Facts

AddressLine = Annotated[str, Len(2, 120)]
Postcode = Annotated[str, Len(3, 12)]
Country = Annotated[str, Len(2, 2)]
STILL_HERE = ("placed", "packed", "late")
ORDER_FACTS = ("id", "status", "placed", "promised", "delivered", "tracking")


@checked
def get_order(systems: BusinessSystems, *, customer: str, order_number: Number = "") -> Facts:
    """Read one of the customer's orders by its number, or the newest, with what may still be changed about it."""
    facts = find_order(systems, customer, order_number)
    if not facts["found"]:
        return facts
    order, payments = facts["order"], payments_of(systems, customer, facts["order"]["id"])
    return {
        **facts,
        "cancellable": order["status"] in STILL_HERE,
        "changeable": order["status"] == "placed",
        "payments": payments,
        "handles": {"order": order_handles(order), "payment": refund_handles(order, payments)},
    }


def find_order(systems: BusinessSystems, customer: str, number: str) -> Facts:
    """The order and whether it is late against its promise; never another customer's."""
    facts = systems.read("orders", "order", {"customer": customer, "number": number})
    if not facts["found"]:
        return {"found": False}
    order = facts["order"]
    late = order["delivered"] is None and order["status"] != "cancelled" and order["promised"] < facts["as_of"][:10]
    return {"found": True, "order": order, "late": late, "as_of": facts["as_of"]}


def payments_of(systems: BusinessSystems, customer: str, order: str) -> list[Facts]:
    """What was paid for an order."""
    payments = systems.read("billing", "payments", {"customer": customer})["payments"]
    return [payment for payment in payments if payment["for"] == {"kind": "order", "id": order}]


def order_handles(order: Facts) -> dict[str, Facts]:
    """The order as later tools may name it."""
    return {order["id"]: {"status": order["status"], "skus": [line["sku"] for line in order["lines"]]}}


def refund_handles(order: Facts, payments: list[Facts]) -> dict[str, Facts]:
    """What may be given back of each payment: all where the order was cancelled, else what open claims are worth."""
    claimed = sum(claim["value_minor"] for claim in order["claims"] if claim["status"] == "refund_due")
    owed = order["total_minor"] if order["status"] == "cancelled" else claimed
    handles = {}
    for payment in payments:
        amount = min(owed, payment["refundable_minor"])
        if amount > 0:
            facts = {"currency": payment["currency"], "refundable_minor": payment["refundable_minor"]}
            handles[payment["id"]] = {"amount_minor": amount, **facts}
            owed -= amount
    return handles


@checked
def track_order(systems: BusinessSystems, *, customer: str, order_number: Number = "") -> Facts:
    """Say where an order is: its status, its carrier and what the carrier last saw."""
    facts = find_order(systems, customer, order_number)
    if not facts["found"]:
        return facts
    order = facts["order"]
    return {
        **facts,
        "order": {name: order[name] for name in ORDER_FACTS},
        "estimate": order.get("estimate", order["promised"]),
        "handles": {"order": order_handles(order)},
    }


@checked
def get_delivery_estimate(systems: BusinessSystems, *, customer: str, order_number: Number = "") -> Facts:
    """Say when an order arrives, and what of its delivery is credited where it comes late."""
    facts = find_order(systems, customer, order_number)
    if not facts["found"]:
        return facts
    order = facts["order"]
    creditable = order["shipping_minor"] - order["credited_minor"] if facts["late"] else 0
    basis = {order["id"]: {"amount_minor": creditable, "currency": order["currency"]}} if creditable > 0 else {}
    return {
        "found": True,
        "order": {name: order[name] for name in ORDER_FACTS},
        "estimate": order.get("estimate", order["promised"]),
        "late": facts["late"],
        "amount_minor": max(0, creditable),
        "currency": order["currency"],
        "as_of": facts["as_of"],
        "handles": {"basis": basis, "order": order_handles(order)},
    }


@checked
def cancel_order(systems: BusinessSystems, *, key: str, customer: str, order: Reference, reason: Text) -> Facts:
    """Cancel an order that has not left the warehouse; its payment can be refunded afterwards."""
    return systems.act("orders", "cancel", {"customer": customer, "order": order, "reason": reason}, key=key)


@checked
def change_order(
    systems: BusinessSystems,
    *,
    key: str,
    customer: str,
    order: Reference,
    sku: Reference,
    quantity: Annotated[int, Ge(0), Le(500)],
) -> Facts:
    """Set how many of a product an order holds, while nothing is packed; 0 takes it out."""
    arguments = {"customer": customer, "order": order, "sku": sku, "quantity": quantity}
    return systems.act("orders", "change_lines", arguments, key=key)


@checked
def change_shipping_address(
    systems: BusinessSystems,
    *,
    key: str,
    customer: str,
    order: Reference,
    street: AddressLine,
    postcode: Postcode,
    city: AddressLine,
    country: Country,
) -> Facts:
    """Send an order that has not left yet to another address in the same country."""
    address = {"street": street, "postcode": postcode, "city": city, "country": country.upper()}
    return systems.act("orders", "address", {"customer": customer, "order": order, "address": address}, key=key)


@checked
def create_return(
    systems: BusinessSystems,
    *,
    key: str,
    customer: str,
    order: Reference,
    sku: Reference,
    reason: Text,
    quantity: Quantity = 1,
) -> Facts:
    """Open a return of a delivered product within 30 days and send the label."""
    arguments = {"customer": customer, "order": order, "sku": sku, "quantity": quantity, "reason": reason}
    return systems.act("orders", "return", arguments, key=key)


@checked
def report_damaged_item(
    systems: BusinessSystems,
    *,
    key: str,
    customer: str,
    order: Reference,
    sku: Reference,
    description: Text,
    wish: Literal["replacement", "refund"] = "replacement",
    quantity: Quantity = 1,
) -> Facts:
    """File a claim for a product that arrived damaged; a replacement leaves at once where there is stock."""
    arguments = {
        "customer": customer,
        "order": order,
        "sku": sku,
        "quantity": quantity,
        "description": description,
        "wish": wish,
    }
    return systems.act("orders", "claim", arguments, key=key)
