"""The table of errors is complete, and says what a caller may do."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import botocore.exceptions
import botocore.session
import pytest
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from adapters.aws.errors import BY_SERVICE, EVERY_SERVICE, error_for, meaning, translate, translated
from shared.errors import (
    Conflict,
    InvalidInput,
    Misconfigured,
    NotFound,
    SupportMaxError,
    Throttled,
    TooLarge,
    Unavailable,
    Uncertain,
)
from tests.aws_adapters.faults import no_answer, no_connection, no_handshake

ADAPTERS = Path(__file__).parents[2] / "adapters" / "aws"
SERVICES = {*BY_SERVICE, "events"}
BEFORE_A_FUNCTION = {"administration.py", "rehearsal.py"}  # make what the adapters find, and let errors rise
NAMESAKES = {("events", "DeleteConnection")}  # asked of the socket API, which has one too
# What the service models leave out: documented for every service, or seen in the field.
COMMON = (
    "AccessDeniedException", "IncompleteSignature", "InternalFailure", "InvalidClientTokenId", "NotAuthorized",
    "OptInRequired", "RequestExpired", "ServiceUnavailable", "ThrottlingException", "ValidationError",
    "UnrecognizedClientException", "ExpiredTokenException", "SlowDown", "RequestTimeout", "InternalError",
    "TooManyRequestsException", "ValidationException", "SignatureDoesNotMatch",
)  # fmt: skip
KNOWN = {code for codes in EVERY_SERVICE.values() for code in codes}


def asked_for() -> set[tuple[str, str]]:
    """(service, operation) of every request in adapters/aws, found by the name of the client's method."""
    session = botocore.session.Session()
    methods = [
        (xform_name(operation), service, operation)
        for service in SERVICES
        for operation in session.get_service_model(service).operation_names
    ]
    called = {
        node.func.attr
        for file in ADAPTERS.glob("*.py")
        if file.name not in BEFORE_A_FUNCTION
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    return {(service, operation) for method, service, operation in methods if method in called} - NAMESAKES


def declared() -> Iterator[tuple[str, str]]:
    """(service, code) of every error that one of these operations declares."""
    session = botocore.session.Session()
    for service, operation in asked_for():
        for shape in session.get_service_model(service).operation_model(operation).error_shapes:
            yield service, shape.metadata.get("error", {}).get("code", shape.name)


def answered(code: str, *, status: int = 400, doubt: bool = False) -> ClientError:
    metadata = {"HTTPStatusCode": status, "supportmax_in_doubt": doubt}
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": metadata}, "PutItem")


def cancelled(*reasons: str) -> ClientError:
    reply = {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": [{"Code": reason} for reason in reasons],
    }
    return ClientError(reply, "TransactWriteItems")


def test_the_operations_are_found_that_are_known_to_be_used() -> None:
    known = {
        ("dynamodb", "TransactWriteItems"),
        ("s3", "ListObjectsV2"),
        ("sesv2", "SendEmail"),
        ("sqs", "SendMessage"),
    }
    assert known <= asked_for()
    assert {service for service, _ in asked_for()} == SERVICES


def test_every_error_that_a_used_operation_declares_is_in_the_table() -> None:
    cancelled_one = {("dynamodb", "TransactionCanceledException")}  # its reasons are in the table instead
    missing = {
        (service, code)
        for service, code in set(declared()) - cancelled_one
        if code not in KNOWN and not any(code in codes for codes in BY_SERVICE.get(service, {}).values())
    }
    assert missing == set()


def test_every_common_error_is_in_the_table() -> None:
    assert [code for code in COMMON if code not in KNOWN] == []


def test_a_code_has_one_meaning_a_service() -> None:
    for table in (EVERY_SERVICE, *BY_SERVICE.values()):
        codes = [code for each in table.values() for code in each]
        assert len(codes) == len(set(codes))


def every_exception_of_the_sdk() -> list[type[BotoCoreError]]:
    found = [each for each in vars(botocore.exceptions).values() if isinstance(each, type)]
    return [each for each in found if issubclass(each, BotoCoreError)]


@pytest.mark.parametrize("kind", every_exception_of_the_sdk(), ids=lambda kind: kind.__name__)
def test_every_exception_of_the_sdk_becomes_ours(kind: type[BotoCoreError]) -> None:
    error = cast(Any, kind).__new__(kind)
    for writes in (False, True):
        assert isinstance(translate("dynamodb", error, writes=writes), SupportMaxError)


@pytest.mark.parametrize(
    ("service", "code", "ours"),
    [
        ("dynamodb", "ConditionalCheckFailedException", Conflict),
        ("dynamodb", "TransactionConflictException", Conflict),
        ("dynamodb", "ProvisionedThroughputExceededException", Throttled),
        ("dynamodb", "ResourceNotFoundException", Misconfigured),
        ("dynamodb", "AccessDeniedException", Misconfigured),
        ("dynamodb", "ItemCollectionSizeLimitExceededException", TooLarge),
        ("dynamodb", "ValidationException", InvalidInput),
        ("s3", "NoSuchKey", NotFound),
        ("s3", "NoSuchBucket", Misconfigured),
        ("s3", "PreconditionFailed", Conflict),
        ("s3", "ConditionalRequestConflict", Throttled),
        ("secretsmanager", "ResourceNotFoundException", NotFound),
        ("sqs", "AWS.SimpleQueueService.NonExistentQueue", Misconfigured),
        ("sqs", "com.amazonaws.sqs#QueueDoesNotExist", Misconfigured),
        ("stepfunctions", "ExecutionAlreadyExists", Conflict),
        ("stepfunctions", "TaskTimedOut", NotFound),
        ("apigatewaymanagementapi", "GoneException", NotFound),
        ("sesv2", "TooManyRequestsException", Throttled),
        ("events", "InternalException", Uncertain),
    ],
)
def test_a_code_says_what_the_caller_may_do(service: str, code: str, ours: type[SupportMaxError]) -> None:
    assert type(translate(service, answered(code), writes=True)) is ours
    assert type(error_for(service, code, writes=True)) is ours


@pytest.mark.parametrize(
    ("reasons", "ours"),
    [
        (("None", "ConditionalCheckFailed"), Conflict),
        (("TransactionConflict", "None"), Conflict),
        (("ConditionalCheckFailed", "ThrottlingError"), Conflict),
        (("None", "ProvisionedThroughputExceeded"), Throttled),
        (("ThrottlingError",), Throttled),
        (("ItemCollectionSizeLimitExceeded", "ConditionalCheckFailed"), TooLarge),
        (("ValidationError",), InvalidInput),
        (("AccessDenied", "None"), Misconfigured),
        ((), Conflict),
    ],
)
def test_a_cancelled_transaction_is_known_by_its_reasons(reasons: tuple[str, ...], ours: type[SupportMaxError]) -> None:
    assert type(translate("dynamodb", cancelled(*reasons), writes=True)) is ours


def test_what_may_have_been_done_is_uncertain_for_a_write_alone() -> None:
    for error in (no_answer(), answered("InternalServerError", status=500), answered("Unheard", status=500)):
        assert type(translate("dynamodb", error, writes=True)) is Uncertain
        assert type(translate("dynamodb", error, writes=False)) is Unavailable
    for never_sent in (no_connection(), no_handshake(), answered("ServiceUnavailable", status=503)):
        assert type(translate("dynamodb", never_sent, writes=True)) is Unavailable


def test_a_certain_refusal_after_an_attempt_in_doubt_is_uncertain_but_a_conflict_stays_one() -> None:
    for code in ("ThrottlingException", "AccessDeniedException", "ServiceUnavailable"):
        assert type(translate("dynamodb", answered(code, doubt=True), writes=True)) is Uncertain
    conflict = answered("ConditionalCheckFailedException", doubt=True)
    assert type(translate("dynamodb", conflict, writes=True)) is Conflict
    assert type(translate("dynamodb", answered("ThrottlingException", doubt=True), writes=False)) is Throttled


def test_an_unheard_of_code_goes_by_its_status() -> None:
    assert meaning("dynamodb", answered("Unheard", status=503)) == "broken"
    assert meaning("dynamodb", answered("Unheard", status=429)) == "throttled"
    assert meaning("dynamodb", answered("Unheard", status=418)) == "wrong"


def test_a_throttled_call_says_when_to_come_back() -> None:
    late = answered("ThrottlingException")
    late.response["ResponseMetadata"]["HTTPHeaders"] = {"retry-after": "7"}
    error = translate("sqs", late, writes=True)
    assert isinstance(error, Throttled)
    assert error.after == 7


def test_s3_and_l1_an_error_tells_its_code_and_nothing_that_was_asked() -> None:
    asked = ClientError({"Error": {"Code": "ValidationException", "Message": "ann@example.com"}}, "PutItem")
    with (
        pytest.raises(InvalidInput, match="dynamodb PutItem: ValidationException") as refusal,
        translated("dynamodb", writes=True),
    ):
        raise asked
    assert "ann" not in str(refusal.value)


def test_a_read_timeout_is_a_class_of_its_own() -> None:
    assert meaning("s3", ReadTimeoutError(endpoint_url="https://x")) == "broken"
