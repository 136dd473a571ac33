"""Where a state's result goes, and how large what comes of it may be."""

from __future__ import annotations

import json
from typing import Any

from shared.workflow.failures import Failure
from shared.workflow.paths import Json, PathMissing, place

MAX_CHARACTERS = 32 * 1024


def measure(data: Json) -> int:
    """Characters of the data as JSON; raises Failure where a state may not hold so much."""
    size = len(json.dumps(data))
    if size > MAX_CHARACTERS:
        raise Failure("States.DataLimitExceeded", f"more than {MAX_CHARACTERS} characters")
    return size


def put_result(rule: dict[str, Any], frame: dict[str, Any], result: Json) -> dict[str, Json]:
    """What becomes of a frame's `data` and `size` with `result` where the rule's ResultPath says; raises Failure.

    The size is an upper bound or unknown (None): a small result is then measured alone, not with all that it joins.
    """
    path, before, bound = rule.get("ResultPath", "$"), frame["data"], frame["size"]
    if path is None:
        return {}
    if path == "$":
        return {"data": result, "size": measure(result)}
    try:
        data = place(path, before, result)
    except PathMissing as missing:
        raise Failure("States.ResultPathMatchFailure", f"nothing at {missing}") from missing
    if bound is not None:
        bound += measure(result) + 10 * len(path)  # a name of n letters adds n and at most 9 marks: `, "n": {}`
    return {"data": data, "size": measure(data) if bound is None or bound > MAX_CHARACTERS else bound}
