"""What a deployment is told: read from the CDK context, typed, every wrong value named in one error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.errors import Misconfigured
from stacks.stages import STAGES, Stage

REGIONS = (
    "us-east-1", "us-east-2", "us-west-2", "ca-central-1", "sa-east-1",
    "eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-north-1", "eu-south-1",
    "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
)  # fmt: skip
NO_ACCOUNT = "123456789012"  # stands for the account in a synthesis without one
WAF_REGION = "us-east-1"  # CloudFront's web ACLs live nowhere else

Check = Callable[[str], str]  # the complaint about a value, "" where it is legal


@dataclass(frozen=True, slots=True)
class Config:
    """A deployment of one stage. `turns` is the kind of the turn's machine; `code` is built or placeholder.

    `alarm_mail` hears the alarms, `budget` is dollars a month, `cors` the origins of pages on other hosts,
    `mail_domain` receives mail through the receipt rule set `mail_rules`, `business_url` is the company's gateway,
    `issuer` and `audience` are an identity provider of one's own instead of the user pool, `waf` puts CloudFront and a
    web ACL before the API, `web` makes a home for pages, `nag` holds the templates to the AwsSolutions rules.
    """

    stage: str
    regions: tuple[str, ...]
    turns: str
    account: str = NO_ACCOUNT
    code: str = "built"
    tenant: str = "demo"
    alarm_mail: str = ""
    budget: int = 0
    cors: tuple[str, ...] = ()
    mail_domain: str = ""
    mail_rules: str = ""
    business_url: str = ""
    issuer: str = ""
    audience: tuple[str, ...] = ()
    waf: bool = False
    web: bool = False
    nag: bool = True

    @property
    def rules(self) -> Stage:
        """What its stage decides."""
        return STAGES[self.stage]

    @property
    def express(self) -> bool:
        """Whether turns run as Express executions."""
        return self.turns == "express"

    def named(self, name: str) -> str:
        """The name of a thing in AWS: `supportmax-dev-orchestrator-plan`."""
        return f"supportmax-{self.stage}-{name.replace('.', '-')}"


def _one_of(values: Iterable[str]) -> Check:
    legal = tuple(values)
    return lambda value: "" if value in legal else f"is {value!r}, not one of {', '.join(legal)}"


def _some_of(values: Iterable[str]) -> Check:
    legal = tuple(values)

    def check(value: str) -> str:
        given = _list(value)
        wrong = [name for name in given if name not in legal]
        if wrong or not given:
            return f"has {', '.join(map(repr, wrong)) or 'nothing'}, not of {', '.join(legal)}"
        return "" if len(set(given)) == len(given) else "names one twice"

    return check


def _like(pattern: str, said: str) -> Check:
    return lambda value: "" if re.fullmatch(pattern, value) else f"is {value!r}, not {said}"


_YES = _one_of(("true", "false"))
_HOST = r"[a-z0-9-]+(\.[a-z0-9-]+)+"

# Every context key of ours: what is legal, and what stands where it is absent.
KEYS: dict[str, tuple[Check, str]] = {
    "stage": (_one_of(STAGES), "dev"),
    "regions": (_some_of(REGIONS), REGIONS[0]),
    "turns": (_one_of(("express", "standard", "")), ""),
    "account": (_like(r"\d{12}", "twelve digits"), NO_ACCOUNT),
    "code": (_one_of(("built", "placeholder")), "built"),
    "tenant": (_like(r"[a-z0-9][a-z0-9_-]{0,62}", "a tenant's id (a-z, 0-9, _ and -)"), "demo"),
    "alarm_mail": (_like(r"([^@\s]+@[^@\s]+)?", "a mail address"), ""),
    "budget": (_like(r"\d{1,9}", "whole dollars a month (0: no budget)"), "0"),
    "cors": (_like(rf"(https://{_HOST}(:\d+)?,?)*", "origins like https://desk.example.com"), ""),
    "mail_domain": (_like(f"({_HOST})?", "a domain like support.example.com"), ""),
    "mail_rules": (_like(r"[A-Za-z0-9_-]{0,64}", "the name of a receipt rule set"), ""),
    "business_url": (_like(r"(https://\S+)?", "an https address"), ""),
    "issuer": (_like(r"(https://\S+)?", "an https address"), ""),
    "audience": (_like(r"\S*", "client ids, separated by commas"), ""),
    "waf": (_YES, "false"),
    "web": (_YES, "false"),
    "nag": (_YES, "true"),
}


def read_config(context: Mapping[str, Any]) -> Config:
    """The configuration in a CDK context; raises Misconfigured that lists everything wrong, with what is legal."""
    given = {key: _text(context[key]) for key in context if not re.search("[@:]", key)}  # CDK's own keys have these
    values = {key: given.get(key, default) for key, (_, default) in KEYS.items()}
    wrong = [f"{key} is no setting; there are {', '.join(KEYS)}" for key in given if key not in KEYS]
    wrong += _illegal(values) or _contradictions(values)
    if wrong:
        raise Misconfigured("; ".join(wrong))
    return _config(values)


def _illegal(values: Mapping[str, str]) -> list[str]:
    return [f"{key} {said}" for key, (check, _) in KEYS.items() if (said := check(values[key]))]


def _contradictions(values: Mapping[str, str]) -> list[str]:
    """Values that are legal alone and not together."""
    rules = {
        "mail_domain needs mail_rules, the receipt rule set that is active in each region": (
            values["mail_domain"] and not values["mail_rules"]
        ),
        "issuer and audience go together": bool(values["issuer"]) != bool(values["audience"]),
        "budget needs alarm_mail, which hears of it": values["budget"] != "0" and not values["alarm_mail"],
    }
    return [said for said, broken in rules.items() if broken]


def _config(values: Mapping[str, str]) -> Config:
    kept: dict[str, Any] = dict(values)
    kept["turns"] = values["turns"] or STAGES[values["stage"]].turns
    kept["budget"] = int(values["budget"])
    kept.update({key: _list(values[key]) for key in ("regions", "cors", "audience")})
    kept.update({key: values[key] == "true" for key in ("waf", "web", "nag")})
    return Config(**kept)


def _list(value: str) -> tuple[str, ...]:
    return tuple(part for part in value.split(",") if part)


def _text(value: object) -> str:
    """A value of cdk.json or of `-c key=value` as text: true, 3 and a list stand for "true", "3" and "a,b"."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
