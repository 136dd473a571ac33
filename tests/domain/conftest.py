"""Properties are about what is true, never about how fast a busy machine shows it."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
