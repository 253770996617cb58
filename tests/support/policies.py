"""What the functions of a stage may do, and are told, as their templates say it: every reference resolved to a text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from support.templates import Synthesized

REGION: Final = "us-east-1"
ACCOUNT: Final = "123456789012"
_PSEUDO: Final = {
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::NoValue": "",
}
_NAMED_BY: Final = ("FunctionName", "StateMachineName", "Name", "LogGroupName")
_ARNS: Final = {
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{name}}",
    "AWS::Events::EventBus": f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{{name}}",
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{{name}}",
    "AWS::KMS::Key": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{{name}}",
    "AWS::Lambda::Function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{name}}",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{name}}:*",
    "AWS::OpenSearchServerless::Collection": f"arn:aws:aoss:{REGION}:{ACCOUNT}:collection/{{name}}",
    "AWS::OpenSearchService::Domain": f"arn:aws:es:{REGION}:{ACCOUNT}:domain/{{name}}",
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
    "AWS::SQS::Queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{name}}",
    "AWS::SecretsManager::Secret": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{{name}}",
    "AWS::StepFunctions::StateMachine": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{{name}}",
}
_REFERRED_TO_BY_ARN: Final = frozenset({"AWS::SecretsManager::Secret", "AWS::StepFunctions::StateMachine"})


@dataclass(frozen=True, slots=True)
class Permission:
    """One action allowed on one resource, perhaps under conditions."""

    action: str
    resource: str
    condition: Mapping[str, Any] = field(default_factory=dict, compare=False)


class References:
    """Resolves what templates refer to; what only AWS knows gets a made-up value that is the same everywhere."""

    def __init__(self, stage: Synthesized) -> None:
        self._stage = stage
        self._exports = {
            output["Export"]["Name"]: (box, output["Value"])
            for box, template in stage.templates.items()
            for output in template.get("Outputs", {}).values()
            if "Export" in output
        }

    def resolve(self, box: str, value: Any) -> str:
        """Return a value of a box's template as text."""
        if not isinstance(value, Mapping):
            return str(value)
        ((function, given),) = value.items()
        match function:
            case "Ref":
                return _PSEUDO.get(given) or self._referred_to(box, given)
            case "Fn::GetAtt":
                return self._attribute(box, *given)
            case "Fn::Join":
                return str(given[0]).join(self.resolve(box, part) for part in given[1])
            case "Fn::ImportValue":
                return self.resolve(*self._exports[given])
            case "Fn::Select":
                separator, text = given[1]["Fn::Split"]
                return self.resolve(box, text).split(separator)[given[0]]
        raise AssertionError(f"{function} is not resolved")

    def _referred_to(self, box: str, name: str) -> str:
        kind = self._stage.templates[box]["Resources"][name]["Type"]
        if kind in _REFERRED_TO_BY_ARN:
            return self._attribute(box, name, "Arn")
        if kind == "AWS::SQS::Queue":
            return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"
        return self._name(box, name)

    def _attribute(self, box: str, name: str, attribute: str) -> str:
        kind = self._stage.templates[box]["Resources"][name]["Type"]
        if attribute == "Arn":
            return _ARNS[kind].format(name=self._name(box, name))
        if attribute == "StreamArn":
            return f"{self._attribute(box, name, 'Arn')}/stream/2026-11-24T00:00:00.000"
        return f"{name.lower()}.{attribute.lower()}"

    def _name(self, box: str, name: str) -> str:
        properties = self._stage.templates[box]["Resources"][name].get("Properties", {})
        given = next((properties[one] for one in _NAMED_BY if one in properties), name)
        return self.resolve(box, given)


def environments(stage: Synthesized) -> dict[str, dict[str, str]]:
    """Return the variables of each function, by the function's name in the tables, e.g. `ingest.commit`."""
    references = References(stage)
    return {
        _function(properties): {
            name: references.resolve(_box(place), value)
            for name, value in properties["Environment"]["Variables"].items()
        }
        for place, properties in stage.properties("AWS::Lambda::Function").items()
    }


def permissions(stage: Synthesized) -> dict[str, list[Permission]]:
    """Return what each function may do, by the function's name in the tables."""
    by_role = permissions_of_roles(stage)
    return {
        _function(properties): by_role[f"{_box(place)}/{properties['Role']['Fn::GetAtt'][0]}"]
        for place, properties in stage.properties("AWS::Lambda::Function").items()
    }


def permissions_of_roles(stage: Synthesized) -> dict[str, list[Permission]]:
    """Return what each role may do, by its box and logical id."""
    references, found = References(stage), dict[str, list[Permission]]()
    for place, properties in stage.properties("AWS::IAM::Policy").items():
        box = _box(place)
        for role in properties["Roles"]:
            allowed = found.setdefault(f"{box}/{role['Ref']}", [])
            for statement in properties["PolicyDocument"]["Statement"]:
                assert statement["Effect"] == "Allow"
                allowed += [
                    Permission(action, references.resolve(box, resource), statement.get("Condition", {}))
                    for action in _listed(statement["Action"])
                    for resource in _listed(statement["Resource"])
                ]
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _box(place: str) -> str:
    return place.partition("/")[0]


def _function(properties: Mapping[str, Any]) -> str:
    return str(properties["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"])
