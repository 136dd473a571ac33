"""The checks that a draft passes before it may be sent; each answers a fault's name or nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from shared.agents.references import PLACEHOLDER
from shared.domain.finding import Finding
from shared.effects import ledger
from shared.effects.effect import COMMITTED
from shared.knowledge.library import Library
from shared.ports.records import Records
from shared.privacy.recognise import find_personal_data

NEVER_SAID = frozenset({"CREDIT_CARD", "US_SSN", "IBAN_CODE", "PASSPORT", "US_DRIVER_LICENSE"})
LONGEST_DRAFT = 6_000
IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
LINK = re.compile(r"\[([^\]]*)\]\((https?://([^/)\s]+)[^)]*)\)")


def find_faults(
    records: Records, library: Library, tenant: str, draft: str, findings: Sequence[Finding]
) -> tuple[str, ...]:
    """Every fault of a draft, by name."""
    checks = (
        ("empty", not draft.strip()),
        ("too_long", len(draft) > LONGEST_DRAFT),
        ("unfilled", PLACEHOLDER.search(draft) is not None),
        ("personal_data", any(span.type in NEVER_SAID for span in find_personal_data(draft))),
        ("citation", not _citations_stand(library, tenant, findings)),
        ("ledger", not _ledger_backs(records, tenant, findings)),
    )
    return tuple(name for name, fails in checks if fails)


def _citations_stand(library: Library, tenant: str, findings: Sequence[Finding]) -> bool:
    """Every cited passage stands in the index that is published now."""
    cited = {(each.article_id, each.ordinal) for finding in findings for each in finding.citations}
    if not cited:
        return True
    index = library.index(tenant)
    return index is not None and all(index.find_passage(article, ordinal) for article, ordinal in cited)


def _ledger_backs(records: Records, tenant: str, findings: Sequence[Finding]) -> bool:
    """What a finding calls committed is COMMITTED in the ledger (I12)."""
    claimed = [action.effect for finding in findings for action in finding.actions if action.status == "committed"]
    return all(ledger.read_effect(records, tenant, effect)[0].state == COMMITTED for effect in claimed)


def strip_unsafe(draft: str, own_hosts: Sequence[str]) -> str:
    """A draft without images, and with links to hosts that are neither own nor below an own one as plain text."""

    def is_own(host: str) -> bool:
        return any(host == own or host.endswith(f".{own}") for own in own_hosts)

    return LINK.sub(lambda link: link[0] if is_own(link[3]) else link[1], IMAGE.sub("", draft))
