"""What a stage costs on paper: the page, the sums, the prices, and that the figures are the stage's own."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from support.templates import synthesized

from infra.cost import cost, usage
from infra.cost.cost import Line
from infra.cost.page import page, summary, usd
from infra.cost.prices import Price, prices
from infra.functions import function_of, tasks_in, workflow_path
from infra.settings import StageSettings, read_stage, stage_names

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
SMALLEST = StageSettings(stage="smallest")


def test_the_page_is_what_the_program_writes() -> None:
    """Nobody edited the page, and nothing was changed without it; `make cost` writes it anew."""
    assert (ROOT / "docs" / "cost.md").read_text("utf-8") == page()


def test_every_stage_is_on_the_page() -> None:
    """Each has a row in the summary and a table of its services."""
    written = page()
    assert all(f"\n| {stage} | **" in written and f"\n### {stage}\n" in written for stage in stage_names())


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_the_readme_tells_the_sums_of_the_page(stage: str) -> None:
    """Its three numbers of a stage are the page's."""
    idle, adds, searches = map(usd, summary(read_stage(stage)))
    assert f"| `{stage}` | {idle} | {adds} | {searches} |" in README


def test_lines_add_up_by_service() -> None:
    """Amounts are multiplied by their prices, and summed by service, the most first."""
    table = {
        "node": Price(usd=0.5, unit="hour", service="Search"),
        "disk": Price(usd=0.1, unit="GB-month", service="Search"),
        "call": Price(usd=0.25, unit="call", service="Functions"),
    }
    lines = [Line("call", 100), Line("node", 10), Line("disk", 20), Line("call", 4)]
    assert cost.by_service(lines, table) == {"Functions": 26.0, "Search": 7.0}
    assert cost.total(lines, table) == 33.0


def test_a_million_searches_of_the_smallest_stage_by_hand() -> None:
    """The units of each service are those worked out with pencil and paper."""
    sums = cost.by_service(cost.million_searches(SMALLEST), prices())
    assert sums["API Gateway"] == pytest.approx(3.50)
    assert sums["DynamoDB"] == pytest.approx((190 + 0.05) * 0.125)
    # 1,769 MB for 0.15 s a search, and 512 MB for 0.02 s of one request in twenty
    gb_seconds = 1769 / 1024 * 0.15 + 0.05 * 0.5 * 0.02
    assert sums["Lambda"] == pytest.approx(gb_seconds * 13.3334 + 1.05 * 0.20)
    assert sums["Bedrock"] == pytest.approx(15 * 0.02)
    assert "OpenSearch" not in sums


def test_every_price_is_used_and_every_use_has_one() -> None:
    """The table holds the prices of the stages there are, and no other."""
    kinds = (cost.idle, cost.million_adds, cost.million_searches)
    used = {line.price for name in stage_names() for lines in kinds for line in lines(read_stage(name))}
    assert used == set(prices())


def test_a_price_with_a_date_has_an_origin() -> None:
    """What was seen was seen somewhere; what is from memory has no date."""
    assert all(bool(price.seen) is (price.origin != "memory") for price in prices().values())


def test_an_add_calls_the_functions_of_its_workflow() -> None:
    """Every step of the ingest workflow is charged once, but the one that gives an add back."""
    machine = json.loads(workflow_path("ingest").read_text("utf-8"))
    steps = {function_of(task).strip("${}") for task in tasks_in(machine)} - {"fail"}
    plain = {name.split(",")[0] for name in usage.SECONDS if name.startswith("ingest.")}
    assert plain == {f"ingest.{step}" for step in steps}
    assert len(steps) == usage.STEPS.amount


def test_the_figures_are_those_of_the_templates() -> None:
    """What is charged by the piece is there as often as the model says; production has some of everything."""
    stage = synthesized("prod")

    def made(kind: str) -> list[Mapping[str, Any]]:
        return list(stage.properties(kind).values())

    settings = stage.settings
    endpoints = [one for one in made("AWS::EC2::VPCEndpoint") if one.get("VpcEndpointType") == "Interface"]
    rules = [rule for acl in made("AWS::WAFv2::WebACL") for rule in acl["Rules"]]
    watched = sum(_watched(alarm) for alarm in made("AWS::CloudWatch::Alarm"))
    measures = {json.dumps(one["MetricTransformations"]) for one in made("AWS::Logs::MetricFilter")}
    assert len(endpoints) == settings.vpc * usage.ENDPOINTS.amount
    assert all(len(one["SubnetIds"]) == usage.ZONES.amount for one in endpoints)
    assert len(rules) == settings.waf * usage.FIREWALL_RULES.amount
    assert len(made("AWS::Lambda::EventSourceMapping")) == cost.consumers_of(settings)
    assert watched == cost.alarms(settings)
    assert len(measures) + 1 == usage.METRICS.amount  # one is embedded in a line
    assert len(made("AWS::CloudWatch::Dashboard")) == len(made("AWS::SecretsManager::Secret")) == 1


def _watched(alarm: Mapping[str, Any]) -> int:
    """Count the metrics of an alarm: it is charged for each, those of its formula too."""
    metrics = alarm.get("Metrics", [{"MetricStat": {}}])
    return sum("MetricStat" in metric for metric in metrics)
