"""Whether a story ended as its file expects: one check a key, each answering what is wrong or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from adapters.local.stories import Stage, Story, read_turns
from shared.effects.ledger import list_effects

Turns = list[dict[str, Any]]
Check = Callable[[Stage, Turns, Any], str]


def judge(story: Story, stage: Stage) -> tuple[Turns, list[str]]:
    """The story's turns (the last ones, where it only speaks of those) and everything that is not as expected."""
    turns = read_turns(stage)
    turns = turns[-story.expect["last"] :] if "last" in story.expect else turns
    found = (CHECKS[key](stage, turns, value) for key, value in story.expect.items() if key != "last")
    return turns, [problem for problem in found if problem]


def _compare(what: str, found: Any, expected: Any) -> str:
    return "" if found == expected else f"{what}: {found!r}, expected {expected!r}"


def _outcomes(stage: Stage, turns: Turns, expected: list[str]) -> str:
    return _compare("turns", [turn["outcome"] for turn in turns], expected)


def _actions(stage: Stage, turns: Turns, expected: list[str]) -> str:
    found = [f"{action['tool']}:{action['status']}" for turn in turns for action in turn["actions"]]
    missing = [action for action in expected if action not in found]
    return f"actions {missing} missing in {found}" if missing or (found and not expected) else ""


def _says(stage: Stage, turns: Turns, expected: list[str]) -> str:
    missing = [words for words in expected if words.lower() not in turns[-1]["reply"].lower()]
    return f"the last reply does not say {missing}" if missing else ""


def _says_in(stage: Stage, turns: Turns, expected: list[list[str]]) -> str:
    pairs = zip(turns, expected, strict=True)
    missing = [words for turn, wanted in pairs for words in wanted if words not in turn["reply"]]
    return f"no reply says {missing} in its place" if missing else ""


def _says_once(stage: Stage, turns: Turns, expected: list[str]) -> str:
    counts = {words: sum(turn["reply"].count(words) for turn in turns) for words in expected}
    return _compare("said", counts, dict.fromkeys(expected, 1))


def _never_says(stage: Stage, turns: Turns, unwanted: list[str]) -> str:
    said = [words for words in unwanted for turn in turns if words.lower() in turn["reply"].lower()]
    return f"said {said}" if said else ""


def _replies(stage: Stage, turns: Turns, expected: int) -> str:
    return _compare("replies", sum(bool(turn["reply"]) for turn in turns), expected)


def _silent(stage: Stage, turns: Turns, places: list[int]) -> str:
    return _compare("silent turns", [i for i, turn in enumerate(turns) if not turn["reply"]], places)


def _agents(stage: Stage, turns: Turns, expected: list[str]) -> str:
    return _compare("agents", turns[0]["agents"], expected)


def _tickets(stage: Stage, turns: Turns, expected: int) -> str:
    return _compare("tickets", len({turn["ticket_id"] for turn in turns}), expected)


def _packet(stage: Stage, turns: Turns, expected: bool) -> str:
    packet = (turns[0]["handoff"] or {}).get("packet", {})
    whole = len(packet) == 5 and all(part["text"] and part["rows"] for part in packet.values())
    named = bool((turns[0]["handoff"] or {}).get("operator"))
    return _compare("packet complete and one operator named", whole and named, expected)


def _operator_skill(stage: Stage, turns: Turns, expected: str) -> str:
    staff = stage.platform.app.company.staff
    skills = next(each.skills for each in staff.operators if each.id == turns[0]["handoff"]["operator"])
    return "" if expected in skills else f"the operator lacks the skill {expected}"


def _answers_all(stage: Stage, turns: Turns, expected: int) -> str:
    return _compare("messages answered", sum(turn["answers"] for turn in turns), expected)


def _committed(stage: Stage, turns: Turns, expected: int) -> str:
    effects = list_effects(stage.platform.provider.records, stage.tenant)
    return _compare("committed", sum(each.amount_minor for each in effects if each.state == "COMMITTED"), expected)


def _refunds(stage: Stage, turns: Turns, expected: int) -> str:
    """Counted in the company's own books, not by our keys (I1), and as often in the ledger."""
    books = stage.platform.provider.business_systems.books()["refund"]
    paid = [entry for entry in books if entry["id"] not in stage.refunded_before]
    effects = list_effects(stage.platform.provider.records, stage.tenant)
    committed = sum(each.state == "COMMITTED" for each in effects)
    return _compare("refunds in the books and the ledger", (len(paid), committed), (expected, expected))


def _sent_mails(stage: Stage, turns: Turns, expected: int) -> str:
    folder = stage.platform.provider.store.folder / "outbox"
    return _compare("mails sent", len(list(folder.rglob("*.json"))), expected)


def _ignored(stage: Stage, turns: Turns, expected: int) -> str:
    return _compare("messages ignored", stage.ignored, expected)


def _alerts(stage: Stage, turns: Turns, expected: list[str]) -> str:
    log = stage.platform.provider.store.folder / "telemetry.jsonl"
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []
    found = [line.get("type") for line in lines if line.get("fact", line.get("name")) == "security_alert"]
    return _compare("alerts", found, expected)


CHECKS: dict[str, Check] = {
    "turns": _outcomes,
    "actions": _actions,
    "says": _says,
    "says_in": _says_in,
    "says_once": _says_once,
    "never_says": _never_says,
    "replies": _replies,
    "silent": _silent,
    "agents": _agents,
    "tickets": _tickets,
    "packet": _packet,
    "operator_skill": _operator_skill,
    "answers_all": _answers_all,
    "committed_minor": _committed,
    "refunds": _refunds,
    "sent_mails": _sent_mails,
    "ignored": _ignored,
    "alerts": _alerts,
}
