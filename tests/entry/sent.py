"""Events as AWS's services send them, complete, for the samples and for what no sample shows."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from tests.entry.stories import KEY, MONDAY, TENANT

Json = dict[str, Any]
ACCOUNT, REGION = "123456789012", "eu-central-1"
HOST = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"
ISSUER = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_samples"


def by_client(method: str, path: str, body: Any = None, *, key: str = "", route: str = "$default") -> Json:
    """A request at the HTTP API with an API key; `key` is the idempotency key."""
    headers = {"authorization": f"Bearer {KEY}"} | ({"idempotency-key": key} if key else {})
    return request(method, path, body, headers, route)


def by_operator(method: str, path: str, body: Any, operator: str, *roles: str) -> Json:
    """A request of somebody who signed in, behind the JWT authorizer."""
    event = request(method, path, body, {"authorization": "Bearer eyJ.only.asample"}, f"{method} {proxied(path)}")
    groups = " ".join(f"{TENANT}.{role}" for role in roles or ("operator", "supervisor"))
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
