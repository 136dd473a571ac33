"""Accounts: customers, their users, channels, keys and rights."""

from __future__ import annotations

from adapters.business.sandbox.billing import due
from adapters.business.sandbox.names import later, new_id
from adapters.business.sandbox.store import Body, Rows
from shared.errors import WrongState

EXPORT_DAYS = 3
KEY_DAYS = 365
ENDED = ("cancelled", "ending")


def get_customer(rows: Rows, *, customer: str) -> Body:
    return {"customer": rows.customer(customer)}


def find_by_email(rows: Rows, *, email: str) -> Body:
    """Whose verified address this is; found is false where it is nobody's."""
    owner = rows.get("verified_email", email.strip().lower())
    return {"found": True, "customer": owner["customer"], "user": owner["user"]} if owner else {"found": False}


def list_users(rows: Rows, *, customer: str) -> Body:
    rows.customer(customer)
    return {"users": rows.of(customer, "user")}


def list_api_keys(rows: Rows, *, customer: str) -> Body:
    rows.customer(customer)
    return {"api_keys": rows.of(customer, "api_key"), "as_of": rows.now()}


def send_password_reset(rows: Rows, *, key: str, customer: str, user: str) -> Body:
    """Mail a reset link to the user's verified address; nothing else ever receives it."""
    found = rows.need("user", user, customer)
    if not found["email_verified"]:
        raise WrongState("the address is not verified", field="user", limit="a verified address", action="verify it")
    return {"user": user, "sent_to": found["email"], "valid_minutes": 30, "sent_at": rows.now()}


def unlock(rows: Rows, *, key: str, customer: str, user: str) -> Body:
    """Lift a lock after failed sign-ins; a security lock stays."""
    found = rows.need("user", user, customer)
    if found["lock"] == "security":
        raise WrongState("locked by security", field="user", limit="failed sign-ins only", action="hand to an operator")
    rows.change("user", found, lock=None, failed_sign_ins=0)
    return {"user": user, "unlocked": True, "was_locked": found["lock"] is not None}


def reset_mfa(rows: Rows, *, key: str, customer: str, user: str) -> Body:
    """Forget the user's second factor; the next sign-in asks for a new one."""
    found = rows.need("user", user, customer)
    rows.change("user", found, mfa="to_enrol")
    return {"user": user, "mfa": "to_enrol"}


def update_contact(rows: Rows, *, key: str, customer: str, field: str, value: str) -> Body:
    """Change a contact field; a new address or phone waits until its owner confirms it."""
    filed = rows.customer(customer)
    if field in ("email", "phone"):
        rows.change("customer", filed, pending_contact={**filed["pending_contact"], field: value})
        return {"field": field, "status": "awaiting_confirmation", "confirm_at": [value, filed["email"]]}
    rows.change("customer", filed, **{field: value})
    return {"field": field, "status": "changed", "confirm_at": []}


def set_role(rows: Rows, *, key: str, customer: str, user: str, role: str) -> Body:
    """Give a user another role; the owner keeps theirs."""
    found = rows.need("user", user, customer)
    if found["role"] == "owner":
        raise WrongState("the owner's role stays", field="user", limit="not the owner", action="transfer it first")
    rows.change("user", found, role=role)
    return {"user": user, "role": role, "was": found["role"]}


def revoke_api_key(rows: Rows, *, key: str, customer: str, api_key: str) -> Body:
    found = rows.need("api_key", api_key, customer)
    if found["status"] == "revoked":
        raise WrongState("already revoked", field="api_key", limit="an active key", action="tell the customer")
    rows.change("api_key", found, status="revoked")
    return {"api_key": api_key, "status": "revoked"}


def issue_api_key(rows: Rows, *, key: str, customer: str, label: str) -> Body:
    """Make a key; its secret is shown once in the customer's console and never here."""
    rows.customer(customer)
    made = {
        "id": new_id("key", key),
        "customer": customer,
        "label": label,
        "status": "active",
        "expires": later(rows.now(), days=KEY_DAYS),
    }
    return {"api_key": rows.put("api_key", made), "secret_shown_in": "console"}


def send_one_time_code(rows: Rows, *, key: str, customer: str, channel: str) -> Body:
    """Send a code to a channel that was verified before."""
    filed = rows.customer(customer)
    if channel not in filed["verified"]:
        raise WrongState("not a verified channel", field="channel", limit=" or ".join(filed["verified"]))
    rows.put("code", {"id": new_id("code", key), "customer": customer, "channel": channel, "sent_at": rows.now()})
    return {"code": new_id("code", key), "channel": channel, "address": filed[channel], "valid_minutes": 10}


def request_data_export(rows: Rows, *, key: str, customer: str) -> Body:
    """Queue a copy of everything that is stored about the customer, to the verified address."""
    filed = rows.customer(customer)
    ready = later(rows.now(), days=EXPORT_DAYS)
    rows.put("export", {"id": new_id("exp", key), "customer": customer, "ready_by": ready})
    return {"export": new_id("exp", key), "ready_by": ready, "sent_to": filed["email"]}


def close_account(rows: Rows, *, key: str, customer: str, reason: str) -> Body:
    """Close an account that owes nothing and has no running subscription."""
    filed = rows.customer(customer)
    running = [each["id"] for each in rows.of(customer, "subscription") if each["status"] not in ENDED]
    unpaid = [each["id"] for each in rows.of(customer, "invoice") if due(each)]
    if running or unpaid:
        raise WrongState(
            "something is still open", field="customer", limit=", ".join(running + unpaid), action="settle that first"
        )
    rows.change("customer", filed, status="closed", closed_because=reason)
    return {"customer": customer, "status": "closed", "closed_at": rows.now()}
