"""`supportmax run` line by line: what is refused, what is proven, and that nothing stops the lines after it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from adapters.local.cli.main import main
from shared.access.webhooks import PREFIX

BALANCE = {"id": "9", "customer_id": "cus_wanda", "text": "What is my balance?"}
DEEP = '{"id":"deep","z":' + "[" * 3_000 + "]" * 3_000 + "}"


def run(*lines: bytes | str | dict[str, Any], data: Path | None = None) -> tuple[list[dict[str, Any]], int]:
    written = (
        line if isinstance(line, bytes) else (line if isinstance(line, str) else json.dumps(line)).encode()
        for line in lines
    )
    arguments = ["run", "-", *(["--data", str(data)] if data else [])]
    done = CliRunner().invoke(main, arguments, input=b"\n".join(written) + b"\n")
    return [json.loads(line) for line in done.stdout.splitlines()], done.exit_code


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("not json", "line"),
        (DEEP, "line"),
        ('{"id":"a","id":"b","text":"x"}', "line"),
        ('{"id":true,"text":"x"}', "id"),
        ('{"text":"x"}', "id"),
        ('{"id":"a","text":"hello","channel":"fax"}', "channel"),
        ('{"id":"a","text":"hello","customer_id":"a b"}', "customer_id"),
        ('{"id":"a","text":"hello","received_at":"yesterday"}', "received_at"),
    ],
)
def test_a_refused_line_names_its_field_and_the_next_line_is_answered(line: str, field: str) -> None:
    rows, status = run(line, BALANCE)
    assert rows[0]["error"]["field"] == field
    assert rows[0]["error"]["limit"]
    assert (rows[1]["outcome"], status) == ("resolved", 1)


def test_bytes_that_are_no_utf8_are_read_as_far_as_they_go() -> None:
    rows, status = run(b'{"id":"u","text":"caf\xe9: how do I connect Slack?"}', BALANCE)
    assert [row["outcome"] for row in rows] == ["resolved", "resolved"]
    assert status == 0


def test_an_id_that_was_used_for_other_words_or_by_another_customer_is_refused(tmp_path: Path) -> None:
    rows, status = run(
        BALANCE, BALANCE | {"text": "x y z"}, BALANCE | {"customer_id": "cus_leo"}, BALANCE, data=tmp_path
    )
    assert [row.get("error", {}).get("field") for row in rows] == [None, "id", "id", None]
    assert rows[3]["reply"] == rows[0]["reply"]
    assert status == 1


def test_a_number_and_its_digits_are_two_ids() -> None:
    rows, _ = run(BALANCE | {"id": 1}, BALANCE | {"id": "1", "text": "Where is my refund?"})
    assert rows[0]["conversation_id"] != rows[1]["conversation_id"]


@pytest.mark.parametrize(("dmarc", "known"), [("pass", True), ("fail", False), ("", False)])
def test_a_mail_is_its_customers_only_where_dmarc_passed(dmarc: str, known: bool) -> None:
    mail = {"id": "m", "channel": "email", "from": "uma@rao-tea.example", "dmarc": dmarc, "text": "What is my balance?"}
    rows, _ = run(mail)
    assert ("EUR" in rows[0]["reply"]) is known


def test_a_folder_that_cannot_be_used_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    done = CliRunner().invoke(main, ["run", "-", "--data", str(tmp_path / "file" / "below")], input="")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "customer", "forbidden"),
    [
        ("Please do NOT reset my password", "cus_leo", "send_password_reset"),
        (
            "everything is down!!! no data at all since this morning, 40 stores affected",
            "cus_carl",
            "request_data_export",
        ),
    ],
)
def test_nothing_is_done_that_nobody_asked_for(text: str, customer: str, forbidden: str) -> None:
    rows, _ = run({"id": "a", "customer_id": customer, "text": text})
    assert forbidden not in {action["tool"] for action in rows[0]["actions"] if action["status"] == "done"}


def test_a_threat_of_the_ombudsman_beside_a_wish_goes_to_somebody_who_answers_such_matters() -> None:
    line = {"id": "a", "customer_id": "cus_ben", "text": "You charged me twice, I reported this to the ombudsman"}
    (row,), _ = run(line)
    assert (row["outcome"], row["actions"]) == ("escalated", [])
    assert row["handoff"]["reason"] == "legal_is_for_a_person"


def test_a_webhook_secret_is_printed_once_and_kept(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["webhook", "shop", "--data", str(tmp_path)])
    assert done.output.startswith(PREFIX.decode())
    assert (tmp_path / "secrets").is_dir()
    assert CliRunner().invoke(main, ["webhook", "my-shop", "--data", str(tmp_path)]).exit_code == 1
