"""Events as AWS's services send them, complete, for the samples and for what no sample shows."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from adapters.aws.channels import KEY_TAG, tag_of
from adapters.aws.rehearsal import MAIL
from tests.entry.stories import KEY, MONDAY, TENANT

Json = dict[str, Any]
ACCOUNT, REGION = "123456789012", "eu-central-1"
HOST = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"
ISSUER = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_samples"


def by_client(method: str, path: str, body: Any = None, *, key: str = "", route: str = "$default") -> Json:
    """A request at the HTTP API with an API key; `key` is the idempotency key."""
    headers = {"authorization": f"Bearer {KEY}"} | ({"idempotency-key": key} if key else {})
    return request(method, path, body, headers, route)


def by_operator(
    method: str,
    path: str,
    body: Any,
    operator: str,
    *,
    key: str = "",
    groups: str = f"{TENANT}.operator {TENANT}.approver",
) -> Json:
    """A request of somebody who signed in, behind the JWT authorizer."""
    headers = {"authorization": "Bearer eyJ.only.asample"} | ({"idempotency-key": key} if key else {})
    event = request(method, path, body, headers, f"{method} {proxied(path)}")
    claims = {
        "auth_time": str(MONDAY // 1000),
        "client_id": "5samplesclient",
        "cognito:groups": f"[{groups}]",
        "exp": str(MONDAY // 1000 + 3600),
        "iat": str(MONDAY // 1000),
        "iss": ISSUER,
        "jti": "0f0f0f0f-0000-4000-8000-000000000001",
        "origin_jti": "0f0f0f0f-0000-4000-8000-000000000002",
        "scope": "aws.cognito.signin.user.admin",
        "sub": "0f0f0f0f-0000-4000-8000-000000000003",
        "token_use": "access",
        "username": operator,
    }
    event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    return event


def proxied(path: str) -> str:
    """The route that leads to an operator's path."""
    head, _, rest = path.removeprefix("/api/v1/").partition("/")
    return f"/api/v1/{head}" + ("/{proxy+}" if rest else "")


def request(method: str, path: str, body: Any, headers: dict[str, str], route: str) -> Json:
    path, _, query = path.partition("?")
    text = body if body is None or isinstance(body, str) else json.dumps(body)
    event: Json = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": query,
        "headers": {
            "accept": "*/*",
            "content-type": "application/json",
            "host": HOST,
            "user-agent": "samples/1.0",
            "x-amzn-trace-id": "Root=1-6919a5a0-0123456789abcdef01234567",
            "x-forwarded-for": "203.0.113.7",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
            **headers,
        },
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": HOST.partition(".")[0],
            "domainName": HOST,
            "domainPrefix": HOST.partition(".")[0],
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7",
                "userAgent": "samples/1.0",
            },
            "requestId": "TqExampleFiAEPqA=",
            "routeKey": route,
            "stage": "$default",
            "time": "16/Nov/2026:09:00:00 +0000",
            "timeEpoch": MONDAY,
        },
        "isBase64Encoded": False,
    }  # fmt: skip
    return event | ({} if text is None else {"body": text})


def by_queue(*bodies: Any) -> Json:
    return {"Records": [queue_record(body, number) for number, body in enumerate(bodies, 1)]}


def queue_record(body: Any, number: int = 1) -> Json:
    text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"))
    return {
        "messageId": f"059f36b4-87a3-44ab-83d2-{number:012d}",
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a-only-for-the-samples",
        "body": text,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": str(MONDAY),
            "SenderId": "AROAEXAMPLE:supportmax-dev-intake-relay",
            "ApproximateFirstReceiveTimestamp": str(MONDAY + 12),
            "MessageGroupId": TENANT,
        },
        "messageAttributes": {},
        "md5OfBody": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:supportmax-dev-turns",
        "awsRegion": REGION,
    }


def by_stream(images: list[Json]) -> Json:
    return {"Records": [stream_record(image, number) for number, image in enumerate(images, 1)]}


