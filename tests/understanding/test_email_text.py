"""What was written now, by the habits of many mail clients and languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.understanding.email_text import split_body

NOW = "The export still fails.\n\nCan you look again?"

# How clients introduce what they quote; each is followed by lines marked with `>`.
ATTRIBUTIONS = {
    "gmail": "On Tue, Mar 4, 2025 at 9:12 AM Support <help@example.com> wrote:",
    "gmail wrapped": "On Tue, Mar 4, 2025 at 9:12 AM Very Long Team Name Of Support <\nhelp@example.com> wrote:",
    "apple": "On 4 Mar 2025, at 09:12, Support <help@example.com> wrote:",
    "plain address": "Support <help@example.com> wrote:",
    "gmail german": "Am Di., 4. März 2025 um 09:12 Uhr schrieb Support <help@example.com>:",
    "thunderbird german": "Am 04.03.25 um 09:12 schrieb Support:",
    "gmail french": "Le mar. 4 mars 2025 à 09:12, Support <help@example.com> a écrit :",
    "gmail spanish": "El mar, 4 mar 2025 a las 9:12, Support (<help@example.com>) escribió:",
    "gmail portuguese": "Em ter., 4 de mar. de 2025 às 09:12, Support <help@example.com> escreveu:",
    "gmail italian": "Il giorno mar 4 mar 2025 alle ore 09:12 Support <help@example.com> ha scritto:",
    "gmail dutch": "Op di 4 mrt 2025 om 09:12 schreef Support <help@example.com>:",
    "gmail swedish": "Den tis 4 mars 2025 kl 09:12 skrev Support <help@example.com>:",
    "gmail danish": "Den tirs. 4. mar. 2025 kl. 09.12 skrev Support <help@example.com>:",
    "gmail polish": "wt., 4 mar 2025 o 09:12 Support <help@example.com> napisał(a):",
    "thunderbird polish": "W dniu 04.03.2025 o 09:12, Support pisze:",
    "gmail russian": "вт, 4 мар. 2025 г. в 09:12, Support <help@example.com>:",
    "mail russian": "4 марта 2025, 09:12 от Support <help@example.com> написал:",
    "gmail finnish": "ti 4. maalisk. 2025 klo 9.12 Support (help@example.com) kirjoitti:",
    "gmail turkish": "Support <help@example.com>, 4 Mar 2025 Sal, 09:12 tarihinde şunu yazdı:",
    "gmail czech": "út 4. 3. 2025 v 9:12 odesílatel Support <help@example.com> napsal:",
    "gmail chinese": "Support <help@example.com> 于2025年3月4日周二 09:12写道：",
    "gmail japanese": "2025年3月4日(火) 9:12 Support <help@example.com>:",
    "gmail korean": "2025년 3월 4일 (화) 오전 9:12, Support <help@example.com>님이 작성:",
    "gmail of old": "2025-03-04 9:12 GMT+01:00 Support <help@example.com>:",
    "eudora": "At 09:12 3/4/2025, you wrote:",
}

# What ends the new text for good, whatever follows.
ENDINGS = {
    "outlook": "From: Support <help@example.com>\nSent: Tuesday, March 4, 2025 9:12 AM\nTo: Ann\nSubject: Your export",
    "outlook rule": "________________________________\nFrom: Support <help@example.com>\nSent: Tuesday\nTo: Ann\nSubject: Export",
    "outlook bold": "*From:* Support <help@example.com>\n*Date:* Tuesday\n*To:* Ann\n*Subject:* Export",
    "outlook german": "Von: Support <help@example.com>\nGesendet: Dienstag, 4. März 2025 09:12\nAn: Ann\nBetreff: Export",
    "outlook french": "De : Support <help@example.com>\nEnvoyé : mardi 4 mars 2025\nÀ : Ann\nObjet : Export",
    "outlook spanish": "De: Support <help@example.com>\nEnviado: martes\nPara: Ann\nAsunto: Export",
    "outlook russian": "От: Support <help@example.com>\nОтправлено: вторник\nКому: Ann\nТема: Export",
    "outlook chinese": "发件人: Support <help@example.com>\n发送时间: 2025年3月4日\n收件人: Ann\n主题: Export",
    "original message": "-----Original Message-----\nHello Ann",
    "german original": "-------- Ursprüngliche Nachricht --------\nHello Ann",
    "french original": "-----Message d'origine-----\nHello Ann",
    "forwarded": "---------- Forwarded message ---------\nFrom: Support <help@example.com>\nDate: Tue\nSubject: Export",
    "apple forwarded": "Begin forwarded message:\n\nFrom: Support <help@example.com>",
    "reply above": "##- Please type your reply above this line -##\n\nHello Ann, your ticket is open.",
    "unquoted attribution": "On Tue, Mar 4, 2025 at 9:12 AM Support <help@example.com> wrote:\n\nHello Ann",
}

ADDED = {
    "iphone": "Sent from my iPhone",
    "android": "Sent from my Galaxy S24",
    "outlook mobile": "Get Outlook for iOS<https://example.com/x>",
    "mail app": "Sent from Mail for Windows",
    "german": "Von meinem iPhone gesendet",
    "french": "Envoyé de mon iPhone",
    "spanish": "Enviado desde mi iPhone",
    "italian": "Inviato da iPhone",
    "dutch": "Verstuurd vanaf mijn iPhone",
    "chinese": "从我的 iPhone 发送",
    "mark": "-- \nAnn Example\nHead of Exports",
    "bare mark": "--\nAnn Example\n+1 555 0100",
    "disclaimer": "This e-mail and any attachments are confidential and intended solely for the addressee. If you are not the "
    "intended recipient, any disclosure is prohibited.",
    "list": "You received this message because you are subscribed to the group.",
}


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_leaves_out_an_attribution_and_its_quote(attribution: str) -> None:
    written = split_body(f"{NOW}\n\n{attribution}\n\n> Hello Ann,\n> it works here.\n")
    assert written.text == NOW
    assert "it works here" in written.quoted
    assert written.signature == ""


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
def test_leaves_out_an_old_mail_that_is_not_marked_line_by_line(ending: str) -> None:
    written = split_body(f"{NOW}\n\n{ending}\n\nWe have received your request.\n\nRegards")
    assert written.text == NOW
    assert "We have received your request." in written.quoted


@pytest.mark.parametrize("added", ADDED.values(), ids=ADDED)
def test_leaves_out_signatures_footers_and_disclaimers(added: str) -> None:
    written = split_body(f"{NOW}\n\n{added}\n")
    assert written.text == NOW
    assert written.signature == added.rstrip()


def test_keeps_answers_between_quotes_in_order() -> None:
    body = "Hi,\n\n> Which version?\n\nVersion 4.2.\n\n> Which browser?\n\nFirefox.\n"
    assert split_body(body).text == "Hi,\n\nVersion 4.2.\n\nFirefox."


def test_keeps_an_answer_below_the_quote() -> None:
    body = "On Tue, Mar 4, 2025 at 9:12 AM Support <help@example.com> wrote:\n> Which version?\n\nVersion 4.2."
    assert split_body(body).text == "Version 4.2."


def test_keeps_the_closing_and_the_name_but_not_the_card_below() -> None:
    written = split_body(f"{NOW}\n\nBest regards,\nAnn Example\nHead of Exports | Example Ltd\nTel: +1 555 0100")
    assert written.text == f"{NOW}\n\nBest regards,\nAnn Example"
    assert "Tel" in written.signature


@pytest.mark.parametrize(
    "body",
    [
        "From: Berlin\nTo: Paris\nDate: 4 March\nPlease change my booking.",
        "On Monday your colleague wrote: the parcel was lost. Is that so?",
        "I sent it from the warehouse via DHL.\nSent via DHL on Monday.",
        "Steps:\n- open the app\n- press export\n- nothing happens",
        "On this day\n\nI wrote a ticket\n\nwhich nobody answered.",
        "The original message was deleted, can you restore it?",
        "Yesterday at 10:30 your agent wrote:\nwe will refund you.\nNothing came.",
        "Confidential question: is my data safe?",
        "This email address is no longer mine, please change it.",
        "Thanks\nI also need the invoice of March, please send it today.",
    ],
)
def test_keeps_what_only_looks_like_a_quote_or_a_footer(body: str) -> None:
    assert split_body(body).text == body


def test_takes_a_mail_of_quote_signs_for_the_message_itself_where_nobody_is_quoted() -> None:
    assert split_body("> my question is how to pay").text == "> my question is how to pay"


def test_finds_no_text_in_a_mail_that_only_quotes_somebody() -> None:
    assert split_body("> On Tue, Mar 4, 2025 at 9:12 AM, Ann <a@example.com> wrote:\n>\n>> Hello").text == ""


def test_t34_reads_a_single_line_of_four_megabytes() -> None:
    written = split_body("a" * 4_000_000)
    assert len(written.text) + len(written.quoted) == 4_000_000


@given(st.text(alphabet=st.sampled_from("> -\n\r:@.,_*ab1 \x00\ud800\u202e写道Onwrote"), max_size=300))
def test_reads_any_body(body: str) -> None:
    split_body(body)


@given(
    st.lists(
        st.sampled_from([*ATTRIBUTIONS.values(), *ENDINGS.values(), *ADDED.values(), "> quote", NOW, ""]), max_size=8
    )
)
def test_invents_no_words(parts: list[str]) -> None:
    body = "\n".join(parts)
    written = split_body(body)
    assert set(written.text.split()) <= set(body.split())
