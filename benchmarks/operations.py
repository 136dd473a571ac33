"""What one ticket asks of AWS: counted on moto, on the deployed templates, beside the goals of design §4.

`python -m benchmarks.operations --write` writes adapters/aws/operations.json, which `supportmax cost` multiplies.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.aws.cost_model import STAGES
from benchmarks.metered_cloud import (
    ACCESS_LINE,
    DOMAIN,
    Meter,
    look_at,
    mail_bucket,
    metered_house,
    platform_lines,
    traced,
)
from shared.access.api_keys import read_api_key
from shared.access.listeners import Listener, write_listener
from shared.workflow.definitions import MACHINES
from stacks.alarms import wanted
from stacks.config import read_config
from stacks.places import Place
from tests.aws.support import House

FILE = Path(__file__).parents[1] / "adapters" / "aws" / "operations.json"
QUESTION, WISH = "How do I connect Slack?", "I want to talk to a person."
HOW = "moto 5.2.5, the synthesised templates, warm functions; `python -m benchmarks.operations --write`"
OPERATOR = "mira"
ROUNDS = 3

# Design §4 counts the turn's path and the views. The door (keys, rates) and what carries the reply stand beside them.
DOOR, VIEWS = ("BUCKET", "KEY", "SECRET"), ("DUE", "TICKET", "OPEN")
CARRIERS = ("reply.deliver", "realtime.tell")
WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Goal:
    """One line of design §4: what was counted and the most that it may be."""

    name: str
    counted: float
    at_most: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {FILE.name}")
    options = parser.parse_args()
    told, goals = measure()
    print_goals(goals)
    if options.write:
        FILE.write_text(json.dumps(told, indent=2) + "\n", "utf-8")
    sys.exit(any(goal.counted > goal.at_most for goal in goals))


def read_file() -> Row:
    """What was written last."""
    told: Row = json.loads(FILE.read_text("utf-8"))
    return told


def measure(rounds: int = ROUNDS) -> tuple[Row, list[Goal]]:
    """Every kind of ticket, a page and an idle minute; and how a ticket by chat stands to its goals."""
    with metered_house() as (house, meter):
        house.cloud.client("sesv2").create_email_identity(EmailIdentity=DOMAIN)
        for play in PLAYS.values():  # so that functions are warm, and the customer known
            play(house, meter)
        counted = play_all(house, meter)
        goals = hold_to_design(meter, counted["auto_resolved"])
        for _ in range(rounds - 1):
            keep_least_cpu(counted, play_all(house, meter))
    today = datetime.now(UTC).date().isoformat()
    standing = {stage: stands(stage) for stage in STAGES}
    return {"measured": today, "how": HOW, "counted": counted, "standing": standing}, goals


def play_all(house: House, meter: Meter) -> dict[str, Row]:
    """Every play once, each on a bill of its own."""
    return {name: count(house, meter, play) for name, play in PLAYS.items()}


def stands(stage: str) -> Row:
    """What the stacks of a stage keep in each region that costs by the month; secrets but the root are rows."""
    place = Place(read_config({"stage": stage}), "us-east-1")
    found = {"alarms.metric_month": len(wanted(place)), "secrets.secret_month": 1}
    return found | ({"dashboards.month": 1} if place.config.rules.dashboard else {})


def keep_least_cpu(counted: dict[str, Row], again: dict[str, Row]) -> None:
    """The CPU of each function's quickest round: other work on the machine only adds to it."""
    for name, row in counted.items():
        for function, work in row["functions"].items():
            other = again[name]["functions"].get(function, work)
            work["cpu_ms"] = min(work["cpu_ms"], other["cpu_ms"])


def by_chat(house: House, meter: Meter) -> None:
    """A page that is open: one request brings the message, the reply is pushed."""
    write(house, QUESTION)
    house.cloud.settle()


def by_api(house: House, meter: Meter) -> None:
    """A program writes, and reads what became of it."""
    body = {"customer_id": "cus_ben", "channel": "api", "initial_message": QUESTION}
    accepted = house.ask("POST", "conversations", body)
    assert accepted.status == 202, accepted
    assert house.ask("GET", f"tasks/{accepted.body['task_id']}").body["result"]["outcome"] == "resolved"


def escalated(house: House, meter: Meter) -> None:
    """A customer wants a person: an operator looks at the desk, takes the conversation, and solves it."""
    accepted = write(house, WISH)
    house.cloud.settle()
    place = f"handoffs/{accepted['conversation_id']}"
    for method, path, body in (
        ("GET", "handoffs", None),
        ("POST", f"{place}/take", {}),
        ("POST", f"{place}/reply", {"message": "I am Mira, and I have mended it.", "resolve": True}),
    ):
        answer = house.ask(method, path, body, operator=OPERATOR)
        assert answer.status == 200, answer


def write(house: House, text: str) -> Row:
    """Send a message; that the page listens to its conversation is on the bill of `open_page`."""
    body = {"customer_id": "cus_ben", "channel": "web", "initial_message": text}
    answer = house.cloud.http("POST", "/api/v1/conversations", body, house.authorization)
    assert answer["statusCode"] == 202, answer
    accepted: Row = json.loads(answer["body"])
    provider, conversation = house.provider, accepted["conversation_id"]
    caller = read_api_key(provider.records, provider.secrets, provider.clock, house.key)
    write_listener(provider.records, provider.clock, "page", Listener(conversation, caller.tenant, caller.key))
    provider.connections.join("page", f"{house.tenant}|{conversation}")
    return accepted


