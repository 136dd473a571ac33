"""`supportmax invoke`: one handler, one event, here or on an account in memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from adapters.local.cli.invoke import command
from tests.entry.stories import SAMPLES

WITHOUT_MOTO = "import sys; sys.modules['moto'] = None; from adapters.local.cli.invoke import command; command()"


def invoke(handler: str, sample: str, *options: str) -> tuple[int, str]:
    told = CliRunner().invoke(command, [handler, "--event", str(SAMPLES / sample), *options])
    return told.exit_code, told.stdout if not told.exit_code else told.output


def test_a_handler_is_called_on_a_data_folder_that_stays(tmp_path: Path) -> None:
    where = ("--data", str(tmp_path / "data"))
    first, again = (invoke("intake.receive", "intake.receive/api_refund.local.json", *where) for _ in range(2))
    assert (first[0], json.loads(first[1])["new"]) == (0, True)
    assert json.loads(again[1]) == json.loads(first[1]) | {"new": False}


def test_a_mail_lies_beside_its_event() -> None:
    status, said = invoke("intake.email", "intake.email/password_reset.local.json")
    assert (status, json.loads(said)["parked"]) == (0, "")


def test_an_envelope_of_aws_is_answered_on_an_account_in_memory() -> None:
    status, said = invoke("intake.receive", "intake.receive/refund.aws.json", "--cloud", "aws")
    assert (status, json.loads(said)["statusCode"]) == (0, 202)


def test_what_cannot_be_called_says_why() -> None:
    for handler, sample, cloud, reason in (
        ("no.such", "intake.receive/refund.aws.json", "aws", "no handler no.such"),
        ("intake.receive", "intake.email/attachments.eml", "local", "not JSON"),
        ("intake.receive", "intake.receive/refund.aws.json", "local", "InvalidInput"),
        ("intake.relay", "intake.relay/wrong_source.aws.json", "aws", "another shape"),
    ):
        status, said = invoke(handler, sample, "--cloud", cloud)
        assert status == 1
        assert reason in said
        assert "Traceback" not in said


def test_without_moto_it_says_what_to_install() -> None:
    options = ["intake.relay", "--event", str(SAMPLES / "intake.relay/refund.aws.json"), "--cloud", "aws"]
    told = subprocess.run([sys.executable, "-c", WITHOUT_MOTO, *options], capture_output=True, text=True, timeout=60)
    assert told.returncode == 1
    assert "pip install 'supportmax-pro[test]'" in told.stderr


def test_a_refusal_says_which_field_breaks_which_limit_and_what_to_do(tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text('{"tenant": "a b"}')
    told = CliRunner().invoke(command, ["effects.drain", "--event", str(event)])
    refusal = json.loads(told.stderr.splitlines()[-1])
    assert (told.exit_code, refusal["code"], refusal["field"]) == (1, "invalid_input", "tenant")
    assert refusal.keys() == {"code", "field", "limit", "action"}
