"""TOOLS: every tool that an agent may be given, with everything that the rules need to know about it."""

from __future__ import annotations

from collections.abc import Callable

from shared.errors import NotFound
from shared.tools import account, billing, orders, payments, sales, technical
from shared.tools.tool import DataClass, Effect, Facts, Tool

EVERYONE = ("general", "billing", "account", "technical", "sales", "expert", "coordinator")
BILLING = ("billing",)
MONEY_READERS = ("billing", "expert", "coordinator")
ACCOUNT = ("account",)
TECHNICAL = ("technical", "expert", "coordinator")
API_WORKERS = ("technical", "billing", "account", "expert", "coordinator")
ORDER_READERS = ("general", "sales", "billing", "coordinator")
ORDER_WORKERS = ("general", "sales")
SALES = ("sales",)

CUSTOMER = ("customer",)
USER = ("customer", "user")
ORDER = ("customer", "order")
SUBSCRIPTION = ("customer", "subscription")
INVOICE = ("customer", "invoice")
AMOUNT = ("amount_minor", "currency")
NUMBERS = ("order_number", "invoice_number")

# Retries repeat the same key; money and what cannot be undone are retried by the effect ledger alone.
RETRIES: dict[Effect, int] = {"none": 2, "write": 1, "money": 0, "irreversible": 0}
TIMEOUT_S: dict[Effect, int] = {"none": 5, "write": 10, "money": 10, "irreversible": 10}


def look(
    run: Callable[..., Facts],
    family: str,
    system: str,
    agents: tuple[str, ...],
    *,
    bound: tuple[str, ...] = CUSTOMER,
    chosen: tuple[str, ...] = (),
    data: DataClass = "confidential",
    aliases: tuple[str, ...] = (),
) -> Tool:
    """A row for a tool that only reads."""
    return act("none", run, family, system, agents, bound=bound, chosen=chosen, data=data, aliases=aliases)


def act(
    effect: Effect,
    run: Callable[..., Facts],
    family: str,
    system: str,
    agents: tuple[str, ...],
    *,
    bound: tuple[str, ...] = CUSTOMER,
    chosen: tuple[str, ...] = (),
    data: DataClass = "confidential",
    approval: str | None = None,
    aliases: tuple[str, ...] = (),
) -> Tool:
    """A row for a tool that changes something; `approval` names a threshold of company/approvals.toml."""
    return Tool(
        name=run.__name__,
        run=run,
        family=family,
        effect=effect,
        data=data,
        system=system,
        timeout_s=TIMEOUT_S[effect],
        retries=RETRIES[effect],
        approval=approval,
        bound=bound,
        chosen=chosen,
        agents=agents,
        aliases=aliases,
    )


BILLING_TOOLS = (
    look(billing.get_billing_information, "billing", "billing", MONEY_READERS, aliases=("billing_system_api",)),
    look(billing.list_payments, "billing", "billing", MONEY_READERS, chosen=NUMBERS),
    look(billing.find_duplicate_charge, "billing", "billing", MONEY_READERS, chosen=NUMBERS,
         aliases=("dispute_tracker",)),
    look(billing.get_refund_status, "billing", "billing", (*MONEY_READERS, "general")),
    look(billing.get_invoice, "billing", "billing", (*MONEY_READERS, "account"), chosen=("invoice_number",)),
    look(billing.get_payment_status, "billing", "billing", MONEY_READERS, chosen=NUMBERS,
         aliases=("payment_validator",)),
    look(billing.compare_usage, "billing", "billing", (*MONEY_READERS, "technical")),
    act("money", payments.refund_payment, "billing", "billing", BILLING, bound=("customer", "payment", *AMOUNT),
        chosen=("reason",), data="restricted", approval="refund", aliases=("refund_manager", "issue_refund")),
    act("money", payments.apply_credit_adjustment, "billing", "billing", ("billing", "expert"),
        bound=("customer", "basis", *AMOUNT), chosen=("reason",), data="restricted", approval="credit"),
    act("money", payments.process_payment, "billing", "billing", BILLING, bound=(*INVOICE, *AMOUNT),
        data="restricted", approval="payment", aliases=("retry_payment", "payment_processor")),
    act("write", payments.setup_payment_plan, "billing", "billing", BILLING, bound=INVOICE, chosen=("instalments",)),
    act("write", payments.send_invoice_copy, "billing", "billing", ("billing", "account"), bound=INVOICE,
        aliases=("invoice_generator",)),
    act("write", payments.change_plan, "billing", "billing", ("billing", "sales"), bound=SUBSCRIPTION, chosen=("plan",),
        aliases=("update_subscription", "upgrade_tier")),
    act("irreversible", payments.cancel_subscription, "billing", "billing", BILLING, bound=SUBSCRIPTION,
        chosen=("reason",), approval="irreversible"),
    act("write", payments.reactivate_subscription, "billing", "billing", BILLING, bound=SUBSCRIPTION),
    act("write", payments.update_tax_status, "billing", "billing", BILLING, chosen=("tax_status", "vat_id")),
)  # fmt: skip

