"""Approvals: a person's yes, bound to (tenant, effect, arguments, role, expiry). Anything else is refused by name."""

from __future__ import annotations

from shared.company.company import Operator
from shared.effects import ledger
from shared.effects.caps import CapLimits
from shared.effects.effect import APPROVED, PROPOSED, Effect
from shared.effects.epoch import need_open
from shared.effects.guards import is_expired
from shared.errors import NotPermitted, WrongState
from shared.ports.clock import Clock
from shared.ports.records import Records
from shared.ports.tenants import Tenants


def decide(
    records: Records,
    tenant: str,
    effect: str,
    operator: Operator,
    *,
    args_hash: str,
    approved: bool,
    limits: CapLimits,
    clock: Clock,
    homes: Tenants,
) -> Effect:
    """Record one approver's decision; the effect is APPROVED once enough different people agreed.

    Raises NotPermitted for a missing role, WrongState for other arguments, an expiry or a decision already made, and
    MoneyClosed while the ledger is not reconciled.
    """
    current, _ = ledger.read_effect(records, tenant, effect)
    _check_right(current, operator, args_hash, clock)
    if not approved:
        need_open(records, homes, tenant)  # a restored ledger may not know yet that it was sent
        return ledger.reject(records, tenant, effect, f"rejected by {operator.id}")
    if current.state == APPROVED:
        return current
    if current.state != PROPOSED:
        raise WrongState(f"the effect is {current.state}", field="state", limit=PROPOSED, action="see the ledger")
    given = {"operator": operator.id, "args_hash": args_hash, "expires": current.expires}
    current = ledger.add_approval(records, tenant, effect, given)
    if len({each["operator"] for each in current.approvals}) < current.approvers:
        return current
    return ledger.approve(records, tenant, effect, limits, clock, homes=homes)


def _check_right(effect: Effect, operator: Operator, args_hash: str, clock: Clock) -> None:
    """Whether this person may decide on these very arguments now."""
    if effect.role and effect.role not in operator.roles:
        raise NotPermitted("approving needs a role", field="role", limit=effect.role, action="ask an approver")
    if args_hash != effect.args_hash:
        raise WrongState("these are not the arguments that were asked for", field="args_hash", action="read it again")
    if is_expired(effect, clock):
        raise WrongState("the approval has expired", field="expires", action="let the agent ask again")
