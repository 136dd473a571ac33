"""The recognisers of personal data, one function a kind, the surest first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from shared.privacy.phones import find_phones
from shared.privacy.surroundings import Candidate, ends_with_word, has_word_before

EMAIL = re.compile(r"[\w.!#$%&*+/=?^{|}~'-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![\w@])")
CARD = re.compile(r"(?<![\w.,])(?:\d[ -]?){11,18}\d(?![\w]|[.,]\d)")
IBAN = re.compile(r"(?<!\w)[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,40}", re.ASCII)
SSN = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}([ -])(?!00)\d{2}\1(?!0000)\d{4}(?![\w-])")
BARE_SSN = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}(?![\w-])")
IPV4 = re.compile(r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w]|\.\d)")
IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{6,45}(?![\w:])")
LICENCE = re.compile(
    r"(?<!\w)(?:[A-Z]{1,2}[ -]?\d(?:[ -]?\d){4,13}|\d{7,12}|[A-Z]{5}\d{6}[A-Z]{2}\d[A-Z]{2})(?!\w)", re.I
)
PASSPORT = re.compile(
    r"(?<!\w)(?:[A-Z]{1,2}[ -]?\d{6,8}|[A-Z]\d{2}[A-Z]{2}\d{4}|\d{8,9}|[CFGHJKLMNPRTVWXYZ0-9]{9})(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Network:
    """A card network: the prefixes of its numbers, as ranges of their first digits, and their lengths."""

    prefixes: tuple[tuple[int, int], ...]
    lengths: tuple[int, ...]


NETWORKS = (
    Network(((4, 4),), (13, 16, 19)),  # Visa
    Network(((51, 55), (2221, 2720)), (16,)),  # Mastercard
    Network(((34, 34), (37, 37)), (15,)),  # American Express
    Network(((6011, 6011), (644, 649), (65, 65)), (16, 17, 18, 19)),  # Discover
    Network(((300, 305), (36, 36), (38, 39)), (14, 16)),  # Diners Club
    Network(((3528, 3589),), (16, 17, 18, 19)),  # JCB
    Network(((2131, 2131), (1800, 1800)), (15,)),  # JCB of old
    Network(((62, 62),), (16, 17, 18, 19)),  # UnionPay
    Network(((50, 50), (56, 58), (60, 61), (63, 63), (67, 67)), tuple(range(12, 20))),  # Maestro
    Network(((2200, 2204),), (16, 17, 18, 19)),  # Mir
)


def find_emails(text: str) -> Iterator[Candidate]:
    if "@" in text:
        for match in EMAIL.finditer(text):
            yield Candidate("EMAIL_ADDRESS", match.start(), match.end())


def find_ibans(text: str) -> Iterator[Candidate]:
    for match in IBAN.finditer(text):
        end = end_of_iban(match.group())
        if end:
            yield Candidate("IBAN_CODE", match.start(), match.start() + end)


def end_of_iban(run: str) -> int:
    """Where the IBAN that begins `run` ends, 0 where there is none: words may follow it without a mark."""
    for end in range(len(run), 14, -1):
        compact = re.sub(r"[ -]", "", run[:end])
        if run[end - 1].isalnum() and 15 <= len(compact) <= 34 and is_iban(compact):
            return end
    return 0


def is_iban(compact: str) -> bool:
    """Whether the check digits fit (mod 97) and the country writes its accounts so."""
    rearranged = compact[4:] + compact[:4]
    if int("".join(str(int(character, 36)) for character in rearranged)) % 97 != 1:
        return False
    from stdnum import iban  # reads its country formats from a file: only where the check digits fit

    return bool(iban.is_valid(compact, check_country=False))


def find_cards(text: str) -> Iterator[Candidate]:
    for match in CARD.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if not passes_luhn(digits):
            continue
        called_card = digits[0] in "23456" and has_word_before(text, match.start(), "card")
        if called_card or (is_card(digits) and not ends_with_word(text, match.start(), "reference")):
            yield Candidate("CREDIT_CARD", match.start(), match.end())


def is_card(digits: str) -> bool:
    """Whether a network issues numbers that begin so and are as long."""
    return any(
        len(digits) in network.lengths
        and any(low <= int(digits[: len(str(low))]) <= high for low, high in network.prefixes)
        for network in NETWORKS
    )


def passes_luhn(digits: str) -> bool:
    doubled = (sum(divmod(int(digit) * 2, 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def find_social_security_numbers(text: str) -> Iterator[Candidate]:
    for match in SSN.finditer(text):
        spaced = match.group(1) == " "
        if not (spaced and not has_word_before(text, match.start(), "social_security")):
            yield Candidate("US_SSN", match.start(), match.end())
    for match in BARE_SSN.finditer(text):
        if has_word_before(text, match.start(), "social_security"):
            yield Candidate("US_SSN", match.start(), match.end())


def find_ip_addresses(text: str) -> Iterator[Candidate]:
    for match in IPV4.finditer(text):
        if not ends_with_word(text, match.start(), "version"):
            yield Candidate("IP_ADDRESS", match.start(), match.end())
    for match in IPV6.finditer(text):
        if match.group().count(":") >= 2 and is_ipv6(match.group()):
            yield Candidate("IP_ADDRESS", match.start(), match.end())


def is_ipv6(found: str) -> bool:
    import ipaddress

    try:
        ipaddress.IPv6Address(found)
    except ValueError:
        return False
    return any(map(str.isdigit, found))


def find_licences(text: str) -> Iterator[Candidate]:
    yield from find_near(text, LICENCE, "licence", "US_DRIVER_LICENSE")


def find_passports(text: str) -> Iterator[Candidate]:
    yield from find_near(text, PASSPORT, "passport", "PASSPORT")


def find_near(text: str, shape: re.Pattern[str], word: str, kind: str) -> Iterator[Candidate]:
    """Numbers whose shape says little, where a word shortly before them says what they are."""
    for match in shape.finditer(text):
        if any(map(str.isdigit, match.group())) and has_word_before(text, match.start(), word):
            yield Candidate(kind, match.start(), match.end())


RECOGNISERS: tuple[Callable[[str], Iterator[Candidate]], ...] = (
    find_emails,
    find_ibans,
    find_cards,
    find_social_security_numbers,
    find_ip_addresses,
    find_licences,
    find_passports,
    find_phones,
)
