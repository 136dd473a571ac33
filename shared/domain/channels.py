"""How a reply reaches its channel: it is read, it is pushed to whoever listens, or it must be carried there."""

from __future__ import annotations

READ = ("api",)
PUSHED = ("chat", "mobile")
