"""A payment system behind its connector, as the platform reaches it, and its own books beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.business.gateway import Patience
from adapters.business.http_system import Api, HttpSystem
from adapters.business.netsuite import Books, netsuite
from adapters.business.stripe import STRIPE
from adapters.local.clock import ShiftedClock
from adapters.local.ids import LocalIds
from adapters.local.secrets import LocalSecrets
from tests.builders.clock import any_clock
from tests.builders.effects import NOON
from tests.business.loopback import served
from tests.business.netsuite_server import CURRENCIES, TOKEN, NetSuiteCompany
from tests.business.stripe_server import API_KEY, StripeCompany

HASTY = Patience(connect=0.5, read=1.0, act=1.0)
SECRET = "payments"
NETSUITE = netsuite(Books(CURRENCIES, account="1", credit_item="2"))


@dataclass(frozen=True, slots=True)
class Behind:
    """A vendor's server and its connector, on one clock that only a test moves."""

    vendor: Any
    business_systems: HttpSystem
    clock: ShiftedClock
    refund: dict[str, Any]
    credit: dict[str, Any]


@contextmanager
def open_stripe(folder: Path, *, secret: bytes = API_KEY, patience: Patience = HASTY) -> Iterator[Behind]:
    """A Stripe-shaped company with a payment of 99.00 EUR of cus_eva."""
    clock = any_clock(NOON)
    vendor = StripeCompany(clock)
    mine = {"customer": "cus_eva", "amount_minor": 4_000, "currency": "EUR", "reason": "charged twice"}
    with served(vendor) as url:
        connector = connect(STRIPE, url, folder, secret, clock, patience)
        yield Behind(vendor, connector, clock, {**mine, "payment": "ch_eva_eur"}, {**mine, "basis": "in_eur"})


@contextmanager
def open_netsuite(folder: Path, *, secret: bytes = b"", patience: Patience = HASTY) -> Iterator[Behind]:
    """A NetSuite-shaped company with a payment of 99.00 EUR of customer 7."""
    clock = any_clock(NOON)
    vendor = NetSuiteCompany(clock)
    mine = {"customer": "7", "amount_minor": 4_000, "currency": "EUR", "reason": "charged twice"}
    with served(vendor) as url:
        vendor.url = url
        connector = connect(NETSUITE, url, folder, secret or json.dumps(TOKEN).encode(), clock, patience)
        yield Behind(vendor, connector, clock, {**mine, "payment": "70"}, {**mine, "basis": "70"})


def connect(api: Api, url: str, folder: Path, secret: bytes, clock: ShiftedClock, patience: Patience) -> HttpSystem:
    secrets = LocalSecrets(folder / "secrets", LocalIds())
    secrets.put(SECRET, secret)
    return HttpSystem("billing", api, url, SECRET, secrets, clock, LocalIds(), patience=patience)


OPEN = {"stripe": open_stripe, "netsuite": open_netsuite}
