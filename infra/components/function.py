"""One way to make a Lambda function: runtime, code, layers, role, logs and tracing in one place."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.components.code import ARCHITECTURE, RUNTIME, Layers, code_of
from infra.components.grounds import Grounds
from infra.functions import Entry, size_of
from infra.permissions import needs_graph, needs_network

# A function in a network makes its interfaces itself; none of these actions knows resources when it is asked.
_INTERFACES: Final = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)


def roles_of(functions: Sequence["PythonFunction"]) -> dict[str, iam.IRole]:
    """Return the roles of functions by the functions' names."""
    return {function.entry.name: function.role for function in functions}


class PythonFunction(Construct):
    """A function of `functions/`, with a role and a log group of its own."""

    def __init__(self, scope: Construct, entry: Entry, *, grounds: Grounds) -> None:
        super().__init__(scope, "".join(part.capitalize() for part in entry.name.replace(".", "_").split("_")))
        settings = grounds.settings
        self.entry = entry
        self.log_group = logs.LogGroup(self, "Logs", retention=settings.retention, removal_policy=RemovalPolicy.DESTROY)
        network = grounds.network if needs_network(entry.name) else None
        self.role = self._make_role(grounds, in_network=network is not None)
        size = size_of(entry)
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=f"{settings.prefix}-{entry.name.replace('.', '-')}",
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            code=code_of(grounds.packages(entry.folder)),
            handler=entry.handler,
            layers=Layers.of(Stack.of(self), packages=grounds.packages).chosen(
                graph=settings.graph.enabled and needs_graph(entry.name)
            ),
            role=self.role,
            memory_size=size.memory_mb,
            timeout=Duration.seconds(size.timeout_s),
            log_group=self.log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            tracing=lambda_.Tracing.ACTIVE,
            recursive_loop=lambda_.RecursiveLoop.TERMINATE,
            vpc=network.vpc if network else None,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED) if network else None,
            security_groups=[network.functions] if network else None,
            environment={
                "POWERTOOLS_SERVICE_NAME": entry.name,
                **grounds.environment_of(entry.name),
            },
        )

    def _make_role(self, grounds: Grounds, *, in_network: bool) -> iam.Role:
        """Make the role: CDK's own would carry a managed policy over every log group."""
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.log_group.grant_write(role)
        if in_network:
            role.add_to_policy(iam.PolicyStatement(actions=list(_INTERFACES), resources=["*"]))
        for statement in grounds.statements(self.entry.name):
            role.add_to_policy(statement)
        return role
