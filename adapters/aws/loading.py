"""The first answer of a process, which loads everything: garbage is not looked for until it is given."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache


@contextmanager
def loading_once() -> Iterator[None]:
    """Pause the collector the first time: it took a tenth of a first answer's CPU and freed nothing."""
    _pause()
    try:
        yield
    finally:
        if not gc.isenabled():
            gc.freeze()  # what is loaded by now stays
            gc.enable()


@cache
def _pause() -> None:
    gc.disable()
