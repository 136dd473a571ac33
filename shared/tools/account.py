"""Account tools: who the customer is, their users' access, their keys, their data."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Len

from shared.errors import InvalidInput
from shared.ports.business_systems import BusinessSystems
from shared.tools.billing import subscription_handles
from shared.tools.slots import Reference, Text, checked
from shared.tools.tool import Facts

PUBLIC_PROFILE = ("id", "name", "company", "tier", "status", "customer_since", "verified", "address", "email", "phone")
USER_FACTS = ("id", "name", "role", "mfa", "lock")


@checked
def get_customer_profile(systems: BusinessSystems, *, customer: str) -> Facts:
    """Read who the customer is: name, company, tier, channels, users and whether any of them is locked."""
    filed = systems.read("accounts", "customer", {"customer": customer})["customer"]
    users = systems.read("accounts", "users", {"customer": customer})["users"]
    users.sort(key=lambda user: user["role"] != "owner")
    return {
        "customer": {name: filed[name] for name in PUBLIC_PROFILE},
        "users": [{name: user[name] for name in USER_FACTS} for user in users],
        "handles": {"user": {user["id"]: {"role": user["role"], "lock": user["lock"]} for user in users}},
    }


@checked
def get_account_services(systems: BusinessSystems, *, customer: str) -> Facts:
    """List what the customer has: subscriptions with plan and state, and API keys."""
    subscriptions = systems.read("billing", "subscriptions", {"customer": customer})["subscriptions"]
    keys = systems.read("accounts", "api_keys", {"customer": customer})["api_keys"]
    handles = {"subscription": subscription_handles(subscriptions), "api_key": api_key_handles(keys)}
    return {"subscriptions": subscriptions, "api_keys": keys, "handles": handles}


def api_key_handles(keys: list[Facts]) -> dict[str, Facts]:
    """Keys as later tools may name them."""
    return {key["id"]: {"status": key["status"], "expires": key["expires"]} for key in keys}


@checked
def send_password_reset(systems: BusinessSystems, *, key: str, customer: str, user: Reference) -> Facts:
    """Mail a password reset link to the user's verified address."""
    sent = systems.act("accounts", "password_reset", {"customer": customer, "user": user}, key=key)
    return {**sent, "sent_to": mask_address(sent["sent_to"])}


@checked
def unlock_account(systems: BusinessSystems, *, key: str, customer: str, user: Reference) -> Facts:
    """Lift a lock that failed sign-ins caused."""
    return systems.act("accounts", "unlock", {"customer": customer, "user": user}, key=key)


@checked
def reset_mfa(systems: BusinessSystems, *, key: str, customer: str, user: Reference) -> Facts:
    """Forget a user's second factor, so that the next sign-in sets up a new one."""
    return systems.act("accounts", "reset_mfa", {"customer": customer, "user": user}, key=key)


@checked
def update_contact_details(
    systems: BusinessSystems,
    *,
    key: str,
    customer: str,
    field: Literal["email", "phone", "name", "company"],
    value: Annotated[str, Len(2, 120)],
) -> Facts:
    """Change the customer's name, company, e-mail address or phone; the last two wait for a confirmation."""
    value = CONTACT_CHECKS[field](value) if field in CONTACT_CHECKS else value
    return systems.act("accounts", "contact", {"customer": customer, "field": field, "value": value}, key=key)


@checked
def set_user_role(
    systems: BusinessSystems, *, key: str, customer: str, user: Reference, role: Literal["viewer", "editor", "admin"]
) -> Facts:
    """Give one of the customer's users another role; the owner's stays."""
    return systems.act("accounts", "role", {"customer": customer, "user": user, "role": role}, key=key)


@checked
def revoke_api_key(systems: BusinessSystems, *, key: str, customer: str, api_key: Reference) -> Facts:
    """Revoke an API key for good; requests with it fail from now on."""
    return systems.act("accounts", "revoke_api_key", {"customer": customer, "api_key": api_key}, key=key)


@checked
def issue_api_key(systems: BusinessSystems, *, key: str, customer: str, label: Annotated[str, Len(1, 60)]) -> Facts:
    """Make a new API key; its secret is shown once in the customer's console, never in a message."""
    return systems.act("accounts", "issue_api_key", {"customer": customer, "label": label}, key=key)


@checked
def verify_customer_identity(
    systems: BusinessSystems, *, key: str, customer: str, channel: Literal["email", "phone"] = "email"
) -> Facts:
    """Send a one-time code to a channel of the customer that was verified before."""
    sent = systems.act("accounts", "one_time_code", {"customer": customer, "channel": channel}, key=key)
    return {**sent, "address": mask_address(sent["address"])}


@checked
def request_data_export(systems: BusinessSystems, *, key: str, customer: str) -> Facts:
    """Order a copy of everything stored about the customer, sent to their verified address."""
    ordered = systems.act("accounts", "data_export", {"customer": customer}, key=key)
    return {**ordered, "sent_to": mask_address(ordered["sent_to"])}


@checked
def close_account(systems: BusinessSystems, *, key: str, customer: str, reason: Text) -> Facts:
    """Close the account for good, where nothing is owed and no subscription runs."""
    return systems.act("accounts", "close", {"customer": customer, "reason": reason}, key=key)


def mask_address(address: str) -> str:
    """Enough of an address or number to recognise it: `a***@shop.example`, `***0101`."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}***@{domain}" if at else f"***{address[-4:]}"


def need_email(text: str) -> str:
    """An e-mail address, lower-cased; raises InvalidInput."""
    name, at, domain = text.strip().lower().partition("@")
    if not (name and at and "." in domain) or any(character.isspace() for character in text.strip()):
        raise InvalidInput("not an address", field="value", limit="name@domain", action="give a full e-mail address")
    return f"{name}@{domain}"


def need_phone(text: str) -> str:
    """A phone number in international form; raises InvalidInput."""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException as error:
        raise InvalidInput("not a number", field="value", limit="+country number", action="begin with +") from error
    if not phonenumbers.is_possible_number(number):
        raise InvalidInput("not a number", field="value", limit="a possible number", action="check the digits")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


CONTACT_CHECKS = {"email": need_email, "phone": need_phone}
