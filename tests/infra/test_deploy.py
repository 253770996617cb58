"""Deploying, but for what only an account can show: commands, messages, and what is asked of AWS."""

import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber
from moto import mock_aws
from support.templates import ROOT, VARIED

from infra import deploy
from infra.deploy import DeploymentError, bucket_of, cdk_command, down, empty_bucket, outputs_in, provision, up
from infra.settings import read_stage

DEV, PROD = read_stage("dev"), read_stage("prod")
OUTPUTS = {
    "ricordo-dev-api": {"Url": "https://abc.execute-api.us-east-1.amazonaws.com/dev/"},
    "ricordo-dev-storage": {"BucketName": "memories", "ExportsOutputRefTableCD117FA1": "table"},
}


class Shell:
    """Notes commands; a deployment writes what stacks tell, as the CDK command line does."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []

    def __call__(self, command: Sequence[str]) -> None:
        """Note one."""
        self.commands.append(list(command))
        if "--outputs-file" in command:
            Path(command[command.index("--outputs-file") + 1]).write_text(json.dumps(OUTPUTS), "utf-8")

    @property
    def verbs(self) -> list[str]:
        """What was asked of CDK."""
        return [command[1] for command in self.commands if command[0].endswith("cdk")]


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    """An account in which CDK was set up."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        opened = boto3.Session(region_name="us-east-1")
        opened.client("ssm").put_parameter(Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String")
        yield opened


class Answering:
    """A session whose one client is told what to answer, and refuses other requests."""

    def __init__(self, service: str) -> None:
        self._client = boto3.client(
            service, region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
        )
        self.stub = Stubber(self._client)
        self.stub.activate()

    def client(self, _service: str) -> Any:
        """Return the client."""
        return self._client

    def invoked(self, told: object, *, asked: object, fails: bool = False) -> None:
        """Answer the next call of the function."""
        payload = json.dumps(told).encode()
        answer = {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(payload), len(payload))}
        expected = {"FunctionName": "ricordo-dev-provision", "Payload": json.dumps(asked)}
        self.stub.add_response("invoke", answer | ({"FunctionError": "Unhandled"} if fails else {}), expected)


def test_the_command_names_stage_and_app() -> None:
    """The pinned command line synthesizes with this Python and this stage."""
    command = cdk_command("deploy", "dev", "--all")
    assert command[0] == str(ROOT / "node_modules/.bin/cdk")
    assert "stage=dev" in command
    assert command[command.index("--app") + 1].endswith("-m infra.app")


