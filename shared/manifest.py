"""THE table of handlers: name, what calls it, and the ports and parts that it takes. Everything else is derived."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

PORTS = frozenset(
    {
        "records", "documents", "queue", "events", "workflows", "timers", "secrets",
        "connections", "channels", "business_systems", "telemetry", "tenants", "clock", "ids",
    }
)  # fmt: skip
# What a handler may take beside ports, and the ports that each part stands on.
PARTS: dict[str, tuple[str, ...]] = {
    "company": (),
    "vault": ("records", "secrets", "clock"),
    "library": ("documents", "clock"),
    "toolbox": ("records", "business_systems", "clock", "tenants"),
}


@dataclass(frozen=True, slots=True)
class Handler:
    """One row. `takes` are the ports and parts that its `handle` names; `seconds` is its timeout.

    `trigger`: task (a workflow calls it), queue:<name>, event, stream (stored events), mail (a raw mail came), receipt
    (what became of a sent one), minute, socket or direct. `deploy_with` shares another's function; `money` says that it
    reaches the tenant's money partition.
    """

    name: str
    trigger: str
    takes: tuple[str, ...]
    seconds: int = 10
    deploy_with: str = ""
    money: bool = False

    @property
    def module(self) -> str:
        """The dotted name of its file."""
        return f"functions.{self.name}"

    @property
    def ports(self) -> tuple[str, ...]:
        """Every port that it can reach, through its parts too."""
        return ports_of(self.takes)


@dataclass(frozen=True, slots=True)
class Function:
    """What is deployed as one: the handlers that it hosts, and what its entry needs itself."""

    name: str
    trigger: str
    handlers: tuple[Handler, ...]
    entry_takes: tuple[str, ...] = ()

    @property
    def ports(self) -> tuple[str, ...]:
        """Every port that one of its handlers or its entry can reach, ascending."""
        return ports_of((*self.entry_takes, *(port for handler in self.handlers for port in handler.takes)))

    @property
    def seconds(self) -> int:
        """Its timeout: that of its slowest handler."""
        return max(handler.seconds for handler in self.handlers)

    @property
    def money(self) -> bool:
        """Whether it reaches a tenant's money partition."""
        return self.name == API or any(handler.money for handler in self.handlers)


def ports_of(takes: Iterable[str]) -> tuple[str, ...]:
    """The ports behind ports and parts, ascending."""
    return tuple(sorted({port for name in takes for port in PARTS.get(name, (name,))}))


API, REALTIME = "api", "realtime"  # functions that are named after no handler: they host several of a kind

MAIL = ("records", "documents", "vault", "secrets", "clock", "business_systems", "company")
DELIVERY = ("records", "vault", "secrets", "channels", "connections", "company", "clock")
SPECIALIST = ("records", "vault", "library", "toolbox", "company", "clock")

