"""Text to terms: one normal form for articles and queries, in any script."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from shared.domain.text import drop_accents

STEMMERS = {
    "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish", "fr": "french",
    "hu": "hungarian", "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip
# Indic vowel signs are marks, not letters, so that \w alone would cut Hindi or Tamil words into pieces.
_LETTER = r"[^\W_\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[\u0300-\u036f\u0900-\u0dff]"
_WORD = re.compile(
    r"(?P<unspaced>[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+)"
    r"|\d+(?:[.,]\d+)+"
    rf"|(?:{_LETTER})+(?:['’](?:{_LETTER})+)*"
)


@dataclass(frozen=True, slots=True)
class WordTables:
    """A language's data: words that say nothing alone, phrases that are one word, and words of like meaning."""

    stop: frozenset[str]
    phrases: dict[str, str]
    phrase_pattern: re.Pattern[str] | None
    alike: dict[str, tuple[str, ...]]


def terms_of(text: str, language: str = "en") -> list[str]:
    """The informative terms of a text in their order: normalised, without stop words, stemmed."""
    stop = word_tables(language).stop
    return [stem(word, language) for word in words_of(text, language) if word not in stop]


def words_of(text: str, language: str = "en") -> list[str]:
    """The words of a text in their order, normalised but neither stemmed nor filtered."""
    return [word for match in _WORD.finditer(normalise(text, language)) for word in _split(match)]


def normalise(text: str, language: str = "en") -> str:
    """One form for what looks alike (width, case, apostrophes), with the language's phrases joined."""
    plain = text.casefold() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    tables = word_tables(language)
    if tables.phrase_pattern is None:
        return plain
    return tables.phrase_pattern.sub(lambda match: tables.phrases[_one_space(match[0])], plain)


@lru_cache(maxsize=65_536)
def stem(word: str, language: str = "en") -> str:
    """A word's stem without accents; words with digits stay as they are."""
    bare = word.replace("’", "'")
    if language == "en":
        bare = bare.removesuffix("'s")
    if any(letter.isdigit() for letter in bare):
        return bare
    stemmer = _stemmer(language)
    stemmed: str = stemmer.stemWord(bare) if stemmer is not None else bare
    return stemmed if stemmed.isascii() else drop_accents(stemmed) or bare


@cache
def word_tables(language: str) -> WordTables:
    """The tables of a language; empty ones where there are none."""
    path = Path(__file__).with_name("words") / f"{language}.toml"
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    phrases = {phrase: word for word, group in data.get("phrases", {}).items() for phrase in group}
    longest_first = sorted(phrases, key=len, reverse=True)
    joined = "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in longest_first)
    return WordTables(
        stop=frozenset(" ".join(data.get("stop", [])).split()),
        phrases=phrases,
        phrase_pattern=re.compile(rf"\b(?:{joined})\b") if phrases else None,
        alike=_alike(data.get("alike", []), language),
    )


def _alike(groups: list[str], language: str) -> dict[str, tuple[str, ...]]:
    """Stem to the stems of like meaning, from lines of words."""
    found: dict[str, set[str]] = {}
    for group in groups:
        stems = {stem(word, language) for word in group.split()}
        for one in stems:
            found.setdefault(one, set()).update(stems - {one})
    return {one: tuple(sorted(others)) for one, others in found.items()}


def _split(match: re.Match[str]) -> Iterator[str]:
    """Scripts without spaces become overlapping pairs, everything else stays one word."""
    run = match["unspaced"]
    if run is None or len(run) < 3:
        yield match[0]
        return
    for start in range(len(run) - 1):
        yield run[start : start + 2]


@cache
def _stemmer(language: str) -> Any:
    if language not in STEMMERS:
        return None
    from Stemmer import Stemmer

    return Stemmer(STEMMERS[language])


def _one_space(phrase: str) -> str:
    return " ".join(phrase.split())
