"""Checks a playbook against the tools and agents that there are, before any customer meets it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.agents.catalog import Agent
from shared.agents.flow import END, Flow, Target, find_flow, targets_of
from shared.agents.playbook_brain import DEFAULT_REPLIES
from shared.agents.references import FILTERS, PLACEHOLDER
from shared.company.playbook import STEP_KINDS, Playbook, Step
from shared.tools.binding import OWN_SLOTS
from shared.tools.slots import schema_of
from shared.tools.tool import Tool
from shared.understanding.entities import load_entity_table

# What each tool can issue: the slots of `facts["handles"]`, from which bound slots are filled.
ISSUES: dict[str, tuple[str, ...]] = {
    "get_billing_information": ("invoice", "subscription"),
    "list_payments": ("payment",),
    "find_duplicate_charge": ("payment",),
    "get_invoice": ("invoice",),
    "compare_usage": ("basis",),
    "get_customer_profile": ("user",),
    "get_account_services": ("api_key", "subscription"),
    "check_api_access": ("api_key", "subscription"),
    "get_order": ("order", "payment"),
    "track_order": ("order",),
    "get_delivery_estimate": ("basis", "order"),
    "get_product_information": ("sku",),
    "generate_quote": ("quote",),
}

# kind of problem -> what its author can do
ADVICE: dict[str, str] = {
    "unknown_agent": "name an agent of AGENTS; `supportmax tools` shows who has which tools",
    "step_kind": f"give the step exactly one of {', '.join(STEP_KINDS)}",
    "unknown_tool": "name a tool that `supportmax tools` lists (not an alias)",
    "tool_not_for_agent": "choose a tool of this agent, or another agent for the playbook",
    "unknown_slot": "name a slot that the tool has; customer, amounts and keys are set by the platform",
    "missing_slot": "give the slot a value or a reference",
    "unbound_slot": "let a step before this one look it up, so that it is one of this customer's",
    "unknown_reference": "refer to a step that runs before, or to $text, $entities.<type>, $customer or $history.same",
    "unknown_filter": f"use one of {', '.join(FILTERS)}",
    "unknown_step": "give a step this id",
    "ambiguous_step": "give only one step this id",
    "bad_target": "write say:<reply>, step:<id> or escalate:<reason_in_snake_case>",
    "missing_reply": "write the reply under [replies]",
    "unused_reply": "let a step say it, or take it out",
    "unreachable_step": "let a step lead here, or take it out",
}
KNOWN_FIELDS = {"customer": {"id", "tier"}, "history": {"same"}}
# Replies that the brain says by itself.
OWN_REPLIES = {"needs_approval", "pending", "rejected", "repeated", "repeated_pending", "cause"}
REASON = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and where; `kind` is a key of ADVICE."""

    where: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A playbook under check, with the ways through it."""

    playbook: Playbook
    tools: Mapping[str, Tool]
    agents: Mapping[str, Agent]
    flow: Flow

    @property
    def places(self) -> Iterator[tuple[int, str, Step]]:
        """Every step with its number and how a person finds it."""
        for number, step in enumerate(self.playbook.steps):
            name = f" ({step.id or step.tool})" if step.id or step.tool else ""
            yield number, f"step {number + 1}{name}", step


def check_playbook(playbook: Playbook, tools: Mapping[str, Tool], agents: Mapping[str, Agent]) -> tuple[Problem, ...]:
    """Everything that is wrong with a playbook, in the order of its steps; nothing where it can be run."""
    draft = Draft(playbook, tools, agents, find_flow(playbook, ISSUES))
    return tuple(problem for rule in RULES for problem in rule(draft))


def check_agent(draft: Draft) -> Iterator[Problem]:
    if draft.playbook.agent not in draft.agents:
        yield Problem("agent", "unknown_agent", f"there is no agent called {draft.playbook.agent}")


def check_kinds(draft: Draft) -> Iterator[Problem]:
    for _, where, step in draft.places:
        kinds = [kind for kind in STEP_KINDS if getattr(step, kind)]
        if len(kinds) != 1:
            yield Problem(where, "step_kind", f"it is {' and '.join(kinds) or 'nothing'}")


def check_tools(draft: Draft) -> Iterator[Problem]:
    for number, where, step in draft.places:
        tool = draft.tools.get(step.tool)
        if step.tool and tool is None:
            yield Problem(where, "unknown_tool", f"there is no tool called {step.tool}")
        elif tool is not None:
            yield from _check_call(draft, number, where, step, tool)


def _check_call(draft: Draft, number: int, where: str, step: Step, tool: Tool) -> Iterator[Problem]:
    if draft.playbook.agent not in tool.agents:
        yield Problem(where, "tool_not_for_agent", f"{draft.playbook.agent} may not use {tool.name}")
    handles = [slot for slot in tool.bound if slot not in OWN_SLOTS]
    for slot in sorted(step.args.keys() - {*tool.chosen, *handles}):
        yield Problem(where, "unknown_slot", f"{tool.name} takes no {slot}")
    for slot in sorted(set(schema_of(tool.run, tool.chosen)["required"]) - step.args.keys()):
        yield Problem(where, "missing_slot", f"{tool.name} needs {slot}")
    for slot in sorted(set(handles) - draft.flow.issued.get(number, frozenset(handles))):
        yield Problem(where, "unbound_slot", f"no step before it can have found a {slot}")


def check_references(draft: Draft) -> Iterator[Problem]:
    """References in checks, arguments, searches and replies lead to something that can be known there."""
    for number, where, step in draft.places:
        for path in _references(step):
            yield from _check_path(path, where, draft.flow.known.get(number, draft.flow.everything))
    for name, text in draft.playbook.replies.items():
        known = draft.flow.known_to(name)
        for found in PLACEHOLDER.finditer(text):
            yield from _check_path(found[1], f"reply {name}", known)
            if found[2] and found[2] not in FILTERS:
                yield Problem(f"reply {name}", "unknown_filter", f"{{{found[1]}|{found[2]}}}")
    if draft.playbook.cause:
        yield from _check_path(draft.playbook.cause, "cause", draft.flow.known_to("cause"))


def _references(step: Step) -> Iterator[str]:
    if step.check:
        yield step.check.removeprefix("$")
    for value in (step.search, *step.mentions, *_leaves(step.args)):
        if isinstance(value, str) and value.startswith("$"):
            yield value[1:]


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _leaves(each)
    else:
        yield value


def _check_path(path: str, where: str, known: frozenset[str]) -> Iterator[Problem]:
    root, _, rest = path.partition(".")
    if root == "entities":
        fields = {kind for kind, _ in load_entity_table().patterns}
        fine = rest in fields
    elif root in KNOWN_FIELDS:
        fine = rest in KNOWN_FIELDS[root]
    else:
        fine = root in known or path == "text"
    if not fine:
        yield Problem(where, "unknown_reference", f"nothing can be known about {path} here")


def check_targets(draft: Draft) -> Iterator[Problem]:
    """Every way leads to a step, a reply or a reason."""
    for _, where, step in draft.places:
        for target in targets_of(step):
            yield from _check_target(draft, where, target)
    if END in draft.flow.reached:
        yield from _check_target(draft, "end", Target("say", "default"))


def _check_target(draft: Draft, where: str, target: Target) -> Iterator[Problem]:
    kind, message = WAYS.get(target.kind, _find_no_way)(draft.playbook, target)
    if kind:
        yield Problem(where, kind, message)


def _find_no_way(playbook: Playbook, target: Target) -> tuple[str, str]:
    return "bad_target", f"{target.kind}:{target.name} leads nowhere"


def _find_reply(playbook: Playbook, target: Target) -> tuple[str, str]:
    known = target.name in playbook.replies or target.name in DEFAULT_REPLIES
    return ("", "") if known else ("missing_reply", f"there is no reply called {target.name}")


def _find_step(playbook: Playbook, target: Target) -> tuple[str, str]:
    named = sum(step.id == target.name for step in playbook.steps)
    if named > 1:
        return "ambiguous_step", f"{named} steps are called {target.name}"
    return ("", "") if named else ("unknown_step", f"there is no step called {target.name}")


def _find_reason(playbook: Playbook, target: Target) -> tuple[str, str]:
    fine = REASON.fullmatch(target.name)
    return ("", "") if fine else ("bad_target", f"{target.name!r} is no reason in snake_case")


# kind of target -> the problem's kind and message, empty where it leads somewhere
WAYS: dict[str, Callable[[Playbook, Target], tuple[str, str]]] = {
    "say": _find_reply,
    "step": _find_step,
    "escalate": _find_reason,
}


def check_replies(draft: Draft) -> Iterator[Problem]:
    replies, book = draft.playbook.replies, draft.playbook
    if book.cause and "cause" not in replies:
        yield Problem("cause", "missing_reply", "a shared cause is told by the reply called cause")
    for name in sorted(book.follow_up.keys() - replies.keys()):
        yield Problem("follow_up", "missing_reply", f"there is no reply called {name}")
    for name in replies:
        if name not in OWN_REPLIES and name not in draft.flow.said:
            yield Problem(f"reply {name}", "unused_reply", "no way leads to it")


def check_reach(draft: Draft) -> Iterator[Problem]:
    for number, where, _ in draft.places:
        if number not in draft.flow.reached:
            yield Problem(where, "unreachable_step", "no way leads here")


RULES: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    check_agent,
    check_kinds,
    check_tools,
    check_references,
    check_targets,
    check_replies,
    check_reach,
)
