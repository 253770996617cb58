"""The search index: a domain of OpenSearch, or a collection of OpenSearch Serverless, as the stage chooses."""

from collections.abc import Mapping, Sequence

from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.components.collection import SearchCollection
from infra.components.domain import SearchDomain
from infra.components.grounds import Network
from infra.permissions import Target
from infra.settings import SearchEngine, StageSettings


class SearchStack(Stack):
    """One of the two; both are reached by signed requests only."""

    def __init__(
        self, scope: Construct, name: str, *, settings: StageSettings, key_arn: str | None, network: Network | None
    ) -> None:
        super().__init__(scope, name, termination_protection=settings.retain)
        key = kms.Key.from_key_arn(self, "Key", key_arn) if key_arn else None
        self.engine: SearchDomain | SearchCollection
        if settings.search.engine is SearchEngine.DOMAIN:
            self.engine = SearchDomain(self, settings=settings, key=key, network=network)
        else:
            self.engine = SearchCollection(self, settings=settings, key=key)

    @property
    def variables(self) -> Mapping[str, str]:
        """What functions are told of it."""
        return {"RICORDO_OPENSEARCH_URL": self.engine.url, "RICORDO_OPENSEARCH_TARGET": self.engine.target}

    @property
    def arns(self) -> Mapping[Target, Sequence[str]]:
        """What a function may be granted of it by IAM."""
        return self.engine.arns
