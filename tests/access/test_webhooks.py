"""The Standard Webhooks scheme against a known answer, and names that cannot be mistaken."""

from __future__ import annotations

import pytest

from shared.access.webhooks import secret_name, sign_headers
from shared.errors import NotAuthenticated


def test_a_signature_is_what_the_scheme_says() -> None:
    """The example of the scheme's specification: secret, id, time and body are its own."""
    secret = b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = sign_headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(("tenant", "source"), [("a", "b-c"), ("a|b", "c"), ("", "c"), ("a", ""), ("ä", "c")])
def test_t38_two_tenants_never_share_the_name_of_a_secret(tenant: str, source: str) -> None:
    assert secret_name("a-b", "c") == "webhook-a-b-c"
    with pytest.raises(NotAuthenticated):
        secret_name(tenant, source)
