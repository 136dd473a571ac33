"""`supportmax understand` and `supportmax train` keep to the filters' contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from adapters.local.cli.train import command as train_command
from adapters.local.cli.train import read_examples
from adapters.local.cli.understand import command as understand_command
from shared.errors import InvalidInput
from shared.understanding.intents import load_model

FIELDS = [
    "id", "intent", "category", "confidence", "category_confidence", "intents", "out_of_scope",
    "priority", "sentiment", "frustration", "language", "entities",
]  # fmt: skip


def any_labelled_file(folder: Path) -> Path:
    rows = [(f"{verb} the {thing}", verb) for verb in ("paint", "sell") for thing in ("door", "boat", "wall", "roof")]
    path = folder / "own.jsonl"
    path.write_text("".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in rows))
    return path


def run(command: click.Command, arguments: list[str], lines: list[object]) -> tuple[int, list[dict[str, Any]]]:
    given = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    result = CliRunner().invoke(command, arguments, input=given)
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def test_every_line_is_answered_in_order_with_all_fields() -> None:
    status, answers = run(understand_command, [], [{"id": 1, "text": "hello"}, {"id": "b", "text": "refund $5 please"}])
    assert status == 0
    assert [answer["id"] for answer in answers] == [1, "b"]
    assert list(answers[0]) == FIELDS
    assert answers[1]["entities"] == [
        {"type": "amount", "value": "$5", "start": 7, "end": 9, "amount_minor": 500, "currency": "USD"}
    ]


def test_refused_lines_name_the_field_and_the_others_go_on() -> None:
    status, answers = run(understand_command, [], [{"id": 1, "text": ""}, "no json", {"id": 2, "text": "hello"}])
    assert status == 1
    assert [answer.get("error", {}).get("field") for answer in answers] == ["text", "line", None]


def test_own_examples_answer_with_their_labels(tmp_path: Path) -> None:
    path = any_labelled_file(tmp_path)
    _, answers = run(understand_command, ["--examples", str(path)], [{"id": 1, "text": "please sell this roof"}])
    assert answers[0]["intent"] == "sell"


def test_train_writes_a_model_of_the_files_labels(tmp_path: Path) -> None:
    target = tmp_path / "own.npz"
    status, [report] = run(train_command, [str(any_labelled_file(tmp_path)), "--out", str(target)], [])
    assert status == 0
    assert report["labels"] == 2
    assert load_model(target).labels == ("paint", "sell")


def test_a_bad_example_is_refused_by_its_line_number() -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_examples(['{"text": "a", "label": "b"}', "", '{"text": "a"}'])
    assert refusal.value.field == "line 3"


def test_a_file_with_one_label_ends_the_command(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text('{"text": "a", "label": "b"}\n')
    result = CliRunner().invoke(understand_command, ["--examples", str(path)], input="")
    assert result.exit_code == 1
    assert "at least 2 labels" in result.stderr
