"""What AWS and its SDK raise, as errors of ours: one table, and `translated` round every request of an adapter.

Meanings: `conflict` a condition did not hold · `absent` nothing by that name · `throttled` not now · `large` over a
limit of the service · `invalid` the input · `wrong` settings, rights or keys of this account · `down` certainly
not done · `broken` perhaps done: Unavailable for a read, Uncertain for a write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore import exceptions as sdk

from adapters.aws.doubt import answer_in, in_doubt, unclear
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

EVERY_SERVICE: dict[str, tuple[str, ...]] = {
    "throttled": (
        "BandwidthLimitExceeded", "LimitExceededException", "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled",
        "RequestThrottledException", "SlowDown", "Throttled", "ThrottledException", "Throttling", "ThrottlingException",
        "TooManyRequestsException",
    ),
    "down": ("503", "ServiceUnavailable", "ServiceUnavailableException"),
    "broken": (
        "500", "502", "504", "InternalError", "InternalException", "InternalFailure", "InternalServerError",
        "InternalServerException", "InternalServiceError", "RequestTimeout", "RequestTimeoutException",
    ),
    "large": ("413", "RequestEntityTooLarge", "RequestTooLargeException"),
    "invalid": ("400", "BadRequestException", "SerializationException", "ValidationError", "ValidationException"),
    "wrong": (
        "401", "403", "AccessDenied", "AccessDeniedException", "ExpiredToken", "ExpiredTokenException",
        "ForbiddenException", "IncompleteSignature", "InvalidAccessKeyId", "InvalidClientTokenId",
        "InvalidSignatureException", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
        "NotAuthorized", "OptInRequired", "RequestExpired", "RequestTimeTooSkewed", "SignatureDoesNotMatch",
        "UnknownOperationException", "UnrecognizedClientException",
    ),
}  # fmt: skip
BY_SERVICE: dict[str, dict[str, tuple[str, ...]]] = {
    "dynamodb": {
        "conflict": (
            "ConditionalCheckFailed", "ConditionalCheckFailedException", "ReplicatedWriteConflictException",
            "TransactionConflict", "TransactionConflictException",
        ),
        "throttled": ("ProvisionedThroughputExceeded", "ThrottlingError"),
        "broken": ("TransactionInProgressException",),
        "large": ("ItemCollectionSizeLimitExceeded", "ItemCollectionSizeLimitExceededException"),
        "wrong": ("AccessDenied", "IdempotentParameterMismatchException", "ResourceNotFoundException"),
    },
    "s3": {
        "conflict": ("412", "PreconditionFailed"),
        "throttled": ("409", "ConditionalRequestConflict", "OperationAborted"),  # another write is under way
        "absent": ("404", "NoSuchKey"),
        "large": ("EntityTooLarge", "MaxMessageLengthExceeded"),
        "invalid": ("InvalidArgument", "InvalidRequest", "InvalidWriteOffset", "KeyTooLongError", "TooManyParts"),
        "wrong": (
            "AllAccessDisabled", "EncryptionTypeMismatch", "InvalidObjectState", "NoSuchBucket",
            "ObjectNotInActiveTierError", "PermanentRedirect",
            "KMS.DisabledException", "KMS.InvalidStateException", "KMS.KMSInvalidStateException",
            "KMS.NotFoundException",
        ),
    },
    "secretsmanager": {
        "conflict": ("ResourceExistsException",),
        "absent": ("InvalidRequestException", "ResourceNotFoundException"),  # the first: it is being deleted
        "throttled": ("LimitExceededException", "PreconditionNotMetException"),
        "invalid": ("InvalidNextTokenException", "InvalidParameterException"),
        "wrong": ("DecryptionFailure", "EncryptionFailure", "MalformedPolicyDocumentException"),
    },
    "sqs": {
        "absent": ("MessageNotInflight", "ReceiptHandleIsInvalid", "ResourceNotFoundException"),
        "throttled": ("KmsThrottled", "OverLimit"),
        "large": ("BatchRequestTooLong", "TooManyEntriesInBatchRequest"),
        "invalid": (
            "BatchEntryIdsNotDistinct", "EmptyBatchRequest", "InvalidAttributeName", "InvalidAttributeValue",
            "InvalidBatchEntryId", "InvalidIdFormat", "InvalidMessageContents",
        ),
        "wrong": (
            "InvalidAddress", "InvalidSecurity", "KmsAccessDenied", "KmsDisabled", "KmsInvalidKeyUsage",
            "KmsInvalidState", "KmsNotFound", "KmsOptInRequired", "QueueDoesNotExist", "UnsupportedOperation",
        ),
    },
    "stepfunctions": {
        "conflict": ("ExecutionAlreadyExists",),
        "absent": ("ExecutionDoesNotExist", "InvalidToken", "TaskDoesNotExist", "TaskTimedOut"),
        "throttled": ("ExecutionLimitExceeded", "KmsThrottlingException"),
        "invalid": ("InvalidExecutionInput", "InvalidName", "InvalidOutput"),
        "wrong": (
            "InvalidArn", "KmsAccessDeniedException", "KmsInvalidStateException", "ResourceNotFound",
            "StateMachineDeleting", "StateMachineDoesNotExist", "StateMachineTypeNotSupported",
        ),
    },
    "scheduler": {
        "conflict": ("ConflictException",),
        "absent": ("ResourceNotFoundException",),
        "throttled": ("ServiceQuotaExceededException",),
    },
    "apigatewaymanagementapi": {
        "absent": ("410", "GoneException"),
        "large": ("PayloadTooLargeException",),
    },
    "sesv2": {
        "invalid": ("MessageRejected",),
        "wrong": (
            "AccountSuspendedException", "MailFromDomainNotVerifiedException", "NotFoundException",
            "SendingPausedException",
        ),
    },
}  # fmt: skip
FIRST_OF_REASONS = ("wrong", "invalid", "large", "conflict", "throttled", "broken")  # of a cancelled transaction
DOWN = (
    sdk.EndpointConnectionError, sdk.ConnectTimeoutError, sdk.ProxyConnectionError, sdk.SSLError,
    sdk.CapacityNotAvailableError, sdk.MetadataRetrievalError,
)  # fmt: skip
NO_CREDENTIALS = (sdk.NoCredentialsError, sdk.PartialCredentialsError, sdk.ProfileNotFound)
SIGN_IN = "Name credentials: AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
BROKEN = (sdk.ChecksumError, sdk.FlexibleChecksumError, sdk.IncompleteReadError)


@contextmanager
def translated(service: str, *, writes: bool) -> Iterator[None]:
    """Raise what the SDK raises inside as one of our errors; `service` is botocore's name of it."""
    try:
        yield
    except (sdk.ClientError, sdk.BotoCoreError) as error:
        raise translate(service, error, writes=writes) from error


