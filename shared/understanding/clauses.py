"""Cut a message into clauses, so that each wish in it is heard by itself."""

from __future__ import annotations

import re

MOST_CLAUSES = 10
FEWEST_WORDS = 2
FEWEST_CHARACTERS_UNSPACED = 6  # of a clause in a script without spaces

_SENTENCE = re.compile(r"(?<=[.!?;:])\s+|[\r\n]+|[。！？；]|\s[-–—•*]\s|\s*;\s*")
_JOINT = re.compile(
    r",\s+|\s+(?:and|but|also|plus|besides|then|or|because|since|after|when|while|"
    r"und|aber|außerdem|sowie|oder|weil|et|mais|aussi|ou|y|pero|también|o|e|ma|anche|inoltre|mas|também|"
    r"en|maar|ook|i|oraz|ale|też)\s+",
    re.IGNORECASE,
)


def split_clauses(text: str) -> tuple[str, ...]:
    """The message's sentences, and the parts of those that join two statements; none when it is a single one."""
    found = [part for sentence in _SENTENCE.split(text) for part in _split_sentence(sentence.strip())]
    clauses = tuple(dict.fromkeys(clause for clause in found if _says_something(clause)))[:MOST_CLAUSES]
    return clauses if len(clauses) > 1 or (clauses and len(clauses[0]) < 0.8 * len(text)) else ()


def _split_sentence(sentence: str) -> list[str]:
    """A sentence at its joints, where the parts on both sides can stand alone."""
    parts = [""]
    end = 0
    for joint in _JOINT.finditer(sentence):
        left, right = sentence[end : joint.start()], sentence[joint.end() :]
        if _says_something(left) and _says_something(right):
            parts[-1] = left
            parts.append("")
            end = joint.end()
    parts[-1] = sentence[end:]
    return parts


def _says_something(clause: str) -> bool:
    return len(clause.split()) >= FEWEST_WORDS or (
        not clause.isascii() and len(clause) >= FEWEST_CHARACTERS_UNSPACED and " " not in clause
    )
