"""What AWS charges for one request, in the units of prices.toml: from the request's parameters and its answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Units = dict[str, float]  # halves of a read unit are exact
Sizes = dict[str, int]  # bytes of each item that was seen, by table and key
Charge = Callable[[Mapping[str, Any], Mapping[str, Any], Sizes], Units]  # of a request's parameters and its answer

WRITE_UNIT, READ_UNIT = 1024, 4096
CHUNK = 64 * 1024  # SQS, EventBridge
FRAME = 32 * 1024  # WebSocket messages
CONTAINER, ELEMENT, FLAG = 3, 1, 1  # bytes that DynamoDB counts beside the values


def size_of_item(item: Mapping[str, Any]) -> int:
    """Bytes of an item as DynamoDB counts them: attribute names and typed values."""
    return sum(len(name.encode()) + size_of_value(value) for name, value in item.items())


def size_of_value(value: Mapping[str, Any]) -> int:
    """Bytes of one typed attribute value."""
    (kind, content), *_ = value.items()
    return SIZES[kind](content) if kind in SIZES else FLAG


def size_of_number(text: str) -> int:
    return len(text.strip("-").replace(".", "")) // 2 + 2


def size_of_list(content: Iterable[Mapping[str, Any]]) -> int:
    return CONTAINER + sum(ELEMENT + size_of_value(each) for each in content)


def size_of_map(content: Mapping[str, Any]) -> int:
    return CONTAINER + ELEMENT * len(content) + size_of_item(content)


def size_of_set(of: str) -> Callable[[Iterable[Any]], int]:
    return lambda content: sum(size_of_value({of: each}) for each in content)


SIZES: dict[str, Callable[[Any], int]] = {
    "S": lambda text: len(text.encode()),
    "N": size_of_number,
    "B": len,
    "L": size_of_list,
    "M": size_of_map,
    "SS": size_of_set("S"),
    "NS": size_of_set("N"),
    "BS": size_of_set("B"),
}


def chunks(size: int, chunk: int) -> int:
    """How many chunks a size is charged as; nothing is charged as one."""
    return max(1, -(-size // chunk))


def put_item(params: Mapping[str, Any], parsed: Mapping[str, Any], sizes: Sizes) -> Units:
    """The larger of the item before and after it, also where its condition fails."""
    return {"dynamodb.write_unit": _write(params, size_of_item(params["Item"]), params["Item"], parsed, sizes)}


def update_item(params: Mapping[str, Any], parsed: Mapping[str, Any], sizes: Sizes) -> Units:
    """As a put of its key and of every value that its expression names."""
    named = params.get("ExpressionAttributeNames", {})
    values = params.get("ExpressionAttributeValues", {})
    size = size_of_item(params["Key"]) + sum(len(name.encode()) for name in named.values())
    size += sum(size_of_value(value) for value in values.values())
    return {"dynamodb.write_unit": _write(params, size, params["Key"], parsed, sizes)}


def delete_item(params: Mapping[str, Any], parsed: Mapping[str, Any], sizes: Sizes) -> Units:
    return {"dynamodb.write_unit": _write(params, 0, params["Key"], parsed, sizes)}


def transact_write(params: Mapping[str, Any], parsed: Mapping[str, Any], sizes: Sizes) -> Units:
    """Twice what each of its writes would cost alone; a check counts as a write."""
    charge = {"Put": put_item, "Update": update_item, "Delete": delete_item, "ConditionCheck": delete_item}
    units = 0.0
    for each in params["TransactItems"]:
        ((kind, write),) = each.items()
        held = dict(sizes) if kind == "ConditionCheck" else sizes
        units += charge[kind](write, parsed, held)["dynamodb.write_unit"]
    return {"dynamodb.write_unit": 2 * units}


def get_item(params: Mapping[str, Any], parsed: Mapping[str, Any], sizes: Sizes) -> Units:
    return _read(params, [parsed["Item"]] if "Item" in parsed else [])


def query(params: Mapping[str, Any], parsed: Mapping[str, Any], sizes: Sizes) -> Units:
    """The items of a page together; what a filter drops is charged on AWS and unseen here."""
    return _read(params, parsed.get("Items", []))


def send_message(params: Mapping[str, Any], parsed: Mapping[str, Any], sizes: Sizes) -> Units:
    return {"sqs.request": chunks(len(params["MessageBody"].encode()), CHUNK)}


def send_batch(params: Mapping[str, Any], parsed: Mapping[str, Any], sizes: Sizes) -> Units:
    size = sum(len(each["MessageBody"].encode()) for each in params["Entries"])
    return {"sqs.request": chunks(size, CHUNK)}


def queue_request(params: Mapping[str, Any], parsed: Mapping[str, Any], sizes: Sizes) -> Units:
    return {"sqs.request": 1}


def put_events(params: Mapping[str, Any], parsed: Mapping[str, Any], sizes: Sizes) -> Units:
    """Each event of the call by its own size."""
    return {"events.event": sum(chunks(len(json.dumps(each, default=str)), CHUNK) for each in params["Entries"])}


def push(params: Mapping[str, Any], parsed: Mapping[str, Any], sizes: Sizes) -> Units:
    return {"api.socket_message": chunks(len(params["Data"]), FRAME)}


def free(params: Mapping[str, Any], parsed: Mapping[str, Any], sizes: Sizes) -> Units:
    return {}


def once(unit: str) -> Charge:
    """A request that costs the same whatever it carries."""
    return lambda params, parsed, sizes: {unit: 1}


# (botocore's service id, operation) -> what one call is charged; executions are charged by their kind (cost_model.py)
CHARGES: dict[tuple[str, str], Charge] = {
    ("DynamoDB", "PutItem"): put_item,
    ("DynamoDB", "UpdateItem"): update_item,
    ("DynamoDB", "DeleteItem"): delete_item,
    ("DynamoDB", "TransactWriteItems"): transact_write,
    ("DynamoDB", "GetItem"): get_item,
    ("DynamoDB", "Query"): query,
    ("SQS", "SendMessage"): send_message,
    ("SQS", "SendMessageBatch"): send_batch,
    ("SQS", "ReceiveMessage"): queue_request,
    ("SQS", "DeleteMessage"): queue_request,
    ("SQS", "ChangeMessageVisibility"): queue_request,
    ("EventBridge", "PutEvents"): put_events,
    ("SFN", "StartExecution"): free,
    ("SFN", "SendTaskSuccess"): free,
    ("SFN", "SendTaskFailure"): free,
    ("SFN", "DescribeExecution"): free,
    ("S3", "PutObject"): once("s3.put"),
    ("S3", "GetObject"): once("s3.get"),
    ("S3", "HeadObject"): once("s3.get"),
    ("S3", "DeleteObject"): free,
    ("S3", "ListObjectsV2"): once("s3.put"),
    ("Secrets Manager", "GetSecretValue"): once("secrets.request"),
    ("Secrets Manager", "ListSecretVersionIds"): once("secrets.request"),
    ("Secrets Manager", "CreateSecret"): once("secrets.request"),
    ("Secrets Manager", "PutSecretValue"): once("secrets.request"),
    ("SSM", "GetParameter"): free,
    ("SSM", "GetParameters"): free,
    ("SSM", "GetParameterHistory"): free,
    ("SSM", "PutParameter"): free,
    ("Scheduler", "CreateSchedule"): once("scheduler.invocation"),
    ("Scheduler", "DeleteSchedule"): free,
    ("ApiGatewayManagementApi", "PostToConnection"): push,
    ("SESv2", "SendEmail"): once("ses.mail_sent"),
}


def _write(
    params: Mapping[str, Any], size: int, key: Mapping[str, Any], parsed: Mapping[str, Any], sizes: Sizes
) -> int:
    """Write units, and the item's size from now on where the write was accepted."""
    where = _place(params, key)
    units = chunks(max(size, sizes.get(where, 0)), WRITE_UNIT)
    if parsed.get("ResponseMetadata", {}).get("HTTPStatusCode", 200) < 300:
        sizes[where] = size
    return units


def _read(params: Mapping[str, Any], items: Iterable[Mapping[str, Any]]) -> Units:
    """Read units; a read that need not be strong costs half."""
    whole = chunks(sum(map(size_of_item, items)), READ_UNIT)
    return {"dynamodb.read_unit": whole if params.get("ConsistentRead") else whole / 2}


def _place(params: Mapping[str, Any], key: Mapping[str, Any]) -> str:
    return "|".join([params["TableName"], key["pk"].get("S", ""), key.get("sk", {}).get("S", "")])
