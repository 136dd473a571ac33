"""The names of the facts that the platform publishes, past tense."""

from __future__ import annotations

MESSAGE_RECEIVED = "MessageReceived"
TURN_COMMITTED = "TurnCommitted"
ESCALATION_OPENED = "EscalationOpened"
CONVERSATION_TAKEN = "ConversationTaken"
CONVERSATION_HANDED_BACK = "ConversationHandedBack"
OPERATOR_REPLIED = "OperatorReplied"
EFFECT_CHANGED = "EffectChanged"
SLA_WARNED = "SlaWarned"
SLA_BREACHED = "SlaBreached"
ALERT_RAISED = "AlertRaised"
MESSAGE_PARKED = "MessageParked"
ARTICLES_PUBLISHED = "ArticlesPublished"
TICKET_CLOSED = "TicketClosed"
FOLLOW_UP_DUE = "FollowUpDue"
