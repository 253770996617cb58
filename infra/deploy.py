"""`python -m infra.deploy up|key|down STAGE`: deploy a stage, hand out an API key, take the stage away again."""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.functions import ROOT
from infra.settings import StageSettings, read_stage

_CDK: Final = ROOT / "node_modules/.bin/cdk"
_BOOTSTRAPPED: Final = "/cdk-bootstrap/hnb659fds/version"  # what `cdk bootstrap` leaves
_STATELESS: Final = ("observability", "api", "workflows")
_PASSING: Final = frozenset({"UnavailableError", "StoreBusyError", "Sandbox.Timedout"})
_IS_THERE: Final = frozenset({"EntityAlreadyExists", "InvalidInput"})  # IAM says either of a role that is taken
_PAUSES_S: Final = (5, 10, 20, 40)  # a collection that slept needs half a minute to wake

Run = Callable[[Sequence[str]], None]


class DeploymentError(Exception):
    """What was asked for cannot be done; the message says what to do about it."""


def run(command: Sequence[str]) -> None:
    """Run a command in the project's folder.

    Raises:
        DeploymentError: it failed; it has said why.
    """
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise DeploymentError(f"`{' '.join(command[:3])} ...` failed.")


def cdk_command(verb: str, stage: str, *options: str) -> list[str]:
    """Return a command of the pinned CDK command line, for the app under this very Python."""
    return [str(_CDK), verb, "--app", f"{sys.executable} -m infra.app", "--context", f"stage={stage}", *options]


def up(settings: StageSettings, session: boto3.Session, *, run: Run = run) -> dict[str, str]:
    """Deploy all stacks of a stage and make its search index; return what its stacks tell, by name.

    Raises:
        DeploymentError: the account cannot be reached or is not prepared, or a command failed.
    """
    _require_account(session)
    if settings.vpc:
        _let_search_into_network(session)
    _fetch_cdk(run)
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "outputs.json"
        options = ("--all", "--require-approval", "never", "--outputs-file", str(told))
        run(cdk_command("deploy", settings.stage, *options))
        outputs = outputs_in(json.loads(told.read_text("utf-8")))
    provision(settings, session, {})
    return outputs


