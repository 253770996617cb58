"""The network of a stage that has one: no way in or out but to the services its functions call."""

from typing import Final

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.components.grounds import Network
from infra.permissions import Target, targets_within_network
from infra.settings import StageSettings

_HTTPS: Final = ec2.Port.tcp(443)
# Each costs by the hour and zone, so there are only those that code in the network calls itself. Logs and traces are
# sent by Lambda, streams are read by it, and keys are used by the services.
_ENDPOINTS: Final = {
    Target.EMBEDDING_MODEL: ("Bedrock", ec2.InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME),
    Target.EXTRACTION_MODEL: ("Bedrock", ec2.InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME),
    Target.INGEST: ("Workflows", ec2.InterfaceVpcEndpointAwsService.STEP_FUNCTIONS),
    Target.FORGET: ("Workflows", ec2.InterfaceVpcEndpointAwsService.STEP_FUNCTIONS),
    Target.BUS: ("Events", ec2.InterfaceVpcEndpointAwsService.EVENTBRIDGE),
    Target.DEAD_LETTERS: ("Queues", ec2.InterfaceVpcEndpointAwsService.SQS),
    Target.PEPPER: ("Secrets", ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER),
}


class NetworkStack(Stack):
    """Isolated subnets in two zones, no gateway to the internet."""

    def __init__(self, scope: Construct, name: str, *, settings: StageSettings) -> None:
        super().__init__(scope, name)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=2,
            nat_gateways=0,
            create_internet_gateway=False,
            restrict_default_security_group=False,  # it would bring a function of CDK's; nothing uses that group
            subnet_configuration=[
                ec2.SubnetConfiguration(name="isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=22)
            ],
            gateway_endpoints={
                "S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3),
                "DynamoDB": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.DYNAMODB),
            },
        )
        functions = self._group("Functions", "Functions that speak to search and graph")
        # The gateway endpoints have public addresses; without a gateway to the internet nothing else is behind them.
        functions.add_egress_rule(ec2.Peer.any_ipv4(), _HTTPS, "S3, DynamoDB and the endpoints")
        self._add_endpoints(functions)
        self._log_refused(settings)
        self.network = Network(self.vpc, functions)

    def _group(self, name: str, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(self, name, vpc=self.vpc, description=description, allow_all_outbound=False)

    def _add_endpoints(self, functions: ec2.SecurityGroup) -> None:
        endpoints = self._group("Endpoints", "Endpoints of services")
        endpoints.add_ingress_rule(functions, _HTTPS, "functions")
        called = targets_within_network()
        for name, service in dict(_ENDPOINTS[target] for target in _ENDPOINTS if target in called).items():
            self.vpc.add_interface_endpoint(name, service=service, security_groups=[endpoints], open=False)

    def _log_refused(self, settings: StageSettings) -> None:
        refused = logs.LogGroup(self, "Refused", retention=settings.retention, removal_policy=RemovalPolicy.DESTROY)
        self.vpc.add_flow_log(
            "FlowLog",
            destination=ec2.FlowLogDestination.to_cloud_watch_logs(refused),
            traffic_type=ec2.FlowLogTrafficType.REJECT,
        )
