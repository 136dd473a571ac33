"""What is kept: the two tables, the buckets and the directory of tenants."""

from __future__ import annotations

from functools import cached_property

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.places import Place

PARTITION, ROW, EXPIRES = "pk", "sk", "expires"
MAIL_LOGS = "mail/"  # what the log of the mail bucket begins with
MAIL_DAYS, LOG_DAYS, OLD_VERSION_DAYS = 30, 90, 30


# The only doors of a bucket: neither its objects' lists nor its policy can open it to everybody.
CLOSED = {
    "blockPublicAcls": True,
    "blockPublicPolicy": True,
    "ignorePublicAcls": True,
    "restrictPublicBuckets": True,
}


def removal_policy(place: Place) -> RemovalPolicy:
    """What happens to data when its stack goes."""
    return RemovalPolicy.RETAIN if place.config.rules.keep else RemovalPolicy.DESTROY


class Tables(Construct):
    """Records, and the ledger on its own: regional, because no condition holds on a replicated table.

    They are encrypted under a key that AWS owns: what customers wrote is sealed under their own keys before it comes
    here, and a key of the account would cost a dollar a month for each region.
    """

    def __init__(self, scope: Construct, place: Place) -> None:
        super().__init__(scope, "Tables")
        self.records = self._table("Records", place)
        self.ledger = self._table("Ledger", place)

    @property
    def streams(self) -> dict[str, str]:
        """The ARN of each table's stream."""
        tables = {"records": self.records, "ledger": self.ledger}
        return {name: table.table_stream_arn or "" for name, table in tables.items()}

    def _table(self, name: str, place: Place) -> dynamodb.Table:
        return dynamodb.Table(
            self,
            name,
            partition_key=dynamodb.Attribute(name=PARTITION, type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name=ROW, type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            time_to_live_attribute=EXPIRES,
            stream=dynamodb.StreamViewType.NEW_IMAGE,
            deletion_protection=place.config.rules.keep,
            removal_policy=removal_policy(place),
        )


class Buckets(Construct):
    """Documents, raw mails, and the log of who reads them."""

    def __init__(self, scope: Construct, place: Place) -> None:
        super().__init__(scope, "Buckets")
        self._place = place
        self.logs = self._bucket(
            "Logs", s3.LifecycleRule(expiration=Duration.days(LOG_DAYS)), owner=_owner_of_logs(place)
        )
        self.documents = self._bucket(
            "Documents",
            s3.LifecycleRule(
                noncurrent_version_expiration=Duration.days(OLD_VERSION_DAYS),
                abort_incomplete_multipart_upload_after=Duration.days(1),
            ),
            versioned=True,
            log_to=self.logs,
        )
        if place.config.mail_domain:
            self._let_mail_log()

    def _let_mail_log(self) -> None:
        """The mail bucket is in another stack, and known by its name."""
        self.logs.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("logging.s3.amazonaws.com")],
                actions=["s3:PutObject"],
                resources=[self.logs.arn_for_objects(f"{MAIL_LOGS}*")],
                conditions={
                    "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{self._place.mail_bucket}"},
                    "StringEquals": {"aws:SourceAccount": self._place.config.account},
                },
            )
        )

    @cached_property
    def documents_arn(self) -> str:
        """The documents' ARN for another stack, under a name that can be read in its policies."""
        return Stack.of(self).export_value(self.documents.bucket_arn, name=self._place.named("documents")) or ""

    def _bucket(
        self,
        name: str,
        lifecycle: s3.LifecycleRule,
        *,
        owner: s3.ObjectOwnership = s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        versioned: bool = False,
        log_to: s3.Bucket | None = None,
    ) -> s3.Bucket:
        return s3.Bucket(
            self,
            name,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            object_ownership=owner,
            versioned=versioned,
            lifecycle_rules=[lifecycle],
            server_access_logs_bucket=log_to,
            server_access_logs_prefix=f"{name.lower()}/" if log_to else None,
            removal_policy=removal_policy(self._place),
        )


def _owner_of_logs(place: Place) -> s3.ObjectOwnership:
    """CloudFront delivers its logs by an access list, so a bucket that refuses lists would refuse its distribution."""
    if place.config.waf or place.config.web:
        return s3.ObjectOwnership.BUCKET_OWNER_PREFERRED
    return s3.ObjectOwnership.BUCKET_OWNER_ENFORCED


class Directory(Construct):
    """Which tenant is at home where, told to every region; no personal data, and nothing asks it for a condition."""

    def __init__(self, scope: Construct, place: Place) -> None:
        super().__init__(scope, "Directory")
        others = [region for region in place.config.regions if region != place.region]
        self.table = dynamodb.TableV2(
            self,
            "Tenants",
            table_name=place.named("tenants"),
            partition_key=dynamodb.Attribute(name=PARTITION, type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name=ROW, type=dynamodb.AttributeType.STRING),
            billing=dynamodb.Billing.on_demand(),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=place.config.rules.keep,
            removal_policy=removal_policy(place),
            replicas=[dynamodb.ReplicaTableProps(region=region) for region in others],
        )
