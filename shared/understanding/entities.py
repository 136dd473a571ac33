"""What a message names: numbers of orders, invoices and tickets, amounts, dates, addresses, versions, error codes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache

from shared.domain.money import exponent
from shared.domain.text import any_of
from shared.understanding.taxonomy import INTENTS_FOLDER

EXACT = re.IGNORECASE
LONGEST_TEXT = 6000

_EMAIL = r"(?P<value>[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4})"
_PHONE = (
    r"(?<![\w.+])(?P<value>\+\d[\d ()./-]{6,17}\d|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}|00[1-9]\d{0,2}[ -][\d -]{6,14}\d)"
    r"(?![\w-])"
)
_CALLED = r"\b(?:phone|tel|telefon\w*|tél|téléphone|teléfono|telefone|mobile|handy|call me (?:at|on)|numer telefonu)\b"
_NUMBER_CALLED = _CALLED + r"\.?:?(?: number)?(?: is)? ?(?P<value>\+?\(?\d[\d ()/-]{5,16}\d)(?![\w-])"
_VERSION = (
    r"(?<![\w.])(?:(?:version|firmware|release|build|ios|android|windows|macos|chrome|firefox|safari)[ :]{1,2})"
    r"(?P<value>v?\d{1,4}(?:\.\d{1,5}){0,3}(?:-?(?:alpha|beta|rc)\.?\d*)?)(?![\w.]*\w)"
)
_BARE_VERSION = (
    r"(?<![\w.])(?P<value>v\d{1,3}(?:\.\d{1,5}){0,3}|\d{1,3}\.\d{1,4}\.\d{1,5}(?:-?(?:beta|rc)\d*)?)(?![\w-])(?!\.\d)"
)
_ERROR = (
    r"\b(?:error|errors|fehler|fehlercode|erreur|errore|erro|błąd|fout|foutcode|code|status|http|エラー|错误)"
    r"(?: code| status|-code|コード|代码)?(?: is| was| of)?[ :#\"'(]{0,3}"
    r"(?P<value>(?:0x[0-9a-f]{2,8}|[a-z]{0,8}[-_]?\d{2,6}[a-z]?))(?![\w-]|[.,]\d)"
)
_STATUS_ERROR = (
    r"\b(?P<value>[45]\d\d)(?= (?:errors?|responses?|status|internal|bad|not found|forbidden|fehler|erreur))"
)
_NAMED_ERROR = (
    r"(?<![\w-])(?P<value>(?:ERR|E)_[A-Z0-9_]{3,40}|0x[0-9A-Fa-f]{4,8}|E\d{2,5}|[A-Z][A-Za-z]{2,40}(?:Exception|Error))"
    r"(?![\w-])"
)


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing named, at `text[start:end] == value`; an amount also carries minor units and a currency."""

    type: str
    value: str
    start: int
    end: int
    amount_minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class EntityTable:
    """Patterns in the order in which they claim text, and the currencies."""

    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    currencies: dict[str, str]


@cache
def load_entity_table(products: tuple[str, ...] = ()) -> EntityTable:
    """The table in the company's folder, with the names of further products."""
    table = tomllib.loads((INTENTS_FOLDER / "entities.toml").read_text("utf-8"))
    currencies = {sign: code for code, signs in table["currencies"].items() for sign in signs}
    named = any_of([*products, *table["products"]])
    patterns = [
        ("email", _EMAIL),
        *((kind, _numbered(**row)) for kind, row in table["numbers"].items()),
        ("amount", _amount_pattern(currencies)),
        *(("date", pattern) for pattern in _date_patterns(table["months"]["names"])),
        ("phone", _PHONE),
        ("phone", _NUMBER_CALLED),
        ("error_code", _ERROR),
        ("error_code", _STATUS_ERROR),
        ("version", _VERSION),
        ("version", _BARE_VERSION),
        ("product", rf"(?<!\w)(?P<value>{named})(?!\w)"),
    ]
    compiled = [(kind, re.compile(pattern, EXACT)) for kind, pattern in patterns]
    compiled.insert(-1, ("error_code", re.compile(_NAMED_ERROR)))
    return EntityTable(tuple(compiled), currencies)


