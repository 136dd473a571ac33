"""Events as the services of AWS send them to functions, as far as anybody here reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlsplit

REGION = "us-east-1"
Json = dict[str, Any]


@dataclass(frozen=True)
class Context:
    """What Lambda tells a function about itself and this call."""

    function_name: str
    invoked_function_arn: str
    aws_request_id: str
    milliseconds: int
    function_version: str = "1"
    memory_limit_in_mb: int = 512

    @property
    def log_group_name(self) -> str:
        return f"/aws/lambda/{self.function_name}"

    @property
    def log_stream_name(self) -> str:
        return f"2026/11/20/[{self.function_version}]0123456789abcdef"

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


def http_request(
    route: str,
    method: str,
    target: str,
    body: str | None,
    headers: Mapping[str, str],
    claims: Mapping[str, Any] | None,
    at: int,
) -> Json:
    """A request at the HTTP API, payload format 2.0; `claims` are those of a token that the authorizer took."""
    parts = urlsplit(target)
    http = {"method": method, "path": parts.path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7", "userAgent": "any"}
    context: Json = {
        "accountId": "123456789012",
        "apiId": "api",
        "domainName": f"api.execute-api.{REGION}.amazonaws.com",
        "domainPrefix": "api",
        "http": http,
        "requestId": f"r-{at}",
        "routeKey": route,
        "stage": "$default",
        "time": "16/Nov/2026:09:00:00 +0000",
        "timeEpoch": at,
    }
    if claims is not None:
        context["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    event = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": parts.path,
        "rawQueryString": parts.query,
        "headers": {name.lower(): value for name, value in headers.items()},
        "requestContext": context,
        "isBase64Encoded": False,
    }
    query = dict(part.split("=", 1) for part in parts.query.split("&") if "=" in part)
    return event | ({"queryStringParameters": query} if query else {}) | ({"body": body} if body is not None else {})


KINDS = {"$connect": "CONNECT", "$disconnect": "DISCONNECT"}


def socket_event(route: str, connection: str, body: str | None, query: Mapping[str, str], at: int) -> Json:
    """What the WebSocket API tells of a connection."""
    context = {
        "routeKey": route,
        "eventType": KINDS.get(route, "MESSAGE"),
        "connectionId": connection,
        "connectedAt": at,
        "requestTimeEpoch": at,
        "requestId": f"s-{at}",
        "extendedRequestId": f"s-{at}",
        "messageDirection": "IN",
        "domainName": f"socket.execute-api.{REGION}.amazonaws.com",
        "stage": "dev",
        "apiId": "socket",
        "identity": {"sourceIp": "203.0.113.7", "userAgent": "any"},
    }
    event: Json = {"requestContext": context, "isBase64Encoded": False}
    if route == "$connect":
        event |= {"headers": {"Host": context["domainName"]}, "queryStringParameters": dict(query)}
    return event | ({"body": body} if body is not None else {})


def queue_record(raw: Mapping[str, Any], queue_arn: str) -> Json:
    """A message of a queue, as its mapping hands it over."""
    return {
        "messageId": raw["MessageId"],
        "receiptHandle": raw["ReceiptHandle"],
        "body": raw["Body"],
        "attributes": raw["Attributes"],
        "messageAttributes": {},
        "md5OfBody": raw["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }


def stream_record(raw: Mapping[str, Any], stream_arn: str) -> Json:
    """A record of a table's stream: what the SDK reads as it stands in JSON."""
    told: Json = json.loads(json.dumps(raw, default=lambda value: value.timestamp()))
    return told | {"eventSourceARN": stream_arn}


def stored_object(bucket: str, key: str, size: int) -> Json:
    """What S3 tells of an object that was put."""
    stored = {"key": quote_plus(key), "size": size, "eTag": "0123456789abcdef", "sequencer": "0055AED6DCD90281E5"}
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": "2026-11-16T09:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:SES"},
        "requestParameters": {"sourceIPAddress": "203.0.113.7"},
        "responseElements": {},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "mail",
            "bucket": {"name": bucket, "ownerIdentity": {"principalId": "any"}, "arn": f"arn:aws:s3:::{bucket}"},
            "object": stored,
        },
    }
    return {"Records": [record]}


def failed_call(function_arn: str, event: Any, failure: Any, calls: int) -> Json:
    """What Lambda leaves at the destination of an asynchronous call that failed for good."""
    context = {"functionArn": function_arn, "condition": "RetriesExhausted", "approximateInvokeCount": calls}
    return {
        "version": "1.0",
        "requestContext": context,
        "requestPayload": event,
        "responseContext": {"statusCode": 200, "executedVersion": "1", "functionError": "Unhandled"},
        "responsePayload": failure,
    }
