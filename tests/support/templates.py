"""All stages as CloudFormation templates, synthesized once a process; plain dicts, so that rules are plain loops."""

import atexit
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

# Before aws_cdk is imported: its own validator takes longer than everything else, and `make synth` runs it.
os.environ["CDK_VALIDATION"] = "false"
import infra  # noqa: F401  it says which node aws_cdk runs on

# isort: split

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from infra.app import build
from infra.components.code import unbuilt
from infra.settings import GraphSettings, StageSettings, read_stage, stage_names

ROOT: Final = Path(__file__).parents[2]
Resource = Mapping[str, Any]
CONTEXT: Final[Mapping[str, Any]] = {
    **json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"],
    "aws:cdk:disable-asset-staging": True,
}
VARIED: Final = StageSettings(
    stage="varied",
    graph=GraphSettings(enabled=True),
    cors_origin="https://app.example.com",
    domain_name="memory.example.com",
    certificate_arn="arn:aws:acm:us-east-1:123456789012:certificate/0d6f9d2e-8a52-4d0e-9c3e-3b0f2f0a7c11",
    alarm_email="ops@example.com",
    extractor="bedrock",
    extractor_model="eu.amazon.nova-lite-v1:0",
)
"""What no stage's file asks for."""
STAGES: Final = (*stage_names(), VARIED.stage)


@dataclass(frozen=True)
class Synthesized:
    """One stage.

    Attributes:
        templates: Its templates by box, e.g. `storage`.
        folder: Where they lie as files.
        findings: What cdk-nag finds and nobody accepted: rules, and the constructs they are about.
    """

    settings: StageSettings
    templates: Mapping[str, Mapping[str, Any]]
    folder: Path
    findings: tuple[tuple[str, str], ...]

    def resources(self, *kinds: str) -> Iterator[tuple[str, Resource]]:
        """Yield the resources of these types, each with its box and logical id."""
        for box, template in self.templates.items():
            for name, resource in template["Resources"].items():
                if not kinds or resource["Type"] in kinds:
                    yield f"{box}/{name}", resource

    def properties(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return what the resources of a type are made with."""
        return {name: resource.get("Properties", {}) for name, resource in self.resources(kind)}


def settings_of(stage: str) -> StageSettings:
    """Return a stage's settings."""
    return VARIED if stage == VARIED.stage else read_stage(stage)


@cache
def synthesized(stage: str) -> Synthesized:
    """Synthesize a stage."""
    folder = Path(tempfile.mkdtemp(prefix=f"ricordo-{stage}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    app = cdk.App(context=dict(CONTEXT), outdir=str(folder))
    settings = settings_of(stage)
    boxes = build(app, settings, unbuilt)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    try:
        app.synth()
    except RuntimeError as error:  # findings; the report has them
        if "ValidationFailed" not in str(error):
            raise
    templates = {
        box: json.loads((folder / f"{settings.prefix}-{box}.template.json").read_text("utf-8")) for box in boxes
    }
    return Synthesized(settings, templates, folder, tuple(_findings(folder)))


def _findings(folder: Path) -> Iterator[tuple[str, str]]:
    report = json.loads((folder / "validation-report.json").read_text("utf-8"))
    for plugin in report["pluginReports"]:
        for violation in plugin["violations"]:
            for construct in violation["violatingConstructs"]:
                yield violation["ruleName"], construct["constructPath"]
