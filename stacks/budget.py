"""What a month may cost, and who hears when it will cost more."""

from __future__ import annotations

from aws_cdk import aws_budgets as budgets
from constructs import Construct

from stacks.places import Place

FULL_BUDGET, NEAR_BUDGET = 100, 80  # percent


class Budget(Construct):
    """What all regions may cost a month; AWS asks nothing for watching it. It tells by mail, alone among the alarms."""

    def __init__(self, scope: Construct, place: Place) -> None:
        super().__init__(scope, "Budget")
        config = place.config
        budgets.CfnBudget(
            self,
            "Month",
            budget={
                "budgetName": place.named("month"),
                "budgetType": "COST",
                "timeUnit": "MONTHLY",
                "budgetLimit": {"amount": config.budget, "unit": "USD"},
                "costFilters": {"TagKeyValue": [f"user:application$supportmax-{config.stage}"]},
            },
            notifications_with_subscribers=[
                {
                    "notification": {
                        "notificationType": kind,
                        "comparisonOperator": "GREATER_THAN",
                        "threshold": share,
                        "thresholdType": "PERCENTAGE",
                    },
                    "subscribers": [{"subscriptionType": "EMAIL", "address": config.alarm_mail}],
                }
                for kind, share in (("ACTUAL", NEAR_BUDGET), ("FORECASTED", FULL_BUDGET))
            ],
        )
