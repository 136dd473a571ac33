"""Makes a failing assertion inside the shared contract classes as readable as one in a test file."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    *(
        f"tests.contract.{port}"
        for port in (
            "records",
            "records_limits",
            "records_model",
            "documents",
            "queue",
            "events",
            "timers",
            "secrets",
            "connections",
            "channels",
            "clock_and_ids",
            "tenants",
            "workflows",
            "business_systems",
        )
    )
)
