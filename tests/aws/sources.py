"""Where events wait for a function: a queue and a table's stream, taken from batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from tests.aws.envelopes import queue_record, stream_record
from tests.aws.wiring import Mapped, matches

Json = Any
Invoke = Callable[[str, Json], Json]  # a function's name and its event: its answer


class FunctionFailed(Exception):
    """A function that was called for its answer raised; the answer that Lambda made of it."""


class Source(Protocol):
    """Something that an event source mapping reads."""

    def take(self) -> bool:
        """Hand over one batch; False where nothing waits."""
        ...


class Queue:
    """A queue whose messages a function consumes."""

    def __init__(self, mapped: Mapped, sqs: Any, invoke: Invoke) -> None:
        self._mapped, self._sqs, self._invoke = mapped, sqs, invoke
        self._url = self._sqs.get_queue_url(QueueName=mapped.source.rsplit(":", 1)[1])["QueueUrl"]

    def take(self) -> bool:
        """One batch: what is not reported as failed is deleted, the rest is seen again at once."""
        asked = {"QueueUrl": self._url, "MaxNumberOfMessages": self._mapped.batch}
        found = self._sqs.receive_message(**asked, MessageSystemAttributeNames=["All"]).get("Messages", [])
        if found:
            failed = self._failed([queue_record(raw, self._mapped.source) for raw in found])
            for raw in found:
                self._end(raw["ReceiptHandle"], failed=raw["MessageId"] in failed)
        return bool(found)

    def _failed(self, records: list[Json]) -> set[str]:
        try:
            answer = self._invoke(self._mapped.function, {"Records": records}) or {}
        except FunctionFailed:
            return {each["messageId"] for each in records}
        return failures_in(answer) if self._mapped.partial else set()

    def _end(self, handle: str, *, failed: bool) -> None:
        named = {"QueueUrl": self._url, "ReceiptHandle": handle}
        if failed:
            self._sqs.change_message_visibility(**named, VisibilityTimeout=0)
        else:
            self._sqs.delete_message(**named)


class Stream:
    """A table's stream, whose records a function is told in order; one that fails holds up those behind it."""

    def __init__(self, mapped: Mapped, streams: Any, invoke: Invoke) -> None:
        self._mapped, self._streams, self._invoke = mapped, streams, invoke
        self._behind: list[Json] = []
        self._seen = self._tries = 0
        self.given_up: list[Json] = []

    def take(self) -> bool:
        """One batch, up to the first that fails; that one is told again, until it is given up."""
        self._behind += [each for each in self._read() if self._wanted(each)]
        batch = self._behind[: self._mapped.batch]
        if batch:
            failed = self._failed(batch)
            done = next((place for place, each in enumerate(batch) if number_of(each) in failed), len(batch))
            self._tries = 0 if done else self._tries + 1
            del self._behind[:done]
            self._give_up()
        return bool(batch)

    def _give_up(self) -> None:
        if self._tries > self._mapped.retries >= 0:
            self.given_up.append(self._behind.pop(0))
            self._tries = 0

    def _read(self) -> list[Json]:
        """What was written since; by its number, because moto's iterators do not outlive a refused transaction."""
        arn = self._mapped.source
        (shard,) = self._streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        number = int(shard["SequenceNumberRange"]["StartingSequenceNumber"]) + self._seen
        place = {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": str(number)}
        found = self._streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], **place)
        records = self._streams.get_records(ShardIterator=found["ShardIterator"])["Records"]
        self._seen += len(records)
        return [stream_record(each, arn) for each in records]

    def _wanted(self, record: Json) -> bool:
        filters = self._mapped.filters
        return not filters or any(matches(pattern, record) for pattern in filters)

    def _failed(self, records: list[Json]) -> set[str]:
        try:
            answer = self._invoke(self._mapped.function, {"Records": records}) or {}
        except FunctionFailed:
            return {number_of(each) for each in records}
        return failures_in(answer) if self._mapped.partial else set()


def failures_in(answer: Json) -> set[str]:
    """The identifiers that a partial batch response reports."""
    return {each["itemIdentifier"] for each in answer.get("batchItemFailures", ())}


def number_of(record: Json) -> str:
    return str(record["dynamodb"]["SequenceNumber"])
