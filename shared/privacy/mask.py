"""Masking: personal data gives way to a word that says what stood there."""

from __future__ import annotations

from shared.privacy.recognise import PersonalData, find_personal_data

PLACEHOLDERS = {
    "EMAIL_ADDRESS": "[email]",
    "PHONE_NUMBER": "[phone]",
    "CREDIT_CARD": "[card]",
    "IBAN_CODE": "[iban]",
    "US_SSN": "[ssn]",
    "IP_ADDRESS": "[ip]",
    "US_DRIVER_LICENSE": "[driver licence]",
    "PASSPORT": "[passport]",
}


def mask(text: str) -> str:
    """The text with a placeholder such as `[card]` for each piece of personal data; masking twice changes nothing."""
    # A mask can bring a number closer to the word that explains it, so look again until nothing is found.
    while finds := find_personal_data(text):
        text = mask_finds(text, finds)
    return text


def mask_finds(text: str, finds: tuple[PersonalData, ...]) -> str:
    """The text with each find replaced; `finds` are in order and do not overlap."""
    pieces: list[str] = []
    position = 0
    for find in finds:
        pieces += [text[position : find.start], PLACEHOLDERS[find.type]]
        position = find.end
    return "".join([*pieces, text[position:]])
