"""`supportmax guard`: finds injections and personal data in texts, and masks them."""

from __future__ import annotations

import click

from adapters.local.cli.filters import Record, filter_command, need_text
from shared.domain.text import drop_surrogates
from shared.privacy.mask import mask
from shared.privacy.recognise import find_personal_data
from shared.understanding.injection import detect


def answer(record: Record) -> Record:
    """One text's injection score, its personal data and its masked form (design §9)."""
    text = drop_surrogates(need_text(record, "text"))
    verdict = detect(text)
    return {
        "injection": verdict.suspicious,
        "injection_score": verdict.score,
        "pii": [{"type": find.type, "start": find.start, "end": find.end} for find in find_personal_data(text)],
        "masked": mask(text),
    }


@click.command("guard", help="JSON lines {id, text} in; {id, injection, injection_score, pii, masked} out.")
def command() -> None:
    filter_command(answer)
