"""Phone numbers: by their shape or by the words before them, since most long numbers in support are none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.privacy.surroundings import Candidate, ends_with_word, has_word_before

# Digits in groups; at most two signs between digits, so that lists and columns of numbers are no candidates.
SHAPE = re.compile(
    r"(?<![\w.,/#$€£%=@-])(?:\+|\(|00)?\(?\d(?:[ ().\-/]{0,3}\d){5,17}"
    r"(?:\s?(?:x|ext\.?|extension|#)\s?\d{1,6})?(?![\w%€$£@]|[.,-]\d)",
    re.I,
)
DAY = r"(?:0?[1-9]|[12]\d|3[01])"
YEAR = r"[12]\d{3}"
DATE = re.compile(rf"^(?:{YEAR}[-./ ]{DAY}[-./ ]{DAY}|{DAY}[-./ ]{DAY}[-./ ](?:{YEAR}|\d{{2}}))(?:[ T(]+\d{{1,2}})?$")
NORTH_AMERICAN = re.compile(r"^(?:\+?1[-. ]?)?(?:\([2-9]\d{2}\)\s?|[2-9]\d{2}([-. ]))[2-9]\d{2}[-. ]\d{4}$")
EXTENSION = re.compile(r"\s?(?:x|ext\.?|extension|#)\s?\d{1,6}$", re.I)
GROUPED = re.compile(r"^\(?0[\d()]*(?:[ .\-/]+\d{2,8}){1,5}$|^\(0\d{1,5}\)[ \-]?\d{3,9}(?:[ \-]\d{2,6})*$")
SEPARATED = re.compile(r"\d[ .\-/()]+\d")
REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "AT", "CH", "BE", "AU", "IN", "JP", "BR", "PL", "SE")


def find_phones(text: str) -> Iterator[Candidate]:
    """Numbers with a country code, in a phone's grouping, or that a word before calls a phone."""
    for match in SHAPE.finditer(text):
        number = EXTENSION.sub("", match.group())
        if not DATE.match(number) and is_phone(text, match.start(), number):
            yield Candidate("PHONE_NUMBER", match.start(), match.end())


def is_phone(text: str, start: int, number: str) -> bool:
    """Weigh the shape of a number against the words before it."""
    digits = re.sub(r"\D", "", number)
    if not 7 <= len(digits) <= 17:
        return False
    if number.startswith("+"):
        return len(digits) >= 8
    if ends_with_word(text, start, "reference") or ends_with_word(text, start, "currency"):
        return False
    if has_word_before(text, start, "phone"):
        return len(digits) <= 15
    return is_shaped_like_a_phone(number, digits)


def is_shaped_like_a_phone(number: str, digits: str) -> bool:
    """Whether the grouping alone says phone, with a numbering plan that agrees."""
    if NORTH_AMERICAN.match(number):
        return True
    if number.startswith("00") and SEPARATED.search(number):
        return fits_a_plan("+" + digits[2:], ("ZZ",)) or fits_a_plan(digits, REGIONS)
    return bool(GROUPED.match(number)) and fits_a_plan(number, REGIONS)


def fits_a_plan(number: str, regions: tuple[str, ...]) -> bool:
    """Whether a country's numbering plan has such a number."""
    import phonenumbers  # slow to load: only where a number looks like a phone's

    for region in regions:
        try:
            parsed = phonenumbers.parse(number, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return True
    return False
