"""The error tree: everything that the platform raises on purpose.

SupportMaxError
├── Refused                  not accepted; the caller can mend it
│   ├── InvalidInput         a field breaks a limit
│   │   └── BrokenMail       nothing can be read of a mail (understanding/mime.py)
│   ├── NotAuthenticated     no credential, or a bad one
│   ├── NotPermitted         a good credential without the right
│   ├── NotFound             nothing by that name for this tenant
│   └── WrongState           legal elsewhere, not now (a wrong owner, a closed ticket)
├── PortError                a port could not do its work
│   ├── Conflict             a condition did not hold; may be one's own retry
│   ├── Uncertain            it may or may not have happened
│   ├── Throttled            not now; carries `after` seconds
│   ├── TooLarge             over the port's limit
│   ├── Unavailable          a system behind the port is down
│   └── Unsupported          this provider cannot do it at all
├── Misconfigured            settings or company data that cannot be run
└── Retry                    a handler asks the workflow to try it again
"""

from __future__ import annotations


class SupportMaxError(Exception):
    """The root; `code` is stable and part of the interface."""

    code = "error"


class Refused(SupportMaxError):
    """Not accepted: names the field, its limit and what the caller can do."""

    code = "refused"

    def __init__(self, message: str, *, field: str | None = None, limit: str | None = None, action: str = "") -> None:
        super().__init__(message)
        self.message, self.field, self.limit, self.action = message, field, limit, action

    def body(self) -> dict[str, str | None]:
        """The refusal as programs read it: `{code, field, limit, action}` (design §9)."""
        return {"code": self.code, "field": self.field, "limit": self.limit, "action": self.action or self.message}


class InvalidInput(Refused):
    code = "invalid_input"


class NotAuthenticated(Refused):
    code = "not_authenticated"


class NotPermitted(Refused):
    code = "not_permitted"


class NotFound(Refused):
    code = "not_found"


class WrongState(Refused):
    code = "wrong_state"


class PortError(SupportMaxError):
    code = "port_error"


class Conflict(PortError):
    code = "conflict"


class Uncertain(PortError):
    code = "uncertain"


class Throttled(PortError):
    """Not now; try again after `after` seconds."""

    code = "throttled"

    def __init__(self, message: str, *, after: float = 1.0) -> None:
        super().__init__(message)
        self.after = after


class TooLarge(PortError):
    code = "too_large"


class Unavailable(PortError):
    code = "unavailable"


class Unsupported(PortError):
    """This provider cannot do `feature` at all, and says so."""

    code = "unsupported"

    def __init__(self, feature: str) -> None:
        super().__init__(f"this provider does not support {feature}")
        self.feature = feature


class Misconfigured(SupportMaxError):
    code = "misconfigured"


class Retry(SupportMaxError):
    code = "Retry"
