"""What people do in one seed: ten messages of customers, and operators who decide, take and hand back."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from adapters.simulated.scheduler import Crash
from adapters.simulated.world import SUBSCRIBERS, TURNS, World
from shared.conversations.keys import money_partition
from shared.conversations.views import desk_partitions
from shared.errors import PortError, Refused, Retry

MESSAGES = 10
MINUTE_MS = 60_000
FIRST_MS, SPREADS_MS = 1_000, (4_000, MINUTE_MS, 4 * MINUTE_MS)  # all at once, or over a while
CLIENT_TRIES, CLIENT_PAUSE_MS = 6, 7_000
# When the clock calls (minutes from the start), thin once nothing can be in flight any more; and when it is over.
MINUTES = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 26, 33, 41, 50, 60, 75, 90)
OPERATOR_MINUTES = (3, 6, 9, 14, 22, 35, 55)
REDRIVE_MINUTE = 70
END_MS = 100 * MINUTE_MS
FAULTS_UNTIL_MS = 25 * MINUTE_MS

# (customer, what they write): refunds small and large, the same payment twice, things that need no money
LINES: tuple[tuple[str, str], ...] = (
    ("cus_uma", "You charged me twice for order ORD-10241, please refund the second payment."),
    ("cus_uma", "I was charged twice for ORD-10241. Refund me, please."),
    ("cus_ben", "I was charged twice this month, please refund me."),
    ("cus_ada", "I was charged twice for order ORD-10231, refund please."),
    ("cus_eva", "We were charged twice for our November invoice, please refund it."),
    ("cus_zoe", "I was charged twice this month, please refund the second payment."),
    ("cus_quinn", "Please cancel my order ORD-10252."),
    ("cus_hugo", "Please cancel my subscription."),
    ("cus_victor", "What is my current account balance?"),
    ("cus_leo", "I forgot my password, please send me a reset link."),
)
CHANNELS = ("chat", "api", "email", "email")
REPEATED, GOES_ON = 0.1, 0.5
APPROVERS = ("noor", "edda")
OPERATOR = "mira"


@dataclass(frozen=True, slots=True)
class Written:
    """One message that a customer sends: `own_id` is its identity, so that sending it again is no second one. With
    `goes_on` it is written into the customer's last conversation on that channel, where there is one.
    """

    own_id: str
    customer: str
    text: str
    channel: str
    at: int
    goes_on: bool


def choose_messages(seed: int) -> list[Written]:
    """The messages of a seed; some are sent twice under one identity."""
    chooser = random.Random(f"messages {seed}")  # noqa: S311 - to be repeated
    pool = chooser.sample(LINES, chooser.randint(2, 5))
    channels, spread = chooser.sample(CHANNELS, 2), chooser.choice(SPREADS_MS)
    written: list[Written] = []
    for number in range(MESSAGES):
        at = FIRST_MS + chooser.randrange(spread)
        if written and chooser.random() < REPEATED:
            written.append(replace(chooser.choice(written), at=at))
            continue
        customer, text = chooser.choice(pool)
        goes_on = chooser.random() < GOES_ON
        written.append(Written(f"m{number}", customer, text, chooser.choice(channels), at, goes_on))
    return written


class People:
    """Customers and operators at work in a world; `accepted` are the messages that were answered with an id."""

    def __init__(self, world: World, seed: int, tenant: str) -> None:
        self.world, self.tenant = world, tenant
        self.random = random.Random(f"people {seed}")  # noqa: S311 - to be repeated
        self.accepted: list[tuple[str, str]] = []
        self._last: dict[tuple[str, str], str] = {}
        self._sent: dict[str, str] = {}

    def begin(self, messages: list[Written]) -> None:
        """Let everything happen that people and the clock will do."""
        spawn = self.world.scheduler.spawn
        for each in messages:
            spawn("customer", partial(self._write, each), after_ms=each.at)
        for minute in MINUTES:
            spawn("minute", partial(self.world.minute, self.tenant), after_ms=minute * MINUTE_MS)
        spawn("redrive", self._redrive, after_ms=REDRIVE_MINUTE * MINUTE_MS)
        for minute in OPERATOR_MINUTES:
            spawn("operators", self._look, after_ms=minute * MINUTE_MS + self.random.randrange(MINUTE_MS))

    def _redrive(self) -> None:
        """Somebody sends back to work whatever had failed too often (F3)."""
        for queue in (TURNS, *SUBSCRIBERS):
            for _ in range(self.world.cloud.queue.redrive(queue)):
                self.world.facts["redriven"] += 1
                self.world.expect(queue)

    def _write(self, message: Written) -> None:
        """A client tries again until somebody says that the message was received."""
        line = (message.customer, message.channel)
        where = self._sent.setdefault(message.own_id, self._last.get(line, "") if message.goes_on else "")
        task = {"tenant": self.tenant, "channel": message.channel, "text": message.text, "customer": message.customer}
        task |= {"own_id": message.own_id, "conversation": where}
        task |= {"from_": f"{message.customer}@example.com"} if message.channel == "email" else {}
        for _ in range(CLIENT_TRIES):
            received = self._try("intake.receive", task)
            if received is not None:
                self.accepted.append((received["conversation"], received["message"]))
                self._last[line] = received["conversation"]
                return
            self.world.scheduler.sleep(CLIENT_PAUSE_MS)

    def _look(self) -> None:
        """Operators decide on what waits, and now and then one takes a conversation or hands one back."""
        records = self.world.cloud.records
        for row in records.query(money_partition(self.tenant), prefix="EFFECT|"):
            if row.body["state"] == "PROPOSED" and row.body["approvers"]:
                for approver in APPROVERS[: self.random.randint(0, 2)]:
                    self.world.scheduler.spawn("approver", partial(self._decide, row.body, approver))
        for partition in desk_partitions(self.tenant):
            for row in records.query(partition, prefix="OPEN|"):
                act = partial(self.random.choice(HABITS), self, str(row.body["conversation"]))
                self.world.scheduler.spawn("operator", act)

    def _decide(self, effect: dict[str, Any], approver: str) -> None:
        approved = self.random.random() < 0.8
        args_hash = effect["args_hash"] if self.random.random() < 0.9 else "0" * 64
        task = {"tenant": self.tenant, "effect": effect["id"], "operator": approver, "approved": approved}
        for _ in range(self.random.randint(1, 2)):
            self._try("escalation.decide", task | {"args_hash": args_hash})

    def _take(self, conversation: str) -> None:
        self._try("escalation.take", {"tenant": self.tenant, "conversation": conversation, "operator": OPERATOR})

    def _answer(self, conversation: str, *, back: bool) -> None:
        task = {"tenant": self.tenant, "conversation": conversation, "operator": OPERATOR, "text": "We looked into it."}
        self._try("escalation.answer", task | {"own_id": f"a{self.world.scheduler.now}", "back": back})

    def _try(self, handler: str, task: dict[str, Any]) -> Any:
        try:
            return self.world.call(handler, task)
        except (Refused, PortError, Retry, Crash) as error:
            self.world.scheduler.note(f"{handler} {type(error).__name__}")
            return None


def _nothing(_: People, __: str) -> None:
    """Most operators are busy."""


def _take(people: People, conversation: str) -> None:
    people._take(conversation)


def _take_and_answer(people: People, conversation: str) -> None:
    people._take(conversation)
    people._answer(conversation, back=False)


def _hand_back(people: People, conversation: str) -> None:
    people._answer(conversation, back=True)


HABITS: tuple[Callable[[People, str], None], ...] = (
    _nothing,
    _nothing,
    _take,
    _take_and_answer,
    _hand_back,
    _hand_back,
)
