"""How a conversation hears what became of its effects, when that was decided outside its turns."""

from __future__ import annotations

from shared.conversations.follow_up import GO_ON, store_follow_up
from shared.conversations.handoff import announce_decision, close_handoff, find_handoff
from shared.conversations.head import need_head
from shared.conversations.timeline import read_said_turns
from shared.domain.conversation import Head, owner_kind
from shared.effects.effect import PROPOSED, REJECTED, Effect
from shared.effects.ledger import read_effect
from shared.effects.watch import forget_untold, read_untold
from shared.ports.clock import Clock
from shared.ports.records import Records
from shared.ports.workflows import Workflows

DECISIONS = ("approved", "rejected")


def close_decided(records: Records, workflows: Workflows, effect: Effect, by: str, now: int) -> bool:
    """Let a conversation go on once nothing in its handoff waits for a decision any more; safe to repeat.

    False where no handoff asks for this effect, something in it still waits, or a person ended it otherwise.
    """
    tenant, conversation = effect.tenant, effect.conversation
    handoff = find_handoff(records, tenant, conversation, effect.id)
    if handoff is None:
        return False
    states = {read_effect(records, tenant, each)[0].state for each in handoff.body["effects"]}
    if PROPOSED in states:
        return False
    kind = "rejected" if states == {REJECTED} else "approved"
    closed = close_handoff(records, tenant, conversation, handoff.n, kind, by)
    if closed.body["decision"] not in DECISIONS:
        return False
    head, _ = need_head(records, tenant, conversation)
    announce_decision(records, tenant, conversation, head, closed, now)
    if closed.body.get("token"):
        workflows.send_task_success(closed.body["token"], {"decision": kind})
    return True


def tell_conversations(records: Records, workflows: Workflows, tenant: str, clock: Clock) -> int:
    """Bring every conversation up to its effects; how many now know. One whose turn still runs is left for later."""
    told = 0
    for each in read_untold(records, tenant):
        effect, _ = read_effect(records, tenant, each)
        head, _ = need_head(records, tenant, effect.conversation)
        if head.execution:
            continue
        if owner_kind(head.owner) == "ai":  # whoever else has it, a person reads the ledger and does the talking
            _tell(records, workflows, head, effect, clock.now())
        forget_untold(records, tenant, each)
        told += 1
    return told


def _tell(records: Records, workflows: Workflows, head: Head, effect: Effect, now: int) -> None:
    if close_decided(records, workflows, effect, "ledger", now):
        return
    turns = read_said_turns(records, effect.tenant, effect.conversation, head)
    stale = next((turn for turn in turns if _says_pending(turn["actions"], effect.id)), None)
    if stale is not None:
        store_follow_up(records, effect.tenant, effect.conversation, head, stale["row"], GO_ON, now)


def _says_pending(actions: list[dict[str, object]], effect: str) -> bool:
    return any(action.get("effect") == effect and action["status"] == "pending" for action in actions)
