"""Rules that hold in every stage, for resources nobody has thought of yet as well."""

import json
import re
from collections.abc import Iterator
from typing import Any

from support.templates import ROOT, Synthesized, synthesized

from infra.app import build
from infra.functions import entries, size_of
from infra.permissions import GRANTS
from infra.settings import read_stage, stage_names
from infra.stacks import storage
from ricordo.adapters.dynamodb.schema import table_definition, time_to_live
from ricordo.domain import import_file
from ricordo.runtime.settings import Settings, variable_of

# What holds memories, or is needed to read them.
STATEFUL = (
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::Neptune::DBCluster",
    "AWS::Neptune::DBInstance",
    "AWS::OpenSearchServerless::Collection",
    "AWS::OpenSearchService::Domain",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
)


def _functions(stage: Synthesized) -> dict[str, dict[str, Any]]:
    made = stage.properties("AWS::Lambda::Function").values()
    return {one["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]: one for one in made}


def test_every_function_is_deployed_and_no_other(stage: Synthesized) -> None:
    """The folders decide which functions there are; only a stage without a graph leaves the graph's consumer out."""
    wanted = entries()
    if not stage.settings.graph.enabled:
        del wanted["project_changes.graph"]
    deployed = {name: made["Handler"] for name, made in _functions(stage).items()}
    assert deployed == {name: entry.handler for name, entry in wanted.items()}


def test_the_tables_name_the_functions_there_are() -> None:
    """Every function has its grants and its size, and none is listed that is gone."""
    found = entries()
    assert set(GRANTS) == set(found)
    assert all(size_of(entry).memory_mb >= 512 for entry in found.values())


def test_functions_are_alike(stage: Synthesized) -> None:
    """All run on arm64 and the one Python, are traced, and log to a group of their own."""
    groups = []
    for name, made in _functions(stage).items():
        assert (made["Runtime"], made["Architectures"]) == ("python3.13", ["arm64"]), name
        assert made["TracingConfig"] == {"Mode": "Active"}, name
        assert made["Timeout"] <= 900, name
        groups.append(made["LoggingConfig"]["LogGroup"]["Ref"])
    assert len(set(groups)) == len(groups)


def test_functions_are_told_settings_that_exist(stage: Synthesized) -> None:
    """Every variable is one that the runtime reads."""
    known = {variable_of(name) for name in Settings.__dataclass_fields__}
    for name, made in _functions(stage).items():
        told = {variable for variable in made["Environment"]["Variables"] if variable.startswith("RICORDO_")}
        assert told <= known, name


def test_only_functions_of_the_graph_are_told_of_it(stage: Synthesized) -> None:
    """Gremlin is in the layers of a function, and its address in the environment, where it speaks to the graph only."""
    with_address = {name for name, made in _functions(stage).items() if "RICORDO_GRAPH_URL" in json.dumps(made)}
    with_layer = {name for name, made in _functions(stage).items() if "LayersGraph" in json.dumps(made["Layers"])}
    assert with_address == with_layer
    assert bool(with_layer) is stage.settings.graph.enabled
    assert "authorize" not in with_layer


def test_logs_expire(stage: Synthesized) -> None:
    """No log is kept for ever."""
    groups = stage.properties("AWS::Logs::LogGroup")
    assert {name for name, group in groups.items() if group.get("RetentionInDays") != stage.settings.log_days} == set()


def test_what_is_kept_is_encrypted(stage: Synthesized) -> None:
    """Table, bucket, queues, secret, index and graph are encrypted, with the stage's own key where it has one."""
    told = json.dumps(
        [resource for _, resource in stage.resources(*STATEFUL, "AWS::SQS::Queue", "AWS::Events::EventBus")]
    )
    for queue in stage.properties("AWS::SQS::Queue").values():
        assert queue.get("SqsManagedSseEnabled") or queue["KmsMasterKeyId"]
    for bucket in stage.properties("AWS::S3::Bucket").values():
        assert bucket["BucketEncryption"]
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    for domain in stage.properties("AWS::OpenSearchService::Domain").values():
        assert domain["EncryptionAtRestOptions"]["Enabled"]
        assert domain["NodeToNodeEncryptionOptions"] == {"Enabled": True}
        assert domain["DomainEndpointOptions"]["EnforceHTTPS"]
    for cluster in stage.properties("AWS::Neptune::DBCluster").values():
        assert cluster["StorageEncrypted"]
        assert cluster["IamAuthEnabled"]
    assert ("ExportsOutputFnGetAttKey" in told or "KmsKeyId" in told) is stage.settings.customer_key


def test_plain_requests_to_bucket_and_queues_are_refused(stage: Synthesized) -> None:
    """Only requests over TLS are answered."""
    policies = [
        *stage.properties("AWS::S3::BucketPolicy").values(),
        *stage.properties("AWS::SQS::QueuePolicy").values(),
    ]
    holders = len(stage.properties("AWS::S3::Bucket")) + len(stage.properties("AWS::SQS::Queue"))
    refusals = [one for one in policies if '"aws:SecureTransport": "false"' in json.dumps(one)]
    assert len(refusals) >= holders


def test_production_keeps_what_holds_memories() -> None:
    """Destroying the stage leaves truth, keys and projections, and a deletion by hand is refused first."""
    prod = synthesized("prod")
    found = list(prod.resources(*STATEFUL))
    assert {resource["Type"] for _, resource in found} == {*STATEFUL} - {"AWS::OpenSearchServerless::Collection"}
    for name, resource in found:
        assert resource["DeletionPolicy"] == "Retain", name
        assert resource["UpdateReplacePolicy"] == "Retain", name
    assert all(table["DeletionProtectionEnabled"] for table in prod.properties("AWS::DynamoDB::Table").values())
    assert all(cluster["DeletionProtection"] for cluster in prod.properties("AWS::Neptune::DBCluster").values())


def test_a_development_stage_leaves_nothing() -> None:
    """What a destroyed stage leaves is what the account shares: the role by which API Gateway logs."""
    kept = {name for name, resource in synthesized("dev").resources() if resource.get("DeletionPolicy") == "Retain"}
    assert {name.split("/")[1].rstrip("0123456789ABCDEF") for name in kept} <= {"GatewayLogs", "Account"}


def test_the_table_is_the_one_the_adapters_know(stage: Synthesized) -> None:
    """The template makes the table of `ricordo.adapters.dynamodb.schema`, with point-in-time recovery besides."""
    ((_, table),) = stage.properties("AWS::DynamoDB::Table").items()
    wanted = table_definition("any")
    del wanted["TableName"]
    wanted["StreamSpecification"].pop("StreamEnabled")
    given = {name: table[name] for name in wanted}
    assert _in_order(given) == _in_order(wanted)
    assert table["TimeToLiveSpecification"] == time_to_live("any")["TimeToLiveSpecification"]
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]


def _in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _in_order(one) for name, one in value.items()}
    return sorted((_in_order(one) for one in value), key=json.dumps) if isinstance(value, list) else value