def _numbered(words: str, prefixes: str) -> str:
    """A number after its word (`order no. 4711`) or with its own prefix (`INV-2024-17`)."""
    number = r"(?=[a-z0-9-]{0,19}\d{3})[a-z0-9]{1,8}(?:-?[a-z0-9]{1,12}){0,3}"
    filler = (
        r"(?:[ :]{0,2}(?:number|num|nummer|numero|número|numéro|numer|no|nr|n°|nº|id|ref|reference|is|mit der)\b\.?)?"
    )
    return (
        rf"(?:(?<!\w)(?:{words}){filler}[ :]{{0,2}}[#(\"']?(?=[^ ]*\d)|(?<![\w-])(?=(?:{prefixes})[-_#]?\d))"
        rf"(?P<value>{number})(?![\w-])(?! ?[€$£%])"
    )


def _amount_pattern(currencies: dict[str, str]) -> str:
    number = r"\d{1,3}(?:[., '\u00a0\u202f]\d{3})+(?:[.,]\d{1,3})?|\d{1,12}(?:[.,]\d{1,3})?"
    signs = any_of(currencies)
    return rf"(?<![\w.,])(?P<value>(?:(?:{signs}) ?(?:{number})|(?:{number}) ?(?:{signs}))(?!\w))(?![.,]?\d)"


def _date_patterns(months: str) -> Iterator[str]:
    day, year = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:19|20)\d\d"
    month = rf"(?:{months})[^\W\d_]{{0,8}}\.?"
    yield rf"(?<![\w./-])(?P<value>{year}-[01]\d-[0-3]\d|(?:{year}年)?\d{{1,2}}月\d{{1,2}}日)(?![\d-])"
    yield rf"(?<![\w./-])(?P<value>[0-3]?\d([./-])[01]?\d\2(?:{year}|\d\d)|[01]?\d/[0-3]?\d)(?![\w/-]|\.\d)"
    yield rf"(?<!\w)(?P<value>{day}(?:st|nd|rd|th|er|\.|º)? (?:of |de )?{month}(?:,? (?:de )?{year})?)(?!\w)"
    yield rf"(?<!\w)(?P<value>{month} {day}(?:st|nd|rd|th)?(?:,? {year})?)(?!\w)"


def find_entities(text: str, table: EntityTable | None = None) -> tuple[Entity, ...]:
    """Everything that the text names, in order, no two overlapping."""
    table = table or load_entity_table()
    taken = bytearray(len(text))
    found = [
        entity
        for kind, pattern in table.patterns
        for match in pattern.finditer(text, 0, LONGEST_TEXT)
        if (entity := _claim(kind, match, table, taken)) is not None
    ]
    return tuple(sorted(found, key=lambda entity: entity.start))


def _claim(kind: str, match: re.Match[str], table: EntityTable, taken: bytearray) -> Entity | None:
    start, end = match.span("value")
    if any(taken[start:end]):
        return None
    entity = _READERS.get(kind, _read_plain)(kind, match["value"], start, table)
    if entity is not None:
        taken[start:end] = b"\x01" * (end - start)
    return entity


def _read_plain(kind: str, value: str, start: int, table: EntityTable) -> Entity | None:
    return Entity(kind, value, start, start + len(value))


def _read_amount(kind: str, value: str, start: int, table: EntityTable) -> Entity | None:
    number = re.search(r"\d[\d., '\u00a0\u202f]*", value)
    if number is None:
        return None
    sign = (value[: number.start()] + value[number.end() :]).strip().lower()
    currency = table.currencies.get(sign)
    if currency is None:
        return None
    minor = to_minor_units(number[0].strip(), exponent(currency))
    return None if minor is None else Entity(kind, value, start, start + len(value), minor, currency)


def to_minor_units(number: str, digits: int) -> int | None:
    """`1.234,50` or `1,234.5` in minor units; None for what is no amount of so many decimal digits."""
    whole, fraction = _split_decimals(re.sub(r"[ '\u00a0\u202f]", "", number), digits)
    try:
        exact = Decimal(re.sub(r"[.,]", "", whole) + "." + (fraction or "0")).scaleb(digits)
    except InvalidOperation:
        return None
    return int(exact) if exact == exact.to_integral_value() else None


def _split_decimals(number: str, digits: int) -> tuple[str, str]:
    """Before and after the last mark, unless that groups thousands: three digits follow it, or it stands twice."""
    place = max(number.rfind("."), number.rfind(","))
    if place < 0:
        return number, ""
    whole, fraction = number[:place], number[place + 1 :]
    grouping = number[place] in whole or (len(fraction) == 3 and digits != 3)
    return (number, "") if grouping else (whole, fraction)


_READERS: dict[str, Callable[[str, str, int, EntityTable], Entity | None]] = {"amount": _read_amount}
