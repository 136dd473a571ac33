"""Which language a short message is written in: writing system, then frequent words, letters and endings."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from shared.domain.text import drop_accents
from shared.understanding.taxonomy import INTENTS_FOLDER

UNKNOWN = "und"
USUAL = "en"
SEVERAL_WORDS = 3
LETTER_WEIGHT = 1.0
ENDING_WEIGHT = 0.25
LONGEST_ENDING = 6

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]*)?")
_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]{1,190}|https?://\S+|www\.\S+")


@dataclass(frozen=True, slots=True)
class LanguageTable:
    """What speaks for a language: its script, its letters, its words and its endings, each with a weight."""

    scripts: dict[str, re.Pattern[str]]
    cousins: dict[str, str]
    letters: dict[str, tuple[str, ...]]
    words: dict[str, tuple[tuple[str, float], ...]]
    endings: dict[str, tuple[tuple[str, float], ...]]


@cache
def load_languages() -> LanguageTable:
    """The table in the company's folder."""
    table = tomllib.loads((INTENTS_FOLDER / "languages.toml").read_text("utf-8"))
    scripts = {language: re.compile(f"[{''.join(ranges)}]") for language, ranges in table["scripts"].items()}
    words = {language: [*text.split(), *map(_bare, text.split())] for language, text in table["words"].items()}
    return LanguageTable(scripts, table["cousins"], _owners(table["letters"]), _share(words), _share(table["endings"]))


def _share(by_language: Mapping[str, Iterable[str]]) -> dict[str, tuple[tuple[str, float], ...]]:
    """Each form to its languages; a form of n languages counts 1/n for each."""
    owners = _owners(by_language).items()
    return {form: tuple((language, 1 / len(found)) for language in found) for form, found in owners}


def _owners(by_language: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Each form to the languages that have it."""
    owners: dict[str, list[str]] = defaultdict(list)
    for language, forms in by_language.items():
        for form in dict.fromkeys(forms):
            owners[form].append(language)
    return {form: tuple(found) for form, found in owners.items()}


def _bare(word: str) -> str:
    return word if word.isascii() else drop_accents(word)


def detect_language(text: str, table: LanguageTable | None = None) -> str:
    """The ISO 639-1 code, or `und` where nothing speaks for any language."""
    table = table or load_languages()
    text = _ADDRESS.sub(" ", text[:1500]).lower().replace("\u2019", "'")
    script = "" if text.isascii() else _detect_script(text, table)
    scores = _score_letters(text, table)
    if script:
        return _choose_cousin(script, scores, table)
    words = _WORD.findall(text)
    for word in words:
        _score_word(word, table, scores)
    best = max(scores, key=lambda language: scores[language]) if scores else UNKNOWN
    return USUAL if _is_chance(best, words, table) and text.isascii() else best


def _is_chance(language: str, words: list[str], table: LanguageTable) -> bool:
    """Whether a single word of several speaks for a language: "door sensor offline" is not Dutch."""
    voters = {word for word in words if any(name == language for name, _ in table.words.get(word, ()))}
    return language not in (USUAL, UNKNOWN) and len(words) >= SEVERAL_WORDS and len(voters) == 1


def _detect_script(text: str, table: LanguageTable) -> str:
    """The language of the writing system, where Latin letters are not the bulk; kana decide Japanese."""
    counts = {language: len(pattern.findall(text)) for language, pattern in table.scripts.items()}
    latin = sum("a" <= character <= "z" for character in text)
    if counts.get("ja"):
        counts["ja"] += counts.get("zh", 0)
        counts["zh"] = 0
    best = max(counts, key=lambda language: counts[language])
    return best if 3 * counts[best] > latin else ""


def _choose_cousin(script: str, scores: dict[str, float], table: LanguageTable) -> str:
    """The language of a script that several share: another one than the usual where its own letters occur."""
    return next((name for name, other in table.cousins.items() if other == script and scores.get(name)), script)


def _score_letters(text: str, table: LanguageTable) -> dict[str, float]:
    """A first score for each language that has letters of its own in the text."""
    scores: dict[str, float] = defaultdict(float)
    for letter in set(text) & table.letters.keys():
        for language in table.letters[letter]:
            scores[language] += LETTER_WEIGHT
    return scores


def _score_word(word: str, table: LanguageTable, scores: dict[str, float]) -> None:
    parts = [word] if word in table.words else [part for part in re.split("(?<=')", word) if part]
    for part in parts:
        for language, weight in table.words.get(part, ()):
            scores[language] += weight
    for length in range(2, min(LONGEST_ENDING, len(word) - 1) + 1):
        for language, weight in table.endings.get(_bare(word[-length:]), ()):
            scores[language] += ENDING_WEIGHT * weight