def test_a_stage_is_deployed_whole_and_then_provisioned(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All stacks go up without a question, then the index is made, and what the stacks tell comes back."""
    asked: list[object] = []
    monkeypatch.setattr(deploy, "provision", lambda *given: asked.append(given[2]))
    shell = Shell()
    assert up(DEV, session, run=shell)["Url"].startswith("https://abc.")
    assert shell.verbs == ["deploy"]
    assert {"--all", "never"} <= set(shell.commands[-1])
    assert asked == [{}]


def test_search_is_let_into_a_network_first(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage with a network needs a role of OpenSearch's in the account; one that is there is no fault."""
    monkeypatch.setattr(deploy, "provision", lambda *_: {})
    up(PROD, session, run=Shell())
    up(PROD, session, run=Shell())
    ((role,), asked) = session.client("iam").list_roles()["Roles"], "opensearchservice.amazonaws.com"
    assert role["Path"] == f"/aws-service-role/{asked}/"


def test_the_command_line_is_fetched_once(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it npm installs what the lock says first."""
    monkeypatch.setattr(deploy, "_CDK", ROOT / "no/such/cdk")
    shell = Shell()
    down(PROD, session, run=shell)
    assert shell.commands[0][:2] == ["npm", "ci"]


@pytest.mark.usefixtures("session")
def test_an_account_without_cdk_is_told_how_to_prepare_it(session: boto3.Session) -> None:
    """The message holds the command with account and region."""
    session.client("ssm").delete_parameter(Name="/cdk-bootstrap/hnb659fds/version")
    with pytest.raises(DeploymentError, match=r"npx cdk bootstrap aws://123456789012/us-east-1"):
        up(DEV, session, run=Shell())


def test_without_credentials_nothing_is_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The message says what to set."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    shell = Shell()
    with pytest.raises(DeploymentError, match="AWS_PROFILE"):
        up(DEV, boto3.Session(region_name="us-east-1"), run=shell)
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(DeploymentError, match="AWS_REGION"):
        up(DEV, boto3.Session(), run=shell)
    assert shell.commands == []


def test_what_stacks_export_to_each_other_is_not_told() -> None:
    """Only outputs that somebody gave a name come back."""
    assert set(outputs_in(OUTPUTS)) == {"Url", "BucketName"}


def test_production_keeps_what_holds_memories(session: boto3.Session) -> None:
    """Only stacks without memories go."""
    shell = Shell()
    down(PROD, session, run=shell)
    named = [part for part in shell.commands[-1] if part.startswith("ricordo-")]
    assert named == ["ricordo-prod-observability", "ricordo-prod-api", "ricordo-prod-workflows"]
    assert "--exclusively" in shell.commands[-1]


def test_a_development_stage_goes_whole(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bucket is emptied first, old versions too, or it could not go."""
    s3 = session.client("s3")
    s3.create_bucket(Bucket="memories")
    s3.put_bucket_versioning(Bucket="memories", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"one", b"two"):
        s3.put_object(Bucket="memories", Key="bodies/a", Body=body)
    s3.delete_object(Bucket="memories", Key="bodies/a")
    monkeypatch.setattr(deploy, "bucket_of", lambda *_: "memories")
    shell = Shell()
    down(DEV, session, run=shell)
    assert "Versions" not in s3.list_object_versions(Bucket="memories")
    assert shell.verbs == ["destroy"]
    assert "--all" in shell.commands[-1]


def test_the_bucket_is_found_by_what_its_stack_tells() -> None:
    """A stage that was never deployed has none, and nothing is emptied."""
    found = Answering("cloudformation")
    stack = {
        "StackName": "ricordo-dev-storage",
        "CreationTime": 0,
        "StackStatus": "CREATE_COMPLETE",
        "Outputs": [{"OutputKey": "BucketName", "OutputValue": "memories"}],
    }
    found.stub.add_response("describe_stacks", {"Stacks": [stack]}, {"StackName": "ricordo-dev-storage"})
    assert bucket_of(DEV, found) == "memories"  # type: ignore[arg-type]  # answers what a session answers
    found.stub.add_client_error("describe_stacks", "ValidationError")
    empty_bucket(DEV, found)  # type: ignore[arg-type]
    found.stub.add_client_error("describe_stacks", "AccessDenied")
    with pytest.raises(DeploymentError, match="AccessDenied"):
        bucket_of(DEV, found)  # type: ignore[arg-type]


def test_provisioning_waits_for_a_sleeping_part() -> None:
    """While a part is down the function is asked again, later each time; its answer comes back."""
    found, pauses = Answering("lambda"), list[float]()
    asked = {"api_key": {"project": "p", "name": "n"}}
    found.invoked({"errorType": "UnavailableError", "errorMessage": "..."}, asked=asked, fails=True)
    found.invoked({"api_key": {"token": "m0-"}}, asked=asked)
    told = provision(DEV, found, asked, sleep=pauses.append)  # type: ignore[arg-type]
    assert told == {"api_key": {"token": "m0-"}}
    assert pauses == [5]


def test_provisioning_that_cannot_work_says_so() -> None:
    """A fault that stays is told by its name at once; so is a stage that is not there."""
    found = Answering("lambda")
    found.invoked({"errorType": "StoreFormatError", "errorMessage": "..."}, asked={}, fails=True)
    with pytest.raises(DeploymentError, match="StoreFormatError"):
        provision(DEV, found, {})  # type: ignore[arg-type]
    found.stub.add_client_error("invoke", "ResourceNotFoundException")
    with pytest.raises(DeploymentError, match="is the stage deployed"):
        provision(DEV, found, {})  # type: ignore[arg-type]


def test_the_lock_names_no_host() -> None:
    """Where the CDK command line comes from is the installer's matter."""
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    assert "://" not in json.dumps(lock)
    assert lock["packages"]["node_modules/aws-cdk"]["integrity"].startswith("sha512-")


def test_a_stage_that_makes_no_sense_is_refused() -> None:
    """A settings file is read strictly."""
    with pytest.raises(ValueError, match="There is no stage 'nowhere'; there are dev, prod, test"):
        read_stage("nowhere")
    for change in ({"extractor_model": ""}, {"domain_name": ""}, {"stage": "UPPER"}, {"memory": 1}):
        with pytest.raises(ValueError, match="validation error"):
            type(VARIED).model_validate({**VARIED.model_dump(), **change})
