"""The part of botocore's data that is packed says the same as the whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from sysconfig import get_path

import pytest

from adapters.aws.botocore_data import Needs, keep_operations, trim

WHOLE = Path(get_path("purelib"))
CALLS: dict[str, tuple[str, dict[str, object]]] = {
    "dynamodb": ("get_item", {"TableName": "t", "Key": {"pk": {"S": "a"}, "sk": {"S": "b"}}, "ConsistentRead": True}),
    "s3": ("put_object", {"Bucket": "documents", "Key": "a/b c", "Body": b"x", "IfNoneMatch": "*"}),
    "sqs": ("send_message", {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/q", "MessageBody": "{}"}),
    "events": ("put_events", {"Entries": [{"Source": "s", "DetailType": "d", "Detail": "{}"}]}),
    "stepfunctions": ("start_execution", {"stateMachineArn": "arn:aws:states:eu-west-1:1:stateMachine:m"}),
    "sesv2": ("send_email", {"Content": {"Raw": {"Data": b"x"}}}),
}
# Prints each request as it would leave, with the data in the folder that stands before botocore's own.
PROGRAM = """
import json
import botocore.session
class Left(Exception):
    pass
def show(calls, region):
    for service, (method, arguments) in calls.items():
        client = botocore.session.Session().create_client(service, region_name=region)
        def stop(request, **_):
            body = request.body.decode() if isinstance(request.body, bytes) else type(request.body).__name__
            print(json.dumps([service, region, request.method, request.url, body]))
            raise Left
        client.meta.events.register("before-send.*.*", stop)
        try:
            getattr(client, method)(**arguments)
        except Left:
            continue
"""


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1", "cn-north-1"])
def test_a_request_leaves_as_it_would_with_all_of_the_data(region: str, tmp_path: Path) -> None:
    needs = Needs(frozenset(CALLS), frozenset(method for method, _ in CALLS.values()))
    for name, content in trim(WHOLE, needs):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    told = [requests(region, data) for data in (tmp_path / "botocore" / "data", WHOLE / "botocore" / "data")]
    assert told[0] == told[1]
    assert len(told[0]) == len(CALLS)


def requests(region: str, data: Path) -> list[list[str]]:
    """What leaves when botocore's own data folder is `data`."""
    place = f"import botocore.loaders as l; l.Loader.BUILTIN_DATA_PATH = {str(data)!r}"
    program = f"{place}\n{PROGRAM}\nshow({CALLS!r}, {region!r})"
    environment = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "PATH": os.defpath}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]


def test_an_operation_that_nobody_calls_is_left_out_with_its_shapes() -> None:
    model = {
        "operations": {
            "GetItem": {"input": {"shape": "GetItemInput"}, "errors": [{"shape": "Gone"}]},
            "DropTable": {"input": {"shape": "DropTableInput"}},
        },
        "shapes": {
            "GetItemInput": {"members": {"Key": {"shape": "Key"}, "shape": {"shape": "Text"}}},
            "Key": {"key": {"shape": "Text"}, "value": {"shape": "Text"}},
            "Text": {"type": "string"},
            "Gone": {"exception": True},
            "DropTableInput": {"members": {"Name": {"shape": "Name"}}},
            "Name": {"type": "string"},
        },
    }
    kept = keep_operations(model, frozenset({"get_item"}))
    assert set(kept["operations"]) == {"GetItem"}
    assert set(kept["shapes"]) == {"GetItemInput", "Key", "Text", "Gone"}
