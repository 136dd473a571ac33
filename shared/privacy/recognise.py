"""Personal data in text: where it is and what it is, never the numbers that a support desk needs to read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shared.domain.text import fold
from shared.privacy.numbers import RECOGNISERS
from shared.privacy.surroundings import Candidate


@dataclass(frozen=True, slots=True)
class PersonalData:
    """One find; `start` and `end` are character offsets into the text as it was given."""

    type: str
    start: int
    end: int


def find_personal_data(text: str) -> tuple[PersonalData, ...]:
    """E-mail addresses, phones, cards, IBANs, SSNs, IP addresses, licences and passports, in order, none overlapping.

    Names and postal addresses are not found in free text: patterns cannot tell them from other words.
    """
    folded = fold(text)
    if not any(sign in folded.text for sign in "@:") and not any(map(str.isdigit, folded.text)):
        return ()
    finds = []
    for candidate in keep_strongest(find_candidates(folded.text)):
        start, end = folded.original(candidate.start, candidate.end)
        finds.append(PersonalData(candidate.type, start, end))
    return tuple(sorted(finds, key=lambda find: find.start))


def find_candidates(text: str) -> Iterator[Candidate]:
    """What each recogniser finds, the surest recogniser first."""
    for recognise in RECOGNISERS:
        yield from recognise(text)


def keep_strongest(candidates: Iterator[Candidate]) -> list[Candidate]:
    """Candidates of which none overlaps one that came before it."""
    kept: list[Candidate] = []
    taken = bytearray()
    for candidate in candidates:
        if len(taken) < candidate.end:
            taken.extend(bytes(candidate.end - len(taken)))
        if not any(taken[candidate.start : candidate.end]):
            taken[candidate.start : candidate.end] = b"\x01" * (candidate.end - candidate.start)
            kept.append(candidate)
    return kept
