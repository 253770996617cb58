"""What functions ask for, put beside what a stage's templates allow them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

from support.policies import ACCOUNT, REGION, Permission, References, environments, permissions
from support.requested_actions import BUCKET, BUS, GRAPH, QUEUE, SEARCH, TABLE, Asked
from support.templates import Synthesized

_MODELS: Final = frozenset({"RICORDO_EMBEDDER_MODEL", "RICORDO_EXTRACTOR_MODEL"})
_PROFILE: Final = re.compile(r"(us|eu|apac)\.(.+)")
# docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-data-access.html
_ON_COLLECTION: Final[Mapping[tuple[str, str], str]] = {
    ("es:ESHttpPost", "_search"): "aoss:ReadDocument",
    ("es:ESHttpPost", "_msearch"): "aoss:ReadDocument",
    ("es:ESHttpPost", "_bulk"): "aoss:WriteDocument",
    ("es:ESHttpPost", "_aliases"): "aoss:UpdateCollectionItems",
    ("es:ESHttpHead", ""): "aoss:DescribeIndex",
    ("es:ESHttpGet", ""): "aoss:DescribeIndex",
    ("es:ESHttpPut", ""): "aoss:CreateIndex",
}


@dataclass(frozen=True, slots=True)
class Need:
    """One action on one resource of a stage."""

    action: str
    resource: str
    leading_key: str = ""

    def is_met_by(self, permission: Permission) -> bool:
        """Say whether a permission allows it."""
        if permission.action != self.action or not matches(permission.resource, self.resource):
            return False
        return all(self._holds(*condition) for condition in permission.condition.items())

    def _holds(self, operator: str, condition: Mapping[str, Any]) -> bool:
        match operator, *condition.items():
            case "ForAllValues:StringLike", ("dynamodb:LeadingKeys", patterns):
                return any(matches(pattern, self.leading_key) for pattern in patterns)
            case "StringEquals", ("neptune-db:QueryLanguage", "Gremlin"):
                return True
        raise AssertionError(f"nobody has said what {operator} {condition} asks for")


@dataclass(frozen=True)
class Comparison:
    """One stage.

    Attributes:
        needs: By function.
        allowed: The same.
    """

    needs: Mapping[str, Sequence[Need]]
    allowed: Mapping[str, Sequence[Permission]]

    def missing(self) -> list[tuple[str, Need]]:
        """Return what is asked for and not allowed."""
        return [
            (function, need)
            for function, needs in self.needs.items()
            for need in needs
            if not any(need.is_met_by(permission) for permission in self.allowed[function])
        ]

    def unused(self) -> list[tuple[str, Permission]]:
        """Return what is allowed and not asked for."""
        return [
            (function, permission)
            for function, permissions in self.allowed.items()
            for permission in permissions
            if not any(need.is_met_by(permission) for need in self.needs.get(function, ()))
        ]

    def without(self, function: str, permission: Permission) -> "Comparison":
        """Return the same without one permission."""
        left = [one for one in self.allowed[function] if one != permission]
        return replace(self, allowed={**self.allowed, function: left})


def compared(stage: Synthesized, asked: Mapping[str, set[Asked]]) -> Comparison:
    """Put what is asked for into a stage's own names; what a stage does not have, no function asks for there."""
    needs = {
        function: list(dict.fromkeys(need for one in asked.get(function, ()) for need in _needs(stage, told, one)))
        for function, told in environments(stage).items()
    }
    allowed, on_documents = permissions(stage), _on_documents(stage)
    return Comparison(needs, {name: [*some, *on_documents.get(name, ())] for name, some in allowed.items()})


def matches(pattern: str, text: str) -> bool:
    """Say whether a text is like a pattern of IAM's, in which `*` and `?` stand for anything."""
    spelled = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(spelled, text, re.DOTALL) is not None


def _needs(stage: Synthesized, told: Mapping[str, str], asked: Asked) -> Iterator[Need]:
    if asked.variable == GRAPH and not stage.settings.graph.enabled:
        return
    if asked.variable == "RICORDO_EXTRACTOR_MODEL" and told["RICORDO_EXTRACTOR"] == "rules":
        return
    assert asked.variable in told, f"who asks for {asked.action} must be told {asked.variable}"
    if asked.variable in _MODELS:
        yield from (Need(asked.action, arn) for arn in _models(told[asked.variable]))
    elif asked.variable == SEARCH:
        yield from _of_index(stage, asked)
    else:
        yield Need(asked.action, _arn(told[asked.variable], asked), asked.leading_key)


def _arn(told: str, asked: Asked) -> str:
    """Return the resource behind what a function is told of it."""
    match asked.variable:
        case variable if variable == TABLE:
            return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{told}{asked.path}"
        case variable if variable == BUCKET:
            return f"arn:aws:s3:::{told}/{asked.path}"
        case variable if variable == BUS:
            return f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{told}"
        case variable if variable == QUEUE:
            return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{told.rpartition('/')[2]}"
        case variable if variable == GRAPH:
            cluster = str(urlsplit(told).hostname).partition(".")[0]
            return f"arn:aws:neptune-db:{REGION}:{ACCOUNT}:{cluster}.clusterresourceid/*"
    return told


def _models(model_id: str) -> Iterator[str]:
    """Yield what a call of a model asks for: through a profile, also the model wherever the request may go."""
    profile = _PROFILE.fullmatch(model_id)
    if profile is None:
        yield f"arn:aws:bedrock:{REGION}::foundation-model/{model_id}"
        return
    yield f"arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile/{model_id}"
    yield f"arn:aws:bedrock:{profile[1]}-somewhere-1::foundation-model/{profile[2]}"


def _of_index(stage: Synthesized, asked: Asked) -> Iterator[Need]:
    """Yield what the search engine asks for: a domain IAM alone, a collection its access policies as well."""
    for place in stage.properties("AWS::OpenSearchService::Domain"):
        domain = f"arn:aws:es:{REGION}:{ACCOUNT}:domain/{place.partition('/')[2]}"
        yield Need(asked.action, f"{domain}{asked.path}")
    for collection in stage.properties("AWS::OpenSearchServerless::Collection").values():
        yield Need("aoss:APIAccessAll", f"arn:aws:aoss:{REGION}:{ACCOUNT}:collection/{collection['Name']}")
        index, _, verb = asked.path[1:].rpartition("/")
        if verb.startswith("ricordo"):
            index, verb = verb, ""
        within = f"index/{collection['Name']}/{index}" if index else f"collection/{collection['Name']}"
        yield Need(_ON_COLLECTION[asked.action, verb], within)


def _on_documents(stage: Synthesized) -> dict[str, list[Permission]]:
    """Return what the access policies of a collection allow each function."""
    references = References(stage)
    functions = {
        references.resolve(place.partition("/")[0], made["Role"]): made["Environment"]["Variables"][
            "POWERTOOLS_SERVICE_NAME"
        ]
        for place, made in stage.properties("AWS::Lambda::Function").items()
    }
    found: dict[str, list[Permission]] = {}
    for place, policy in stage.properties("AWS::OpenSearchServerless::AccessPolicy").items():
        for admission in json.loads(references.resolve(place.partition("/")[0], policy["Policy"])):
            for function in (functions[role] for role in admission["Principal"]):
                found.setdefault(function, []).extend(_rules(admission))
    return found


def _rules(admission: Mapping[str, Any]) -> Iterator[Permission]:
    for rule in admission["Rules"]:
        for action in rule["Permission"]:
            yield from (Permission(action, resource) for resource in rule["Resource"])
