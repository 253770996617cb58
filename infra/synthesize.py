"""`python -m infra.synthesize`: the templates of all stages as they would be deployed, and checked."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import aws_cdk as cdk

from infra.app import build
from infra.functions import ROOT
from infra.packaging.errors import PackagingError
from infra.packaging.packages import built
from infra.settings import read_stage, stage_names

OUT: Final = ROOT / "cdk.out"


def main() -> None:
    """Write the templates of every stage to `cdk.out/<stage>`, have them linted, and say what is in them."""
    flags = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]
    print(f"{'':8}{'stacks':>8}{'resources':>11}{'functions':>11}{'workflows':>11}")
    for stage in stage_names():
        folder = OUT / stage
        app = cdk.App(context=flags, outdir=str(folder))
        boxes = build(app, read_stage(stage), built)
        app.synth()
        templates = sorted(folder.glob("*.template.json"))
        _lint(templates)
        kinds = Counter(kind for template in templates for kind in _kinds(template))
        functions, machines = kinds["AWS::Lambda::Function"], kinds["AWS::StepFunctions::StateMachine"]
        print(f"{stage:8}{len(boxes):8}{kinds.total():11}{functions:11}{machines:11}", flush=True)


def _kinds(template: Path) -> list[str]:
    read: dict[str, Any] = json.loads(template.read_text("utf-8"))
    return [resource["Type"] for resource in read["Resources"].values()]


def _lint(templates: list[Path]) -> None:
    """Stop at what cfn-lint finds; that CDK orders things by more dependencies than are needed (W3005) is let pass."""
    linter = Path(sys.executable).with_name("cfn-lint")
    command = [str(linter), "--ignore-checks", "W3005", "--", *map(str, templates)]
    if subprocess.run(command, check=False).returncode:
        sys.exit("cfn-lint is not content.")


if __name__ == "__main__":
    try:
        main()
    except PackagingError as error:
        sys.exit(str(error))
