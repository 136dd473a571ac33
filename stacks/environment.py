"""What a function is told: the settings that its ports need, and no others."""

from __future__ import annotations

from shared.manifest import BY_NAME, FUNCTIONS, SUBSCRIPTIONS, Function
from stacks.data import Buckets, Tables
from stacks.edge import SECRET
from stacks.places import Place

# The settings behind each port; adapters/aws/settings.py reads the same table, and a test holds the two together.
PORT_SETTINGS: dict[str, tuple[str, ...]] = {
    "records": ("RECORDS_TABLE", "LEDGER_TABLE"),
    "documents": ("DOCUMENTS_BUCKET",),
    "queue": ("TURNS_QUEUE", "TURNS_DEAD_QUEUE"),
    "events": ("EVENT_BUS",),
    "workflows": ("TURN_MACHINE", "ESCALATION_MACHINE", "TURNS"),
    "timers": ("TIMER_GROUP", "TIMER_TARGET", "TIMER_ROLE"),
    "secrets": ("SECRETS_PREFIX", "RECORDS_TABLE", "LEDGER_TABLE"),
    "connections": ("RECORDS_TABLE", "SOCKET_URL"),
    "channels": ("MAIL_FROM", "MAIL_CONFIGURATION"),
    "business_systems": ("SECRETS_PREFIX", "BUSINESS_URL"),
    "tenants": ("DIRECTORY_TABLE",),
}
ALWAYS = ("STAGE", "REGION", "FUNCTION", "TENANT")
MINUTE = next(function.name for function in FUNCTIONS if function.trigger == "minute")


def settings(place: Place, tables: Tables, buckets: Buckets, socket: str) -> dict[str, str]:
    """Every setting of a region but the function's own name; `socket` is the id of the WebSocket API."""
    config, queue = place.config, f"https://sqs.{place.region}.amazonaws.com/{place.config.account}"
    return {
        "STAGE": config.stage,
        "REGION": place.region,
        "TENANT": config.tenant,
        "RECORDS_TABLE": tables.records.table_name,
        "LEDGER_TABLE": tables.ledger.table_name,
        "DIRECTORY_TABLE": place.named("tenants"),
        "DOCUMENTS_BUCKET": buckets.documents.bucket_name,
        "TURNS_QUEUE": f"{queue}/{place.named('turns')}",
        "TURNS_DEAD_QUEUE": f"{queue}/{place.named('turns-dead')}",
        "EVENT_BUS": place.bus,
        "TURN_MACHINE": place.machine("turn"),
        "ESCALATION_MACHINE": place.machine("escalation"),
        "TURNS": config.turns,
        "TIMER_GROUP": place.named("timers"),
        "TIMER_TARGET": place.function(MINUTE),
        "TIMER_ROLE": f"arn:aws:iam::{config.account}:role/{place.timer_role}",
        "SECRETS_PREFIX": place.secrets,
        "SOCKET_URL": f"https://{socket}.execute-api.{place.region}.amazonaws.com/{config.stage}",
        "MAIL_FROM": place.mail_from,
        "MAIL_CONFIGURATION": place.named("mail"),
        "BUSINESS_URL": config.business_url,
        "ORIGIN_SECRET": SECRET if config.waf else "",
    }


def environment(function: Function, told: dict[str, str]) -> dict[str, str]:
    """The variables of one function; a setting that this deployment lacks is left out."""
    own = ("ORIGIN_SECRET",) if function.trigger == "http" else ()
    names = {*ALWAYS, *own, *(name for port in function.ports for name in PORT_SETTINGS.get(port, ()))}
    values = {**told, "FUNCTION": function.name}
    return {f"SUPPORTMAX_{name}": values[name] for name in sorted(names) if values[name]}


def subscribers() -> dict[str, tuple[str, ...]]:
    """The events that each subscribing function hears, by its name."""
    heard: dict[str, list[str]] = {}
    for event, handlers in SUBSCRIPTIONS.items():
        for handler in handlers:
            heard.setdefault(BY_NAME[handler].deploy_with or handler, []).append(event)
    return {name: tuple(sorted(events)) for name, events in sorted(heard.items())}
