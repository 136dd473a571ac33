"""A playbook: one SOP as data. Shape only; `agents` checks its tools and slots against the catalogue.

    intent = "duplicate_charge"        # what it answers (defaults to the file's name)
    agent = "billing"
    needs = ["customer"]               # without it only the articles are asked, then a person
    title = "A charge that was made twice"

    [[steps]]                          # run in order; each is one of the kinds below
    id = "duplicate"
    tool = "find_duplicate_charge"     # a tool call; its answer is kept under the step's id
    args = { order = "$entities.order" }
    optional = true                    # a failure is noted and the next step runs

    [[steps]]
    check = "$duplicate.found"         # a reference; with `equals`, `above` or `one_of` compared, else tested for truth
    else = "say:none"                  # where to go when it does not hold: say:<reply>, step:<id>, escalate:<reason>

    [[steps]]
    check = "$text"                    # holds where one of these is mentioned: words, or references to one
    mentions = ["refund", "$order.order.lines.0.sku"]
    then = "step:refund"               # where to go when it holds; without it the next step runs

    [[steps]]
    search = "$text"                   # the articles: $<id>.answerable, $<id>.answer; what answers is cited

    [[steps]]
    say = "refunded"                   # end with this reply (an implicit last step says "default")

    [replies]
    refunded = "We have refunded {refund.amount} to your {duplicate.method}."

A tool step may set `remember = true` and `unavailable = "say:<reply>"`: while its system is down, the reply is made
from the last known answer (`{<id>.as_of}` tells its age). Replies with a meaning of their own: `needs_approval`,
`pending`, `rejected`, `repeated`, `repeated_pending` (asked for before), `cause` (said once for findings that share
`cause`'s value). `[follow_up]` gives minutes after which a reply's work is tried again, e.g. `stale = 30`.

References: `$entities.<type>`, `$customer.<field>` (id, tier), `$<step id>.<path>` (numbers index
lists), `$text`. In replies `{…}` holds the same paths without `$`, with `|money`, `|number`, `|date`, `|time`, `|list`
or `|words` after it where needed.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from shared.errors import Misconfigured

STEP_KINDS = ("tool", "check", "say", "escalate", "search")


@checked(frozen=True, config=ConfigDict(extra="forbid"))
class Step:
    """One step; exactly one of tool, check, say, escalate, search is set."""

    id: str = ""
    tool: str = ""
    args: dict[str, Any] = field(default_factory=dict)
    optional: bool = False
    check: str = ""
    equals: Any = None
    above: int | None = None
    one_of: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    otherwise: str = ""
    then: str = ""
    say: str = ""
    escalate: str = ""
    search: str = ""
    unavailable: str = ""
    remember: bool = False

    @property
    def kind(self) -> str:
        return next((kind for kind in STEP_KINDS if getattr(self, kind)), "")

    @property
    def result(self) -> str:
        """The name by which later steps refer to what this one finds; empty where it finds nothing."""
        return self.id or self.tool or ("articles" if self.search else "")


@dataclass(frozen=True, slots=True)
class Playbook:
    """One SOP.

    `replies` by name; `articles` are cited with every reply; `cause` names the path of a shared cause; `covers` are
    intents that it answers too, so that they get no assignment beside it.
    """

    name: str
    intent: str
    agent: str
    title: str
    steps: tuple[Step, ...]
    replies: dict[str, str]
    needs: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    cause: str = ""
    covers: tuple[str, ...] = ()
    follow_up: dict[str, int] = field(default_factory=dict)


def read_playbook(name: str, text: str) -> Playbook:
    """A playbook from TOML; raises Misconfigured naming the file, the place and what is wrong."""
    try:
        table = tomllib.loads(text)
        steps = [_rename(step) for step in table.get("steps", [])]
        return _adapter().validate_python({"name": name, "intent": name, "title": name, **table, "steps": steps})
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"playbook {name}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Misconfigured(f"playbook {name}: {where}: {first['msg']}") from error


def _rename(step: dict[str, Any]) -> dict[str, Any]:
    """`else` is a word of Python's, so the step calls it `otherwise`."""
    return {("otherwise" if key == "else" else key): value for key, value in step.items()}


@cache
def _adapter() -> TypeAdapter[Playbook]:
    return TypeAdapter(Playbook)
