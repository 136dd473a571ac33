"""Who operators are: a user pool of the region's own, or an identity provider that the company has already."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from stacks.data import removal_policy
from stacks.places import Place


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens are believed, and for whom they must be made."""

    url: str
    audience: list[str]


class Operators(Construct):
    """Operators sign in here; their groups, `<tenant>.operator | supervisor | admin`, are made with the tenant."""

    def __init__(self, scope: Construct, place: Place) -> None:
        super().__init__(scope, "Operators")
        self.pool = cognito.UserPool(
            self,
            "Pool",
            user_pool_name=place.named("operators"),
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(username=True, email=True),  # the user name is the operator's id
            sign_in_case_sensitive=False,
            mfa=cognito.Mfa.REQUIRED,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            password_policy=cognito.PasswordPolicy(
                min_length=14,
                require_digits=True,
                require_lowercase=True,
                require_uppercase=True,
                require_symbols=True,
            ),
            deletion_protection=place.config.rules.keep,
            removal_policy=removal_policy(place),
        )
        self.client = self.pool.add_client(
            "Desk",
            auth_flows=cognito.AuthFlow(user_srp=True),
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            disable_o_auth=True,
            access_token_validity=Duration.hours(1),
            id_token_validity=Duration.hours(1),
            refresh_token_validity=Duration.hours(12),
        )
        self.issuer = Issuer(
            f"https://cognito-idp.{place.region}.amazonaws.com/{self.pool.user_pool_id}",
            [self.client.user_pool_client_id],
        )


def issuer_of(place: Place, operators: Operators | None) -> Issuer:
    """The company's own provider where it has one, else the pool."""
    if operators is None:
        return Issuer(place.config.issuer, list(place.config.audience))
    return operators.issuer
