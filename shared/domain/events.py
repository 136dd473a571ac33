"""The names of the facts that the platform publishes, past tense."""

from __future__ import annotations

MESSAGE_RECEIVED = "MessageReceived"
TURN_COMMITTED = "TurnCommitted"
ESCALATION_OPENED = "EscalationOpened"
CONVERSATION_TAKEN = "ConversationTaken"
CONVERSATION_HANDED_BACK = "ConversationHandedBack"
REPLY_COMMITTED = "ReplyCommitted"
OPERATOR_REPLIED = "OperatorReplied"
CONVERSATION_RESOLVED = "ConversationResolved"
CONVERSATION_RATED = "ConversationRated"
EFFECT_CHANGED = "EffectChanged"
SLA_WARNED = "SlaWarned"
SLA_BREACHED = "SlaBreached"
ALERT_RAISED = "AlertRaised"
MESSAGE_PARKED = "MessageParked"
TICKET_CLOSED = "TicketClosed"
