"""Ids from the operating system's randomness, which two sandboxes of one snapshot do not share (I1)."""

from __future__ import annotations

import os


class AwsIds:
    """128 random bits an id."""

    def new(self, prefix: str) -> str:
        """`prefix` and 32 hexadecimal digits."""
        return prefix + os.urandom(16).hex()
