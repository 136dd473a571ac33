"""What SES tells of a mail reaches the delivery of the tenant that sent it, and stops no address that is right."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.aws.channels import KEY_TAG, TENANT_TAG, tag_of
from adapters.aws.receipts import read_receipt

KEY = "c0123456789abcdef-TURN|000001|000001"


def any_event(kind: str, tenant: str = "acme", **detail: Any) -> dict[str, Any]:
    tags = {KEY_TAG: [tag_of(KEY)]} | ({TENANT_TAG: [tag_of(tenant)]} if tenant else {})
    mail = {"messageId": "0102", "tags": tags}
    return {"source": "aws.ses", "detail": {"eventType": kind, "mail": mail, **detail}}


def test_a_receipt_is_for_the_tenant_that_the_mail_names() -> None:
    read = read_receipt(any_event("Delivery"), "default")
    assert read == {"tenant": "acme", "key": KEY, "kind": "delivered", "detail": ""}


def test_a_mail_that_names_none_is_the_default_tenants() -> None:
    read = read_receipt(any_event("Delivery", tenant=""), "default")
    assert read is not None
    assert read["tenant"] == "default"


@pytest.mark.parametrize(
    ("type", "kind"), [("Permanent", "bounced"), ("Transient", "delayed"), ("Undetermined", "delayed"), ("", "delayed")]
)
def test_only_a_bounce_for_good_is_one(type: str, kind: str) -> None:
    read = read_receipt(any_event("Bounce", bounce={"bounceType": type}), "default")
    assert read is not None
    assert (read["kind"], read["detail"]) == (kind, type)
