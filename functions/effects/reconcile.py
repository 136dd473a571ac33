"""Every minute: find out what became of effects that nobody is at any more, and let their conversations hear of it."""

from __future__ import annotations

from dataclasses import dataclass

from shared.effects.alerts import alert_once
from shared.effects.effect import TERMINAL, UNKNOWN, Effect
from shared.effects.perform import Till, perform
from shared.effects.telling import tell_conversations
from shared.effects.watch import IN_FLIGHT, due_effects
from shared.errors import PortError, Refused, Unavailable
from shared.ports.telemetry import Telemetry
from shared.ports.workflows import Workflows
from shared.tools.executor import Toolbox, make_till

WORRY_AFTER_MS = 15 * 60_000  # counted every minute from then on, so that an alarm hears of it
LOST_AFTER_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class ReconcileInput:
    tenant: str


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many effects were looked at and how many of them ended; how many endings were told on."""

    looked: int
    ended: int
    told: int


def handle(task: ReconcileInput, *, toolbox: Toolbox, workflows: Workflows, telemetry: Telemetry) -> Reconciled:
    """Look up, finish or retry each effect in flight past its lease; a system that is down is asked once."""
    till = make_till(toolbox, "reconcile")
    late = due_effects(till.records, task.tenant, till.clock.now(), IN_FLIGHT)
    down: set[str] = set()
    ended = sum(_is_over(till, each, down, telemetry) for each in late)
    told = tell_conversations(till.records, workflows, task.tenant, till.clock)
    return Reconciled(len(late), ended, told)


def _is_over(till: Till, effect: Effect, down: set[str], telemetry: Telemetry) -> bool:
    """Bring one as far as it can go; what stays unknown for a day is an operator's (row 10)."""
    try:
        if effect.system not in down:
            effect = perform(till, effect.tenant, effect.id)
    except Unavailable:
        down.add(effect.system)
    except (Refused, PortError) as error:  # a hold, or the store is busy: the next minute comes back to it
        telemetry.fact("reconcile_failed", effect=effect.id, error=error.code)
    unknown_for = till.clock.now() - effect.first_sent if effect.state == UNKNOWN else 0
    if unknown_for >= WORRY_AFTER_MS:
        telemetry.count("effects_unknown")
    if unknown_for >= LOST_AFTER_MS:
        alert_once(till.records, effect, "effect_unknown_for_a_day", till.clock.now())
    return effect.state in TERMINAL
