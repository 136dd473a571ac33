"""Secrets Manager itself, as the provider puts it under the sealed secrets and the gateway."""

from __future__ import annotations

from adapters.aws.provider import AwsProvider
from adapters.aws.secrets import AwsSecrets


def secrets_manager(provider: AwsProvider) -> AwsSecrets:
    return AwsSecrets(provider.clients, provider.settings)
