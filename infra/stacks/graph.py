"""The graph: Neptune Serverless, where the stage has one."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_neptune as neptune
from constructs import Construct

from infra.components.grounds import Network
from infra.components.nag import acknowledge
from infra.permissions import Target
from infra.settings import StageSettings

_PORT: Final = 8182
_VERSION: Final = "1.4.6.1"  # the first that may be reached from outside a network
_FAMILY: Final = "neptune1.4"


class GraphStack(Stack):
    """A cluster that answers signed requests only: in the stage's network, or with a public address."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        settings: StageSettings,
        key_arn: str | None,
        network: Network | None,
    ) -> None:
        super().__init__(scope, name, termination_protection=settings.retain)
        parameters = neptune.CfnDBClusterParameterGroup(
            self,
            "Parameters",
            family=_FAMILY,
            description=settings.prefix,
            parameters={"neptune_enable_audit_log": "0", "neptune_query_timeout": "20000"},  # an audit quotes queries
        )
        self.cluster = neptune.CfnDBCluster(
            self,
            "Cluster",
            engine_version=_VERSION,
            db_cluster_parameter_group_name=parameters.ref,
            db_port=_PORT,
            iam_auth_enabled=True,
            storage_encrypted=True,
            kms_key_id=key_arn,
            deletion_protection=settings.retain,
            backup_retention_period=7,
            copy_tags_to_snapshot=True,
            serverless_scaling_configuration=neptune.CfnDBCluster.ServerlessScalingConfigurationProperty(
                min_capacity=settings.graph.least_units, max_capacity=settings.graph.most_units
            ),
            **(self._within(network) if network else self._in_public()),
        )
        self.cluster.apply_removal_policy(settings.removal)
        if not settings.graph.readers:
            acknowledge(self.cluster, {"N1": "one instance, by the stage's choice: without it searches are degraded"})
        for number in range(1 + settings.graph.readers):
            neptune.CfnDBInstance(
                self,
                f"Instance{number}",
                db_instance_class="db.serverless",
                db_cluster_identifier=self.cluster.ref,
                auto_minor_version_upgrade=True,
                publicly_accessible=network is None,
            ).apply_removal_policy(settings.removal)

    def _within(self, network: Network) -> dict[str, Any]:
        """Place it in the network; the rules stand here, so that the network need not know of it."""
        group = ec2.SecurityGroup(self, "Group", vpc=network.vpc, description="Graph", allow_all_outbound=False)
        functions = network.functions.security_group_id
        ports: dict[str, Any] = {"ip_protocol": "tcp", "from_port": _PORT, "to_port": _PORT}
        ec2.CfnSecurityGroupIngress(
            self, "FromFunctions", group_id=group.security_group_id, source_security_group_id=functions, **ports
        )
        ec2.CfnSecurityGroupEgress(
            self, "ToGraph", group_id=functions, destination_security_group_id=group.security_group_id, **ports
        )
        subnets = neptune.CfnDBSubnetGroup(
            self,
            "Subnets",
            db_subnet_group_description="isolated",
            subnet_ids=[subnet.subnet_id for subnet in network.vpc.isolated_subnets],
        )
        return {"db_subnet_group_name": subnets.ref, "vpc_security_group_ids": [group.security_group_id]}

    def _in_public(self) -> dict[str, Any]:
        """Place it in the account's default network, open to whoever can sign."""
        group = ec2.CfnSecurityGroup(
            self,
            "PublicGroup",
            group_description="Graph",
            security_group_ingress=[
                ec2.CfnSecurityGroup.IngressProperty(
                    ip_protocol="tcp",
                    from_port=_PORT,
                    to_port=_PORT,
                    cidr_ip="0.0.0.0/0",
                    description="signed requests",
                )
            ],
        )
        acknowledge(group, {"EC23": "a stage without a network: only signed requests are answered"})
        return {"vpc_security_group_ids": [group.attr_group_id]}

    @property
    def variables(self) -> Mapping[str, str]:
        """What functions are told that may use it."""
        return {"RICORDO_GRAPH_URL": f"wss://{self.cluster.attr_endpoint}:{_PORT}/gremlin"}

    @property
    def arns(self) -> Mapping[Target, Sequence[str]]:
        """What it is to IAM."""
        cluster = self.format_arn(
            service="neptune-db", resource=self.cluster.attr_cluster_resource_id, resource_name="*"
        )
        return {Target.GRAPH: [cluster]}
