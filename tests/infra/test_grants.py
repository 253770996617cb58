"""What functions may do: no more than the table says, on nothing but the stage's own resources."""

import re

from support.policies import environments, permissions, permissions_of_roles
from support.templates import Synthesized, synthesized

from infra.functions import entries
from infra.permissions import GRANTS, Target, needs_network

SERVICES = {"bedrock-runtime": "bedrock"}  # the one whose endpoint is called otherwise than its actions
# What no service can limit to a resource.
UNLIMITED = {
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
OF_EVERY_FUNCTION = {"logs:CreateLogStream", "logs:PutLogEvents", *UNLIMITED}


def test_a_function_may_do_what_the_table_says(stage: Synthesized) -> None:
    """Beyond it there are only its log, its traces, its network and the stage's key."""
    for name, allowed in permissions(stage).items():
        listed = {action for grant in GRANTS[name] for action in grant.actions} | OF_EVERY_FUNCTION
        extra = {one.action for one in allowed if not one.action.startswith("kms:")} - listed
        assert extra <= {"aoss:APIAccessAll"}, name


def test_permissions_are_for_named_resources(stage: Synthesized) -> None:
    """A pattern for everything stands only where there is nothing to name."""
    for role, allowed in permissions_of_roles(stage).items():
        for one in allowed:
            if one.resource == "*":
                assert one.action in UNLIMITED or one.action.startswith("logs:"), (role, one.action)
            else:
                assert re.match(r"arn:aws:[a-z0-9-]+:", one.resource), (role, one)


def test_the_keys_rows_are_all_the_authorizer_reads(stage: Synthesized) -> None:
    """It gets one kind of rows, by a condition, and the secret."""
    allowed = [one for one in permissions(stage)["authorize"] if one.action.startswith(("dynamodb:", "secrets"))]
    assert {one.action for one in allowed} == {"dynamodb:GetItem", "secretsmanager:GetSecretValue"}
    (rows,) = [one for one in allowed if one.action == "dynamodb:GetItem"]
    assert rows.condition == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["KEY#*"]}}


def test_whoever_touches_what_is_encrypted_may_use_the_key(stage: Synthesized) -> None:
    """With a key of the stage's own, each function that reads or writes under it may; a reader only decrypts."""
    for name, allowed in permissions(stage).items():
        with_key = {one.action for one in allowed if one.action.startswith("kms:")}
        touches = any(one.action.startswith(("dynamodb:", "s3:", "sqs:", "secretsmanager:")) for one in allowed)
        assert bool(with_key) is (stage.settings.customer_key and touches), name
    if stage.settings.customer_key:
        reader = {one.action for one in permissions(stage)["authorize"] if one.action.startswith("kms:")}
        assert reader == {"kms:Decrypt", "kms:DescribeKey"}


def test_functions_are_told_of_what_they_may_use(stage: Synthesized) -> None:
    """Table, bucket, machines and bus of the environment are those of the grants."""
    told, allowed = environments(stage)["api"], permissions(stage)["api"]
    resources = {one.resource for one in allowed}
    assert f"arn:aws:dynamodb:us-east-1:123456789012:table/{told['RICORDO_TABLE']}" in resources
    assert f"arn:aws:s3:::{told['RICORDO_BUCKET']}/bodies/*" in resources
    assert {told["RICORDO_INGEST_MACHINE"], told["RICORDO_FORGET_MACHINE"]} <= resources
    assert told["RICORDO_KEY_SECRET_ARN"] in resources
    announcer = {one.resource for one in permissions(stage)["ingest.fail"]}
    assert f"arn:aws:events:us-east-1:123456789012:event-bus/{told['RICORDO_EVENT_BUS']}" in announcer
    machines = {one["StateMachineName"] for one in stage.properties("AWS::StepFunctions::StateMachine").values()}
    assert {told[f"RICORDO_{flow}_MACHINE"].rsplit(":", 1)[1] for flow in ("INGEST", "FORGET")} <= machines
    assert told["RICORDO_EVENT_BUS"] in {bus["Name"] for bus in stage.properties("AWS::Events::EventBus").values()}


def test_functions_stand_in_the_network_only_if_they_must() -> None:
    """In production those that speak to index or graph are inside, and reach every service they call."""
    prod = synthesized("prod")
    inside = {
        made["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
        for made in prod.properties("AWS::Lambda::Function").values()
        if "VpcConfig" in made
    }
    assert inside == {name for name in entries() if needs_network(name)}
    services = {
        one["ServiceName"] if isinstance(one["ServiceName"], str) else one["ServiceName"]["Fn::Join"][1][-1]
        for one in prod.properties("AWS::EC2::VPCEndpoint").values()
    }
    reached = {name.rpartition(".")[2] for name in services}
    called = {action.split(":")[0] for name in inside for grant in GRANTS[name] for action in grant.actions}
    assert called - {"es", "neptune-db"} <= {SERVICES.get(name, name) for name in reached}


def test_a_collection_admits_the_functions_that_use_it() -> None:
    """OpenSearch Serverless wants roles named in a policy of its own, beside IAM."""
    test = synthesized("test")
    admitted = "".join(
        str(one["Policy"]) for one in test.properties("AWS::OpenSearchServerless::AccessPolicy").values()
    )
    asking = {
        name for name, allowed in permissions(test).items() if any(one.action == "aoss:APIAccessAll" for one in allowed)
    }
    assert asking == {name for name in entries() if needs_network(name)} - {"project_changes.graph"}
    assert admitted.count("'Fn::GetAtt'") == sum(
        grant.target in {Target.SEARCHES, Target.INDEX_WRITES, Target.INDEX_ADMINISTRATION}
        for name in asking
        for grant in GRANTS[name]
    )
