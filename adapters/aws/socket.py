"""The WebSocket API: what happens on a connection goes to the handlers of live connections, and back."""

from __future__ import annotations

from typing import Any

from adapters.aws.clients import Clients
from adapters.aws.envelopes import Event, SocketEvent, read_socket
from adapters.aws.errors import translated
from shared.dispatch import Application
from shared.errors import NotFound, PortError

DONE = {"statusCode": 200}
API = "apigatewaymanagementapi"


def answer_socket(app: Application, clients: Clients, url: str, event: Event) -> dict[str, int]:
    """One event of one connection; `url` is the API's own address, by which it is spoken to."""
    told = read_socket(event)
    connection = {"connection": told.connection}
    if told.kind == "CONNECT":
        app.call("realtime.connect", connection | {"conversation": told.conversation})
    elif told.kind == "DISCONNECT":
        app.call("realtime.disconnect", connection)
    else:
        _hear(app, clients, url, told)
    return DONE


def _hear(app: Application, clients: Clients, url: str, told: SocketEvent) -> None:
    """Nothing is answered while a connection opens or without a word; a code of ours is told, and then it ends."""
    heard: dict[str, Any] = app.call("realtime.message", {"connection": told.connection, "body": told.body})
    if heard["say"]:
        app.provider.connections.push(told.connection, heard["say"])
    if heard["close"]:
        app.call("realtime.disconnect", {"connection": told.connection})
        _end(clients, url, told.connection)


def _end(clients: Clients, url: str, connection: str) -> None:
    try:
        with translated(API, writes=True):
            clients.of(API, endpoint=url).delete_connection(ConnectionId=connection)
    except (NotFound, PortError):
        return  # gone already, or it ends by itself: it hears of nothing any more
