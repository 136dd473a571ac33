"""A provider whose process dies before or after its k-th port call."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from adapters.local.platform import Platform
from adapters.local.provider import LocalProvider
from shared.dispatch import Application

UNTOUCHED = ("store", "clock", "ids")


class Crash(BaseException):
    """The process is gone; nothing that catches errors catches this."""


class Fuse:
    """Counts port calls and blows at one of them; afterwards every call finds the process dead."""

    def __init__(self, at: int, *, after: bool) -> None:
        self.at, self.after = at, after
        self.calls = 0
        self.blown = False
        self.where = ""
        self.armed = True

    def pass_through(self, name: str, call: Any, args: Any, kwargs: Any) -> Any:
        if not self.armed:
            return call(*args, **kwargs)
        if self.blown:
            raise Crash
        self.calls += 1
        if self.calls == self.at and not self.after:
            self.blow(name)
        answer = call(*args, **kwargs)
        if self.calls == self.at and self.after and not self.blown:
            self.blow(name)
        return answer

    def disarm(self) -> None:
        """From now on every call goes through and none is counted."""
        self.blown, self.armed = False, False

    def blow(self, name: str) -> None:
        self.blown, self.where = True, name
        raise Crash


class FusedPort:
    """A port whose methods go through the fuse."""

    def __init__(self, name: str, port: Any, fuse: Fuse) -> None:
        self._name, self._port, self._fuse = name, port, fuse

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._port, method)
        if not callable(found):
            return found
        name = f"{self._name}.{method}"
        return lambda *args, **kwargs: self._fuse.pass_through(name, found, args, kwargs)


def fuse_platform(platform: Platform, fuse: Fuse) -> None:
    """Put the fuse between a platform and all its ports."""
    ports: dict[str, Any] = {
        field.name: FusedPort(field.name, getattr(platform.provider, field.name), fuse)
        for field in fields(LocalProvider)
        if field.name not in UNTOUCHED
    }
    platform.provider = replace(platform.provider, **ports)
    platform.app = Application(platform.provider, platform.app.company)
