"""Which of the sixty faults and thirty-two invariants the simulator has, and why not where it has not."""

from __future__ import annotations

from adapters.simulated.faults import FAULTS
from adapters.simulated.findings import SAYS

NO_MODEL = "there is no model brain yet: playbooks answer"
ONE_MESSAGE = "a queue hands one message to a handler (Q4); batches are the entries', see tests/entry"
# Faults that come from what people do in every seed, not from a plan.
PLAYED: dict[int, str] = {
    2: "customers send the same message again under its own identity",
    3: "dead letters are sent back to work, long after they were sent",
    14: "dead letters are sent back to work while others still write",
    22: "two tenants share every process and its memory; each one's words and customers are looked for with the other",
    38: "a customer's text gives orders, with another customer's payment in it",
    44: "no key may ever come again with another request (I10)",
    45: "systems of the sort `forgetful` forget a key after two minutes",
    56: "a customer writes some 4,600 characters; rows and states are held to their limits by every port",
}
FAULTS_OUT_OF_REACH: dict[int, str] = {
    **dict.fromkeys((9, 10), ONE_MESSAGE),
    **dict.fromkeys((28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 39), NO_MODEL),
    47: "nothing takes a payment system's webhooks: the ledger looks up by its own key",
}
# What is held elsewhere, or cannot be yet.
INVARIANTS_ELSEWHERE: dict[str, str] = {
    "I17": ONE_MESSAGE,
    "I27": "nothing erases a customer yet",
    "I28": "there is no audit chain yet",
    "I29": "a test holds it: the same seed has the same trace to the byte, also in another process",
    "I31": "clouds are compared where their own emulators run, with the stories of `supportmax demo`",
}


def list_faults() -> dict[int, str]:
    """Number → the kinds that inject it, what people do, or why it is out of reach; every number is there once."""
    kinds = {number: [fault.name for fault in FAULTS if number in fault.numbers] for number in range(1, 61)}
    return {number: _tell(number, names) for number, names in kinds.items()}


def list_invariants() -> dict[str, str]:
    """I-number → what it says, or why nothing here holds it."""
    names = [f"I{number}" for number in range(1, 33)]
    return {name: SAYS.get(name) or f"not here: {INVARIANTS_ELSEWHERE[name]}" for name in names}


def _tell(number: int, names: list[str]) -> str:
    if number in FAULTS_OUT_OF_REACH:
        return f"out of reach: {FAULTS_OUT_OF_REACH[number]}"
    injected = [f"`{name}`" for name in names]
    return "; ".join([*injected, PLAYED[number]] if number in PLAYED or not names else injected)
