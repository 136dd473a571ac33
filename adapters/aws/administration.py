"""What an administrator does to a deployed stage with their own rights: add tenants, make keys, list who is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.clients import Clients
from adapters.aws.errors import NO_CREDENTIALS, SIGN_IN
from adapters.aws.provider import open_provider
from adapters.aws.settings import AwsSettings
from shared.access.api_keys import make_api_key, need_pepper, store_api_key
from shared.access.roles import ROLES
from shared.company.article_files import load_articles
from shared.company.company import FOLDER
from shared.dispatch import resolve
from shared.errors import Misconfigured, NotFound, WrongState
from shared.knowledge.library import read_current
from shared.ports.tenants import Home, check_tenant

OUTPUTS = {"RecordsTable", "LedgerTable", "DocumentsBucket"}
KEY_NAME = "first key"
FIRST_ROLE = "supervisor"  # the role of a tenant's first person
PERMISSIONS = (
    "conversations:read",
    "conversations:write",
    "channels:write",
)  # of a program; people decide and take over


@dataclass(frozen=True, slots=True)
class Added:
    """A new tenant; `key` is an API key that nobody can read again, `articles` how many were published."""

    tenant: str
    region: str
    articles: int
    groups: tuple[str, ...]
    key: str


class DeployedStage:
    """One stage in one region, found by the outputs of its data stack; raises Misconfigured where there is none."""

    def __init__(self, stage: str, region: str) -> None:
        self.region, self._clients = region, Clients(region)
        outputs = self._outputs(f"supportmax-{stage}-data")
        if missing := sorted(OUTPUTS - set(outputs)):
            raise Misconfigured(f"supportmax-{stage}-data does not tell {', '.join(missing)}: deploy it again")
        self._pool = outputs.get("UserPool", "")
        settings = AwsSettings(
            stage=stage,
            region=region,
            records_table=outputs["RecordsTable"],
            ledger_table=outputs["LedgerTable"],
            documents_bucket=outputs["DocumentsBucket"],
            directory_table=f"supportmax-{stage}-tenants",
            secrets_prefix=f"supportmax/{stage}/",
        )
        self.provider = open_provider(settings, clients=self._clients)

    def add(self, tenant: str, operator: str = "", mail: str = "") -> Added:
        """Give a new tenant its articles, its roles, its first operator (id and mail address) and a key, then its home.

        The home comes last: what broke off before it can be begun again, and serves nobody until then.
        """
        if home := self._home(tenant):
            raise WrongState(f"at home in {home.region}", field="tenant", limit="a new one", action="see `tenant key`")
        with explained():
            articles, groups = self._publish(tenant), self._make_groups(tenant)
            if operator:
                self._invite(tenant, operator, mail)
            key = self._new_key(tenant, KEY_NAME)
            home = self.provider.tenants.add(tenant, self.region)
        return Added(tenant, home.region, articles, groups, key)

    def make_key(self, tenant: str, name: str) -> str:
        """Another API key of a tenant that is at home here; raises NotFound where it is not."""
        home, region = self._home(tenant), self.region
        if home is None or home.region != region:
            raise NotFound(f"no tenant {tenant}", field="tenant", limit=f"at home in {region}", action="add it first")
        with explained():
            return self._new_key(tenant, name)

    def homes(self) -> Sequence[Home]:
        """The tenants whose home this region is."""
        with explained():
            return self.provider.tenants.at_home(self.region)

    def _home(self, tenant: str) -> Home | None:
        check_tenant(tenant)
        try:
            with explained():
                return self.provider.tenants.home(tenant)
        except NotFound:
            return None

    def _outputs(self, stack: str) -> dict[str, str]:
        with explained():
            found = self._clients.of("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in found[0].get("Outputs", ())}

    def _publish(self, tenant: str) -> int:
        """The shipped articles, where the tenant has none; how many were published."""
        if read_current(self.provider.documents, tenant) is not None:
            return 0
        articles = load_articles(FOLDER / "articles")
        handler = resolve("knowledge.publish")
        task = handler.reads.validate_python({"tenant": tenant, "articles": [asdict(each) for each in articles]})
        handler.call(task, documents=self.provider.documents)
        return len(articles)

    def _make_groups(self, tenant: str) -> tuple[str, ...]:
        """A group a role in the stage's own user pool; none where the company has an identity provider."""
        if not self._pool:
            return ()
        groups = tuple(f"{tenant}.{role}" for role in ROLES)
        for group in groups:
            self._once("GroupExistsException", "create_group", UserPoolId=self._pool, GroupName=group)
        return groups

    def _invite(self, tenant: str, operator: str, mail: str) -> None:
        """Cognito mails the person a first password; they choose their own, and a second factor.

        Their user name is the operator's id: under it they act (shared/access/roles.py).
        """
        if not self._pool:
            raise Misconfigured("this stage has no user pool: make the person in your own identity provider")
        told = [{"Name": "email", "Value": mail}, {"Name": "email_verified", "Value": "true"}]
        self._once(
            "UsernameExistsException",
            "admin_create_user",
            UserPoolId=self._pool,
            Username=operator,
            UserAttributes=told,
            DesiredDeliveryMediums=["EMAIL"],
        )
        self._cognito.admin_add_user_to_group(
            UserPoolId=self._pool, Username=operator, GroupName=f"{tenant}.{FIRST_ROLE}"
        )

    def _once(self, exists: str, operation: str, **parameters: Any) -> None:
        """Ask Cognito to make something that may be there."""
        try:
            getattr(self._cognito, operation)(**parameters)
        except ClientError as error:
            if error.response["Error"]["Code"] != exists:
                raise

    def _new_key(self, tenant: str, name: str) -> str:
        there = self.provider
        pepper = need_pepper(there.secrets, there.ids)
        key, row = make_api_key(there.ids, pepper, tenant, name, PERMISSIONS, there.clock.now())
        store_api_key(there.records, row)
        return key

    @property
    def _cognito(self) -> Any:
        return self._clients.of("cognito-idp")


@contextmanager
def explained() -> Iterator[None]:
    """What AWS refuses an administrator, as Misconfigured with AWS's own words."""
    try:
        yield
    except NO_CREDENTIALS as error:
        raise Misconfigured(f"AWS says: {error}. {SIGN_IN}") from error
    except (BotoCoreError, ClientError) as error:
        raise Misconfigured(f"AWS says: {error}") from error
