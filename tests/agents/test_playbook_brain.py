"""The brain steps a playbook by rule: what each kind of step does, and what follows each kind of answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.agents.playbook_brain import MOST_STEPS, Ended, Hands, Work, run_playbook
from shared.company.playbook import Playbook, read_playbook
from shared.domain.finding import Action, Citation
from shared.errors import Misconfigured
from shared.knowledge.evidence import Evidence
from shared.tools.executor import Answer
from shared.tools.tool import Facts

LOOK = """
agent = "billing"
[[steps]]
id = "bill"
tool = "get_billing_information"
{more}
[replies]
default = "You owe {{bill.due}}."
stale = "You owed {{bill.due}} then."
sorry = "That is not possible."
{replies}
"""
CITED = Citation("export-data", "Open Settings.", 0)


@dataclass
class Scripted:
    """Hands that answer what the test says, and note what they were asked."""

    answers: list[Answer] = field(default_factory=list)
    evidence: Evidence = field(default_factory=lambda: Evidence(False))
    known: dict[str, Facts] = field(default_factory=dict)
    calls: list[tuple[str, Facts, Facts, int]] = field(default_factory=list)
    kept: list[Work] = field(default_factory=list)

    def hands(self) -> Hands:
        return Hands(
            self.call, lambda query: self.evidence, self.known.__setitem__, self.known.get, bool, self.kept.append
        )

    def call(self, name: str, given: Facts, handles: Facts, step: int) -> Answer:
        self.calls.append((name, given, handles, step))
        return self.answers.pop(0)


def any_look(more: str = "", replies: str = "", rest: str = "") -> Playbook:
    return read_playbook("look", LOOK.format(more=f"{more}\n{rest}", replies=replies))


def run(playbook: Playbook, *answers: Answer, known: dict[str, Facts] | None = None, **values: Any) -> Ended:
    return run_playbook(
        playbook, Scripted(list(answers), known={} if known is None else known).hands(), Work(values=values)
    )


def found(**facts: Any) -> Answer:
    return Answer("ok", facts)


# --- tools


def test_an_answer_is_kept_under_its_steps_id_and_told() -> None:
    assert run(any_look(), found(due=5)).reply == "You owe 5."


def test_a_tool_is_given_what_is_known_and_nothing_for_what_is_not() -> None:
    script = Scripted([found(due=1)])
    playbook = any_look('args = { order_number = "$entities.order_number", reason = "asked" }')
    run_playbook(playbook, script.hands(), Work(values={"entities": {}}))
    assert script.calls == [("get_billing_information", {"reason": "asked"}, {}, 0)]


def test_handles_of_several_tools_are_gathered_and_never_told() -> None:
    second = '[[steps]]\nid = "two"\ntool = "list_payments"\n[[steps]]\ntool = "refund_payment"'
    script = Scripted(
        [
            found(due=1, handles={"payment": {"p1": {"amount_minor": 1}}}),
            found(handles={"payment": {"p2": {"amount_minor": 2}}, "order": {"o1": {}}}),
            found(),
        ]
    )
    ended = run_playbook(any_look(rest=second), script.hands(), Work())
    assert script.calls[2][2] == {
        "payment": {"p1": {"amount_minor": 1}, "p2": {"amount_minor": 2}},
        "order": {"o1": {}},
    }
    assert "handles" not in ended.work.values["bill"]


def test_an_effect_is_reported_with_its_status() -> None:
    action = Action("refund_payment", "committed", "e1", 500, "EUR")
    assert run(any_look(), Answer("ok", {"due": 1}, action=action)).work.actions == (action,)


def test_what_was_tried_is_listed_without_what_was_found() -> None:
    assert run(any_look(), found(due="secret")).work.tried == ("get_billing_information: ok",)


@pytest.mark.parametrize(("status", "state"), [("waiting", "needs_approval"), ("pending", "pending")])
def test_what_is_not_decided_yet_stops_at_its_own_step_and_is_tried_again_from_there(status: str, state: str) -> None:
    playbook = any_look(replies='needs_approval = "We have asked."\npending = "It is on its way."')
    stood = run(playbook, Answer(status, rule="above_threshold"))
    assert (stood.state, stood.work.at, stood.reason) == (state, 0, "above_threshold")
    script = Scripted([found(due=9)])
    assert run_playbook(playbook, script.hands(), stood.work).reply == "You owe 9."


def test_what_waits_is_told_even_where_the_playbook_has_no_words_for_it() -> None:
    for status in ("waiting", "pending"):
        assert run(any_look(), Answer(status)).reply


def test_a_second_request_is_told_as_one_and_what_waits_as_waiting() -> None:
    playbook = any_look(replies='repeated = "Done before: {bill.due}."\nrepeated_pending = "Asked for before."')
    assert run(playbook, Answer("ok", {"due": 7}, repeat_of="e1")).reply == "Done before: 7."
    again = run(playbook, Answer("pending", repeat_of="e1"))
    assert (again.state, again.reply) == ("pending", "Asked for before.")


def test_a_system_that_refuses_leads_where_the_step_says() -> None:
    ended = run(any_look('else = "say:sorry"'), Answer("refused", rule="wrong_state:order"))
    assert (ended.state, ended.reply) == ("solved", "That is not possible.")


@pytest.mark.parametrize("rule", ["suggest_only", "agent_not_allowed", "customer_unknown", "cap_exceeded", "default"])
def test_what_policy_forbids_is_never_told_as_impossible(rule: str) -> None:
    ended = run(any_look('else = "say:sorry"'), Answer("refused", rule=rule))
    assert (ended.state, ended.reply, ended.reason) == ("needs_escalation", "", rule)


def test_a_refusal_without_a_way_out_goes_to_a_person_with_its_reason() -> None:
    assert run(any_look(), Answer("refused", rule="not_found:invoice")).reason == "not_found_invoice"


def test_what_a_person_rejected_is_told_as_rejected() -> None:
    ended = run(any_look('else = "say:sorry"'), Answer("refused", rule="rejected"))
    assert (ended.state, "could not approve" in ended.reply) == ("solved", True)


@pytest.mark.parametrize("answer", [Answer("refused", rule="not_found:bill"), Answer("unavailable")])
def test_an_optional_step_that_fails_is_noted_and_the_next_one_runs(answer: Answer) -> None:
    ended = run(any_look("optional = true", rest='[[steps]]\nsay = "sorry"'), answer)
    assert ended.reply == "That is not possible."
    assert len(ended.work.tried) == 1


def test_an_answer_is_remembered_and_told_while_its_system_is_down() -> None:
    playbook = any_look('remember = true\nunavailable = "say:stale"', replies="[follow_up]\nstale = 30")
    known: dict[str, Facts] = {}
    assert run(playbook, found(due=3), known=known).follow_up == 0
    stale = run(playbook, Answer("unavailable"), known=known)
    assert (stale.reply, stale.follow_up) == ("You owed 3 then.", 30)


@pytest.mark.parametrize("more", ["", "remember = true", 'remember = true\nunavailable = "say:stale"'])
def test_a_system_that_is_down_and_unknown_goes_to_a_person(more: str) -> None:
    assert run(any_look(more), Answer("unavailable")).reason == "system_unavailable"


# --- checks, searches, ends


def any_check(condition: str, way: str = 'then = "say:yes"\nelse = "say:no"') -> Playbook:
    replies = '[replies]\nyes = "Yes."\nno = "No."\ndefault = "On."'
    return read_playbook("check", f'agent = "general"\n[[steps]]\ncheck = "$x.y"\n{condition}\n{way}\n{replies}')


@pytest.mark.parametrize(
    ("condition", "value", "holds"),
    [
        ("", "something", True),
        ("", [], False),
        ("", None, False),
        ('equals = "late"', "late", True),
        ('equals = "late"', "lately", False),
        ("equals = false", False, True),
        ("equals = false", None, False),
        ("above = 2", 3, True),
        ("above = 2", 2, False),
        ("above = 2", "3", False),
        ('one_of = ["a", "b"]', "b", True),
        ('one_of = ["a", "b"]', "c", False),
        ('mentions = ["eras", "$x.word"]', "Please erase it", True),
        ('mentions = ["eras", "$x.word"]', "the door", True),
        ('mentions = ["eras", "$x.nothing"]', "the window", False),
        ('mentions = ["eras"]', None, False),
    ],
)
def test_a_check_compares_what_is_known(condition: str, value: Any, holds: bool) -> None:
    ended = run(any_check(condition), x={"y": value, "word": "door"})
    assert ended.reply == ("Yes." if holds else "No.")


def test_a_check_without_a_way_for_its_outcome_goes_on_with_the_next_step() -> None:
    assert run(any_check("", 'else = "say:no"'), x={"y": 1}).reply == "On."
    assert run(any_check("", 'then = "say:yes"'), x={}).reply == "On."


def test_articles_that_answer_are_told_and_cited() -> None:
    text = 'agent = "general"\n[[steps]]\nsearch = "$text"\n[replies]\ndefault = "{articles.answer}"'
    script = Scripted(evidence=Evidence(True, "Open Settings.", (CITED,), 9_000))
    ended = run_playbook(read_playbook("help", text), script.hands(), Work(values={"text": "how?"}))
    assert (ended.reply, ended.work.citations) == ("Open Settings.", (CITED,))


def test_articles_that_do_not_answer_are_neither_told_nor_cited() -> None:
    text = 'agent = "general"\n[[steps]]\nsearch = "$text"\n[replies]\ndefault = "{articles.answer}"'
    script = Scripted(evidence=Evidence(False, "", (CITED,), 100))
    ended = run_playbook(read_playbook("help", text), script.hands(), Work())
    assert (ended.state, ended.work.citations) == ("needs_escalation", ())


def test_a_reply_whose_fact_is_missing_is_not_sent() -> None:
    ended = run(any_look(), found(other=1))
    assert (ended.state, ended.reply, ended.reason) == ("needs_escalation", "", "nothing_known_about_bill_due")


def test_a_shared_cause_is_told_beside_the_reply_only_where_it_was_found() -> None:
    playbook = read_playbook("caused", LOOK.format(more="", replies='cause = "It is {bill.incident}."'))
    caused = Playbook(
        **{name: getattr(playbook, name) for name in Playbook.__dataclass_fields__} | {"cause": "bill.incident"}
    )
    ended = run(caused, found(due=1, incident="inc_1"))
    assert (ended.cause, ended.cause_text) == ("inc_1", "It is inc_1.")
    assert run(caused, found(due=1, incident=None)).cause == ""


def test_a_playbook_that_turns_in_circles_goes_to_a_person() -> None:
    text = 'agent = "general"\n[[steps]]\nid = "a"\ncheck = "$text"\nthen = "step:a"\n[replies]'
    ended = run(read_playbook("circle", text), text="again")
    assert ended.reason == "playbook_too_long"


@given(st.lists(st.sampled_from(["ok", "waiting", "pending", "refused", "unavailable"]), max_size=MOST_STEPS))
def test_whatever_tools_answer_a_playbook_ends_with_words_or_a_reason(statuses: list[str]) -> None:
    answers = [Answer(status, {"due": 1} if status == "ok" else {}, rule="not_found:x") for status in statuses]
    steps = "".join('[[steps]]\ntool = "list_payments"\n' for _ in statuses[1:])
    ended = run(any_look(rest=steps), *(answers or [found(due=1)]))
    assert bool(ended.reply) != (ended.state == "needs_escalation")
    assert ended.reply or ended.reason


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('agent = "x"\n[[steps]]\nsya = "typo"\n[replies]', "steps.0"),
        ("agent = 3\nsteps = []\n[replies]", "agent"),
        ("agent =", "playbook odd"),
        ('agent = "x"\nsteps = []', "replies"),
    ],
)
def test_a_playbook_in_another_shape_is_refused_by_name_and_place(text: str, told: str) -> None:
    with pytest.raises(Misconfigured, match=told):
        read_playbook("odd", text)
