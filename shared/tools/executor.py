"""The only door to a tool: allow-list → schema → bind → policy → approval → ledger or call → audit fact → answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.company.company import Company
from shared.domain.finding import Action
from shared.domain.verdict import Verdict
from shared.effects import ledger
from shared.effects.caps import CapExceeded, CapLimits
from shared.effects.effect import COMMITTED, PROPOSED, REJECTED, Effect, effect_id, hash_arguments
from shared.effects.perform import Till, perform
from shared.effects.watch import IN_FLIGHT
from shared.errors import InvalidInput, PortError, Refused, Retry, Unavailable, Uncertain, WrongState
from shared.ports.business_systems import BusinessSystems
from shared.ports.clock import Clock
from shared.ports.records import Records
from shared.ports.tenants import Tenants
from shared.tools.binding import Money, bind_slots
from shared.tools.breaker import Breaker
from shared.tools.policy import Request, find_threshold, judge
from shared.tools.tool import Facts, Tool

DAY_MS = 86_400_000
SOON_SECONDS = 5  # what a specialist's retries can wait out
SOON_MS = 500


@dataclass(frozen=True, slots=True)
class Caller:
    """For whom and by whom a tool is called; everything here comes from our own records, never from text."""

    tenant: str
    conversation: str
    turn: int
    execution: str
    assignment: int
    agent: str
    customer: str
    tier: str
    mode: str
    suspicious: bool = False


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What tools are called with."""

    tools: Mapping[str, Tool]
    records: Records
    systems: BusinessSystems
    clock: Clock
    company: Company
    breaker: Breaker
    homes: Tenants


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a call: `ok`, `refused`, `waiting` (for an approval), `pending` or `unavailable`.

    `rule` names the policy rule, error code or ledger state that decided; `repeat_of` an earlier effect that this one
    refers to.
    """

    status: str
    facts: Facts = field(default_factory=dict)
    rule: str = ""
    action: Action | None = None
    repeat_of: str = ""


def call_tool(box: Toolbox, caller: Caller, name: str, given: Facts, handles: Facts, step: int) -> Answer:
    """Call a tool under the rules; `handles` are what earlier tools issued in this work, `step` makes the effect's id.

    Never raises for what a tool, its arguments or its system does; raises Retry where trying again soon will tell.
    """
    tool = box.tools.get(name)
    if tool is None:
        return Answer("refused", rule="unknown_tool")
    try:
        slots, money = bind_slots(tool, caller.customer, given, handles)
    except InvalidInput as error:
        return Answer("refused", rule=f"{error.code}:{error.field}")
    request = Request(
        tool, caller.agent, caller.customer, caller.tier, caller.mode, caller.suspicious, money.amount, money.currency
    )
    verdict = judge(request, box.company)
    if verdict.decision == "deny":
        return Answer("refused", rule=verdict.rule, action=_noted(tool, "refused", money))
    if tool.effect in ("money", "irreversible"):
        return _through_ledger(box, caller, tool, slots, money, verdict, step)
    return _call(box, caller, tool, slots, money, step)


def _call(box: Toolbox, caller: Caller, tool: Tool, slots: Facts, money: Money, step: int) -> Answer:
    """Call a tool whose repetition is harmless: a read, or a write that its system deduplicates by our key."""
    system = tool.system or ""
    key = _effect_of(caller, step)
    if tool.effect != "none":
        slots = slots | {"key": key}
    if system and not box.breaker.allows(caller.tenant, system):
        return Answer("unavailable", rule="circuit_open")
    try:
        facts = _try_tool(box, caller, tool, slots)
    except Refused as refusal:
        return Answer("refused", rule=f"{refusal.code}:{refusal.field}", action=_changed(tool, "refused", money))
    except Unavailable:
        return Answer("unavailable", rule="unavailable")
    except Uncertain as error:  # a write that its system deduplicates: the same key will tell
        raise Retry(f"{tool.name} may have happened") from error
    return Answer("ok", facts, action=_changed(tool, "done", money, key))


def _try_tool(box: Toolbox, caller: Caller, tool: Tool, slots: Facts) -> Facts:
    """Run a tool, again where its system was certainly not reached, and let the breaker know."""
    for left in range(tool.retries, -1, -1):
        try:
            facts = tool.run(box.systems, **slots)
        except Unavailable:
            box.breaker.failed(caller.tenant, tool.system or "")
            if not left:
                raise
        else:
            box.breaker.succeeded(caller.tenant, tool.system or "")
            return facts
    raise Unavailable(tool.name)


def _effect_of(caller: Caller, step: int) -> str:
    return effect_id(caller.tenant, caller.conversation, caller.turn, caller.assignment * 100 + step)


def _through_ledger(
    box: Toolbox, caller: Caller, tool: Tool, slots: Facts, money: Money, verdict: Verdict, step: int
) -> Answer:
    """Propose, approve where policy alone decides, perform, and answer what the ledger says."""
    effect = _make_effect(box, caller, tool, slots, money, verdict, step)
    try:
        effect = ledger.propose(box.records, effect)
        if effect.state == PROPOSED:
            if effect.approvers:
                return Answer("waiting", rule=verdict.rule, action=_noted(tool, "awaiting_approval", money, effect.id))
            effect = ledger.approve(
                box.records, effect.tenant, effect.id, cap_limits(box.company), box.clock, homes=box.homes
            )
        effect = perform(make_till(box, caller.execution), effect.tenant, effect.id)
    except ledger.AlreadyAsked as repeat:
        return _refer_to(box, caller, tool, money, repeat.effect)
    except CapExceeded as cap:
        ledger.reject(box.records, effect.tenant, effect.id, f"{cap.code}: {cap}")
        return Answer("refused", rule=cap.code, action=_noted(tool, "refused", money, effect.id))
    except WrongState as refusal:
        return Answer("refused", rule=f"ledger:{refusal.field}", action=_noted(tool, "refused", money, effect.id))
    except PortError as error:
        if _worth_waiting(box, effect):
            raise Retry(f"the ledger could not be moved: {error.code}") from error
    return _answer_from(box, tool, effect, money)


def _worth_waiting(box: Toolbox, effect: Effect) -> bool:
    """Whether to try again soon: nothing was sent yet, or what became of it will be known within seconds."""
    return effect.state not in IN_FLIGHT or _tells_soon(box, effect)


def _tells_soon(box: Toolbox, effect: Effect) -> bool:
    """Whether the system will know within seconds what became of it, so that waiting is better than half an answer."""
    contract = box.systems.contract(effect.system)
    if contract.late_bound is None or not contract.looks_up:
        return False
    until = effect.send_by + contract.late_bound * 1000 + box.clock.skew() + SOON_MS
    return contract.answers_within + contract.late_bound <= SOON_SECONDS and box.clock.now() <= until


def _answer_from(box: Toolbox, tool: Tool, effect: Effect, money: Money) -> Answer:
    """What the ledger says; where that will not be known soon, the customer hears that it is pending."""
    if effect.state == COMMITTED:
        return Answer("ok", effect.result, action=_noted(tool, "committed", money, effect.id))
    if effect.state == REJECTED:
        return _answer_rejected(tool, effect, money)
    if _tells_soon(box, effect):
        raise Retry("the system will tell in a moment what became of it")
    return Answer("pending", rule=effect.state, action=_noted(tool, "pending", money, effect.id))


def _answer_rejected(tool: Tool, effect: Effect, money: Money) -> Answer:
    """Who said no: a person (`rejected`), the system (`<code>:<tool>`), or nobody, because it was down."""
    code, colon, _ = effect.reason.partition(": ")
    action = _noted(tool, "rejected", money, effect.id)
    if code == Unavailable.code:
        return Answer("unavailable", rule=code, action=action)
    if colon:
        return Answer("refused", rule=f"{code}:{tool.name}", action=action)
    return Answer("refused", rule="rejected" if code.startswith("rejected") else "not_executed", action=action)


def _refer_to(box: Toolbox, caller: Caller, tool: Tool, money: Money, other: str) -> Answer:
    """A second request for what was asked for already: the same customer hears how the first stands (design §6)."""
    first, _ = ledger.read_effect(box.records, caller.tenant, other)
    if first.customer != caller.customer or first.amount_minor != money.amount:
        return Answer("refused", rule="already_asked_otherwise")
    if first.state == COMMITTED:
        return Answer("ok", first.result, rule="already_done", repeat_of=first.id)
    return Answer("pending", rule="already_asked", repeat_of=first.id)


def _make_effect(
    box: Toolbox, caller: Caller, tool: Tool, slots: Facts, money: Money, verdict: Verdict, step: int
) -> Effect:
    now = box.clock.now()
    threshold = find_threshold(tool, box.company)
    return Effect(
        id=_effect_of(caller, step),
        tenant=caller.tenant,
        conversation=caller.conversation,
        turn=caller.turn,
        customer=caller.customer,
        tool=tool.name,
        system=tool.system or "",
        arguments=slots,
        args_hash=hash_arguments(tool.name, slots),
        decision=f"{caller.execution}|{caller.assignment}|{step}",
        made=now,
        amount_minor=money.amount,
        currency=money.currency,
        payment=money.source,
        purpose=tool.name if money.source else "",
        ceiling=money.ceiling,
        approvers=verdict.approvers,
        role=verdict.role,
        expires=now + threshold.hours * 3_600_000 if threshold and verdict.approvers else 0,
        day=str(now // DAY_MS),
    )


def make_till(box: Toolbox, writer: str) -> Till:
    """What moves effects: the tool's own function, called with the effect's id as its key."""

    def act(effect: Effect) -> dict[str, Any]:
        return box.tools[effect.tool].run(box.systems, key=effect.id, **effect.arguments)

    return Till(box.records, box.systems, box.clock, box.homes, act, writer)


def cap_limits(company: Company) -> CapLimits:
    return CapLimits(company.caps.customer_day, company.caps.tenant_day)


def _noted(tool: Tool, status: str, money: Money, effect: str = "") -> Action:
    return Action(tool.name, status, effect, money.amount or None, money.currency or None)


def _changed(tool: Tool, status: str, money: Money, effect: str = "") -> Action | None:
    """The action of a tool that changes something; looking something up is none."""
    return None if tool.effect == "none" else _noted(tool, status, money, effect)
