"""One region of a deployment, and what things are called there: names first, so that no stack waits for another."""

from __future__ import annotations

from dataclasses import dataclass

from shared.manifest import BY_NAME
from stacks.config import Config

ALIAS = "live"  # what every caller calls: a version goes live by moving it


@dataclass(frozen=True, slots=True)
class Place:
    """A deployment in one region; its account and region are known, so ARNs are plain text."""

    config: Config
    region: str

    def named(self, name: str) -> str:
        """The name of a thing in AWS."""
        return self.config.named(name)

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something here."""
        return f"arn:aws:{service}:{self.region}:{self.config.account}:{resource}"

    def function(self, handler: str) -> str:
        """The ARN under which the function is called that hosts a handler."""
        return self.arn("lambda", f"function:{self.named(BY_NAME[handler].deploy_with or handler)}:{ALIAS}")

    def machine(self, name: str) -> str:
        """The ARN of a state machine."""
        return self.arn("states", f"stateMachine:{self.named(name)}")

    @property
    def bus(self) -> str:
        """The name of the event bus."""
        return f"supportmax-{self.config.stage}"

    @property
    def timer_role(self) -> str:
        """The name of the role that timers act in; roles are named once for all regions."""
        return f"{self.named('timers')}-{self.region}"

    @property
    def secrets(self) -> str:
        """What the names of its secrets begin with."""
        return f"supportmax/{self.config.stage}/"

    @property
    def mail_bucket(self) -> str:
        """A fixed name, because SES, the bucket and the function it tells refer to each other in a ring."""
        return f"{self.named('mail')}-{self.config.account}-{self.region}"

    @property
    def mail_from(self) -> str:
        """The sender of replies by mail; without mail one that SES never lets send."""
        return f"support@{self.config.mail_domain or 'no-mail.invalid'}"
