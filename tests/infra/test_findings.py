"""What linters say: cfn-lint nothing, cdk-nag nothing but what was looked at and is right."""

import re
import subprocess
import sys
from pathlib import Path

from support.templates import STAGES, Synthesized, synthesized

# A finding is of one construct and carries whole references, so these are patterns; what accepts one finding in one
# place stands beside that construct.
REVIEWED = {
    r"L1": "3.13 is the newest Python that every dependency and every developer's machine has",
    r"IAM5\[Resource::\*\]": "X-Ray, delivery of logs and network interfaces know no resources",
    r"IAM5\[Resource::.*/index/\*\]": "the two indexes of one table",
    r"IAM5\[Resource::.*/stream/\*\]": "streams of one table: its name ends in the time it was made",
    r"IAM5\[Resource::.*Bucket\w+/(bodies|imports|import-refusals|import-results)/\*\]": "one prefix of one bucket",
    r"IAM5\[Resource::.*Domain\w+/ricordo-\*(/_m?search)?\]": "our indexes of one domain, which are named by model",
    r"IAM5\[Resource::arn:<AWS::Partition>:neptune-db:.*ClusterResourceId\w+/\*\]": "one cluster",
    r"IAM5\[Resource::arn:<AWS::Partition>:states:.*:execution:ricordo-\w+-\w+/\*\]": "executions of one machine",
    r"IAM5\[Resource::arn:<AWS::Partition>:bedrock:\*::foundation-model/[^*]+\]": "one model, in any region",
}
# All of production; of the others the boxes that differ from it.
LINTED = {"prod": None, "test": {"search", "storage"}, "varied": {"search", "graph", "api"}}


def test_cdk_nag_finds_what_was_reviewed(stage: Synthesized) -> None:
    """Every finding of the AwsSolutions pack has its reason."""
    assert stage.findings
    unseen = [
        finding
        for finding in stage.findings
        if not any(re.fullmatch(f"AwsSolutions-{pattern}", finding[0]) for pattern in REVIEWED)
    ]
    assert unseen == []


def test_every_reason_is_needed() -> None:
    """No reason outlives what it was given for."""
    found = {rule for stage in STAGES for rule, _ in synthesized(stage).findings}
    idle = [pattern for pattern in REVIEWED if not any(re.fullmatch(f"AwsSolutions-{pattern}", rule) for rule in found)]
    assert idle == []


def test_cfn_lint_finds_nothing() -> None:
    """Types, values and IAM actions are ones that AWS knows; CDK's own way to order things is let pass (W3005)."""
    templates = [
        stage.folder / f"{stage.settings.prefix}-{box}.template.json"
        for stage, boxes in ((synthesized(name), boxes) for name, boxes in LINTED.items())
        for box in boxes or stage.templates
    ]
    linter = Path(sys.executable).with_name("cfn-lint")
    command = [str(linter), "--ignore-checks", "W3005", "--", *map(str, templates)]
    linted = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (linted.returncode, linted.stdout) == (0, "")