def outputs_in(by_stack: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return what all stacks tell; what they export to each other is named so by CDK and is left out."""
    told = {name: value for outputs in by_stack.values() for name, value in outputs.items()}
    return {name: value for name, value in told.items() if not name.startswith("ExportsOutput")}


def provision(
    settings: StageSettings,
    session: boto3.Session,
    asked: Mapping[str, Any],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """Ask the stage's `provision` function for something, again while a part is not up yet; return its answer.

    Raises:
        DeploymentError: it failed.
    """
    functions = session.client("lambda")
    name = f"{settings.prefix}-provision"
    for pause in (*_PAUSES_S, 0):
        try:
            answer = functions.invoke(FunctionName=name, Payload=json.dumps(asked))
        except ClientError as error:
            raise DeploymentError(f"{name} cannot be called ({_code(error)}); is the stage deployed?") from error
        told: dict[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" not in answer:
            return told
        if told.get("errorType") not in _PASSING:
            break
        sleep(pause)
    raise DeploymentError(f"{name} failed with {told.get('errorType')}; its log says where.")


def down(settings: StageSettings, session: boto3.Session, *, run: Run = run) -> None:
    """Take a stage away: all of it, or, where it keeps what holds memories, everything else.

    Raises:
        DeploymentError: the account cannot be reached, or a command failed.
    """
    _require_account(session)
    _fetch_cdk(run)
    if settings.retain:
        kept_aside = [f"{settings.prefix}-{box}" for box in _STATELESS]
        run(cdk_command("destroy", settings.stage, "--force", "--exclusively", *kept_aside))
        return
    empty_bucket(settings, session)
    run(cdk_command("destroy", settings.stage, "--force", "--all"))


def empty_bucket(settings: StageSettings, session: boto3.Session) -> None:
    """Delete every version of every object: a bucket that holds any cannot be deleted."""
    name = bucket_of(settings, session)
    if name:
        session.resource("s3").Bucket(name).object_versions.delete()


def bucket_of(settings: StageSettings, session: boto3.Session) -> str | None:
    """Return the name of a stage's bucket; None where it was never deployed.

    Raises:
        DeploymentError: the account does not say.
    """
    cloudformation = session.client("cloudformation")
    try:
        (stack,) = cloudformation.describe_stacks(StackName=f"{settings.prefix}-storage")["Stacks"]
    except ClientError as error:
        if _code(error) == "ValidationError":  # CloudFormation's code for a stack there is none of
            return None
        raise DeploymentError(f"CloudFormation refuses to tell of the stage ({_code(error)}).") from error
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}
    return outputs.get("BucketName")


def _require_account(session: boto3.Session) -> None:
    if not session.region_name:
        raise DeploymentError("No AWS region is set; set AWS_REGION, e.g. AWS_REGION=us-east-1.")
    try:
        account = session.client("sts").get_caller_identity()["Account"]
        session.client("ssm").get_parameter(Name=_BOOTSTRAPPED)
    except BotoCoreError as error:
        raise DeploymentError(
            f"No usable AWS credentials ({type(error).__name__}): set AWS_PROFILE, or log in with the AWS CLI."
        ) from error
    except ClientError as error:
        if _code(error) != "ParameterNotFound":
            raise DeploymentError(f"AWS refuses these credentials ({_code(error)}); log in anew.") from error
        raise DeploymentError(
            f"CDK has not been set up in this account and region; once for all stages run\n"
            f"  npm ci && npx cdk bootstrap aws://{account}/{session.region_name}"
        ) from error
    print(f"Account {account}, region {session.region_name}", flush=True)


def _let_search_into_network(session: boto3.Session) -> None:
    """Make the role by which OpenSearch enters a network; an account has one, and CloudFormation does not make it.

    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/slr-aos.html
    """
    roles = session.client("iam")
    try:
        roles.create_service_linked_role(AWSServiceName="opensearchservice.amazonaws.com")
    except ClientError as error:
        if _code(error) not in _IS_THERE:
            raise DeploymentError(f"OpenSearch cannot be let into the network ({_code(error)}).") from error


def _fetch_cdk(run: Run) -> None:
    if not _CDK.exists():
        run(["npm", "ci", "--no-audit", "--no-fund"])


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def _say_deployed(stage: str, outputs: Mapping[str, str]) -> None:
    print(f"\nRicordo ({stage}) answers at {outputs['Url']}")
    if "DomainTarget" in outputs:
        print(f"Point its name at {outputs['DomainTarget']} (a CNAME or alias record).")
    print(f"An API key: make key STAGE={stage} PROJECT=default")


def _give_key(settings: StageSettings, session: boto3.Session, project: str, name: str) -> None:
    key = provision(settings, session, {"api_key": {"project": project, "name": name}})["api_key"]
    if key["token"]:
        print(f"{key['token']}\nThis is shown once. It opens project {key['project_id']}.")
    else:
        print(f"Project {project} has a key of that name already ({key['key_id']}); its token cannot be shown again.")


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m infra.deploy")
    parser.add_argument("verb", choices=("up", "key", "down"))
    parser.add_argument("stage")
    parser.add_argument("--project", default="default")
    parser.add_argument("--name", default="default", help="of the key")
    asked = parser.parse_args(arguments)
    settings, session = read_stage(asked.stage), boto3.Session()
    match asked.verb:
        case "up":
            _say_deployed(asked.stage, up(settings, session))
        case "key":
            _give_key(settings, session, asked.project, asked.name)
        case "down":
            kept = (
                "Table, bucket, secrets, index and graph stay." if settings.retain else "All memories in it are lost."
            )
            if input(f"This takes {settings.prefix} away. {kept} Type its stage to go on: ") != asked.stage:
                sys.exit("Nothing was done.")
            down(settings, session)


if __name__ == "__main__":
    try:
        main()
    except (DeploymentError, ValueError) as error:
        sys.exit(str(error))
