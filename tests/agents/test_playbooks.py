"""The shipped playbooks: each passes the check, and ends in a reply or a reason for everybody."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from adapters.local.cli.playbooks import command
from shared.agents.catalog import AGENTS
from shared.agents.check import ADVICE, ISSUES, check_playbook
from shared.agents.playbook_brain import Ended
from shared.agents.references import PLACEHOLDER
from shared.company.playbook import read_playbook
from shared.tools.catalog import TOOLS
from shared.understanding.taxonomy import load_taxonomy
from tests.builders.playbooks import World, shipped, shipped_playbook

FOLDER = Path(__file__).parents[2] / "shared" / "company"
NAMES = sorted(shipped().playbook_files)
REASON = re.compile(r"[a-z][a-z0-9_]*")
FOR_PEOPLE = ("human_agent", "legal", "security_fraud")
WITHOUT_PLAYBOOK = {"spam"}

EVERYBODY = [
    "ada", "ben", "chloe", "dmitri", "eva", "farid", "gina", "hugo", "iris", "jonas", "kim", "mara", "nils", "olga",
    "piet", "quinn", "rosa", "sam", "tara", "uma", "victor", "wanda", "yara", "zoe", "bea", "carl", "dina", "emil",
]  # fmt: skip
TOLD: dict[str, dict[str, Any]] = {
    "nothing": {},
    "no such numbers": {"order_number": "ORD-99999", "invoice_number": "INV-9", "same": 4},
    "many words": {
        "text": "Please change my email, change my phone number, the export of the door order failed, delete it, refund.",
        "email": "new@else.example",
        "phone": "+44 20 7946 0999",
    },
}


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_playbook_passes_the_check(name: str) -> None:
    assert check_playbook(shipped_playbook(name), TOOLS, AGENTS) == ()


def test_every_intent_has_a_playbook_of_its_name_and_spam_is_set_aside() -> None:
    assert set(load_taxonomy().intents) - set(NAMES) == WITHOUT_PLAYBOOK
    assert {name for name in NAMES if shipped_playbook(name).intent != name} == set()


def test_no_two_playbooks_cover_each_other_so_that_neither_intent_is_lost() -> None:
    covers = {name: set(shipped_playbook(name).covers) for name in NAMES}
    assert {(a, b) for a in covers for b in covers[a] if a in covers.get(b, ())} == set()
    assert {b for a in covers for b in covers[a]} <= set(load_taxonomy().intents)


def test_articles_that_a_playbook_cites_exist() -> None:
    written = {path.stem for path in (FOLDER / "articles").glob("*.md")}
    assert {article for name in NAMES for article in shipped_playbook(name).articles} - written == set()


def test_tools_issue_exactly_the_handles_that_the_check_counts_on(world: World) -> None:
    found: dict[str, set[str]] = {}
    for name, tool in TOOLS.items():
        if tool.effect == "none":
            given = {"check": "api"} if name == "run_diagnostic_test" else {}
            given |= {"sku": "door"} if name == "check_inventory_availability" else {}
            for customer in EVERYBODY:
                asks = {"customer": f"cus_{customer}"} if "customer" in tool.bound else {}
                issued = tool.run(world.sandbox, **asks, **given).get("handles", {})
                found.setdefault(name, set()).update(issued)
    quote = TOOLS["generate_quote"].run(world.sandbox, key="k", customer="cus_ada", sku="door", quantity=1)
    found["generate_quote"] = set(quote["handles"])
    assert {name: slots for name, slots in found.items() if slots} == {
        name: set(slots) for name, slots in ISSUES.items()
    }
    assert set(ISSUES) <= set(TOOLS)


BROKEN = {
    "unknown_agent": 'agent = "wizard"',
    "step_kind": '[[steps]]\nid = "x"',
    "unknown_tool": '[[steps]]\ntool = "conjure"',
    "tool_not_for_agent": '[[steps]]\ntool = "check_system_logs"',
    "unknown_slot": '[[steps]]\ntool = "list_payments"\nargs = { customer = "cus_ada" }',
    "missing_slot": '[[steps]]\ntool = "update_tax_status"',
    "unbound_slot": '[[steps]]\ntool = "send_invoice_copy"\nargs = { invoice = "$entities.invoice_number" }',
    "unknown_reference": '[[steps]]\ncheck = "$later.found"',
    "unknown_filter": '[replies]\nother = "{text|shout}"',
    "unknown_step": '[[steps]]\ncheck = "$text"\nelse = "step:nowhere"',
    "ambiguous_step": (
        '[[steps]]\ncheck = "$text"\nelse = "step:twin"\n[[steps]]\nid = "twin"\ncheck = "$text"\n'
        '[[steps]]\nid = "twin"\ncheck = "$text"'
    ),
    "bad_target": '[[steps]]\nescalate = "Some Reason"',
    "missing_reply": '[[steps]]\nsay = "nothing"',
    "unused_reply": '[replies]\nother = "Never said."',
    "unreachable_step": '[[steps]]\nescalate = "always"\n[[steps]]\ncheck = "$text"',
}


def any_broken(kind: str) -> str:
    agent = "" if "agent =" in BROKEN[kind] else 'agent = "billing"\n'
    replies = "" if "[replies]" in BROKEN[kind] else '\n[replies]\ndefault = "Fine."\n'
    return f"{agent}{BROKEN[kind]}{replies}"


@pytest.mark.parametrize("kind", ADVICE)
def test_the_check_names_what_is_wrong(kind: str) -> None:
    problems = check_playbook(read_playbook("broken", any_broken(kind)), TOOLS, AGENTS)
    assert kind in {problem.kind for problem in problems}


def test_an_answer_of_another_branch_cannot_be_told() -> None:
    text = """
        agent = "billing"
        [[steps]]
        check = "$text"
        else = "say:sorry"
        [[steps]]
        id = "bill"
        tool = "get_billing_information"
        [replies]
        default = "{bill.balance|money}"
        sorry = "{bill.balance|money}"
    """
    problems = check_playbook(read_playbook("branches", text), TOOLS, AGENTS)
    assert [(each.where, each.kind) for each in problems] == [("reply sorry", "unknown_reference")]


def test_handles_of_a_loop_are_counted_and_the_check_ends() -> None:
    text = """
        agent = "billing"
        [[steps]]
        id = "again"
        check = "$text"
        else = "step:find"
        [[steps]]
        tool = "send_invoice_copy"
        [[steps]]
        id = "find"
        tool = "get_invoice"
        [[steps]]
        check = "$find.found"
        then = "step:again"
        else = "escalate:nothing_found"
        [replies]
    """
    assert check_playbook(read_playbook("loop", text), TOOLS, AGENTS) == ()


def test_the_command_is_content_with_what_is_shipped() -> None:
    assert CliRunner().invoke(command, ["check", str(FOLDER / "playbooks")]).exit_code == 0


def test_the_command_prints_file_place_kind_and_advice_and_fails(tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text(any_broken("unknown_tool"), "utf-8")
    (tmp_path / "unreadable.toml").write_text("agent =", "utf-8")
    (tmp_path / "fine.toml").write_text('agent = "general"\nsteps = []\n[replies]\ndefault = "Yes."\n', "utf-8")
    result = CliRunner().invoke(command, ["check", str(tmp_path)])
    assert result.exit_code == 1
    assert "wrong.toml: step 1 (conjure): unknown_tool: there is no tool called conjure" in result.output
    assert "unreadable.toml: file: unreadable" in result.output
    assert "fine.toml:" not in result.output


def test_the_command_wants_a_folder_with_playbooks(tmp_path: Path) -> None:
    assert CliRunner().invoke(command, ["check", str(tmp_path)]).exit_code == 2


def must_end_well(ended: Ended) -> None:
    if ended.state == "needs_escalation":
        assert REASON.fullmatch(ended.reason), ended.reason
        return
    assert ended.state in ("solved", "needs_approval", "pending")
    assert ended.reply
    assert PLACEHOLDER.search(ended.reply + ended.cause_text) is None
    assert "None" not in ended.reply


@pytest.mark.parametrize("answers", [True, False], ids=["articles know", "articles do not"])
@pytest.mark.parametrize("name", NAMES)
def test_a_playbook_ends_in_a_reply_or_a_reason_whoever_asks(world: World, name: str, answers: bool) -> None:
    world.answers = answers
    for number, customer in enumerate(EVERYBODY):
        for about, told in TOLD.items():
            ended = world.run(name, f"cus_{customer}", conversation=f"{number}-{about}", **told)
            must_end_well(ended)
            assert not ended.reason.startswith("nothing_known"), (customer, about, ended.reason)


@pytest.mark.parametrize("system", ["billing", "accounts", "orders", "status", "logs", "catalogue"])
def test_every_playbook_ends_well_while_a_system_is_down(world: World, system: str) -> None:
    world.sandbox.set_fault(system, "down")
    for name in NAMES:
        for customer in ("eva", "rosa"):
            must_end_well(world.run(name, f"cus_{customer}", conversation=f"{name}-{customer}"))


@pytest.mark.parametrize("name", [name for name in NAMES if not shipped_playbook(name).needs])
def test_a_playbook_that_needs_no_customer_works_without_one(world: World, name: str) -> None:
    for answers in (True, False):
        world.answers = answers
        ended = world.run(name, "", order_number="ORD-10241")
        must_end_well(ended)
        assert ended.reason != "customer_unknown"


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_what_is_meant_for_a_person_goes_to_one_and_changes_nothing(world: World, name: str) -> None:
    for customer in EVERYBODY:
        ended = world.run(name, f"cus_{customer}")
        assert (ended.state, ended.reply, ended.work.actions) == ("needs_escalation", "", ())


@pytest.mark.parametrize("mode", ["look", "suggest"])
def test_nothing_is_changed_and_nothing_denied_where_the_mode_forbids_effects(world: World, mode: str) -> None:
    before = world.sandbox.books()
    for name in NAMES:
        for customer in ("ben", "iris", "kim", "farid", "sam"):
            ended = world.run(name, f"cus_{customer}", mode=mode, conversation=f"{name}-{customer}")
            refused = any(step.endswith("suggest_only") for step in ended.work.tried)
            assert ended.state == "needs_escalation" or not refused
    assert world.sandbox.books() == before
    assert world.effects() == []


def test_playbooks_that_share_a_cause_say_it_in_the_same_words() -> None:
    books = [shipped_playbook(name) for name in NAMES if shipped_playbook(name).cause]
    said = {book.replies["cause"].replace(f"{{{book.cause.rpartition('.')[0]}.", "{") for book in books}
    assert len(books) >= 3
    assert len(said) == 1


def test_an_approval_is_never_announced_by_a_playbook_without_one() -> None:
    for name in NAMES:
        playbook = shipped_playbook(name)
        guarded = any(TOOLS[step.tool].approval for step in playbook.steps if step.tool)
        assert guarded or "needs_approval" not in playbook.replies, name


def test_the_example_of_the_page_about_playbooks_passes_the_check() -> None:
    page = (FOLDER.parents[1] / "docs" / "adding_a_playbook.md").read_text("utf-8")
    example = page.split("```toml\n")[1].split("```")[0]
    assert check_playbook(read_playbook("refund_status", example), TOOLS, AGENTS) == ()
    assert {kind for kind in ADVICE if f"`{kind}`" not in page} == set()
