"""Perform one approved effect now: an operator's or a command's request, safe to repeat."""

from __future__ import annotations

from dataclasses import dataclass

from shared.effects.perform import perform, told_state
from shared.ports.tenants import check_tenant
from shared.tools.executor import Toolbox, make_till


@dataclass(frozen=True, slots=True)
class ExecuteInput:
    tenant: str
    effect: str


@dataclass(frozen=True, slots=True)
class Executed:
    """The effect's state, and what a customer may be told of it: done, refused, pending or waiting."""

    state: str
    told: str


def handle(task: ExecuteInput, *, toolbox: Toolbox) -> Executed:
    """Bring the effect as far as it can go; raises WrongState where a hold or an expiry stands in the way.

    Raises InvalidInput for what is no tenant's name, and NotFound for a tenant that the directory does not know.
    """
    check_tenant(task.tenant)
    toolbox.homes.home(task.tenant)
    effect = perform(make_till(toolbox, f"execute-{task.effect}"), task.tenant, task.effect)
    return Executed(effect.state, told_state(effect))