def test_prefixes_of_the_bucket_are_those_of_the_code() -> None:
    """Where files are dropped and results lie is the same to the functions and to what grants and expires."""
    drop = import_file.drop_of("imports/project/name.jsonl")
    assert storage.IMPORTS == import_file.PREFIX
    assert drop.result_key.startswith(storage.RESULTS)
    assert drop.refusals_key("version", 0).startswith(storage.REFUSALS)


def test_templates_stay_within_what_cloudformation_takes(stage: Synthesized) -> None:
    """A template has under 500 resources and a megabyte."""
    for box, template in stage.templates.items():
        assert len(template["Resources"]) < 450, box
        assert len(json.dumps(template)) < 900_000, box


def test_nothing_of_cdk_runs_in_the_account(stage: Synthesized) -> None:
    """There are no functions but ours: nothing that CDK would bring along for what templates cannot say."""
    kinds = {resource["Type"] for _, resource in stage.resources()}
    assert not [kind for kind in kinds if kind.startswith(("Custom::", "AWS::CloudFormation::CustomResource"))]


def test_the_boxes_of_a_stage_are_its_choice() -> None:
    """A network and a graph are there only where the stage wants them."""
    assert set(synthesized("dev").templates) == {"storage", "search", "api", "workflows", "observability"}
    assert set(synthesized("prod").templates) == {*synthesized("dev").templates, "network", "graph"}


def _statements(stage: Synthesized) -> Iterator[dict[str, Any]]:
    for policy in stage.properties("AWS::IAM::Policy").values():
        yield from policy["PolicyDocument"]["Statement"]


def test_no_action_is_a_pattern(stage: Synthesized) -> None:
    """Every action that is allowed is spelled out."""
    for statement in _statements(stage):
        assert "*" not in json.dumps(statement["Action"])


def test_no_managed_policy_is_attached(stage: Synthesized) -> None:
    """A role has only what its own policy says."""
    assert not [name for name, role in stage.properties("AWS::IAM::Role").items() if role.get("ManagedPolicyArns")]


def test_synthesis_looks_nothing_up() -> None:
    """No account and no region is needed: the same templates fit every account."""
    assert callable(build)
    for stage in stage_names():
        assert read_stage(stage)
        assert not (synthesized(stage).folder / "cdk.context.json").exists()
        manifest = json.loads((synthesized(stage).folder / "manifest.json").read_text("utf-8"))
        assert "missing" not in manifest
        targets = [one["environment"] for one in manifest["artifacts"].values() if "environment" in one]
        assert set(targets) == {"aws://unknown-account/unknown-region"}


def test_figures_are_read_from_lines_that_are_written(stage: Synthesized) -> None:
    """Every line a figure is read from is one that the program logs, by its very name."""
    patterns = [one["FilterPattern"] for one in stage.properties("AWS::Logs::MetricFilter").values()]
    lines = {line for pattern in patterns for line in re.findall(r'\$\.message = "([^"]+)"', pattern)}
    sources = [*ROOT.glob("functions/**/*.py"), *ROOT.glob("layers/ricordo/python/ricordo/runtime/*.py")]
    written = "".join(path.read_text("utf-8") for path in sources)
    assert lines
    assert {line for line in lines if f'"{line}"' not in written} == set()
