"""What is kept: regional tables that can be restored, a directory that every region reads, closed buckets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stacks.templates import FULL, THREE, Assembly, Template, of_type, synthesise

REGIONS = THREE.split(",")
DEV_AND_PROD = pytest.mark.parametrize(("context", "keeps"), [({}, False), (FULL, True)], ids=["dev", "prod"])


def data_of(template: Template, kind: str) -> list[dict[str, Any]]:
    return [made for made in template["Resources"].values() if made["Type"] == kind]


@pytest.mark.parametrize("region", REGIONS)
def test_records_and_ledger_are_tables_of_one_region(full: Assembly, region: str) -> None:
    template = full.data(region)
    assert len(of_type(template, "AWS::DynamoDB::Table")) == 2
    assert of_type(template, "AWS::DynamoDB::GlobalTable") == {}


def test_a_table_is_keyed_on_demand_restorable_and_told_of(either: Assembly) -> None:
    for table in of_type(either.data(), "AWS::DynamoDB::Table").values():
        assert table["KeySchema"] == [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ]
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
        assert table["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
        assert "SSESpecification" not in table  # the key that AWS owns: no dollar a month


@DEV_AND_PROD
def test_only_prod_refuses_to_lose_data(context: dict[str, str], keeps: bool) -> None:
    template = synthesise(**context).data()
    tables = data_of(template, "AWS::DynamoDB::Table")
    pools = data_of(template, "AWS::Cognito::UserPool")
    kept = [*tables, *pools, *data_of(template, "AWS::S3::Bucket")]
    assert {made["DeletionPolicy"] for made in kept} == {"Retain" if keeps else "Delete"}
    assert {made["Properties"]["DeletionProtectionEnabled"] for made in tables} == {keeps}
    assert {made["Properties"]["DeletionProtection"] for made in pools} == {"ACTIVE" if keeps else "INACTIVE"}


def test_the_directory_is_one_table_with_a_replica_in_each_region(full: Assembly, dev: Assembly) -> None:
    for assembly, regions in ((full, REGIONS), (dev, REGIONS[:1])):
        (table,) = of_type(assembly.directory(), "AWS::DynamoDB::GlobalTable").values()
        assert {replica["Region"] for replica in table["Replicas"]} == set(regions)
        assert all(each["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] for each in table["Replicas"])


def test_every_region_reads_the_directory_by_its_one_name(full: Assembly) -> None:
    (table,) = of_type(full.directory(), "AWS::DynamoDB::GlobalTable").values()
    for region in REGIONS:
        told = [
            made["Environment"]["Variables"].get("SUPPORTMAX_DIRECTORY_TABLE")
            for made in of_type(full.platform(region), "AWS::Lambda::Function").values()
        ]
        assert {name for name in told if name} == {table["TableName"]}


def test_a_bucket_is_closed_encrypted_and_swept(either: Assembly) -> None:
    buckets = [
        bucket
        for template in (either.data(), either.platform())
        for bucket in of_type(template, "AWS::S3::Bucket").values()
    ]
    for bucket in buckets:
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert bucket["OwnershipControls"]["Rules"][0]["ObjectOwnership"].startswith("BucketOwner")


def test_nobody_reads_a_bucket_or_a_queue_without_tls(full: Assembly) -> None:
    for template, kind in (
        (full.data(), "AWS::S3::Bucket"),
        (full.platform(), "AWS::S3::Bucket"),
        (full.platform(), "AWS::SQS::Queue"),
    ):
        policies = of_type(template, f"{kind}Policy").values()
        refusing = [
            policy
            for policy in policies
            for statement in policy["PolicyDocument"]["Statement"]
            if statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        ]
        assert len(refusing) == len(of_type(template, kind))


def writers_of_logs(assembly: Assembly) -> dict[str, dict[str, Any]]:
    """Under which condition the log of a bucket may be written, by what its name begins with."""
    (policy,) = [each for name, each in of_type(assembly.data(), "AWS::S3::BucketPolicy").items() if "Logs" in name]
    return {
        statement["Resource"]["Fn::Join"][1][-1]: statement.get("Condition", {})
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Principal"] == {"Service": "logging.s3.amazonaws.com"} and statement["Action"] == "s3:PutObject"
    }


def test_every_bucket_that_is_read_may_write_its_log(full: Assembly) -> None:
    logged = {
        f"/{bucket['LoggingConfiguration']['LogFilePrefix']}*"
        for template in (full.data(), full.platform())
        for bucket in of_type(template, "AWS::S3::Bucket").values()
        if "LoggingConfiguration" in bucket
    }
    assert logged == set(writers_of_logs(full)) == {"/documents/*", "/pages/*", "/mail/*"}


def test_with_mail_alone_its_bucket_and_no_other_writes_the_log_of_mail(dev: Assembly) -> None:
    mail = synthesise(mail_domain="support.example.com", mail_rules="shared")
    (bucket,) = [each for name, each in of_type(mail.platform(), "AWS::S3::Bucket").items() if "Mail" in name]
    assert writers_of_logs(mail)["/mail/*"] == {
        "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{bucket['BucketName']}"},
        "StringEquals": {"aws:SourceAccount": "123456789012"},
    }
    assert set(writers_of_logs(dev)) == {"/documents/*"}


def test_a_documents_older_versions_go_after_a_month(dev: Assembly) -> None:
    (documents,) = [each for name, each in of_type(dev.data(), "AWS::S3::Bucket").items() if "Documents" in name]
    (rule,) = documents["LifecycleConfiguration"]["Rules"]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert documents["VersioningConfiguration"] == {"Status": "Enabled"}
