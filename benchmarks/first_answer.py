"""Run by itself in a fresh interpreter: answer one event as a function on AWS does, and say what it took.

`python -I -S first_answer.py SUBJECT FOLDER EVENT [CALLS]`: SUBJECT is `function`, the package in FOLDER; `trace`, the
same with its requests written to CALLS; or `floor`, those requests with a bare SDK from the site-packages FOLDER.
"""

from __future__ import annotations

import sys
from typing import Any

SUBJECT, FOLDER, EVENT, CALLS = (*sys.argv[1:], "")[:4]
sys.path.insert(0, FOLDER)
MODEL_SDKS = ("anthropic", "openai", "sklearn", "moto", "boto3")


class Context:
    """As much of Lambda's context as anybody asks for."""

    function_name = aws_request_id = log_group_name = "measured"
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:measured"
    memory_limit_in_mb = 512

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


def answer(event: object) -> object:
    from adapters.aws.entry import handle

    return handle(event, Context())


def trace(event: object) -> object:
    import pickle

    from botocore import handlers

    calls: list[tuple[str, str, object]] = []

    def note(params: object, model: Any, **_: object) -> None:
        calls.append((model.service_model.service_name, model.name, params))

    handlers.BUILTIN_HANDLERS.append(("provide-client-params.*.*", note))
    answered = answer(event)
    with open(CALLS, "wb") as file:
        pickle.dump(calls, file)
    return answered


def ask_barely(_: object) -> None:
    import pickle

    import boto3
    from aws_lambda_powertools import Logger
    from botocore import xform_name
    from botocore.exceptions import ClientError
    from pydantic import BaseModel, TypeAdapter

    class Event(BaseModel):
        tenant: str
        conversation: str
        turn: int = 0

    TypeAdapter(Event).validate_python({"tenant": "demo", "conversation": "c1"})
    logger = Logger(service="floor")
    with open(CALLS, "rb") as file:
        calls = pickle.load(file)
    clients = {service: boto3.client(service) for service in dict.fromkeys(service for service, _, _ in calls)}
    for service, operation, params in calls:
        try:
            getattr(clients[service], xform_name(operation))(**params)
        except ClientError:  # what was new then is there now: the answer takes as long
            continue
    logger.info("done")


def memory() -> int:
    """The most kilobytes that this process has had in memory."""
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))


def main() -> None:
    import json
    import time

    with open(EVENT, encoding="utf-8") as file:
        event = json.load(file)
    answered = {"function": answer, "trace": trace, "floor": ask_barely}[SUBJECT](event)
    cpu = time.process_time()
    loaded = [name for name in MODEL_SDKS if name in sys.modules]
    told = {"cpu_ms": cpu * 1e3, "kilobytes": memory(), "modules": len(sys.modules), "sdks": loaded, "answer": answered}
    sys.stderr.write(json.dumps(told))


main()
