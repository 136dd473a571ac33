"""The list prices of prices.toml: what an amount of something costs, and who says so."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from shared.errors import Misconfigured

FILE = Path(__file__).with_name("prices.toml")
Amounts = Mapping[str, Decimal]  # by unit of prices.toml

# The first part of a unit -> the service that charges it.
SERVICES = {
    "lambda": "Lambda",
    "dynamodb": "DynamoDB",
    "states": "Step Functions",
    "api": "API Gateway",
    "events": "EventBridge",
    "scheduler": "EventBridge Scheduler",
    "sqs": "SQS",
    "logs": "CloudWatch Logs",
    "alarms": "CloudWatch alarms",
    "dashboards": "CloudWatch dashboards",
    "metrics": "CloudWatch metrics",
    "xray": "X-Ray",
    "s3": "S3",
    "ses": "SES",
    "secrets": "Secrets Manager",
    "parameters": "Parameter Store",
    "keys": "KMS",
    "waf": "WAF",
    "transfer": "Data transfer",
    "model": "Model",
}


@dataclass(frozen=True, slots=True)
class Price:
    """`usd` for every `per` of a unit, as `publisher` said on the day `read`; `verified`: it can be relied on."""

    usd: Decimal
    per: int
    read: date
    publisher: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Prices:
    """Every price by its unit; `dated` is the day on which they were collected."""

    dated: date
    region: str
    by_unit: Mapping[str, Price]

    def cost(self, amounts: Amounts) -> dict[str, Decimal]:
        """Dollars by unit; raises Misconfigured naming every unit without a price."""
        if missing := sorted(set(amounts) - set(self.by_unit)):
            raise Misconfigured(f"no price for {', '.join(missing)}: add it to adapters/aws/prices.toml")
        return {unit: amount * self.by_unit[unit].usd / self.by_unit[unit].per for unit, amount in amounts.items()}

    def total(self, amounts: Amounts) -> Decimal:
        """Dollars in all."""
        return sum(self.cost(amounts).values(), Decimal(0))

    def by_service(self, amounts: Amounts) -> dict[str, Decimal]:
        """Dollars by service, in the order of SERVICES."""
        found: dict[str, Decimal] = {}
        for unit, dollars in self.cost(amounts).items():
            service = service_of(unit)
            found[service] = found.get(service, Decimal(0)) + dollars
        return {service: found[service] for service in SERVICES.values() if service in found}

    def doubtful(self, units: Iterable[str]) -> list[str]:
        """Those of the units whose price is not verified, ascending."""
        return sorted(unit for unit in set(units) if not self.by_unit[unit].verified)


@cache
def read_prices(path: Path = FILE) -> Prices:
    """The price file."""
    text = tomllib.loads(path.read_text("utf-8"))
    rows = {unit: Price(**{**row, "usd": Decimal(row["usd"])}) for unit, row in text["prices"].items()}
    return Prices(text["dated"], text["region"], rows)


def service_of(unit: str) -> str:
    """Who charges a unit."""
    return SERVICES[unit.partition(".")[0]]


def add(*parts: Amounts) -> dict[str, Decimal]:
    """Amounts together, unit by unit."""
    units = dict.fromkeys(unit for part in parts for unit in part)
    return {unit: sum((part.get(unit, Decimal(0)) for part in parts), Decimal(0)) for unit in units}


def times(amounts: Amounts, factor: Decimal | int) -> dict[str, Decimal]:
    """Amounts so many times."""
    return {unit: amount * factor for unit, amount in amounts.items()}
