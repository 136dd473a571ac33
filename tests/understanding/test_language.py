"""Short support messages are told apart by language."""

from __future__ import annotations

import pytest

from shared.understanding.language import detect_language


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "refund please"),
        ("en", "API error 500"),
        ("de", "wo ist mein paket"),
        ("de", "Rechnung fehlt"),
        ("fr", "mon compte est bloqué"),
        ("es", "no puedo entrar en mi cuenta"),
        ("it", "non riesco ad accedere"),
        ("pt", "nao consigo entrar na minha conta"),
        ("nl", "ik kan niet inloggen"),
        ("pl", "nie mogę się zalogować"),
        ("sv", "jag kan inte logga in"),
        ("da", "jeg kan ikke logge ind"),
        ("no", "jeg kan ikke logge inn"),
        ("tr", "hesabıma giriş yapamıyorum"),
        ("cs", "nemohu se přihlásit"),
        ("ja", "ログインできません"),
        ("ja", "注文番号 123"),
        ("zh", "我要退款"),
        ("ko", "로그인이 안 돼요"),
        ("ru", "не могу войти"),
        ("uk", "не можу увійти, їхній сайт"),
        ("ar", "لا أستطيع تسجيل الدخول"),
    ],
)
def test_a_short_message_shows_its_language(language: str, text: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize("text", ["12345", "???", "someone@example.org"])
def test_a_text_without_words_has_no_language(text: str) -> None:
    assert detect_language(text) == "und"
