"""What every provider's `channels` must do: H1 and H2."""

from __future__ import annotations

from typing import Any, Protocol

import pytest

from shared.errors import Unsupported
from shared.ports.channels import Channels, Outgoing


class HasChannels(Protocol):
    """The part of a provider that this contract uses."""

    @property
    def channels(self) -> Channels: ...


def any_reply(key: str = "r1", channel: str = "email") -> Outgoing:
    return Outgoing(key, channel, "customer@example.com", "Re: invoice", "Grüße", in_reply_to="<m1@example.com>")


class ChannelsContract:
    """H1 and H2; a subclass supplies `provider` and `sent`."""

    def sent(self, provider: Any) -> list[Outgoing]:
        """What has left through every channel."""
        raise NotImplementedError

    def test_h1_a_mail_that_was_sent_has_left_as_it_was(self, provider: HasChannels) -> None:
        provider.channels.send(any_reply())
        assert self.sent(provider) == [any_reply()]

    def test_h2_mail_does_not_drop_a_repeat_and_says_so(self, provider: HasChannels) -> None:
        assert provider.channels.deduplicates("email") is False

    def test_h2_a_channel_that_deduplicates_sends_a_key_once(self, provider: HasChannels) -> None:
        for channel in ("chat", "api", "email", "phone", "social", "mobile"):
            for _ in range(2):
                provider.channels.send(any_reply(key=f"r {channel}", channel=channel))
            left = sum(reply.channel == channel for reply in self.sent(provider))
            assert left in ((0, 1) if provider.channels.deduplicates(channel) else (1, 2))

    def test_an_unknown_channel_is_unsupported(self, provider: HasChannels) -> None:
        with pytest.raises(Unsupported):
            provider.channels.send(any_reply(channel="pigeon"))
        with pytest.raises(Unsupported):
            provider.channels.deduplicates("pigeon")