def stream_record(image: Json, number: int = 1) -> Json:
    """A change of a row; new images only."""
    return {
        "eventID": f"{number:032x}",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {
            "ApproximateCreationDateTime": MONDAY // 1000,
            "Keys": {"pk": image["pk"], "sk": image["sk"]},
            "NewImage": image,
            "SequenceNumber": f"{4421584500000000017450439090 + number}",
            "SizeBytes": len(json.dumps(image)),
            "StreamViewType": "NEW_IMAGE",
        },
        "eventSourceARN": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/supportmax-dev-records/stream/"
        "2026-11-16T08:00:00.000",
    }


def by_socket(kind: str, connection: str, body: Any = None, **query: str) -> Json:
    """What the WebSocket API tells of a connection: CONNECT, MESSAGE or DISCONNECT."""
    route = {"CONNECT": "$connect", "DISCONNECT": "$disconnect"}.get(kind, "$default")
    host = f"socket.execute-api.{REGION}.amazonaws.com"
    context = {
        "routeKey": route,
        "eventType": kind,
        "extendedRequestId": "TqExampleFiAGfQ=",
        "requestTime": "16/Nov/2026:09:00:00 +0000",
        "messageDirection": "IN",
        "stage": "dev",
        "connectedAt": MONDAY,
        "requestTimeEpoch": MONDAY + 20,
        "identity": {"userAgent": "samples/1.0", "sourceIp": "203.0.113.7"},
        "requestId": "TqExampleFiAGfQ=",
        "domainName": host,
        "connectionId": connection,
        "apiId": "socket",
    }
    event: Json = {"requestContext": context, "isBase64Encoded": False}
    if kind == "CONNECT":
        event |= {"headers": {"Host": host, "Sec-WebSocket-Version": "13"}, "multiValueHeaders": {"Host": [host]}}
        event |= {"queryStringParameters": query} if query else {}
    if kind == "DISCONNECT":
        event["requestContext"] |= {"disconnectStatusCode": 1005, "disconnectReason": ""}
    return event | ({} if body is None else {"body": body if isinstance(body, str) else json.dumps(body)})


def by_s3(key: str, size: int) -> Json:
    """A mail that SES has put into its bucket."""
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": "2026-11-16T09:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:AIDAEXAMPLE"},
        "requestParameters": {"sourceIPAddress": "198.51.100.9"},
        "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "only-for-the-samples"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "mail",
            "bucket": {
                "name": MAIL, "ownerIdentity": {"principalId": "A3NL1KOZZKExample"}, "arn": f"arn:aws:s3:::{MAIL}",
            },
            "object": {
                "key": key, "size": size, "eTag": "d41d8cd98f00b204e9800998ecf8427e",
                "sequencer": "0055AED6DCD90281E5",
            },
        },
    }  # fmt: skip
    return {"Records": [record]}


def by_ses(kind: str, part: str, told: Json, key: str = "") -> Json:
    """What became of a mail, as SES tells it on the account's default bus."""
    tags: Json = {"ses:configuration-set": ["supportmax-dev-mail"], "ses:operation": ["SendRawEmail"]}
    mail = {
        "timestamp": "2026-11-16T09:00:00.000Z",
        "source": "support@tallybird.example",
        "sendingAccountId": ACCOUNT,
        "messageId": "0102018f0example-0000-4000-8000-000000000000-000000",
        "destination": ["ada@lindqvist-optik.example"],
        "headersTruncated": False,
        "headers": [],
        "commonHeaders": {"subject": "Re: Password"},
        "tags": tags | ({KEY_TAG: [tag_of(key)]} if key else {}),
    }
    return {
        "version": "0",
        "id": "7c1ab3a8-0000-4000-8000-3c1ab3a80000",
        "detail-type": f"Email {kind}",
        "source": "aws.ses",
        "account": ACCOUNT,
        "time": "2026-11-16T09:00:00Z",
        "region": REGION,
        "resources": [f"arn:aws:ses:{REGION}:{ACCOUNT}:configuration-set/supportmax-dev-mail"],
        "detail": {"eventType": kind, "mail": mail, part: told},
    }


def by_bus(detail: Json) -> Json:
    """An event of the platform's own bus."""
    return {
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": detail["name"],
        "source": "supportmax",
        "account": ACCOUNT,
        "time": "2026-11-16T09:00:00Z",
        "region": REGION,
        "resources": [],
        "detail": detail,
    }
