"""How a conversation hears what became of its effects, when that was decided outside its turns."""

from __future__ import annotations

from contextlib import suppress

from shared.conversations.follow_up import GO_ON, store_follow_up
from shared.conversations.handoff import announce_decision, close_handoff, find_handoff, list_handoffs
from shared.conversations.head import need_head, read_head
from shared.conversations.timeline import read_said_turns
from shared.domain.conversation import Head, owner_kind
from shared.effects.effect import APPROVED, PROPOSED, REJECTED, TAKEOVER, Effect
from shared.effects.ledger import read_effect, reject
from shared.effects.watch import forget_untold, read_untold
from shared.errors import WrongState
from shared.ports.clock import Clock
from shared.ports.records import Body, Records
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


def withdraw_unsent(records: Records, tenant: str, conversation: str) -> None:
    """Reject what a person's takeover stops (rows 3 and 5): whatever of the conversation was not sent yet."""
    for handoff in list_handoffs(records, tenant, conversation):
        for each in handoff.body["effects"]:
            effect, _ = read_effect(records, tenant, each)
            if effect.state in (PROPOSED, APPROVED):
                with suppress(WrongState):  # it was sent, or decided, while we looked
                    reject(records, tenant, each, TAKEOVER)


def tell_conversations(records: Records, workflows: Workflows, tenant: str, clock: Clock) -> int:
    """Bring every conversation up to its effects; how many now know. One whose turn still runs is left for later."""
    told = 0
    for each in read_untold(records, tenant):
        effect, _ = read_effect(records, tenant, each)
        head, _ = read_head(records, tenant, effect.conversation)
        if head is None:  # its conversation was not restored with the ledger: there is nobody to tell
            forget_untold(records, tenant, each)
            continue
        if head.execution:
            continue
        if owner_kind(head.owner) == "ai":  # whoever else has it, a person reads the ledger and does the talking
            _tell(records, workflows, head, effect, clock.now())
        forget_untold(records, tenant, each)
        told += 1
    return told


def _tell(records: Records, workflows: Workflows, head: Head, effect: Effect, now: int) -> None:
    """Go on where a turn said "pending", or where an approval is still waited for."""
    turns = read_said_turns(records, effect.tenant, effect.conversation, head)
    said = next(((turn["row"], status) for turn in turns if (status := _status_in(turn, effect.id))), ("", ""))
    if said[1] == "pending":
        store_follow_up(records, effect.tenant, effect.conversation, head, said[0], GO_ON, now)
    else:
        close_decided(records, workflows, effect, "ledger", now)


def _status_in(turn: Body, effect: str) -> str:
    """What a turn said of an effect, or nothing."""
    return next((str(action["status"]) for action in turn["actions"] if action.get("effect") == effect), "")
