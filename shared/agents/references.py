"""References of playbooks into what is known: `$step.path.0.name` in arguments, `{step.path|money}` in replies."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from shared.domain.money import Money

PLACEHOLDER = re.compile(r"\{([a-z_][\w.]*)(?:\|(\w+))?\}")


class Unknown(Exception):
    """A reference leads nowhere; the reply that needs it must not be sent."""


def look_up(values: dict[str, Any], path: str) -> Any:
    """The value at a dotted path (numbers index lists), or None."""
    found: Any = values
    for part in path.split("."):
        if isinstance(found, dict):
            found = found.get(part)
        elif isinstance(found, list | tuple) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found


def resolve(values: dict[str, Any], argument: Any) -> Any:
    """An argument with its `$references` replaced; lists and tables too."""
    if isinstance(argument, str) and argument.startswith("$"):
        return look_up(values, argument[1:])
    if isinstance(argument, dict):
        return {name: resolve(values, each) for name, each in argument.items()}
    if isinstance(argument, list):
        return [resolve(values, each) for each in argument]
    return argument


def mentions(text: str, words: list[Any]) -> bool:
    """Whether one of the words begins a word of the text, whatever its case; unknown references never do."""
    return any(re.search(rf"\b{re.escape(str(word))}", text, re.IGNORECASE) for word in words if word)


def fill(template: str, values: dict[str, Any]) -> str:
    """A reply with its placeholders filled; raises Unknown where one has no value.

    `|money` takes an object with amount_minor and currency, or one number of an object that has a currency.
    """

    def put(found: re.Match[str]) -> str:
        value = look_up(values, found[1])
        if value is None or value == "" or value == []:
            raise Unknown(found[1])
        if found[2] == "money" and isinstance(value, int):
            value = {"amount_minor": value, "currency": look_up(values, f"{found[1].rpartition('.')[0]}.currency")}
        if found[2] == "money" and not value.get("currency"):
            raise Unknown(found[1])
        return FILTERS[found[2] or "text"](value)

    return PLACEHOLDER.sub(put, template.strip())


def _money(value: Any) -> str:
    amount = value["amount_minor"]
    return f"{'-' if amount < 0 else ''}{Money(abs(amount), value['currency'])}"


def _date(value: Any) -> str:
    try:
        day = datetime.fromisoformat(str(value)).date()
    except ValueError:
        day = date.fromisoformat(str(value)[:10])
    return f"{day.day} {day:%B %Y}"


def _time(value: Any) -> str:
    moment = datetime.fromisoformat(str(value))
    return f"{moment.day} {moment:%B %Y, %H:%M} {moment.tzname() or 'UTC'}"


def _number(value: Any) -> str:
    return f"{value:,}"


def _list(value: Any) -> str:
    words = [str(each) for each in value]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _words(value: Any) -> str:
    return str(value).replace("_", " ")


FILTERS: dict[str, Callable[[Any], str]] = {
    "text": str,
    "money": _money,
    "number": _number,
    "date": _date,
    "time": _time,
    "list": _list,
    "words": _words,
}
