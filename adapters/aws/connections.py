"""Live WebSocket connections of API Gateway; who listens to what stands in rows that expire (C1 to C3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from botocore.exceptions import ClientError

from adapters.aws.clients import Clients
from adapters.aws.errors import code_of, translated
from adapters.aws.settings import AwsSettings
from shared.errors import InvalidInput, Throttled, Unavailable, Uncertain
from shared.ports.clock import Clock
from shared.ports.limits import MAX_PUSH_BYTES, encode_message
from shared.ports.records import MAX_BATCH_ROWS, Batch, Delete, Put, Records

LONGEST_SECONDS = 2 * 3600 + 300  # API Gateway ends a connection after two hours
MEMBER = "MEMBER|"
TOPIC = "TOPIC|"
GONE = frozenset({"GoneException", "410", "BadRequestException"})  # the last: an id that it never gave out
LOST = (Throttled, Unavailable, Uncertain)


class AwsConnections:
    """The `connections` port. A topic's members are rows of its tenant; beside them each connection has a partition
    with its topics, so that it can be forgotten by its id alone, which is all that a disconnect tells.
    """

    def __init__(self, clients: Clients, settings: AwsSettings, records: Records, clock: Clock) -> None:
        self._clients, self._url = clients, settings.socket_url
        self._records, self._clock = records, clock

    def join(self, connection: str, topic: str) -> None:
        """Tell `connection` what happens on `topic` from now on; what leads to the member's row is written first."""
        expires = self._clock.now() // 1000 + LONGEST_SECONDS
        self._put(connection_partition(connection), TOPIC + topic, {"topic": topic}, expires)
        self._put(topic_partition(topic), MEMBER + key_of(connection), {"connection": connection}, expires)

    def leave(self, connection: str) -> None:
        """Forget a connection."""
        partition, member = connection_partition(connection), Delete(MEMBER + key_of(connection))
        rows = self._records.query(partition, prefix=TOPIC)
        for row in rows:
            self._records.write(Batch(topic_partition(row.body["topic"]), (member,)))
        for first in range(0, len(rows), MAX_BATCH_ROWS):
            found = rows[first : first + MAX_BATCH_ROWS]
            self._records.write(Batch(partition, tuple(Delete(row.row) for row in found)))

    def members(self, topic: str) -> Sequence[str]:
        """The connections that listen on `topic`."""
        rows = self._records.query(topic_partition(topic), prefix=MEMBER)
        return tuple(str(row.body["connection"]) for row in rows)

    def push(self, connection: str, body: dict[str, Any]) -> bool:
        """Send now. A connection that is gone is forgotten (C1); a push that cannot be sent now is lost (C2)."""
        text = encode_message(body, f"push to {connection}", at_most=MAX_PUSH_BYTES)
        try:
            return self._post(connection, text) or self._forget(connection)
        except LOST:
            return False

    def _post(self, connection: str, text: str) -> bool:
        """False where nobody is there any more."""
        client = self._clients.of("apigatewaymanagementapi", endpoint=self._url)
        with translated("apigatewaymanagementapi", writes=True):
            try:
                client.post_to_connection(ConnectionId=connection, Data=text.encode())
            except ClientError as error:
                if code_of(error) in GONE:
                    return False
                raise
        return True

    def _forget(self, connection: str) -> bool:
        self.leave(connection)
        return False

    def _put(self, partition: str, row: str, body: dict[str, Any], expires: int) -> None:
        self._records.write(Batch(partition, (Put(row, body, expires_at=expires),)))


def topic_partition(topic: str) -> str:
    """Where a topic's members stand: `T|<tenant>|L|<the rest of the topic>`."""
    tenant, _, rest = topic.partition("|")
    if not tenant or not rest:
        limit = "tenant|conversation or tenant|desk"
        raise InvalidInput(f"topic {topic!r}", field="topic", limit=limit, action="name the tenant first")
    return f"T|{tenant}|L|{rest}"


def connection_partition(connection: str) -> str:
    """Where a connection's topics stand; no tenant, because a disconnect tells none."""
    return f"L|{key_of(connection)}"


def key_of(connection: str) -> str:
    """A connection's id as part of a key: API Gateway's ids may hold what a key may not."""
    return quote(connection, safe="=+")
