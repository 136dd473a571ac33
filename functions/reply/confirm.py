"""What became of a sent mail, as its channel tells afterwards: an unclear delivery is settled, a bad one is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shared.conversations.receipts import settle_delivery
from shared.ports.clock import Clock
from shared.ports.records import Records
from shared.ports.telemetry import Telemetry


@dataclass(frozen=True, slots=True)
class Receipt:
    """One thing that happened to the mail with a delivery key; it may come twice, late, and in any order.

    `accepted` by the channel, `delivered` to the receiver's server, `delayed` (it is still trying), `bounced` for good,
    `complained` about by its receiver, `rejected` by the channel itself. `detail` is a code, never an address.
    """

    tenant: str
    key: str
    kind: Literal["accepted", "delivered", "delayed", "bounced", "complained", "rejected"]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """`state`: sent, bounced, complained, rejected, already (nothing new), or unknown (no such delivery)."""

    state: str


def handle(receipt: Receipt, *, records: Records, clock: Clock, telemetry: Telemetry) -> Confirmed:
    """Settle the delivery; a key that names none is noted and left alone, because no repeat would mend it."""
    state = settle_delivery(records, receipt.tenant, receipt.key, receipt.kind, clock.now())
    if state == "unknown":
        telemetry.fact("receipt_unknown", kind=receipt.kind, detail=receipt.detail)
    return Confirmed(state)
