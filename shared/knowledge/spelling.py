"""Slips of the finger: the known words that one keystroke turns an unknown word into."""

from __future__ import annotations

from collections.abc import Container, Iterator

SHORTEST = 5  # letters; shorter words are one keystroke from too many others
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def near_words(word: str, known: Container[str]) -> tuple[str, ...]:
    """Known words that differ in one letter left out, added, changed or swapped, the first letter being right."""
    if len(word) < SHORTEST or not word.isascii() or not word.isalpha():
        return ()
    return tuple(sorted({near for near in _one_keystroke_from(word) if near in known}))


def _one_keystroke_from(word: str) -> Iterator[str]:
    for place in range(1, len(word) + 1):
        before, after = word[:place], word[place:]
        for letter in LETTERS:
            yield before + letter + after
            if after:
                yield before + letter + after[1:]
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
