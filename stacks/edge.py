"""With `waf`: CloudFront before the API, a list of rules before CloudFront, and a secret that proves the way taken."""

from __future__ import annotations

from typing import Any

from aws_cdk import Duration, Fn, SecretValue
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from stacks.config import WAF_REGION
from stacks.places import Place

SECRET = "origin"  # noqa: S105 - a name; adapters/aws/http.py reads it
HEADER = "x-origin-verify"
STACK, OUTPUT = "edge", "WebAcl"
REQUESTS_AN_ADDRESS = 2000  # in five minutes
# Reputation only: customers paste code and logs, so a rule that looks into bodies would turn them away.
REPUTATION = "AWSManagedRulesAmazonIpReputationList"


class Rules(Construct):
    """The web ACL of all regions; CloudFront's live in one region alone."""

    def __init__(self, scope: Construct, place: Place) -> None:
        super().__init__(scope, "Rules")
        limit = {"limit": REQUESTS_AN_ADDRESS, "aggregateKeyType": "IP"}
        managed = {"vendorName": "AWS", "name": REPUTATION}
        self.acl = waf.CfnWebACL(
            self,
            "Acl",
            name=place.named("edge"),
            scope="CLOUDFRONT",
            default_action={"allow": {}},
            visibility_config=_counted(place.named("edge")),
            rules=[
                {
                    "name": "reputation",
                    "priority": 0,
                    "overrideAction": {"none": {}},
                    "statement": {"managedRuleGroupStatement": managed},
                    "visibilityConfig": _counted("reputation"),
                },
                {
                    "name": "rate",
                    "priority": 1,
                    "action": {"block": {}},
                    "statement": {"rateBasedStatement": limit},
                    "visibilityConfig": _counted("rate"),
                },
            ],
        )


class Front(Construct):
    """CloudFront before one region's API, which answers nobody who does not come by it."""

    def __init__(self, scope: Construct, place: Place, api: str, logs: s3.IBucket) -> None:
        super().__init__(scope, "Front")
        secret = secretsmanager.Secret(
            self,
            "Secret",
            secret_name=place.secrets + SECRET,
            generate_secret_string=secretsmanager.SecretStringGenerator(password_length=48, exclude_punctuation=True),
        )
        shown = SecretValue.secrets_manager(place.secrets + SECRET).unsafe_unwrap()  # CloudFormation puts the value in
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"{place.named('api')} {place.region}",
            web_acl_id=Fn.get_stack_output(place.named(STACK), OUTPUT, WAF_REGION),
            log_bucket=logs,
            log_file_prefix="api/",
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.HttpOrigin(
                    f"{api}.execute-api.{place.region}.amazonaws.com",
                    custom_headers={HEADER: shown},
                    read_timeout=Duration.seconds(30),
                ),
                allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
                cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
                origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            ),
        )
        self.distribution.node.add_dependency(secret)  # the reference by name tells CloudFormation of no order


def _counted(name: str) -> dict[str, Any]:
    return {"cloudWatchMetricsEnabled": True, "metricName": name, "sampledRequestsEnabled": False}
