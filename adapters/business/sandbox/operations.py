"""The table of what each system of the sandbox can be asked and made to do, and what it promises."""

from __future__ import annotations

from collections.abc import Callable

from adapters.business.sandbox import accounts, billing, catalogue, money, orders, shop, status, subscriptions
from adapters.business.sandbox.store import Body
from shared.ports.business_systems import ActionContract

Operation = Callable[..., Body]
DAY = 86_400

# The sandbox acts inside the call, so nothing happens later than a slow call's own delay.
CONTRACTS: dict[str, ActionContract] = {
    "billing": ActionContract(window=30 * DAY, late_bound=4, looks_up=True, answers_within=1),
    "accounts": ActionContract(window=30 * DAY, late_bound=4, looks_up=True, answers_within=1),
    "orders": ActionContract(window=30 * DAY, late_bound=4, looks_up=True, answers_within=1),
    "status": ActionContract(window=0, late_bound=0, looks_up=False),
    "logs": ActionContract(window=0, late_bound=0, looks_up=False),
    "catalogue": ActionContract(window=0, late_bound=0, looks_up=False),
}

READS: dict[tuple[str, str], Operation] = {
    ("billing", "overview"): billing.overview,
    ("billing", "subscriptions"): billing.list_subscriptions,
    ("billing", "payments"): billing.list_payments,
    ("billing", "refunds"): billing.list_refunds,
    ("billing", "invoice"): billing.find_invoice,
    ("billing", "usage"): billing.list_usage,
    ("accounts", "customer"): accounts.get_customer,
    ("accounts", "customer_by_email"): accounts.find_by_email,
    ("accounts", "users"): accounts.list_users,
    ("accounts", "api_keys"): accounts.list_api_keys,
    ("orders", "order"): orders.find_order,
    ("orders", "list"): orders.list_orders,
    ("status", "components"): status.list_components,
    ("status", "probe"): status.probe,
    ("logs", "errors"): status.list_errors,
    ("catalogue", "products"): catalogue.list_products,
    ("catalogue", "plans"): catalogue.list_plans,
}

ACTIONS: dict[tuple[str, str], Operation] = {
    ("billing", "refund"): money.refund,
    ("billing", "credit"): money.credit,
    ("billing", "charge"): money.charge,
    ("billing", "payment_plan"): money.set_up_payment_plan,
    ("billing", "send_invoice"): billing.send_invoice,
    ("billing", "tax_status"): billing.update_tax_status,
    ("billing", "change_plan"): subscriptions.change_plan,
    ("billing", "cancel_subscription"): subscriptions.cancel,
    ("billing", "reactivate"): subscriptions.reactivate,
    ("accounts", "password_reset"): accounts.send_password_reset,
    ("accounts", "unlock"): accounts.unlock,
    ("accounts", "reset_mfa"): accounts.reset_mfa,
    ("accounts", "contact"): accounts.update_contact,
    ("accounts", "role"): accounts.set_role,
    ("accounts", "revoke_api_key"): accounts.revoke_api_key,
    ("accounts", "issue_api_key"): accounts.issue_api_key,
    ("accounts", "one_time_code"): accounts.send_one_time_code,
    ("accounts", "data_export"): accounts.request_data_export,
    ("accounts", "close"): accounts.close_account,
    ("orders", "cancel"): orders.cancel,
    ("orders", "change_lines"): orders.change_lines,
    ("orders", "address"): orders.change_address,
    ("orders", "return"): orders.create_return,
    ("orders", "claim"): orders.report_damage,
    ("orders", "visit"): orders.schedule_visit,
    ("orders", "quote"): shop.quote,
    ("orders", "place"): shop.place,
}
