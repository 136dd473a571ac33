"""What a person gets when somebody asked for one: the turn that ends the waiting, and the packet with its reasons."""

from __future__ import annotations

from dataclasses import replace

from shared.agents.packet import SHOWN_CHARACTERS, Packet, Part, explain
from shared.conversations.inbox import Message
from shared.conversations.keys import ticket_id, turn_row
from shared.domain.conversation import Head, end_turn
from shared.domain.ticket import move_ticket
from shared.ports.records import Body

REASON = "asked_for_person"
# What is said of a conversation in which no turn was said yet.
UNREAD: Body = {"category": "general", "priority": "P2", "sentiment": "neutral", "language": "en", "intents": []}
KEPT = (*UNREAD, "suspicious")


def end_by_request(head: Head, conversation: str, *, keeps_escalation: bool) -> Head:
    """The head after the request: a running turn fenced off, what waited answered, owner nobody."""
    n, fence = head.n + (0 if head.execution else 1), head.fence + 1
    status = move_ticket(head.status, "escalated")
    ended = end_turn(head, said=turn_row(n, fence), owner="nobody", status=status, answered=head.arrived)
    ticket = head.ticket or ticket_id(conversation, n)
    return replace(ended, n=n, fence=fence, ticket=ticket, escalation=head.escalation if keeps_escalation else n)


def make_asked_turn(known: Body, before: Head, after: Head, sealed: str, now: int) -> Body:
    """The TURN row: it answers what waited with the interim reply in `sealed`; what was understood before stays."""
    kept = {key: known[key] for key in KEPT if key in known}
    done: Body = {"agents": [], "actions": [], "citations": [], "tried": [], "resume": [], "confidence": 0}
    done |= {"n": after.n, "fence": after.fence, "sealed": sealed, "answers": list(before.arrived), "at": now}
    ended = {"outcome": "escalated", "reason": REASON, "before": before.said, "clarified": after.clarified}
    ended |= {"owner": after.owner, "status": after.status, "ticket": after.ticket, "escalation": after.escalation}
    tells = {key: known[key] for key in ("category", "priority", "sentiment")}
    return kept | done | ended | {"tells": tells | {"intents": [each["name"] for each in known["intents"]]}}


def make_asked_handoff(known: Body, turn: str, subject: str, sealed: str, now: int) -> Body:
    """The HANDOFF row; `sealed` is the packet."""
    routed: Body = {"kind": "person", "reason": REASON, "skill": known["category"], "tier": "bronze"}
    routed |= {"priority": known["priority"], "effects": [], "silent": False, "turn": turn, "subject": subject}
    return routed | {"opened": now, "state": "open", "operator": "", "sealed": sealed}


def make_asked_packet(known: Body, head: Head, last: Message, text: str, why: str, turn: str) -> Packet:
    """The packet from what is known; where a part has nothing to tell, it says that."""
    who = f"Customer {head.customer}" if head.customer else "A sender who is not a proven customer"
    about = ", ".join(each["name"].replace("_", " ") for each in known["intents"][:3]) or "something unread"
    said = " ".join(text.split())[:SHOWN_CHARACTERS] or "(no text)"
    tried = "; ".join(known.get("tried", [])) or "Nothing was tried yet."
    return Packet(
        summary=Part(f"{who} wrote by {head.channel} about {about}; last: “{said}”", (f"IN|{last.id}",)),
        history=Part(f"Turns before this one in the conversation: {head.n}.", ("HEAD",)),
        tried=Part(tried, (head.said or turn,)),
        why=Part(f"{explain(REASON)} {why}".strip(), (turn,)),
        suggested=Part("Thank you for waiting. I have read everything here and I am looking into it for you.", (turn,)),
    )
