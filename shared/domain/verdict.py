"""What policy says about one tool call: allowed, refused, or allowed once a person approves; always with its rule."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """`decision` is `allow`, `deny` or `approve`; `rule` names the one rule that decided."""

    decision: str
    rule: str
    approvers: int = 0
    role: str = ""
