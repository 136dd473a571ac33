"""What every provider's `workflows` must do: W1 to W4. `drive` is how the provider's own engine is driven in a test."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Protocol

import pytest

from shared.errors import Throttled
from shared.ports.workflows import Workflows
from tests.contract.machines import Work, Worker, WorkerDied, any_execution, any_payload


class HasWorkflows(Protocol):
    """The part of a provider that this contract uses."""

    @property
    def workflows(self) -> Workflows: ...


class WorkflowsContract:
    """W1 to W4 on the machines of DEFINITIONS.

    A subclass supplies `provider`, `drive`, `reopen` and `pass_time`, and `drive_besides` where it can.
    """

    def drive(self, provider: Any, work: Work) -> None:
        """Carry every execution on until it has ended or waits for a token, waiting out retries; `work` does tasks.

        A WorkerDied out of `work` is the death of whoever works on it, and may come out of here.
        """
        raise NotImplementedError

    def drive_besides(self, provider: Any, work: Work) -> None:
        """Drive as a second worker, inside a task of the first; nothing where the cloud itself runs the machine."""

    def reopen(self, provider: Any) -> Any:
        """The same place as a new process finds it."""
        raise NotImplementedError

    def pass_time(self, provider: Any, seconds: int) -> None:
        """Let time pass, so that a state whose time is over moves on."""
        raise NotImplementedError

    def test_a_status_is_absent_running_succeeded_or_failed(self, provider: HasWorkflows) -> None:
        good, bad = any_execution(), any_execution()
        assert provider.workflows.status("turn", good) == "absent"
        provider.workflows.start("turn", good, any_payload())
        assert provider.workflows.status("turn", good) == "running"
        self.drive(provider, Worker())
        assert provider.workflows.status("turn", good) == "succeeded"
        provider.workflows.start("turn", bad, any_payload())
        self.drive(provider, Worker({"second": [ValueError("broken")]}))
        assert provider.workflows.status("turn", bad) == "failed"

    @pytest.mark.parametrize("answer", [{"done": True}, ValueError("broken")], ids=["succeeds", "fails"])
    def test_w1_a_name_that_is_running_or_has_run_starts_nothing(self, provider: HasWorkflows, answer: Any) -> None:
        name, worker = any_execution(), Worker({"second": [answer]})
        for n in (1, 2):
            provider.workflows.start("turn", name, any_payload(n))
        self.drive(provider, worker)
        ended = provider.workflows.status("turn", name)
        provider.workflows.start("turn", name, any_payload(3))
        self.drive(provider, worker)
        assert {given["n"] for given in worker.given["first"]} == {1}
        assert provider.workflows.status("turn", name) == ended

    def test_w1_many_who_start_a_name_at_once_start_it_once(self, provider: HasWorkflows) -> None:
        name, worker = any_execution(), Worker()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: provider.workflows.start("turn", name, any_payload(n)), range(8)))
        self.drive(provider, worker)
        assert len(worker.reported("n")) == 1

    def test_w1_each_machine_has_names_of_its_own(self, provider: HasWorkflows) -> None:
        name, worker = any_execution(), Worker()
        provider.workflows.start("turn", name, any_payload())
        assert provider.workflows.status("escalation", name) == "absent"
        provider.workflows.start("escalation", name, any_payload())
        self.drive(provider, worker)
        assert provider.workflows.status("turn", name) == "succeeded"
        assert provider.workflows.status("escalation", name) == "running"

    def test_w2_what_was_started_goes_on_in_the_next_process(self, provider: HasWorkflows) -> None:
        name, worker = any_execution(), Worker()
        provider.workflows.start("turn", name, any_payload(7))
        later: HasWorkflows = self.reopen(provider)
        self.drive(later, worker)
        assert later.workflows.status("turn", name) == "succeeded"
        assert worker.reported("n") == [7]

    def test_w2_a_state_that_waits_is_woken_in_the_next_process(self, provider: HasWorkflows) -> None:
        name, worker = any_execution(), Worker()
        provider.workflows.start("escalation", name, any_payload(7))
        self.drive(provider, worker)
        later: HasWorkflows = self.reopen(provider)
        self.drive(later, worker)
        assert later.workflows.status("escalation", name) == "running"
        self.answer_both(later, worker)
        assert later.workflows.status("escalation", name) == "succeeded"
        assert (worker.reported("n"), worker.reported("first")) == ([7], [{"said": 1}])

    def test_w2_a_woken_state_stays_woken(self, provider: HasWorkflows) -> None:
        name, worker = any_execution(), Worker()
        provider.workflows.start("escalation", name, any_payload())
        self.drive(provider, worker)
        assert provider.workflows.send_task_success(worker.tokens[0], {"said": 1}) is True
        later: HasWorkflows = self.reopen(provider)
        assert later.workflows.send_task_success(worker.tokens[0], {"said": 2}) is False
        self.drive(later, worker)
        assert later.workflows.send_task_success(worker.tokens[1], {}) is True
        self.drive(later, worker)
        assert worker.reported("first") == [{"said": 1}]

    def test_w2_an_end_is_remembered(self, provider: HasWorkflows) -> None:
        name, worker = any_execution(), Worker()
        provider.workflows.start("turn", name, any_payload(1))
        self.drive(provider, worker)
        later: HasWorkflows = self.reopen(provider)
        later.workflows.start("turn", name, any_payload(2))
        self.drive(later, worker)
        assert later.workflows.status("turn", name) == "succeeded"
        assert worker.reported("n") == [1]

    def test_w3_a_token_wakes_its_state_once_and_its_double_is_reported(self, provider: HasWorkflows) -> None:
        worker = Worker()
        provider.workflows.start("escalation", any_execution(), any_payload())
        self.drive(provider, worker)
        (token,) = worker.tokens
        assert provider.workflows.send_task_success(token, {"said": 1}) is True
        assert provider.workflows.send_task_success(token, {"said": 2}) is False
        self.drive(provider, worker)
        assert self.answer(provider, worker, {"said": 3}) == [False, True]
        assert worker.reported("first") == [{"said": 1}]
        assert worker.reported("second") == [{"said": 3}]

    def test_w3_a_token_wakes_no_later_state_and_nothing_that_ended(self, provider: HasWorkflows) -> None:
        name, worker = any_execution(), Worker()
        provider.workflows.start("escalation", name, any_payload())
        self.drive(provider, worker)
        self.answer_both(provider, worker)
        assert [provider.workflows.send_task_success(token, {"said": 9}) for token in worker.tokens] == [False, False]
        assert provider.workflows.status("escalation", name) == "succeeded"

    def test_w3_a_token_whose_time_is_over_is_stale(self, provider: HasWorkflows) -> None:
        worker = Worker()
        provider.workflows.start("escalation", any_execution(), any_payload(timeout=2))
        self.drive(provider, worker)
        self.pass_time(provider, 3)
        assert provider.workflows.send_task_success(worker.tokens[0], {"said": "late"}) is False
        self.drive(provider, worker)
        assert len(worker.tokens) == 2
        assert provider.workflows.send_task_success(worker.tokens[1], {"said": "in time"}) is True
        self.drive(provider, worker)
        assert [late["Error"] for late in worker.reported("first")] == ["States.Timeout"]
        assert worker.reported("second") == [{"said": "in time"}]

    def test_w3_of_many_who_answer_at_once_one_wakes_the_state(self, provider: HasWorkflows) -> None:
        worker = Worker()
        provider.workflows.start("escalation", any_execution(), any_payload())
        self.drive(provider, worker)
        (token,) = worker.tokens
        with ThreadPoolExecutor(8) as pool:
            woke = list(pool.map(lambda n: provider.workflows.send_task_success(token, {"said": n}), range(8)))
        assert sorted(woke) == [False] * 7 + [True]
        self.drive(provider, worker)
        self.answer(provider, worker, {})
        assert worker.reported("first") == [{"said": woke.index(True)}]

    @pytest.mark.parametrize("token", ["", "#", "never given out", "x" * 1000])
    def test_w3_a_token_that_was_never_given_out_is_reported_not_raised(
        self, provider: HasWorkflows, token: str
    ) -> None:
        provider.workflows.start("escalation", any_execution(), any_payload())
        self.drive(provider, Worker())
        assert provider.workflows.send_task_success(token, {}) is False

    @pytest.mark.parametrize("cut", ["first", "second", "report"])
    def test_w4_a_task_whose_worker_died_runs_again_and_counts_once(self, provider: HasWorkflows, cut: str) -> None:
        name, worker = any_execution(), Worker({cut: [WorkerDied(), {"try": 2}, {"try": 3}]})
        provider.workflows.start("turn", name, any_payload())
        with suppress(WorkerDied):
            self.drive(provider, worker)
        later: HasWorkflows = self.reopen(provider)
        self.drive(later, worker)
        assert later.workflows.status("turn", name) == "succeeded"
        assert len(worker.given[cut]) >= 2
        assert worker.given[cut][0] == worker.given[cut][1]
        assert cut == "report" or worker.reported(cut) == [{"try": 2}]

    def test_w4_a_task_that_is_tried_again_counts_once(self, provider: HasWorkflows) -> None:
        worker = Worker({"first": [Throttled("not now"), {"try": 2}]})
        provider.workflows.start("turn", any_execution(), any_payload())
        self.drive(provider, worker)
        assert len(worker.given["first"]) == 2
        assert worker.reported("first") == [{"try": 2}]

    def test_w4_of_two_workers_that_did_a_task_one_answer_counts(self, provider: HasWorkflows) -> None:
        name, fast = any_execution(), Worker({"first": [{"by": "fast"}], "second": [WorkerDied()]})
        slow = Worker({"first": [{"by": "slow"}]})

        def overtaken(handler: str, given: dict[str, Any]) -> Any:
            if handler == "contract.first":
                with suppress(WorkerDied):
                    self.drive_besides(provider, fast)
            return slow(handler, given)

        provider.workflows.start("turn", name, any_payload())
        self.drive(provider, overtaken)
        assert provider.workflows.status("turn", name) == "succeeded"
        assert slow.reported("first") == [{"by": "fast" if fast.given["second"] else "slow"}]
        assert all(given["first"] == slow.reported("first")[0] for given in fast.given["second"])

    def answer(self, provider: HasWorkflows, worker: Worker, output: dict[str, Any]) -> list[bool]:
        """Answer every token that was given out, the oldest first, and drive on; which of them woke a state."""
        woke = [provider.workflows.send_task_success(token, output) for token in worker.tokens]
        self.drive(provider, worker)
        return woke

    def answer_both(self, provider: HasWorkflows, worker: Worker) -> None:
        """Answer the two questions of the one execution that waits with 1 and with 2."""
        for said in (1, 2):
            assert self.answer(provider, worker, {"said": said})[-1] is True
