"""What every provider's `connections` must do: C1 to C3."""

from __future__ import annotations

from typing import Any, Protocol

import pytest

from shared.errors import TooLarge
from shared.ports.connections import Connections
from tests.contract.queue import body_of


class HasConnections(Protocol):
    """The part of a provider that this contract uses."""

    @property
    def connections(self) -> Connections: ...


class ConnectionsContract:
    """C1 to C3; a subclass supplies `provider`, `connect` and `disconnect`."""

    def connect(self, provider: Any) -> tuple[str, list[dict[str, Any]]]:
        """Open a live connection: its id, and the list that what arrives is added to."""
        raise NotImplementedError

    def disconnect(self, provider: Any, connection: str) -> None:
        """Cut a connection without telling the port."""
        raise NotImplementedError

    def test_a_push_arrives(self, provider: HasConnections) -> None:
        connection, arrived = self.connect(provider)
        assert provider.connections.push(connection, {"reply": "é"}) is True
        assert arrived == [{"reply": "é"}]

    def test_a_topic_has_those_who_joined_and_did_not_leave(self, provider: HasConnections) -> None:
        (first, _), (second, _) = self.connect(provider), self.connect(provider)
        for connection in (first, second, first):
            provider.connections.join(connection, "t1|c1")
        provider.connections.join(first, "t1|desk")
        assert sorted(provider.connections.members("t1|c1")) == sorted([first, second])
        provider.connections.leave(first)
        provider.connections.leave(first)
        assert list(provider.connections.members("t1|c1")) == [second]
        assert list(provider.connections.members("t1|desk")) == []

    def test_c1_a_push_to_one_that_is_gone_is_false_and_forgets_it(self, provider: HasConnections) -> None:
        connection, _ = self.connect(provider)
        provider.connections.join(connection, "t1|c1")
        self.disconnect(provider, connection)
        assert provider.connections.push(connection, {}) is False
        assert list(provider.connections.members("t1|c1")) == []
        assert provider.connections.push("never-connected", {}) is False

    def test_c2_a_push_is_not_kept_for_who_comes_later(self, provider: HasConnections) -> None:
        gone, _ = self.connect(provider)
        provider.connections.join(gone, "t1|c1")
        self.disconnect(provider, gone)
        provider.connections.push(gone, {"reply": "lost"})
        connection, arrived = self.connect(provider)
        provider.connections.join(connection, "t1|c1")
        assert provider.connections.push(connection, {"reply": "next"}) is True
        assert arrived == [{"reply": "next"}]

    def test_c3_a_body_of_32_kilobytes_arrives_and_a_larger_one_is_refused(self, provider: HasConnections) -> None:
        connection, arrived = self.connect(provider)
        assert provider.connections.push(connection, body_of(32 * 1024))
        with pytest.raises(TooLarge):
            provider.connections.push(connection, body_of(32 * 1024 + 1))
        assert len(arrived) == 1
