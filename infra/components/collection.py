"""A collection of Amazon OpenSearch Serverless, in a group that sleeps when nobody asks."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_opensearchserverless as aoss
from constructs import Construct

from infra.permissions import GRANTS, Target
from infra.settings import StageSettings

_SEARCH: Final = ("aoss:ReadDocument", "aoss:DescribeIndex")
_WRITE: Final = (*_SEARCH, "aoss:WriteDocument")
_ADMINISTER: Final = ("aoss:DescribeIndex", "aoss:CreateIndex", "aoss:UpdateIndex")
_ALIASES: Final = ("aoss:DescribeCollectionItems", "aoss:CreateCollectionItems", "aoss:UpdateCollectionItems")
_ALLOWED: Final[Mapping[Target, tuple[Sequence[str], Sequence[str]]]] = {
    Target.SEARCHES: (_SEARCH, ()),
    Target.INDEX_WRITES: (_WRITE, ()),
    Target.INDEX_ADMINISTRATION: (_ADMINISTER, _ALIASES),
}


class SearchCollection(Construct):
    """A vector collection that signed requests reach; its policies refer to it by name, before it is there."""

    target: Final = "serverless"

    def __init__(self, scope: Construct, *, settings: StageSettings, key: kms.IKey | None) -> None:
        super().__init__(scope, "Collection")
        self.name = settings.prefix
        before = [self._encryption(key), self._reach(), self._group(settings)]
        self.collection = aoss.CfnCollection(
            self,
            "Collection",
            name=self.name,
            type="VECTORSEARCH",
            collection_group_name=self.name,
            standby_replicas="ENABLED",
            deletion_protection="ENABLED" if settings.retain else "DISABLED",
        )
        self.collection.apply_removal_policy(settings.removal)
        for needed in before:  # named only, so CloudFormation cannot see it
            self.collection.add_resource_dependency(needed)

    def _encryption(self, key: kms.IKey | None) -> aoss.CfnSecurityPolicy:
        with_key: dict[str, Any] = {"KmsARN": key.key_arn} if key else {"AWSOwnedKey": True}
        return self._policy("Encryption", "encryption", {"Rules": [self._rule("collection")], **with_key})

    def _reach(self) -> aoss.CfnSecurityPolicy:
        rules = [self._rule("collection"), self._rule("dashboard")]
        return self._policy("Reach", "network", [{"Rules": rules, "AllowFromPublic": True}])

    def _rule(self, kind: str) -> dict[str, Any]:
        return {"ResourceType": kind, "Resource": [f"collection/{self.name}"]}

    def _policy(self, name: str, kind: str, policy: object) -> aoss.CfnSecurityPolicy:
        text = Stack.of(self).to_json_string(policy)
        return aoss.CfnSecurityPolicy(self, name, name=self.name, type=kind, policy=text)

    def _group(self, settings: StageSettings) -> aoss.CfnCollectionGroup:
        most = settings.search.most_units
        return aoss.CfnCollectionGroup(
            self,
            "Group",
            name=self.name,
            generation="NEXTGEN",
            standby_replicas="ENABLED",
            capacity_limits=aoss.CfnCollectionGroup.CapacityLimitsProperty(
                min_indexing_capacity_in_ocu=0,
                min_search_capacity_in_ocu=0,
                max_indexing_capacity_in_ocu=most,
                max_search_capacity_in_ocu=most,
            ),
        )

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.collection.attr_collection_endpoint

    @property
    def arns(self) -> Mapping[Target, Sequence[str]]:
        """What it is to IAM, which only says who may ask at all; what for is the access policy's matter."""
        return {target: [self.collection.attr_arn] for target in _ALLOWED}

    def admit(self, scope: Construct, roles: Mapping[str, iam.IRole], *, name: str) -> None:
        """Say in the stack of these functions what each may do with documents; IAM and this must both allow it."""
        rules = [
            self._admission(_ALLOWED[grant.target], role.role_arn)
            for function, role in roles.items()
            for grant in GRANTS[function]
            if grant.target in _ALLOWED
        ]
        text = Stack.of(scope).to_json_string(rules)
        aoss.CfnAccessPolicy(scope, "SearchAccess", name=f"{self.name}-{name}", type="data", policy=text)

    def _admission(self, allowed: tuple[Sequence[str], Sequence[str]], role_arn: str) -> dict[str, Any]:
        on_index, on_collection = allowed
        rules = [{"ResourceType": "index", "Resource": [f"index/{self.name}/ricordo-*"], "Permission": list(on_index)}]
        if on_collection:
            rules.append({**self._rule("collection"), "Permission": list(on_collection)})
        return {"Rules": rules, "Principal": [role_arn]}
