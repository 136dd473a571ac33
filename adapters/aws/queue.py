"""A work queue on SQS standard queues: the tenant is the fair-queue group, a second queue keeps what failed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.aws.clients import Clients
from adapters.aws.errors import translated
from adapters.aws.settings import AwsSettings
from shared.errors import InvalidInput
from shared.ports.limits import encode_message
from shared.ports.queue import QueueMessage

LONGEST_DELAY_SECONDS = 900  # SQS allows no more
MOST_PEEKED = 1000
PEEK_SECONDS = 30
MOVE_SECONDS = 60
_A_BATCH = 10
_GROUP = re.compile(r"[!-~]{1,128}")
# SQS refuses these two characters; JSON may write them as escapes.
_NOT_IN_SQS = {0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"}


@dataclass(frozen=True, slots=True)
class QueueUrls:
    """Where a queue's work is, and what failed in it."""

    work: str
    dead: str


class AwsQueue:
    """The `queue` port (Q1 to Q9); Lambda's event source mapping consumes `work`, so this only sends and inspects.

    Visibility (≥ 6 × the consumer's timeout), 14 days of retention and five receives are set where the queue is made.
    """

    def __init__(
        self,
        clients: Clients,
        settings: AwsSettings,
        *,
        urls: Mapping[str, QueueUrls] | None = None,
        wait_seconds: int = 1,
    ) -> None:
        self._clients, self._wait_seconds = clients, wait_seconds
        turns = {"turns": QueueUrls(settings.turns_queue, settings.turns_dead_queue)}
        self._urls = turns if urls is None else urls

    def send(self, queue: str, body: dict[str, Any], *, group: str, delay_seconds: int = 0) -> None:
        """Enqueue (Q3); raises InvalidInput for a delay of more than 900 s, which only a timer can wait out."""
        if not 0 <= delay_seconds <= LONGEST_DELAY_SECONDS:
            limit = f"0 to {LONGEST_DELAY_SECONDS} seconds"
            raise InvalidInput("a delay", field="delay_seconds", limit=limit, action="set a timer for a longer wait")
        text = encode_message(body, f"queue {queue}")
        self._send(self._find(queue).work, text, group, delay_seconds)

    def dead_letters(self, queue: str, *, limit: int = 100) -> Sequence[QueueMessage]:
        """What failed too often, oldest first among the first 1,000 (Q6).

        `attempts` is the number of receives after which the queue gives up, since looking at a dead letter counts as
        one more; SQS keeps no error, so `last_error` is empty (the consumer's log has it).
        """
        urls = self._find(queue)
        found = self._peek(urls.dead)
        if not found:
            return []
        attempts = self._most_receives(urls.work)
        found.sort(key=lambda raw: int(raw["Attributes"]["SentTimestamp"]))
        return [_message(queue, raw, attempts) for raw in found[:limit]]

    def redrive(self, queue: str, *, limit: int = 100) -> int:
        """Send dead letters back to work as new messages (Q7); one that is sent and not yet deleted may come twice."""
        urls, moved = self._find(queue), 0
        while moved < limit:
            found = self._receive(urls.dead, min(_A_BATCH, limit - moved), MOVE_SECONDS)
            if not found:
                break
            for raw in found:
                self._send(urls.work, raw["Body"], raw["Attributes"].get("MessageGroupId", ""), 0)
                with translated("sqs", writes=True):
                    self._sqs.delete_message(QueueUrl=urls.dead, ReceiptHandle=raw["ReceiptHandle"])
            moved += len(found)
        return moved

    @property
    def _sqs(self) -> Any:
        return self._clients.of("sqs")

    def _find(self, queue: str) -> QueueUrls:
        try:
            return self._urls[queue]
        except KeyError as error:
            names = ", ".join(self._urls)
            raise InvalidInput(f"queue {queue!r}", field="queue", limit=names, action="name one of these") from error

    def _send(self, url: str, text: str, group: str, delay_seconds: int) -> None:
        fair: dict[str, Any] = {"MessageGroupId": _legal_group(group)} if group else {}
        if delay_seconds:
            fair["DelaySeconds"] = delay_seconds
        with translated("sqs", writes=True):
            self._sqs.send_message(QueueUrl=url, MessageBody=text.translate(_NOT_IN_SQS), **fair)

    def _peek(self, url: str) -> list[dict[str, Any]]:
        """Every message that can be seen, put back at once; where that fails they are seen again in 30 seconds."""
        seen: dict[str, dict[str, Any]] = {}
        for _ in range(MOST_PEEKED):
            found = self._receive(url, _A_BATCH, PEEK_SECONDS)
            seen |= {raw["MessageId"]: raw for raw in found}
            if not found or len(seen) >= MOST_PEEKED:
                break
        held = list(seen.values())
        for first in range(0, len(held), _A_BATCH):
            entries = [
                {"Id": str(number), "ReceiptHandle": raw["ReceiptHandle"], "VisibilityTimeout": 0}
                for number, raw in enumerate(held[first : first + _A_BATCH])
            ]
            with translated("sqs", writes=True):
                self._sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)
        return held

    def _receive(self, url: str, count: int, seconds: int) -> list[dict[str, Any]]:
        """Waiting a second asks every server of the queue; without it SQS may say "empty" of a queue that is not."""
        with translated("sqs", writes=False):
            answer = self._sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=count,
                VisibilityTimeout=seconds,
                WaitTimeSeconds=self._wait_seconds,
                MessageSystemAttributeNames=["MessageGroupId", "SentTimestamp"],
            )
        found: list[dict[str, Any]] = answer.get("Messages", [])
        return found

    def _most_receives(self, url: str) -> int:
        with translated("sqs", writes=False):
            answer = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])
        return int(json.loads(answer["Attributes"]["RedrivePolicy"])["maxReceiveCount"])


def _message(queue: str, raw: dict[str, Any], attempts: int) -> QueueMessage:
    group = raw["Attributes"].get("MessageGroupId", "")
    return QueueMessage(raw["MessageId"], queue, _body(raw["Body"]), group, attempts)


def _body(text: str) -> dict[str, Any]:
    """What was sent; a message that is not ours is shown too, because somebody has to see it."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return {"unreadable": text}
    return body if isinstance(body, dict) else {"unreadable": text}


def _legal_group(group: str) -> str:
    if not _GROUP.fullmatch(group):
        limit = "1 to 128 printable ASCII characters without a space"
        raise InvalidInput("a group", field="group", limit=limit, action="give the tenant's name")
    return group