HANDLERS: tuple[Handler, ...] = (
    Handler("intake.receive", "direct", ("records", "vault", "clock", "ids"), deploy_with=API),
    Handler(
        "intake.email", "mail", ("records", "documents", "vault", "secrets", "clock", "business_systems", "company")
    ),
    Handler("intake.webhook", "direct", ("records", "vault", "secrets", "clock", "ids"), deploy_with=API),
    Handler("intake.relay", "stream", ("records", "queue", "events", "workflows"), 30),
    Handler("orchestrator.start", "queue:turns", ("records", "workflows", "clock"), 10),
    Handler("orchestrator.understand", "task", ("records", "vault", "library", "company", "telemetry"), 8),
    Handler("orchestrator.plan", "task", ("records", "company", "business_systems"), 4),
    Handler("orchestrator.combine", "task", ("vault",), 4),
    Handler("sentiment.assess", "task", ("records", "vault"), 8),
    Handler("billing.work", "task", SPECIALIST, 15, money=True),
    Handler("technical.work", "task", SPECIALIST, 15, money=True),
    Handler("account.work", "task", SPECIALIST, 15, money=True),
    Handler("sales.work", "task", SPECIALIST, 15, money=True),
    Handler("general.work", "task", SPECIALIST, 15, money=True),
    Handler("reply.clarify", "task", ("records", "vault", "company", "clock"), 5),
    Handler("reply.ignore", "task", ("records", "clock"), 5),
    Handler("reply.review", "task", ("records", "vault", "library", "company"), 4, money=True),
    Handler("reply.send", "task", ("records", "vault", "company", "clock"), 5),
    Handler(
        "reply.deliver", "event", ("records", "vault", "secrets", "channels", "connections", "company", "clock"), 30
    ),
    Handler("reply.confirm", "receipt", ("records", "clock", "telemetry"), 10),
    Handler("reply.resolve", "direct", ("records", "workflows", "clock"), 10, deploy_with=API),
    Handler("reply.rate", "direct", ("records", "vault", "clock"), 5, deploy_with=API),
    Handler("escalation.open", "task", ("records", "vault", "company", "clock"), 5),
    Handler("escalation.notify", "task", ("records", "connections", "clock"), 5),
    Handler("escalation.assign", "task", ("records", "company"), 10),
    Handler("escalation.page", "task", ("records", "connections", "clock"), 10),
    Handler("escalation.resume", "task", ("records", "clock"), 10),
    Handler("escalation.request", "direct", ("records", "vault", "company", "clock"), 10, deploy_with=API),
    Handler("escalation.take", "direct", ("records", "company", "clock"), 10, deploy_with=API, money=True),
    Handler("escalation.answer", "direct", ("records", "vault", "workflows", "clock"), 10, deploy_with=API, money=True),
    Handler(
        "escalation.decide",
        "direct",
        ("records", "workflows", "company", "clock", "tenants"),
        10,
        deploy_with=API,
        money=True,
    ),
    Handler("effects.execute", "direct", ("toolbox",), 30, money=True),
    Handler("effects.drain", "direct", ("toolbox",), 60, money=True),
    Handler("effects.reopen", "direct", ("toolbox",), 60, money=True),
    Handler("sla.sweep", "minute", ("records", "queue", "company", "tenants", "clock", "telemetry"), 60, money=True),
    Handler("reply.close", "minute", ("records", "company", "clock"), 60, deploy_with="sla.sweep", money=True),
    Handler(
        "effects.reconcile", "minute", ("toolbox", "workflows", "telemetry"), 60, deploy_with="sla.sweep", money=True
    ),
    Handler("realtime.connect", "socket", ("records", "clock"), 5, deploy_with=REALTIME),
    Handler(
        "realtime.message",
        "socket",
        ("records", "vault", "secrets", "tenants", "connections", "clock", "ids"),
        deploy_with=REALTIME,
    ),
    Handler("realtime.disconnect", "socket", ("records", "connections"), 5, deploy_with=REALTIME),
    Handler("realtime.tell", "event", ("records", "vault", "connections", "clock"), 10),
    Handler("analytics.project", "event", ("records", "company", "telemetry"), 30),
    Handler("knowledge.publish", "direct", ("documents",), 60),
)

BY_NAME: dict[str, Handler] = {handler.name: handler for handler in HANDLERS}

# What the entry of a trigger needs beside its handlers. The API's are those of its routes (functions/api/backend.py),
# one of which takes a mail in. The function of the minute is also what a timer wakes.
ENTRY_TAKES: dict[str, tuple[str, ...]] = {
    "http": ("records", "documents", "vault", "secrets", "tenants", "business_systems", "clock", "ids", "telemetry"),
    "socket": ("connections", "telemetry"),
    **{trigger: ("tenants", "telemetry") for trigger in ("queue:turns", "stream", "minute", "mail")},
}
TRIGGER_OF = {API: "http", REALTIME: "socket"}


def _group() -> tuple[Function, ...]:
    hosted: dict[str, list[Handler]] = {}
    for handler in HANDLERS:
        hosted.setdefault(handler.deploy_with or handler.name, []).append(handler)
    return tuple(_function(name, tuple(handlers)) for name, handlers in hosted.items())


def _function(name: str, handlers: tuple[Handler, ...]) -> Function:
    trigger = TRIGGER_OF[name] if name in TRIGGER_OF else BY_NAME[name].trigger
    return Function(name, trigger, handlers, ENTRY_TAKES.get(trigger, ("telemetry",)))


FUNCTIONS: tuple[Function, ...] = _group()

# Which handlers hear of which event; the relay routes by this table.
SUBSCRIPTIONS: dict[str, tuple[str, ...]] = {
    "TurnCommitted": ("analytics.project", "realtime.tell"),
    "ReplyCommitted": ("reply.deliver",),
    "OperatorReplied": ("analytics.project", "realtime.tell", "reply.deliver"),
    "ConversationTaken": ("analytics.project", "realtime.tell"),
    "ConversationHandedBack": ("analytics.project", "realtime.tell"),
    "ConversationResolved": ("analytics.project", "realtime.tell"),
    "TicketClosed": ("analytics.project",),
    "MessageParked": ("analytics.project",),
    "SlaWarned": ("analytics.project",),
    "SlaBreached": ("analytics.project",),
    "AlertRaised": ("analytics.project",),
}
