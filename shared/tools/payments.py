"""Billing's tools that act: refund, credit, collect, split, change and end subscriptions."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Ge, Le, Len

from shared.errors import InvalidInput
from shared.ports.business_systems import BusinessSystems
from shared.tools.slots import Amount, Currency, Reference, Text, checked
from shared.tools.tool import Facts

Plan = Literal["starter", "team", "business", "enterprise"]
Instalments = Annotated[int, Ge(2), Le(6)]
VatId = Annotated[str, Len(0, 20)]


@checked
def refund_payment(
    systems: BusinessSystems,
    *,
    key: str,
    customer: str,
    payment: Reference,
    amount_minor: Amount,
    currency: Currency,
    reason: Text,
) -> Facts:
    """Give a payment back to the customer, to where it came from."""
    arguments = {
        "customer": customer,
        "payment": payment,
        "amount_minor": amount_minor,
        "currency": currency,
        "reason": reason,
    }
    return systems.act("billing", "refund", arguments, key=key)


@checked
def apply_credit_adjustment(
    systems: BusinessSystems,
    *,
    key: str,
    customer: str,
    basis: Reference,
    amount_minor: Amount,
    currency: Currency,
    reason: Text,
) -> Facts:
    """Credit the customer's account for a wrong invoice or a late order; the next invoice is lower by it."""
    arguments = {
        "customer": customer,
        "basis": basis,
        "amount_minor": amount_minor,
        "currency": currency,
        "reason": reason,
    }
    return systems.act("billing", "credit", arguments, key=key)


@checked
def process_payment(
    systems: BusinessSystems,
    *,
    key: str,
    customer: str,
    invoice: Reference,
    amount_minor: Amount,
    currency: Currency,
) -> Facts:
    """Collect an open invoice from the payment method on file."""
    arguments = {"customer": customer, "invoice": invoice, "amount_minor": amount_minor, "currency": currency}
    return systems.act("billing", "charge", arguments, key=key)


@checked
def setup_payment_plan(
    systems: BusinessSystems, *, key: str, customer: str, invoice: Reference, instalments: Instalments
) -> Facts:
    """Split an open invoice into two to six monthly instalments."""
    arguments = {"customer": customer, "invoice": invoice, "instalments": instalments}
    return systems.act("billing", "payment_plan", arguments, key=key)


@checked
def send_invoice_copy(systems: BusinessSystems, *, key: str, customer: str, invoice: Reference) -> Facts:
    """Mail a copy of an invoice to the billing address on file."""
    return systems.act("billing", "send_invoice", {"customer": customer, "invoice": invoice}, key=key)


@checked
def change_plan(systems: BusinessSystems, *, key: str, customer: str, subscription: Reference, plan: Plan) -> Facts:
    """Move a subscription to another plan: upwards at once, downwards when the paid period ends."""
    arguments = {"customer": customer, "subscription": subscription, "plan": plan}
    return systems.act("billing", "change_plan", arguments, key=key)


@checked
def cancel_subscription(
    systems: BusinessSystems, *, key: str, customer: str, subscription: Reference, reason: Text
) -> Facts:
    """End a subscription when its paid period ends."""
    arguments = {"customer": customer, "subscription": subscription, "reason": reason}
    return systems.act("billing", "cancel_subscription", arguments, key=key)


@checked
def reactivate_subscription(systems: BusinessSystems, *, key: str, customer: str, subscription: Reference) -> Facts:
    """Bring back a suspended or ending subscription once what suspended it is settled."""
    return systems.act("billing", "reactivate", {"customer": customer, "subscription": subscription}, key=key)


@checked
def update_tax_status(
    systems: BusinessSystems,
    *,
    key: str,
    customer: str,
    tax_status: Literal["standard", "reverse_charge", "exempt"],
    vat_id: VatId = "",
) -> Facts:
    """File the customer's tax status and VAT number, from the next invoice on."""
    if tax_status == "reverse_charge":
        vat_id = need_vat_id(vat_id)
    return systems.act("billing", "tax_status", {"customer": customer, "status": tax_status, "vat_id": vat_id}, key=key)


def need_vat_id(text: str) -> str:
    """A European VAT number in its compact form; raises InvalidInput where its check digits are wrong."""
    from stdnum.eu import vat
    from stdnum.exceptions import ValidationError

    try:
        return str(vat.validate(text))
    except ValidationError as error:
        raise InvalidInput(
            "not a VAT number", field="vat_id", limit="an EU VAT number", action="ask for the registered number"
        ) from error
