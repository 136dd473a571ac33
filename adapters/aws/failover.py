"""A deployed stage as `supportmax failover` sees it: its directory, and its functions in any region, by own rights."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from adapters.aws.administration import explained
from adapters.aws.clients import Clients
from adapters.aws.clock import AwsClock
from adapters.aws.settings import AwsSettings
from adapters.aws.tenants import AwsTenants
from shared.errors import WrongState

LONGEST_SECONDS = 70  # an administrator waits as long as the function may run


class DeployedHomes:
    """The `Homes` of one stage on AWS."""

    def __init__(self, stage: str, client_in: Callable[[str], Any]) -> None:
        self._stage, self._client_in = stage, client_in

    def tenants(self, region: str) -> AwsTenants:
        """The directory as `region` has it."""
        settings = AwsSettings(stage=self._stage, region=region, directory_table=f"supportmax-{self._stage}-tenants")
        return AwsTenants(Clients(region), settings, AwsClock())

    def call(self, region: str, handler: str, payload: dict[str, Any]) -> Any:
        """Invoke a handler's own function; raises WrongState with the words of what it raised."""
        name = f"supportmax-{self._stage}-{handler.replace('.', '-')}"
        with explained():
            answer = self._client_in(region).invoke(FunctionName=name, Payload=json.dumps(payload))
            told = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            words = f"{told.get('errorType', 'Error')}: {told.get('errorMessage', '')}"
            raise WrongState(words, field=handler, action=f"{words} (supportmax-{self._stage} in {region})")
        return told


def patient_client(region: str) -> Any:
    """Lambda's client in a region."""
    from botocore.config import Config
    from botocore.session import Session

    config = Config(read_timeout=LONGEST_SECONDS, retries={"mode": "standard", "total_max_attempts": 1})
    return Session().create_client("lambda", region_name=region, config=config)


def open_homes(stage: str) -> DeployedHomes:
    """A stage whose name is known; nothing is asked of AWS yet."""
    return DeployedHomes(stage, patient_client)
