"""THE table of handlers: name, what calls it, and the ports and parts that it takes. Everything else is derived."""

from __future__ import annotations

from dataclasses import dataclass

PORTS = frozenset(
    {
        "records", "documents", "queue", "events", "workflows", "timers", "secrets",
        "connections", "channels", "business_systems", "telemetry", "clock", "ids",
    }
)  # fmt: skip
# What a handler may take beside ports, and the ports that each part stands on.
PARTS: dict[str, tuple[str, ...]] = {
    "company": (),
    "vault": ("records", "secrets", "clock"),
    "library": ("documents", "clock"),
    "toolbox": ("records", "business_systems", "clock"),
}


@dataclass(frozen=True, slots=True)
class Handler:
    """One row. `trigger`: task (a workflow calls it), queue:<name>, event, minute, http or direct; `seconds` is its
    timeout; `takes` are the ports and parts that its `handle` names. `deploy_with` shares another's function.
    """

    name: str
    trigger: str
    takes: tuple[str, ...]
    seconds: int = 10
    deploy_with: str = ""

    @property
    def module(self) -> str:
        """The dotted name of its file."""
        return f"functions.{self.name}"

    @property
    def ports(self) -> tuple[str, ...]:
        """Every port that it can reach, through its parts too."""
        reached = {port for name in self.takes for port in PARTS.get(name, (name,))}
        return tuple(sorted(reached))


SPECIALIST = ("records", "vault", "library", "toolbox", "company", "clock")

HANDLERS: tuple[Handler, ...] = (
    Handler("intake.receive", "direct", ("records", "vault", "clock", "ids")),
    Handler("intake.email", "direct", ("records", "documents", "vault", "secrets", "clock", "business_systems")),
    Handler("intake.webhook", "direct", ("records", "vault", "secrets", "clock", "ids")),
    Handler("intake.relay", "event", ("records", "queue", "events", "workflows"), 30),
    Handler("orchestrator.start", "queue:turns", ("records", "workflows", "clock"), 10),
    Handler("orchestrator.understand", "task", ("records", "vault", "library", "company", "telemetry"), 8),
    Handler("orchestrator.plan", "task", ("records", "company", "business_systems"), 4),
    Handler("orchestrator.combine", "task", ("vault",), 4),
    Handler("sentiment.assess", "task", ("records", "vault"), 8),
    Handler("billing.work", "task", SPECIALIST, 15),
    Handler("technical.work", "task", SPECIALIST, 15),
    Handler("account.work", "task", SPECIALIST, 15),
    Handler("sales.work", "task", SPECIALIST, 15),
    Handler("general.work", "task", SPECIALIST, 15),
    Handler("reply.clarify", "task", ("records", "vault", "company", "clock"), 5),
    Handler("reply.ignore", "task", ("records", "clock"), 5),
    Handler("reply.review", "task", ("records", "vault", "library"), 4),
    Handler("reply.send", "task", ("records", "vault", "company", "clock"), 5),
    Handler("reply.deliver", "event", ("records", "vault", "secrets", "channels", "connections", "clock"), 30),
    Handler("reply.resolve", "direct", ("records", "workflows", "clock"), 10),
    Handler("reply.rate", "direct", ("records", "vault", "clock"), 5),
    Handler("escalation.open", "task", ("records", "vault", "company", "clock"), 5),
    Handler("escalation.notify", "task", ("records", "connections", "clock"), 5),
    Handler("escalation.assign", "task", ("records", "company"), 10),
    Handler("escalation.page", "task", ("records", "connections"), 10),
    Handler("escalation.resume", "task", ("records", "clock"), 10),
    Handler("escalation.request", "direct", ("records", "vault", "company", "clock"), 10),
    Handler("escalation.take", "direct", ("records", "company", "clock"), 10),
    Handler("escalation.answer", "direct", ("records", "vault", "workflows", "clock"), 10),
    Handler("escalation.decide", "direct", ("records", "workflows", "company", "clock"), 10),
    Handler("effects.execute", "direct", ("toolbox",), 30),
    Handler("sla.sweep", "minute", ("records", "queue", "company", "clock", "telemetry"), 60),
    Handler("reply.close", "minute", ("records", "company", "clock"), 60),
    Handler("effects.reconcile", "minute", ("toolbox", "workflows", "telemetry"), 60),
    Handler("realtime.tell", "event", ("connections",), 10),
    Handler("analytics.project", "event", ("records", "company"), 30),
    Handler("knowledge.publish", "direct", ("documents",), 60),
)

BY_NAME: dict[str, Handler] = {handler.name: handler for handler in HANDLERS}

# Which handlers hear of which event; the relay routes by this table.
SUBSCRIPTIONS: dict[str, tuple[str, ...]] = {
    "TurnCommitted": ("analytics.project", "realtime.tell"),
    "ReplyCommitted": ("reply.deliver",),
    "OperatorReplied": ("analytics.project", "realtime.tell", "reply.deliver"),
    "ConversationTaken": ("analytics.project", "realtime.tell"),
    "ConversationHandedBack": ("analytics.project", "realtime.tell"),
    "ConversationResolved": ("analytics.project", "realtime.tell"),
    "TicketClosed": ("analytics.project",),
    "SlaWarned": ("analytics.project",),
    "SlaBreached": ("analytics.project",),
    "AlertRaised": ("analytics.project",),
}
