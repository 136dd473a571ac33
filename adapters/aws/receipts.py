"""What became of a sent mail, as SES tells it on the bus of the account."""

from __future__ import annotations

from adapters.aws.channels import KEY_TAG, TENANT_TAG, read_tag
from adapters.aws.envelopes import Event, find_text, refuse

# SES's event -> what `reply.confirm` calls it, and where SES says why. What else it can tell (opened, clicked) means
# nothing here.
KINDS: dict[str, tuple[str, str, str]] = {
    "Send": ("accepted", "send", ""),
    "Delivery": ("delivered", "delivery", ""),
    "DeliveryDelay": ("delayed", "deliveryDelay", "delayType"),
    "Bounce": ("bounced", "bounce", "bounceType"),
    "Complaint": ("complained", "complaint", "complaintFeedbackType"),
    "Reject": ("rejected", "reject", "reason"),
    "Rendering Failure": ("rejected", "failure", ""),
}
PERMANENT = "Permanent"  # a bounce of another type is a full mailbox or the like: the address is right


def read_receipt(event: Event, tenant: str) -> dict[str, str] | None:
    """A receipt for one of our mails; None for another sender's mail and for what nobody asked to be told.

    `tenant` counts where the mail names none. Raises InvalidInput for what is no event of SES.
    """
    if find_text(event, "source") != "aws.ses" or not find_text(event, "detail", "mail", "messageId"):
        refuse("detail.mail", "an event of SES")
    tag = find_text(event, "detail", "mail", "tags", KEY_TAG, 0)
    happened = find_text(event, "detail", "eventType")
    if not tag or happened not in KINDS:
        return None
    kind, part, reason = KINDS[happened]
    why = find_text(event, "detail", part, reason)
    if kind == "bounced" and why != PERMANENT:
        kind = "delayed"
    named = find_text(event, "detail", "mail", "tags", TENANT_TAG, 0)
    return {"tenant": read_tag(named) or tenant, "key": read_tag(tag), "kind": kind, "detail": why}
