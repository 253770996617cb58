"""What all functions of a stage stand on: its resources, their addresses, its network and its packages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

from infra.components.code import Packages
from infra.permissions import GRANTS, SEARCH_TARGETS, Grant, Target
from infra.settings import SearchEngine, StageSettings

_CONDITIONS: Final[Mapping[Target, Mapping[str, Any]]] = {
    Target.KEYS: {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["KEY#*"]}},
    Target.GRAPH: {"StringEquals": {"neptune-db:QueryLanguage": "Gremlin"}},
}
_UNENCRYPTED: Final = frozenset(
    {
        *SEARCH_TARGETS,
        Target.BUCKET,
        Target.EMBEDDING_MODEL,
        Target.EXTRACTION_MODEL,
        Target.FORGET,
        Target.GRAPH,
        Target.INDEXES,
        Target.INGEST,
    }
)
"""What is asked without the stage's key; services that hold something under it ask the key for themselves."""
_READS_WITH_KEY: Final = ("kms:Decrypt", "kms:DescribeKey")
_WRITES_WITH_KEY: Final = ("kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")
_READS: Final = ("Get", "BatchGet", "Query", "Describe", "List")


@dataclass(frozen=True, slots=True)
class Network:
    """Where functions stand that speak to search and graph in a stage with a network."""

    vpc: ec2.IVpc
    functions: ec2.ISecurityGroup


@dataclass(frozen=True, slots=True)
class Grounds:
    """What functions are made with.

    Attributes:
        settings: The stage.
        packages: Code and layers.
        environment: Variables that all functions get.
        variables: Those that only a function gets that may use the target; a function that need not know the graph's
            address does not import what speaks to one.
        arns: What each target stands for; a target without an entry does not exist in this stage.
        key_arn: The stage's own key, if it has one. Only its ARN crosses stacks: a construct handed the key itself
            would write into the key's policy and so tie the stacks into a circle.
        network: The stage's network, if it has one.
    """

    settings: StageSettings
    packages: Packages
    environment: Mapping[str, str]
    variables: Mapping[Target, Mapping[str, str]]
    arns: Mapping[Target, Sequence[str]]
    key_arn: str | None
    network: Network | None

    def environment_of(self, function: str) -> dict[str, str]:
        """Return the variables of a function."""
        chosen = [self.variables.get(grant.target, {}) for grant in GRANTS[function]]
        return dict(self.environment) | {name: value for variables in chosen for name, value in variables.items()}

    def statements(self, function: str) -> list[iam.PolicyStatement]:
        """Return the policy of a function: what the table of permissions says, in this stage's resources."""
        granted = [grant for grant in GRANTS[function] if self.arns.get(grant.target)]
        statements = [self._statement(grant) for grant in granted]
        if self.key_arn and (actions := _actions_on_key(granted)):
            statements.append(iam.PolicyStatement(actions=actions, resources=[self.key_arn]))
        return statements

    def _statement(self, grant: Grant) -> iam.PolicyStatement:
        is_collection = self.settings.search.engine is SearchEngine.SERVERLESS and grant.target in SEARCH_TARGETS
        return iam.PolicyStatement(
            actions=["aoss:APIAccessAll"] if is_collection else list(grant.actions),
            resources=list(self.arns[grant.target]),
            conditions=_CONDITIONS.get(grant.target),
        )


def _actions_on_key(granted: Sequence[Grant]) -> list[str]:
    """Return what must be allowed on the key beside these grants."""
    asked = [action.split(":")[1] for grant in granted if grant.target not in _UNENCRYPTED for action in grant.actions]
    if not asked:
        return []
    only_reads = all(action.startswith(_READS) for action in asked)
    return [*_READS_WITH_KEY] if only_reads else [*_READS_WITH_KEY, *_WRITES_WITH_KEY]
