"""The CDK app: `python app.py` writes the same templates as the CLI, because it reads cdk.json's context itself."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from aws_cdk import App

from shared.errors import Misconfigured
from shared.settings import read_names
from stacks.application import build
from stacks.config import read_config


def read_context() -> dict[str, Any]:
    """The context of cdk.json, and over it what the CLI hands on (`-c key=value` in CDK_CONTEXT_JSON)."""
    written: dict[str, Any] = json.loads(Path(__file__).with_name("cdk.json").read_text("utf-8"))["context"]
    told = read_names((), ("CDK_CONTEXT_JSON", "CDK_DEFAULT_ACCOUNT"))
    account = {"account": told["CDK_DEFAULT_ACCOUNT"]} if told["CDK_DEFAULT_ACCOUNT"] else {}
    try:
        given = json.loads(told["CDK_CONTEXT_JSON"] or "{}")
    except ValueError as error:
        raise Misconfigured(f"CDK_CONTEXT_JSON is no JSON object: {error}") from error
    return {**account, **written, **given}


def main() -> None:
    """Write the templates to the folder that the CLI names, or to cdk.out."""
    out = read_names((), ("CDK_OUTDIR",))["CDK_OUTDIR"] or "cdk.out"
    try:
        context = read_context()
        config = read_config(context)
        app = App(context=context, outdir=out, analytics_reporting=False)
        build(app, config)
    except Misconfigured as error:
        sys.exit(f"Nothing was written: {error}")
    app.synth()


if __name__ == "__main__":
    main()
