"""Every sample event goes into the deployed function that it is for, while the machines that it starts really run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from adapters.aws.rehearsal import MAIL
from adapters.business.sandbox.sandbox import Sandbox
from adapters.local.seeding import articles_of
from shared.manifest import FUNCTIONS
from tests.aws.envelopes import REGION
from tests.aws.sources import FunctionFailed
from tests.aws.support import MAIL_BUCKET, Deployment
from tests.entry.stories import SAMPLES, STORIES, TENANT, furnish
from tests.stacks.templates import FULL

CONTEXT = FULL

HOST = {handler.name: function.name for function in FUNCTIONS for handler in function.handlers}
DECLARED = {"InvalidInput", "NotFound", "PartlyDone"}


def test_every_sample_goes_in(deployment: Deployment, tmp_path: Path) -> None:
    """The samples of a story in their order; wrong ones fail by a declared error, right ones do not."""
    deployment.company.sandbox = Sandbox(tmp_path)
    furnish(deployment.provider)
    deployment.provider.tenants.add(TENANT, REGION)
    deployment.cloud.call("knowledge.publish", {"tenant": TENANT, "articles": articles_of()})
    store_mails(deployment)
    told = [path for story in STORIES for path in story.samples()]
    alone = sorted(set(SAMPLES.glob("*/*.aws.json")) - set(told))
    failed = {f"{path.parent.name}/{path.name.split('.')[0]}": hand_in(deployment, path) for path in (*told, *alone)}
    assert {name: error for name, error in failed.items() if error and "/wrong_" not in name} == {}
    assert {error for error in failed.values() if error} <= DECLARED
    assert {name for name, _ in deployment.cloud.called} == {function.name for function in FUNCTIONS}
    assert deployment.cloud.watch.denied == set()
    deployment.company.sandbox.close()


def store_mails(deployment: Deployment) -> None:
    """The mails of the samples, in the bucket where SES puts them here."""
    store = deployment.cloud.client("s3")
    for path in SAMPLES.glob("intake.email/*.aws.eml"):
        told = json.loads(path.with_suffix(".json").read_text("utf-8"))
        store.put_object(Bucket=MAIL_BUCKET, Key=told["Records"][0]["s3"]["object"]["key"], Body=path.read_bytes())


def by_the_front(deployment: Deployment, event: Any) -> Any:
    """A request as CloudFront hands it on; any other event as it is."""
    shown = deployment.cloud.shown_by_front if "rawPath" in event else {}
    return event | {"headers": {**event["headers"], **shown}} if shown else event


def hand_in(deployment: Deployment, path: Path) -> str:
    """Give a sample to its function, and let everything happen that follows; the error that it failed with."""
    event: Any = json.loads(path.read_text("utf-8").replace(MAIL, MAIL_BUCKET))
    try:
        deployment.cloud.call(HOST[path.parent.name], by_the_front(deployment, event))
    except FunctionFailed as failure:
        return str(failure.args[0]["errorType"])
    deployment.cloud.settle()
    return ""
