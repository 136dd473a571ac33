"""Where a playbook stood before it changed something, so that a second run of the step goes on from there (F18)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from shared.agents.playbook_brain import Work
from shared.conversations.keys import conversation_partition
from shared.conversations.reading import TurnState
from shared.domain.finding import Action, Assignment, Citation
from shared.ports.records import Batch, Put, Records
from shared.privacy.vault import Vault


def keep_work(records: Records, vault: Vault, task: TurnState, assignment: Assignment, work: Work) -> None:
    """Store the work as it stands, sealed; a later step's overwrites it."""
    sealed = vault.seal(task.tenant, task.subject, asdict(work))
    put = Put(_row(task, assignment), {"sealed": sealed, "at": work.at})
    records.write(Batch(conversation_partition(task.tenant, task.conversation), (put,)))


def read_work(records: Records, vault: Vault, task: TurnState, assignment: Assignment) -> Work | None:
    """The work of an earlier run of this very assignment, or None where it had changed nothing yet."""
    row = records.get(conversation_partition(task.tenant, task.conversation), _row(task, assignment))
    if row is None:
        return None
    return work_from(vault.open(task.tenant, task.subject, row.body["sealed"]))


def work_from(stored: dict[str, Any]) -> Work:
    """Work as it was sealed."""
    return Work(
        at=stored["at"],
        values=stored["values"],
        handles=stored["handles"],
        tried=tuple(stored["tried"]),
        actions=tuple(Action(**action) for action in stored.get("actions", ())),
        citations=tuple(Citation(**citation) for citation in stored.get("citations", ())),
    )


def _row(task: TurnState, assignment: Assignment) -> str:
    return f"WORK|{task.turn.n:06d}|{assignment.origin:06d}|{assignment.index:02d}"
