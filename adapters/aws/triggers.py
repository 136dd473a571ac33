"""What calls a function, and how its event is answered: one row for each trigger of the manifest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from adapters.aws.batches import answer_queue, answer_stream, do_all
from adapters.aws.envelopes import (
    DYNAMODB,
    S3,
    SQS,
    Event,
    find_text,
    read_events,
    read_fact,
    read_message,
    read_records,
    read_stored_mail,
    read_timer,
    refuse,
)
from adapters.aws.provider import AwsProvider
from shared.access.homes import is_home, need_home
from shared.dispatch import Application
from shared.manifest import Function

Answer = Callable[[Event, Any], Any]


@dataclass(frozen=True, slots=True)
class Host:
    """A function at work: what it hosts, on which ports; `note` tells a failure that is not raised."""

    function: Function
    app: Application
    provider: AwsProvider
    note: Callable[[Exception], None]

    def call(self, payload: Any) -> Any:
        """The handler that the function is named after."""
        return self.app.call(self.function.name, payload)

    def acts_for(self, tenant: str) -> bool:
        """Whether the tenant is at home here; another region's is left alone, and that is told."""
        if is_home(self.provider.tenants, tenant):
            return True
        self.provider.telemetry.fact("left_alone", tenant=tenant, function=self.function.name)
        return False

    def park(self, error: Exception) -> None:
        """What can never be read: told, counted, and not asked for again."""
        self.provider.telemetry.count("messages_parked")
        self.note(error)


def on_task(host: Host) -> Answer:
    return lambda event, _: host.app.call_task(host.function.name, event)


def on_direct(host: Host) -> Answer:
    return lambda event, _: host.call(event)


def on_queue(host: Host) -> Answer:
    def start(record: Event) -> None:
        body = read_message(record)
        tenant = body.get("tenant") if isinstance(body, Mapping) else None
        if not isinstance(tenant, str) or host.acts_for(tenant):
            host.call(body)

    return lambda event, _: answer_queue(read_records(event, SQS), start, host.note)


def on_stream(host: Host) -> Answer:
    def tell(record: Event) -> None:
        tenant, events = read_events(record)
        if events and host.acts_for(tenant):
            host.call({"events": events})

    return lambda event, _: answer_stream(read_records(event, DYNAMODB), tell, host.note, host.park)


def on_event(host: Host) -> Answer:
    return lambda event, _: host.call(read_fact(event))


def on_minute(host: Host) -> Answer:
    """Every handler for every tenant that is at home here, or one timer's handler, which must be one of these."""
    names = [handler.name for handler in host.function.handlers]

    def answer(event: Event, _: Any) -> Any:
        timer = read_timer(event)
        if timer:
            handler = timer[0] if timer[0] in names else refuse("handler", ", ".join(names))
            tenant = find_text(timer[1], "tenant")
            return None if tenant and not host.acts_for(tenant) else host.app.call(handler, timer[1])
        tenants = host.provider.tenants
        homes = [home.tenant for home in tenants.at_home(tenants.here)]
        do_all([partial(host.app.call, name, {"tenant": each}) for each in homes for name in names], host.note)
        return {"tenants": len(homes)}

    return answer


def on_mail(host: Host) -> Answer:
    def take_in(record: Event) -> None:
        from adapters.aws.mail import read_arriving

        stored = read_stored_mail(record)
        if stored:
            tenant = stored.tenant or host.provider.settings.tenant
            need_home(host.provider.tenants, tenant)
            host.call(read_arriving(host.provider.clients, host.provider.documents, stored, tenant))

    return lambda event, _: do_all([partial(take_in, each) for each in read_records(event, S3)], host.note)


def on_receipt(host: Host) -> Answer:
    from adapters.aws.receipts import read_receipt

    def settle(event: Event, _: Any) -> Any:
        receipt = read_receipt(event, host.provider.settings.tenant)
        return host.call(receipt) if receipt else None

    return settle


def on_http(host: Host) -> Answer:
    from adapters.aws.http import Http

    return Http(host.app, host.provider).answer


def on_socket(host: Host) -> Answer:
    from adapters.aws.socket import answer_socket

    return lambda event, _: answer_socket(host.app, host.provider.clients, host.provider.settings.socket_url, event)


TRIGGERS: dict[str, Callable[[Host], Answer]] = {
    "task": on_task,
    "queue:turns": on_queue,
    "stream": on_stream,
    "event": on_event,
    "minute": on_minute,
    "mail": on_mail,
    "receipt": on_receipt,
    "http": on_http,
    "socket": on_socket,
    "direct": on_direct,
}
