"""Makes a failing assertion inside the shared contract classes as readable as one in a test file."""

from __future__ import annotations

from pathlib import Path

import pytest

CONTRACTS = Path(__file__).parent / "contract"
pytest.register_assert_rewrite(
    *(f"tests.contract.{path.stem}" for path in sorted(CONTRACTS.glob("*.py")) if not path.stem.startswith("test_"))
)
