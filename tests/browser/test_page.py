"""The page in a real Chromium: a customer writes, an approver decides, an operator answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import Page, any_page, find_chromium
from tests.builders.serving import any_server

CHROMIUM = find_chromium()
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="not run: no Chromium is installed (the page was not looked at)"
)

FIRST_ASK = "document.querySelector('#asks button').click()"
ANSWERED = "document.querySelectorAll('.said.assistant').length == {}"
DOES = "[...document.querySelectorAll('{} .does button')].find((each) => each.textContent == '{}').click()"
SCRIPT = "<img src=x onerror=alert(1)><script>document.title='owned'</script>"


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with any_server(tmp_path / "data") as served, any_page(str(CHROMIUM), tmp_path / "profile") as opened:
        opened.open(f"{served.address}/")
        opened.await_true("document.querySelectorAll('#asks button').length > 0")
        yield opened
        assert opened.errors == []
        assert {address for address in opened.requests if not address.startswith(served.address)} <= {"data:,"}


def choose(page: Page, customer: str) -> None:
    page.run(
        f"(() => {{ const chosen = document.getElementById('customer'); chosen.value = '{customer}';"
        " chosen.dispatchEvent(new Event('change')); })()"
    )


def write(page: Page, place: str, text: str) -> None:
    page.run(
        f"(() => {{ const words = document.querySelector('{place}'); words.value = {text!r};"
        " words.dispatchEvent(new Event('input')); })()"
    )


def test_a_customer_sees_the_reply_with_its_source_and_the_status(page: Page) -> None:
    choose(page, "cus_ben")
    page.run(FIRST_ASK)
    page.await_true(ANSWERED.format(1))
    page.await_true("document.getElementById('state').textContent == 'resolved'")
    assert page.run("document.querySelector('.cites summary').textContent") == "duplicate-charge"
    page.run("document.querySelectorAll('#stars button')[4].click()")
    page.await_true("document.querySelectorAll('#stars button')[4].textContent == '★'")


def test_an_approval_on_the_desk_brings_the_customer_the_final_reply(page: Page) -> None:
    choose(page, "cus_dmitri")
    page.run(FIRST_ASK)
    page.await_true("document.querySelectorAll('#approvals .card').length == 1")
    page.run(DOES.format("#approvals", "Approve"))
    page.await_true(ANSWERED.format(2))
    page.await_true("document.querySelectorAll('#approvals .card').length == 0")


def test_an_operator_takes_the_conversation_and_what_anybody_writes_stays_text(page: Page) -> None:
    """T17: markup in a message is shown, never run."""
    choose(page, "cus_gina")
    page.run(FIRST_ASK)
    page.await_true("document.querySelectorAll('#handoffs .card').length == 1")
    page.run(DOES.format("#handoffs", "Take"))
    page.await_true("document.querySelector('#handoffs textarea') != null")
    write(page, "#handoffs textarea", SCRIPT)
    page.run(DOES.format("#handoffs", "Reply"))
    page.await_true("document.querySelectorAll('.said.operator').length == 1")
    assert SCRIPT in page.run("document.querySelector('.said.operator').textContent")
    assert page.run("document.title") == "SupportMax Pro"
    page.await_true("document.querySelector('#handoffs textarea') != null")
    page.run(DOES.format("#handoffs", "Hand back"))
    page.await_true("document.querySelectorAll('#handoffs .card').length == 0")
