"""What differs between dev, staging and prod: one row each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stage:
    """One row; `log_days` must be a retention that CloudWatch offers, rates are requests a second of one region.

    `keep` holds tables and buckets when a stack is deleted, and refuses to delete them. `reserve` sets functions'
    concurrency aside, which an account with the quota of a new one refuses. `canary` moves a tenth of the traffic
    first. `archive_days` keeps events for a replay, 0 none. `every_alarm` has an alarm for each function, else one over
    everything.
    """

    turns: str
    keep: bool
    log_days: int
    request_rate: int
    reserve: bool = True
    canary: bool = True
    archive_days: int = 0
    every_alarm: bool = True
    dashboard: bool = True
    turns_at_once: int = 100


# dev costs at most a dollar a month when idle: one alarm at $0.10, and no dashboard at $3.
STAGES: dict[str, Stage] = {
    "dev": Stage(
        "standard",
        keep=False,
        log_days=7,
        request_rate=20,
        reserve=False,
        canary=False,
        every_alarm=False,
        dashboard=False,
        turns_at_once=10,
    ),
    "staging": Stage("standard", keep=False, log_days=14, request_rate=100, reserve=False, archive_days=3),
    "prod": Stage("express", keep=True, log_days=90, request_rate=1000, archive_days=30),
}
