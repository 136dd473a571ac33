"""Samples that stand alone: the other shapes in which each function is called, wrong ones among them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shared.access.webhooks import sign_headers
from tests.entry import sent
from tests.entry.stories import KEY, MONDAY, SAMPLES, TENANT, WEBHOOK_SECRET

CONNECTION = "TqExampleFiACEjw="
ABSENT = "c0000000000000000"
BEGINNING = {"customer_id": "cus_ben", "channel": "web", "initial_message": "How do I reset my password?"}
TOLD = json.dumps({"id": "m-17", "text": "Where is my order?", "customer_id": "cus_ben"})
SIGNED = {"authorization": "", **sign_headers(WEBHOOK_SECRET, "msg_samples", MONDAY // 1000, TOLD.encode())}
HOOK = "/api/v1/channels/shop/webhook"
DELIVERY = f"{ABSENT}-TURN|000001|000001"
EMPTY_V1 = {"resource": "/{proxy+}", "path": "/api/v1/conversations", "httpMethod": "POST", "headers": {}, "body": "{}"}
ARTICLE = {
    "id": "opening_hours",
    "title": "When we are here",
    "text": "Our team answers from Monday to Friday, nine to five.",
}
POISON = {
    "pk": {"S": f"T|{TENANT}|C|{ABSENT}"},
    "sk": {"S": "HEAD"},
    "body": {"S": "{}"},
    "version": {"S": "v1"},
    "events": {"L": [{"S": "{no json"}]},
}
QUIET = {key: value for key, value in POISON.items() if key != "events"}
FACT = {
    "id": "f1",
    "name": "TicketClosed",
    "body": {"tenant": TENANT, "conversation": ABSENT, "ticket": "t1", "at": MONDAY},
}


def removed() -> Any:
    """A row that has expired: no new image."""
    event = sent.by_stream([QUIET])
    event["Records"][0]["eventName"] = "REMOVE"
    event["Records"][0]["userIdentity"] = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    del event["Records"][0]["dynamodb"]["NewImage"]
    return event


def raw_mail(case: str) -> Path:
    """The mail behind an S3 sample, which lies beside it."""
    return SAMPLES / "intake.email" / f"{case}.aws.eml"


def stored(case: str, key: str = "") -> Any:
    return sent.by_s3(key or f"samples{case.replace('_', '')}0clambda4nbp0g1", raw_mail(case).stat().st_size)


EVENTS: dict[str, Any] = {
    "intake.receive/wrong_no_key": sent.request(
        "POST", "/api/v1/conversations", BEGINNING, {}, "$default"
    ),
    "intake.receive/wrong_field": sent.by_client("POST", "/api/v1/conversations", {"customer_id": "cus_ben"}),
    "intake.receive/wrong_payload_version": EMPTY_V1,
    "intake.webhook/customer_message": sent.request("POST", HOOK, TOLD, SIGNED, "$default"),
    "intake.webhook/wrong_signature": sent.request("POST", HOOK, TOLD + " ", SIGNED, "$default"),
    "intake.email/password_reset": stored("password_reset"),
    "intake.email/spoofed_sender": stored("spoofed_sender"),
    "intake.email/spam": stored("spam"),
    "intake.email/ses_setup": sent.by_s3("AMAZON_SES_SETUP_NOTIFICATION", 600),
    "intake.email/wrong_gone": sent.by_s3("nothing0is0here", 600),
    "intake.email/wrong_source": sent.by_queue({"tenant": TENANT}),
    "intake.relay/removed": removed(),
    "intake.relay/no_events": sent.by_stream([QUIET]),
    "intake.relay/wrong_poison": sent.by_stream([POISON, QUIET]),
    "intake.relay/wrong_source": sent.by_queue({"tenant": TENANT}),
    "orchestrator.start/wrong_records": sent.by_queue("no json", ["a", "list"], {"tenant": TENANT, "message": "m1"}),
    "orchestrator.start/wrong_source": sent.by_stream([QUIET]),
    "orchestrator.understand/wrong_shape": {"tenant": TENANT},
    "escalation.assign/wrong_absent": {"tenant": TENANT, "conversation": ABSENT, "escalation": 1, "from_rung": -1},
    "escalation.decide/wrong_no_role": sent.by_operator(
        "POST", f"/api/v1/approvals/{ABSENT}", {"decision": "approve", "args_hash": "0" * 64}, "mira",
        groups=f"{TENANT}.operator",
    ),
    "escalation.decide/wrong_tenants": sent.by_operator(
        "POST", f"/api/v1/approvals/{ABSENT}", {"decision": "approve", "args_hash": "0" * 64}, "mira",
        groups=f"{TENANT}.approver other.approver",
    ),
    "escalation.decide/wrong_name": sent.by_operator(
        "POST", f"/api/v1/approvals/{ABSENT}", {"decision": "approve", "args_hash": "0" * 64, "operator": "noor"}, "mira"
    ),
    "analytics.project/ticket_closed": sent.by_bus(FACT),
    "analytics.project/wrong_detail": sent.by_bus(FACT) | {"detail": {"id": "f1"}},
    "reply.confirm/delivered": sent.by_ses(
        "Delivery", "delivery", {"timestamp": "2026-11-16T09:00:01.000Z", "smtpResponse": "250 ok"}, DELIVERY
    ),
    "reply.confirm/bounced": sent.by_ses(
        "Bounce", "bounce", {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": []}, DELIVERY
    ),
    "reply.confirm/complained": sent.by_ses(
        "Complaint", "complaint", {"complaintFeedbackType": "abuse", "complainedRecipients": []}, DELIVERY
    ),
    "reply.confirm/another_sender": sent.by_ses("Delivery", "delivery", {}),
    "reply.confirm/wrong_shape": {"source": "aws.ses", "detail": "Delivery"},
    "sla.sweep/minute": {"minute": "2026-11-16T09:00:00Z"},
    "reply.close/timer": {"handler": "reply.close", "body": {"tenant": TENANT}},
    "sla.sweep/wrong_handler": {"handler": "billing.work", "body": {"tenant": TENANT}},
    "sla.sweep/wrong_shape": {"hour": 9},
    "realtime.connect/desk": sent.by_socket("CONNECT", CONNECTION),
    "realtime.connect/conversation": sent.by_socket("CONNECT", CONNECTION, conversation=ABSENT),
    "realtime.message/auth": sent.by_socket("MESSAGE", CONNECTION, {"type": "auth", "key": KEY}),
    "realtime.message/wrong_key": sent.by_socket("MESSAGE", CONNECTION, {"type": "auth", "key": "sm_demo_wrong"}),
    "realtime.message/wrong_text": sent.by_socket("MESSAGE", CONNECTION, "no json"),
    "realtime.message/wrong_shape": {"requestContext": {"eventType": "MESSAGE"}},
    "realtime.disconnect/gone": sent.by_socket("DISCONNECT", CONNECTION),
    "knowledge.publish/one_article": {"tenant": TENANT, "articles": [ARTICLE]},
    "knowledge.publish/wrong_article": {"tenant": TENANT, "articles": [{"id": "opening_hours"}]},
    "effects.execute/wrong_absent": {"tenant": TENANT, "effect": "e0"},
    "effects.drain/region": {"tenant": TENANT},
    "effects.reopen/region": {"tenant": TENANT},
}  # fmt: skip
LONE: dict[Path, Any] = {SAMPLES / f"{name}.aws.json": event for name, event in EVENTS.items()}
