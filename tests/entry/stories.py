"""The turns behind the samples of tasks and events, and what stands in an account before they are played."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from shared.access.api_keys import make_api_key, store_api_key
from shared.access.webhooks import secret_name
from shared.ports.provider import CloudProvider
from shared.privacy.vault import Vault
from tests.builders.hours import wall

SAMPLES = Path(__file__).parents[2] / "events" / "samples"
TENANT = "demo"
MONDAY = wall("2026-11-16 10:00")
FIXED_KEY = bytes(range(64))  # opens nothing but samples: what they seal is the same in every run
CUSTOMERS = ("cus_ada", "cus_ben", "cus_dmitri", "cus_eva", "cus_gina", "cus_kim", "cus_iris", "cus_farid", "cus_hugo")
SECRET = "onlyforthesamples" * 2
KEY = f"sm_{TENANT}_{SECRET}"
WEBHOOK_SECRET = b"whsec_b25seSBmb3IgdGhlIHNhbXBsZXM="
PEPPER = b"only for the samples"
PERMISSIONS = ("conversations:read", "conversations:write", "handoffs:work", "channels:write")


@dataclass(frozen=True, slots=True)
class Story:
    """What a customer says or an operator does, step by step, and whose calls are kept, in their order.

    A step that begins with `take`, `answer` or `approve` names an operator; any other is a message of the customer.
    """

    name: str
    customer: str
    steps: tuple[str, ...]
    plays: tuple[str, ...]

    def key(self, step: int) -> str:
        """The idempotency key of a message."""
        return f"{self.name}-{step + 1}"

    def samples(self) -> list[Path]:
        """The samples of this story in the order in which they happen; a handler's second is `<name>_2`."""
        found: list[Path] = []
        for handler in self.plays:
            count = sum(path.parent.name == handler for path in found)
            found.append(SAMPLES / handler / f"{self.name}{f'_{count + 1}' if count else ''}.aws.json")
        return found


BEGIN = ("intake.receive", "orchestrator.start")
STORIES = (
    Story(
        "refund",
        "cus_ben",
        ("I was charged twice this month, please refund the second charge.",),
        (
            "intake.receive", "intake.relay", "orchestrator.start", "orchestrator.understand", "sentiment.assess",
            "orchestrator.plan", "billing.work", "orchestrator.combine", "reply.review", "reply.send", "intake.relay",
            "analytics.project", "realtime.tell",
        ),
    ),
    Story(
        "large_refund",
        "cus_dmitri",
        ("My invoice was charged twice, please refund the second payment.", "approve noor"),
        (
            *BEGIN, "billing.work", "escalation.open", "intake.relay", "escalation.assign", "escalation.page",
            "escalation.decide", "escalation.resume",
        ),
    ),
    Story(
        "suspended_api",
        "cus_eva",
        ("Our API subscription is suspended and every call is refused with 403. Please reactivate it.",),
        (*BEGIN, "technical.work"),
    ),
    Story("password", "cus_kim", ("How do I reset my password?",), (*BEGIN, "account.work")),
    Story("seats", "cus_farid", ("Can I get a discount if we buy 50 seats?",), (*BEGIN, "sales.work")),
    Story("opening_hours", "cus_ada", ("What are your opening hours?",), (*BEGIN, "general.work")),
    Story("unclear", "cus_iris", ("It does not work.",), (*BEGIN, "reply.clarify")),
    Story("spam", "cus_hugo", ("Buy cheap pills now!!! http://x.example",), (*BEGIN, "reply.ignore")),
    Story(
        "person",
        "cus_gina",
        ("I want to speak to a real person now!", "take noor", "Are you a person?", "answer noor"),
        (
            *BEGIN, "escalation.open", "escalation.take", "intake.receive", "orchestrator.start", "escalation.notify",
            "escalation.answer", "reply.deliver",
        ),
    ),
)  # fmt: skip


def furnish(provider: CloudProvider) -> None:
    """Keys, secrets and articles as the samples were recorded with."""
    vault = Vault(provider.records, provider.secrets, provider.clock, lambda: FIXED_KEY)
    for customer in CUSTOMERS:
        vault.seal(TENANT, customer, "")
    provider.secrets.create("api-key-pepper", PEPPER)
    _, row = make_api_key(FixedIds(), PEPPER, TENANT, "samples", PERMISSIONS, provider.clock.now())
    store_api_key(provider.records, row)
    for source in ("shop", "forum"):
        provider.secrets.put(secret_name(TENANT, source), WEBHOOK_SECRET)


class FixedIds:
    """The one secret of the samples' key."""

    def new(self, prefix: str) -> str:
        return prefix + SECRET
