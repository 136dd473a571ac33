"""The sales specialist: products, prices, quotes."""

from __future__ import annotations

from shared.agents.work import Desk, WorkInput, work_assignment
from shared.company.company import Company
from shared.domain.finding import Finding
from shared.knowledge.library import Library
from shared.ports.clock import Clock
from shared.ports.records import Records
from shared.privacy.vault import Vault
from shared.tools.executor import Toolbox


def handle(
    task: WorkInput,
    *,
    records: Records,
    vault: Vault,
    library: Library,
    toolbox: Toolbox,
    company: Company,
    clock: Clock,
) -> Finding:
    """Work one assignment by its playbook and report a finding; raises Retry where trying again soon will tell."""
    return work_assignment(Desk(records, vault, library, toolbox, company, clock), task)