def open_page(house: House, meter: Meter) -> None:
    """A page opens its connection, shows its key, and leaves."""
    conversation, connection = house.begin(QUESTION)["conversation_id"], house.provider.ids.new("c")
    meter.clear()
    house.cloud.socket("$connect", connection, conversation=conversation)
    house.cloud.socket("$default", connection, {"type": "auth", "key": house.key})
    house.cloud.socket("$disconnect", connection)


def by_mail(house: House, meter: Meter) -> None:
    """SES has stored a mail; the reply goes out by SES."""
    number = house.provider.ids.new("")
    raw = (
        f"From: Ben <ben@customers.example>\r\nTo: support@{DOMAIN}\r\nSubject: Slack\r\nMessage-ID: <{number}@c>\r\n"
        f"Date: Mon, 16 Nov 2026 10:00:00 +0000\r\n\r\n{QUESTION}\r\n"
    )
    house.cloud.put_object(mail_bucket(house), f"{house.tenant}/{number}", raw.encode())
    house.cloud.settle()


def idle_minute(house: House, meter: Meter) -> None:
    """A minute begins, and nothing is due: what is left of earlier plays is worked off before."""
    house.cloud.tick()
    meter.clear()
    house.cloud.tick()


Play = Callable[[House, Meter], None]
PLAYS: dict[str, Play] = {
    "by_api": by_api,
    "by_mail": by_mail,
    "open_page": open_page,
    "escalated": escalated,
    "minute": idle_minute,
    "auto_resolved": by_chat,  # the last, because its bill is held to the design
}


def count(house: House, meter: Meter, play: Play) -> Row:
    """What one play used."""
    before = {machine: look_at(house, machine) for machine in MACHINES}
    meter.clear()
    play(house, meter)
    after = {machine: look_at(house, machine) for machine in MACHINES}
    started, entered = ({name: after[name][what] - before[name][what] for name in MACHINES} for what in (0, 1))
    units = units_of(meter, platform_lines(house))
    units["states.transition"] = entered["escalation"]
    units["xray.trace"] = sum(started[machine] for machine in traced(house))
    row = {unit: amount for unit, amount in units.items() if amount}
    return {"units": row, "transitions": entered["turn"], "functions": functions_of(meter)}


def units_of(meter: Meter, platform: int) -> dict[str, float]:
    """Charged units: what was seen, and what the gateway logs and Lambda's poller asks of the queue."""
    units: dict[str, float] = {}
    for (_, unit), amount in sorted(meter.bill.units.items(), key=lambda each: each[0][1]):
        units[unit] = units.get(unit, 0) + amount
    requests, polled = meter.calls["api"], 2 * meter.calls["orchestrator.start"]  # received, and deleted
    units["sqs.request"] = units.get("sqs.request", 0) + polled
    units["api.http_request"] = requests
    units["logs.byte"] = meter.log_bytes + requests * ACCESS_LINE + sum(meter.calls.values()) * platform
    return units


def functions_of(meter: Meter) -> dict[str, Row]:
    """Invocations, CPU here in ms, and the calls that each function waited for, by service."""
    found: dict[str, Row] = {}
    for function in sorted(meter.calls):
        waits: dict[str, int] = {}
        for (who, call), number in sorted(meter.bill.calls.items()):
            if who == function:
                service = call.partition(".")[0]
                waits[service] = waits.get(service, 0) + number
        cpu = round(meter.cpu_ms[function] / 1000, 1)
        found[function] = {"calls": meter.calls[function], "cpu_ms": cpu, "waits": waits}
    return found


def hold_to_design(meter: Meter, ticket: Row) -> list[Goal]:
    """The ticket by chat, which was played last, against design §4."""

    def used(*what: str, views: bool) -> float:
        return sum(
            amount
            for (function, kind, each), amount in meter.bill.rows.items()
            if each in what and function not in CARRIERS and kind not in DOOR and (kind in VIEWS) == views
        )

    units = ticket["units"]
    return [
        Goal("write requests, turn's path", used(*WRITES, views=False), 4),
        Goal("write units, turn's path", used("dynamodb.write_unit", views=False), 7),
        Goal("read units, turn's path", used("dynamodb.read_unit", views=False), 5),
        Goal("write requests, views", used(*WRITES, views=True), 3),
        Goal("write units, views", used("dynamodb.write_unit", views=True), 4),
        Goal("queue requests", units["sqs.request"], 3),
        Goal("publishing requests", meter.bill.requests("EventBridge.PutEvents"), 1),
        Goal("bytes of logs", units["logs.byte"], 3 * 1024),
    ]


def print_goals(goals: list[Goal]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("one ticket resolved by itself, by chat", "counted", "at most", "met")
    for goal in goals:
        met = "yes" if goal.counted <= goal.at_most else "NO"
        table.add_row(goal.name, f"{goal.counted:g}", f"{goal.at_most:g}", met)
    Console().print(table)


if __name__ == "__main__":
    main()
