"""The families of injection as data: words to classes, rules over classes, shapes over the whole text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from shared.company.table import read_table
from shared.domain.text import any_of

WORD = re.compile(r"[^\W_]+(?:['.][^\W_]+)*")
UNSPACED = "\u0e00"  # from here on, scripts put no spaces between words, or hang endings on them
WHOLE_SENTENCE = 1_000


@dataclass(frozen=True, slots=True)
class Rule:
    """Classes that must meet in a sentence: within so many words, neighbours at most `gap` words apart."""

    family: str
    weight: float
    classes: tuple[str, ...]
    within: int
    gap: int
    any_order: bool
    unless: frozenset[str]
    unless_within: int


@dataclass(frozen=True, slots=True)
class Shape:
    """A pattern over the whole text, tried only where one of `needs` occurs."""

    family: str
    weight: float
    needs: tuple[str, ...]
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Expressions by their first word: the words that follow, and the class."""

    whole: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
    stems: Mapping[str, frozenset[str]]
    stem_lengths: tuple[int, ...]
    unspaced: re.Pattern[str]


@cache
def read_rules() -> tuple[Rule, ...]:
    return tuple(
        Rule(
            row["family"],
            row["weight"],
            tuple(row["classes"]),
            row.get("within", 1),
            row.get("gap", row.get("within", 1)),
            row.get("any_order", False),
            frozenset(row.get("unless", ())),
            row.get("unless_within", WHOLE_SENTENCE),
        )
        for row in read_table("injection")["rule"]
    )


@cache
def read_shapes() -> tuple[Shape, ...]:
    rows = read_table("injection")["shape"]
    return tuple(
        Shape(row["family"], row["weight"], tuple(row["needs"]), re.compile(row["pattern"], re.I)) for row in rows
    )


@cache
def read_lexicon() -> Lexicon:
    whole: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    stems: dict[str, set[str]] = {}
    unspaced: set[str] = set()
    for name, expressions in read_table("injection")["words"].items():
        for expression in expressions:
            first, *rest = WORD.findall(expression)
            if expression.endswith("*"):
                stems.setdefault(first, set()).add(name)
            else:
                whole.setdefault(first, []).append((tuple(rest), name))
            if expression[0] >= UNSPACED:
                unspaced.add(expression)
    return Lexicon(
        {first: tuple(rows) for first, rows in whole.items()},
        {stem: frozenset(names) for stem, names in stems.items()},
        tuple(sorted(set(map(len, stems)))),
        re.compile(f"({any_of(unspaced)})"),
    )


def find_classes(sentence: str) -> tuple[dict[str, list[int]], int]:
    """Where each class of words stands in a folded, lower-case sentence, and how many words it has."""
    lexicon = read_lexicon()
    if not sentence.isascii() and max(sentence) >= UNSPACED:
        sentence = lexicon.unspaced.sub(r" \1 ", sentence)
    words = WORD.findall(sentence)
    places: dict[str, list[int]] = {}
    for index, word in enumerate(words):
        for name in names_of_stems(word):
            places.setdefault(name, []).append(index)
        for rest, name in lexicon.whole.get(word, ()):
            if not rest or tuple(words[index + 1 : index + 1 + len(rest)]) == rest:
                places.setdefault(name, []).append(index)
    return places, len(words)


@lru_cache(maxsize=8192)
def names_of_stems(word: str) -> frozenset[str]:
    """The classes whose stems a word begins with."""
    lexicon = read_lexicon()
    found: set[str] = set()
    for length in lexicon.stem_lengths:
        if length <= len(word):
            found |= lexicon.stems.get(word[:length], frozenset())
    return frozenset(found)


def fired(places: Mapping[str, Sequence[int]]) -> Iterator[Rule]:
    """The rules that a sentence fulfils."""
    for rule in read_rules():
        if all(name in places for name in rule.classes) and is_fulfilled(rule, places):
            yield rule


def is_fulfilled(rule: Rule, places: Mapping[str, Sequence[int]]) -> bool:
    """Whether the rule's classes, which all occur, also meet, from a start that nothing excuses."""
    starts = (start for start in places[rule.classes[0]] if not is_excused(rule, start, places))
    meets = meets_in_any_order if rule.any_order else meets_in_order
    return any(meets(rule, start, places) for start in starts)


def is_excused(rule: Rule, start: int, places: Mapping[str, Sequence[int]]) -> bool:
    """Whether a word close to the start makes the sentence harmless, such as "my" in "ignore my earlier order"."""
    return any(abs(place - start) <= rule.unless_within for name in rule.unless for place in places.get(name, ()))


def meets_in_order(rule: Rule, start: int, places: Mapping[str, Sequence[int]]) -> bool:
    """Whether the classes follow each other, each within the gap of the one before and all within the reach."""
    reached = start
    for name in rule.classes[1:]:
        last = min(reached + rule.gap, start + rule.within)
        reached = next((place for place in places[name] if reached < place <= last), last + 1)
        if reached > last:
            return False
    return True


def meets_in_any_order(rule: Rule, start: int, places: Mapping[str, Sequence[int]]) -> bool:
    near = [{i for i in places[name] if i != start and abs(i - start) <= rule.within} for name in rule.classes[1:]]
    return all(near) and spread_is_fine(start, near)


def spread_is_fine(anchor: int, near: Sequence[set[int]]) -> bool:
    """Whether one place a class can be chosen so that no word serves twice."""
    return len(set().union(*near) - {anchor}) >= len(near)