def translate(service: str, error: Exception, *, writes: bool) -> SupportMaxError:
    """Our error for the SDK's; it names the operation and the code, never what was asked or answered (S3, L1)."""
    if isinstance(error, NO_CREDENTIALS):
        return Misconfigured(f"{service}: {error}. {SIGN_IN}")
    found = meaning(service, error)
    if writes and found != "conflict" and in_doubt(error):
        found = "broken"
    where = f"{service} {getattr(error, 'operation_name', '')}".rstrip()
    return _OURS[found](f"{where}: {code_of(error) or type(error).__name__}", error, writes)


def error_for(service: str, code: str, *, writes: bool) -> SupportMaxError:
    """Our error for a code that stands inside an answer, as of one entry of a batch."""
    return _OURS[_meaning_of_code(service, _bare(code))](f"{service}: {code}", None, writes)


def meaning(service: str, error: Exception) -> str:
    """One of the meanings above."""
    if isinstance(error, sdk.ClientError):
        if code_of(error) == "TransactionCanceledException":
            return _meaning_of_reasons(service, error)
        return _meaning_of_code(service, code_of(error), error)
    if isinstance(error, DOWN):
        return "down"
    if unclear(error) or isinstance(error, BROKEN):
        return "broken"
    return "wrong"


def code_of(error: Exception) -> str:
    """AWS's own code of an error without the prefixes that some protocols give it, "" where there is none."""
    return _bare(str(answer_in(error).get("Error", {}).get("Code", "")))


def _meaning_of_code(service: str, code: str, error: sdk.ClientError | None = None) -> str:
    for table in (BY_SERVICE.get(service, {}), EVERY_SERVICE):
        for found, codes in table.items():
            if code in codes:
                return found
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) if error else 0
    return "broken" if status >= 500 else "throttled" if status == 429 else "wrong"


def _meaning_of_reasons(service: str, error: sdk.ClientError) -> str:
    """The reason that a caller can do least about; where no row tells one, another transaction was in the way."""
    reasons = {_bare(reason.get("Code") or "None") for reason in error.response.get("CancellationReasons", [])}
    found = {_meaning_of_code(service, code) for code in reasons - {"None"}}
    return next((each for each in FIRST_OF_REASONS if each in found), "conflict")


def _bare(code: str) -> str:
    """`QueueDoesNotExist` of `com.amazonaws.sqs#QueueDoesNotExist` and `AWS.SimpleQueueService.…`."""
    code = code.rsplit("#", 1)[-1].removeprefix("AWS.SimpleQueueService.")
    return {"NonExistentQueue": "QueueDoesNotExist"}.get(code, code)


def _seconds(error: Exception) -> float:
    headers = answer_in(error).get("ResponseMetadata", {}).get("HTTPHeaders", {})
    asked = str(headers.get("retry-after", ""))
    return float(min(int(asked), 60)) if asked.isdecimal() else 1.0


_OURS: dict[str, Callable[[str, Any, bool], SupportMaxError]] = {
    "conflict": lambda text, error, writes: Conflict(text),
    "absent": lambda text, error, writes: NotFound(text, field="name", action="check the name"),
    "throttled": lambda text, error, writes: Throttled(text, after=_seconds(error)),
    "large": lambda text, error, writes: TooLarge(text),
    "invalid": lambda text, error, writes: InvalidInput(text, field="request", action="mend what was asked"),
    "wrong": lambda text, error, writes: Misconfigured(text),
    "down": lambda text, error, writes: Unavailable(text),
    "broken": lambda text, error, writes: (Uncertain if writes else Unavailable)(text),
}
