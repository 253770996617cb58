"""A domain of Amazon OpenSearch Service."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_cdk import Aws, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_opensearchservice as opensearch
from constructs import Construct

from infra.components.grounds import Network
from infra.components.nag import acknowledge
from infra.permissions import Target
from infra.settings import StageSettings

# The newest that the adapters are proven on is 3.6; the service offers 3.5 below it.
_VERSION: Final = "3.5"


class SearchDomain(Construct):
    """A domain that answers signed requests of this account only; in the stage's network, if it has one."""

    target: Final = "domain"

    def __init__(
        self, scope: Construct, *, settings: StageSettings, key: kms.IKey | None, network: Network | None
    ) -> None:
        super().__init__(scope, "Domain")
        search = settings.search
        is_spread = search.nodes > 1
        self._logs = {
            name: logs.LogGroup(self, name, retention=settings.retention, removal_policy=RemovalPolicy.DESTROY)
            for name in ("Faults", "SlowSearches", "SlowWrites")
        }
        self.domain = opensearch.Domain(
            self,
            "Domain",
            version=opensearch.EngineVersion.open_search(_VERSION),
            capacity=opensearch.CapacityConfig(
                data_nodes=search.nodes,
                data_node_instance_type=search.instance,
                multi_az_with_standby_enabled=False,
            ),
            ebs=opensearch.EbsOptions(volume_size=search.volume_gb, volume_type=ec2.EbsDeviceVolumeType.GP3),
            zone_awareness=opensearch.ZoneAwarenessConfig(
                enabled=is_spread, availability_zone_count=2 if is_spread else None
            ),
            encryption_at_rest=opensearch.EncryptionAtRestOptions(enabled=True, kms_key=key),
            node_to_node_encryption=True,
            enforce_https=True,
            tls_security_policy=opensearch.TLSSecurityPolicy.TLS_1_2_PFS,
            enable_auto_software_update=True,
            enable_version_upgrade=True,
            logging=opensearch.LoggingOptions(
                app_log_enabled=True,
                app_log_group=self._logs["Faults"],
                slow_search_log_enabled=True,
                slow_search_log_group=self._logs["SlowSearches"],
                slow_index_log_enabled=True,
                slow_index_log_group=self._logs["SlowWrites"],
            ),
            suppress_logs_resource_policy=True,  # CDK would have a function of its own write it
            removal_policy=settings.removal,
            **(self._within(network, is_spread=is_spread) if network else {}),
        )
        self._admit_account()
        self._admit_logs(settings)
        acknowledge(
            self.domain,
            {
                **({} if network else {"OS1": "a stage without a network: only signed requests are answered"}),
                "OS3": "callers are told apart by their signature, not by their address",
                **({"OS7": "one node, in a stage whose index may be built anew"} if not is_spread else {}),
                "OS4": "two nodes at most hold the index; dedicated ones pay from many nodes on",
            },
        )

    def _within(self, network: Network, *, is_spread: bool) -> dict[str, Any]:
        """Place it in the network; the rules stand here, so that the network need not know of it."""
        group = ec2.SecurityGroup(self, "Group", vpc=network.vpc, description="Search domain", allow_all_outbound=False)
        ec2.CfnSecurityGroupIngress(
            self,
            "FromFunctions",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            group_id=group.security_group_id,
            source_security_group_id=network.functions.security_group_id,
        )
        subnets = network.vpc.isolated_subnets[: 2 if is_spread else 1]
        return {
            "vpc": network.vpc,
            "vpc_subnets": [ec2.SubnetSelection(subnets=subnets)],
            "security_groups": [group],
        }

    def _admit_account(self) -> None:
        """Answer roles of this account whose own policies allow it; CDK would have a function of its own say so."""
        resource: Any = self.domain.node.default_child
        resource.access_policies = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:root"},
                    "Action": "es:ESHttp*",
                    "Resource": Stack.of(self).format_arn(service="es", resource="domain", resource_name="*"),
                }
            ],
        }

    def _admit_logs(self, settings: StageSettings) -> None:
        policy = logs.CfnResourcePolicy(
            self,
            "LogPolicy",
            policy_name=f"{settings.prefix}-search",
            policy_document=Stack.of(self).to_json_string(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "es.amazonaws.com"},
                            "Action": ["logs:PutLogEvents", "logs:CreateLogStream"],
                            "Resource": [group.log_group_arn for group in self._logs.values()],
                            "Condition": {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
                        }
                    ],
                }
            ),
        )
        self.domain.node.add_dependency(policy)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"https://{self.domain.domain_endpoint}"

    @property
    def arns(self) -> Mapping[Target, Sequence[str]]:
        """What it is to IAM: paths of requests, all of our own indexes."""
        arn = self.domain.domain_arn
        return {
            Target.SEARCHES: [f"{arn}/ricordo-*/_search", f"{arn}/ricordo-*/_msearch"],
            Target.INDEX_WRITES: [f"{arn}/ricordo-*"],
            Target.INDEX_ADMINISTRATION: [f"{arn}/ricordo-*", f"{arn}/_aliases"],
        }
