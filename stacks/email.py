"""Mail: SES stores what arrives and the function reads it; what becomes of a sent mail comes back as an event."""

from __future__ import annotations

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ses as ses
from constructs import Construct

from shared.manifest import FUNCTIONS
from stacks.data import CLOSED, MAIL_DAYS, MAIL_LOGS, removal_policy
from stacks.functions import Functions
from stacks.places import Place

RECEIPTS = ("send", "reject", "bounce", "complaint", "delivery", "deliveryDelay")


class Email(Construct):
    """One domain in one region. The receipt rule set is not ours: only one can be active, all stages share it."""

    def __init__(self, scope: Construct, place: Place, functions: Functions, failures: str, logs: s3.IBucket) -> None:
        super().__init__(scope, "Email")
        self._place, self._functions = place, functions
        self._sending(failures)
        receivers = [function.name for function in FUNCTIONS if function.trigger == "mail"]
        if receivers:
            self._receiving(receivers[0], logs)

    def _receiving(self, receiver: str, logs: s3.IBucket) -> None:
        place, function = self._place, self._functions.aliases[receiver]
        bucket = self._bucket(logs, function.function_arn)
        function.add_permission(
            "Mail",
            principal=iam.ServicePrincipal("s3.amazonaws.com"),
            source_account=place.config.account,
            source_arn=f"arn:aws:s3:::{place.mail_bucket}",
        )
        bucket.node.add_dependency(function)  # S3 refuses a notification that it may not deliver
        name, rules = place.named("mail"), place.config.mail_rules
        rule_arn = place.arn("ses", f"receipt-rule-set/{rules}:receipt-rule/{name}")
        policy = s3.CfnBucketPolicy(
            self, "MailPolicy", bucket=bucket.ref, policy_document=_policy(place, bucket.attr_arn, rule_arn)
        )
        ses.CfnReceiptRule(
            self,
            "Rule",
            rule_set_name=rules,
            rule={
                "name": name,
                "enabled": True,
                "scanEnabled": True,
                "tlsPolicy": "Require",
                "recipients": [place.config.mail_domain],
                "actions": [{"s3Action": {"bucketName": bucket.ref}}],
            },
        ).node.add_dependency(policy)

    def _bucket(self, logs: s3.IBucket, function: str) -> s3.CfnBucket:
        encrypted = {"serverSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
        bucket = s3.CfnBucket(
            self,
            "Mail",
            bucket_name=self._place.mail_bucket,
            public_access_block_configuration=CLOSED,
            bucket_encryption={"serverSideEncryptionConfiguration": [encrypted]},
            ownership_controls={"rules": [{"objectOwnership": "BucketOwnerEnforced"}]},
            lifecycle_configuration={"rules": [{"status": "Enabled", "expirationInDays": MAIL_DAYS}]},
            logging_configuration={"destinationBucketName": logs.bucket_name, "logFilePrefix": MAIL_LOGS},
            notification_configuration={
                "lambdaConfigurations": [{"event": "s3:ObjectCreated:*", "function": function}]
            },
        )
        bucket.apply_removal_policy(removal_policy(self._place))
        return bucket

    def _sending(self, failures: str) -> None:
        place = self._place
        self.identity = ses.CfnEmailIdentity(self, "Domain", email_identity=place.config.mail_domain)
        configuration = ses.CfnConfigurationSet(
            self,
            "Sent",
            name=place.named("mail"),
            delivery_options={"tlsPolicy": "REQUIRE"},
            suppression_options={"suppressedReasons": ["BOUNCE", "COMPLAINT"]},
        )
        default_bus = place.arn("events", "event-bus/default")  # SES tells no other
        ses.CfnConfigurationSetEventDestination(
            self,
            "Events",
            configuration_set_name=configuration.ref,
            event_destination={
                "enabled": True,
                "matchingEventTypes": list(RECEIPTS),
                "eventBridgeDestination": {"eventBusArn": default_bus},
            },
        )
        for function in FUNCTIONS:
            if function.trigger == "receipt":
                self._receipts(function.name, failures)

    def _receipts(self, name: str, failures: str) -> None:
        place, function = self._place, self._functions.aliases[name]
        rule = events.CfnRule(
            self,
            "Receipts",
            name=place.named("receipts"),
            event_pattern={
                "source": ["aws.ses"],
                "detail": {"mail": {"tags": {"ses:configuration-set": [place.named("mail")]}}},
            },
            targets=[{"id": "function", "arn": function.function_arn, "deadLetterConfig": {"arn": failures}}],
        )
        function.add_permission(
            "Receipts", principal=iam.ServicePrincipal("events.amazonaws.com"), source_arn=rule.attr_arn
        )


def _policy(place: Place, bucket: str, rule: str) -> iam.PolicyDocument:
    """SES may add mails by this one rule; nobody may come without TLS."""
    return iam.PolicyDocument(
        statements=[
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("ses.amazonaws.com")],
                actions=["s3:PutObject"],
                resources=[f"{bucket}/*"],
                conditions={"StringEquals": {"aws:SourceAccount": place.config.account, "aws:SourceArn": rule}},
            ),
            iam.PolicyStatement(
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["s3:*"],
                resources=[bucket, f"{bucket}/*"],
                conditions={"Bool": {"aws:SecureTransport": "false"}},
            ),
        ]
    )