ACCOUNT_TOOLS = (
    look(account.get_customer_profile, "account", "accounts", EVERYONE,
         aliases=("get_customer_details", "crm_integration", "user_directory")),
    look(account.get_account_services, "account", "accounts", EVERYONE, aliases=("get_subscription_details",)),
    act("write", account.send_password_reset, "account", "accounts", ("account", "general"), bound=USER,
        aliases=("reset_password",)),
    act("write", account.unlock_account, "account", "accounts", ACCOUNT, bound=USER),
    act("write", account.reset_mfa, "account", "accounts", ACCOUNT, bound=USER, data="restricted",
        aliases=("mfa_manager",)),
    act("write", account.update_contact_details, "account", "accounts", ACCOUNT, chosen=("field", "value")),
    act("write", account.set_user_role, "account", "accounts", ACCOUNT, bound=USER, chosen=("role",),
        aliases=("iam",)),
    act("irreversible", account.revoke_api_key, "account", "accounts", ("account", "technical", "expert"),
        bound=("customer", "api_key"), data="restricted", approval="irreversible"),
    act("write", account.issue_api_key, "account", "accounts", ("account", "technical", "expert"), chosen=("label",),
        data="restricted"),
    act("write", account.verify_customer_identity, "account", "accounts", ("account", "billing", "general"),
        chosen=("channel",)),
    act("write", account.request_data_export, "account", "accounts", ACCOUNT, data="restricted"),
    act("irreversible", account.close_account, "account", "accounts", ACCOUNT, chosen=("reason",), data="restricted",
        approval="irreversible"),
)  # fmt: skip

TECHNICAL_TOOLS = (
    look(technical.get_service_status, "technical", "status", EVERYONE, data="public",
         aliases=("system_health_checker",)),
    look(technical.check_system_logs, "technical", "logs", TECHNICAL,
         aliases=("search_logs", "log_analyzer", "trace_analyzer")),
    look(technical.run_diagnostic_test, "technical", "status", (*TECHNICAL, "general", "account"), chosen=("check",),
         aliases=("diagnostic_runner",)),
    look(technical.check_api_access, "technical", "status", API_WORKERS, aliases=("configuration_validator",)),
    act("write", technical.schedule_technician_visit, "technical", "orders", ("technical", "expert"),
        chosen=("day", "subject")),
)  # fmt: skip

ORDER_TOOLS = (
    look(orders.get_order, "orders", "orders", ORDER_READERS, chosen=("order_number",)),
    look(orders.track_order, "orders", "orders", ORDER_READERS, chosen=("order_number",)),
    look(orders.get_delivery_estimate, "orders", "orders", ORDER_READERS, chosen=("order_number",)),
    act("irreversible", orders.cancel_order, "orders", "orders", ORDER_WORKERS, bound=ORDER, chosen=("reason",),
        approval="irreversible"),
    act("write", orders.change_order, "orders", "orders", ORDER_WORKERS, bound=ORDER, chosen=("sku", "quantity")),
    act("write", orders.change_shipping_address, "orders", "orders", ORDER_WORKERS, bound=ORDER,
        chosen=("street", "postcode", "city", "country")),
    act("write", orders.create_return, "orders", "orders", ORDER_WORKERS, bound=ORDER,
        chosen=("sku", "reason", "quantity")),
    act("write", orders.report_damaged_item, "orders", "orders", ORDER_WORKERS, bound=ORDER,
        chosen=("sku", "description", "wish", "quantity")),
)  # fmt: skip

SALES_TOOLS = (
    look(sales.get_product_information, "sales", "catalogue", EVERYONE, bound=(), chosen=("product",), data="public",
         aliases=("product_catalog",)),
    look(sales.check_inventory_availability, "sales", "catalogue", ("sales", "general", "coordinator"), bound=(),
         chosen=("sku", "quantity"), data="public"),
    act("write", sales.generate_quote, "sales", "orders", SALES, chosen=("sku", "quantity"),
        aliases=("quote_generator", "pricing_engine")),
    act("write", sales.process_order, "sales", "orders", ("sales", "expert"), bound=("customer", "quote"),
        aliases=("place_order",)),
)  # fmt: skip

TOOLS: dict[str, Tool] = {
    tool.name: tool for tool in (*BILLING_TOOLS, *ACCOUNT_TOOLS, *TECHNICAL_TOOLS, *ORDER_TOOLS, *SALES_TOOLS)
}
ALIASES: dict[str, str] = {alias: tool.name for tool in TOOLS.values() for alias in tool.aliases}


def find_tool(name: str) -> Tool:
    """A tool by its name or one of its aliases; raises NotFound."""
    tool = TOOLS.get(ALIASES.get(name, name))
    if tool is None:
        raise NotFound(f"no tool called {name}", field="tool", limit="a name of TOOLS", action="see `supportmax tools`")
    return tool


def tools_of(agent: str) -> tuple[Tool, ...]:
    """The tools that an agent may be given, in the table's order."""
    return tuple(tool for tool in TOOLS.values() if agent in tool.agents)
