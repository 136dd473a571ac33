"""How people and mail come in: the HTTP API, the WebSocket API, mail, pages, and what stands before them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.aws import door
from functions.api.routes import ROUTES
from stacks.api import OPERATOR_ROUTES
from stacks.edge import HEADER
from tests.stacks.templates import FULL, Assembly, Template, of_type, run_app


def apis(template: Template, protocol: str) -> dict[str, dict[str, Any]]:
    found = of_type(template, "AWS::ApiGatewayV2::Api").items()
    return {name: api for name, api in found if api["ProtocolType"] == protocol}


def routes(template: Template, protocol: str) -> dict[str, dict[str, Any]]:
    (api,) = apis(template, protocol)
    found = of_type(template, "AWS::ApiGatewayV2::Route").values()
    return {route["RouteKey"]: route for route in found if route["ApiId"] == {"Ref": api}}


def stage(template: Template, protocol: str) -> dict[str, Any]:
    (api,) = apis(template, protocol)
    (found,) = [
        each for each in of_type(template, "AWS::ApiGatewayV2::Stage").values() if each["ApiId"] == {"Ref": api}
    ]
    return found


def test_everything_reaches_the_one_function_and_peoples_routes_want_a_token(either: Assembly) -> None:
    found = routes(either.platform(), "HTTP")
    assert {key for key, route in found.items() if route.get("AuthorizationType") == "JWT"} == set(OPERATOR_ROUTES)
    assert set(found) == {"$default", *OPERATOR_ROUTES}
    assert len({json.dumps(route["Target"]) for route in found.values()}) == 1


def test_the_routes_of_people_are_routes_of_the_api() -> None:
    """Every operator's route of the API's own table stands behind the authorizer, by method."""
    known = {
        f"{route.method} {route.path.split('<')[0].rstrip('/')}" + ("/{proxy+}" if "<" in route.path else "")
        for route in ROUTES
        if "/approvals" in route.path or "/handoffs" in route.path
    }
    assert known == set(OPERATOR_ROUTES)


def test_tokens_come_from_the_regions_pool_or_from_the_companys_provider(dev: Assembly, other: Assembly) -> None:
    (authorizer,) = of_type(dev.platform(), "AWS::ApiGatewayV2::Authorizer").values()
    assert "cognito-idp.us-east-1" in json.dumps(authorizer["JwtConfiguration"]["Issuer"])
    (authorizer,) = of_type(other.platform(), "AWS::ApiGatewayV2::Authorizer").values()
    assert authorizer["JwtConfiguration"] == {"Issuer": "https://id.example.com", "Audience": ["desk", "phone"]}
    assert of_type(other.data(), "AWS::Cognito::UserPool") == {}


def test_operators_are_invited_and_bring_a_second_factor(either: Assembly) -> None:
    (pool,) = of_type(either.data(), "AWS::Cognito::UserPool").values()
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert (pool["MfaConfiguration"], pool["EnabledMfas"]) == ("ON", ["SOFTWARE_TOKEN_MFA"])
    (client,) = of_type(either.data(), "AWS::Cognito::UserPoolClient").values()
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert "ALLOW_USER_PASSWORD_AUTH" not in client["ExplicitAuthFlows"]


def test_the_api_is_throttled_and_its_log_names_nobody(either: Assembly) -> None:
    found = stage(either.platform(), "HTTP")
    assert found["DefaultRouteSettings"]["ThrottlingRateLimit"] > 0
    line = json.loads(found["AccessLogSettings"]["Format"])
    assert {"request", "route", "status"} <= set(line)
    assert not [each for each in line.values() if "identity" in each or "path" in each.lower() or "query" in each]


def test_pages_elsewhere_are_let_in_by_name_only(full: Assembly, dev: Assembly) -> None:
    (api,) = apis(full.platform(), "HTTP").values()
    assert api["CorsConfiguration"]["AllowOrigins"] == ["https://desk.example.com"]
    (api,) = apis(dev.platform(), "HTTP").values()
    assert "CorsConfiguration" not in api


def test_the_socket_has_its_three_routes_and_is_throttled(either: Assembly) -> None:
    template = either.platform()
    assert set(routes(template, "WEBSOCKET")) == {"$connect", "$default", "$disconnect"}
    assert stage(template, "WEBSOCKET")["DefaultRouteSettings"]["ThrottlingBurstLimit"] > 0


def test_mail_is_stored_by_one_rule_of_a_set_that_is_not_ours(full: Assembly, dev: Assembly) -> None:
    template = full.platform("eu-west-1")
    (rule,) = of_type(template, "AWS::SES::ReceiptRule").values()
    assert (rule["RuleSetName"], rule["Rule"]["Recipients"]) == ("shared", ["support.example.com"])
    assert (rule["Rule"]["ScanEnabled"], rule["Rule"]["TlsPolicy"]) == (True, "Require")
    assert of_type(template, "AWS::SES::ReceiptRuleSet") == {}
    bucket = template["Resources"][rule["Rule"]["Actions"][0]["S3Action"]["BucketName"]["Ref"]]["Properties"]
    (listener,) = bucket["NotificationConfiguration"]["LambdaConfigurations"]
    alias = template["Resources"][listener["Function"]["Ref"]]["Properties"]
    function = template["Resources"][alias["FunctionName"]["Ref"]]["Properties"]
    assert function["FunctionName"] == "supportmax-prod-intake-email"
    assert of_type(dev.platform(), "AWS::SES::ReceiptRule") == {}


def test_only_our_rule_may_put_mail_into_the_bucket(full: Assembly) -> None:
    policies = of_type(full.platform(), "AWS::S3::BucketPolicy").values()
    (allowed,) = [
        statement
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        if statement.get("Principal") == {"Service": "ses.amazonaws.com"}
    ]
    assert allowed["Action"] == "s3:PutObject"
    assert allowed["Condition"]["StringEquals"] == {
        "aws:SourceAccount": "123456789012",
        "aws:SourceArn": "arn:aws:ses:us-east-1:123456789012:receipt-rule-set/shared:receipt-rule/supportmax-prod-mail",
    }


def test_what_became_of_a_mail_reaches_its_function(full: Assembly) -> None:
    template = full.platform()
    (destination,) = of_type(template, "AWS::SES::ConfigurationSetEventDestination").values()
    assert {"bounce", "complaint", "delivery"} <= set(destination["EventDestination"]["MatchingEventTypes"])
    (rule,) = [each for each in of_type(template, "AWS::Events::Rule").values() if "EventBusName" not in each]
    assert rule["EventPattern"]["source"] == ["aws.ses"]
    assert rule["EventPattern"]["detail"]["mail"]["tags"]["ses:configuration-set"] == ["supportmax-prod-mail"]


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_behind_a_front_the_api_answers_only_who_comes_by_it(full: Assembly, region: str) -> None:
    template = full.platform(region)
    (front,) = [
        each["DistributionConfig"]
        for each in of_type(template, "AWS::CloudFront::Distribution").values()
        if "WebACLId" in each["DistributionConfig"]
    ]
    assert front["WebACLId"] == {
        "Fn::GetStackOutput": {"StackName": "supportmax-prod-edge", "OutputName": "WebAcl", "Region": "us-east-1"}
    }
    (header,) = front["Origins"][0]["OriginCustomHeaders"]
    assert header["HeaderName"] == HEADER
    assert header["HeaderValue"].startswith("{{resolve:secretsmanager:supportmax/prod/origin:")
    told = [each["Environment"]["Variables"] for each in of_type(template, "AWS::Lambda::Function").values()]
    assert [each["SUPPORTMAX_FUNCTION"] for each in told if each.get("SUPPORTMAX_ORIGIN_SECRET")] == ["api"]


def test_the_front_is_made_after_the_secret_that_it_shows(full: Assembly) -> None:
    made = full.platform()["Resources"]
    (secret,) = [name for name, each in made.items() if each["Type"] == "AWS::SecretsManager::Secret"]
    fronts = [each for each in made.values() if "{{resolve:secretsmanager:" in json.dumps(each)]
    assert [each["DependsOn"] for each in fronts] == [[secret]]


def test_the_front_looks_into_no_body(full: Assembly) -> None:
    """Customers paste code and logs: a rule on bodies would turn them away."""
    (acl,) = of_type(full.templates["supportmax-prod-edge-us-east-1"], "AWS::WAFv2::WebACL").values()
    assert [rule["Name"] for rule in acl["Rules"]] == ["reputation", "rate"]


def test_the_header_is_the_one_that_the_api_reads() -> None:
    assert door.HEADER == HEADER


def test_pages_are_read_through_cloudfront_alone(full: Assembly, dev: Assembly) -> None:
    assert len(of_type(full.platform(), "AWS::CloudFront::OriginAccessControl")) == 1
    assert of_type(dev.platform(), "AWS::CloudFront::Distribution") == {}


def test_a_wrong_stage_ends_the_synthesis_with_the_legal_ones(tmp_path: Any) -> None:
    ended = run_app({**FULL, "stage": "production"}, tmp_path)
    assert ended.returncode != 0
    assert "not one of dev, staging, prod" in ended.stderr
