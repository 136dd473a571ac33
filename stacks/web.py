"""The pages, with `web`: a bucket that only CloudFront reads. `aws s3 sync` brings the pages when there are any."""

from __future__ import annotations

from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.data import removal_policy
from stacks.places import Place


class Web(Construct):
    """Widget, desk and dashboards of one region."""

    def __init__(self, scope: Construct, place: Place, logs: s3.IBucket) -> None:
        super().__init__(scope, "Web")
        self.bucket = s3.Bucket(
            self,
            "Pages",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            server_access_logs_bucket=logs,
            server_access_logs_prefix="pages/",
            removal_policy=removal_policy(place),
        )
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"{place.named('pages')} {place.region}",
            default_root_object="index.html",
            log_bucket=logs,
            log_file_prefix="pages-door/",
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.S3BucketOrigin.with_origin_access_control(self.bucket),
                response_headers_policy=cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            ),
        )
