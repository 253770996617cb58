"""The API: a REST API before two functions, one that says whose key it is and one that answers."""

import json
from collections.abc import Sequence
from typing import Final

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.components.firewall import Firewall
from infra.components.function import PythonFunction
from infra.components.gateway_responses import add_gateway_answers
from infra.components.grounds import Grounds
from infra.components.nag import acknowledge
from infra.functions import entries
from infra.settings import StageSettings

# What is none is refused before a function is asked: the form of `ricordo.domain.api_key`; a test compares them.
KEY_HEADER: Final = "^ *[Tt][Oo][Kk][Ee][Nn] +m0-[0-9a-f]{16}-[0-9A-Za-z_]{20,128} *$"
_CORS_HEADERS: Final = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match")
_CORS_MORE: Final = ("Mem0-User-ID", "X-Mem0-Client", "X-Mem0-Source", "X-Application")
_FIELD: Final = apigateway.AccessLogField
# Paths are logged as patterns: true ones hold names of users, and queries may hold more.
_LOGGED: Final = {
    "request_id": _FIELD.context_request_id(),
    "trace_id": _FIELD.context_xray_trace_id(),
    "at": _FIELD.context_request_time(),
    "ip": _FIELD.context_identity_source_ip(),
    "method": _FIELD.context_http_method(),
    "resource": _FIELD.context_resource_path(),
    "status": _FIELD.context_status(),
    "answered_by": "$context.error.responseType",
    "latency_ms": _FIELD.context_response_latency(),
    "function_ms": _FIELD.context_integration_latency(),
    "bytes": _FIELD.context_response_length(),
    "project_id": _FIELD.context_authorizer("project_id"),
    "key_id": _FIELD.context_authorizer("key_id"),
    "firewall": _FIELD.context_waf_status(),
}


class ApiStack(Stack):
    """What the outside reaches."""

    def __init__(self, scope: Construct, name: str, *, grounds: Grounds) -> None:
        super().__init__(scope, name)
        settings = grounds.settings
        found = entries()
        self.api_function = PythonFunction(self, found["api"], grounds=grounds)
        self.authorizer_function = PythonFunction(self, found["authorize"], grounds=grounds)
        self.gateway = self._make_gateway(settings)
        self._add_routes(settings)
        add_gateway_answers(self.gateway, cors_origin=settings.cors_origin)
        if settings.waf:
            Firewall(self, settings=settings, stage_arn=self.gateway.deployment_stage.stage_arn)
        if settings.domain_name:
            self._name(settings)
        url = f"https://{settings.domain_name}" if settings.domain_name else self.gateway.url
        CfnOutput(self, "Url", value=url)
        self._accept_findings(settings)

    @property
    def functions(self) -> Sequence[PythonFunction]:
        """All functions of this stack."""
        return [self.api_function, self.authorizer_function]

    def _make_gateway(self, settings: StageSettings) -> apigateway.RestApi:
        access = logs.LogGroup(self, "Access", retention=settings.retention, removal_policy=RemovalPolicy.DESTROY)
        may_log = self._let_gateway_log()
        api = apigateway.RestApi(
            self,
            "Gateway",
            rest_api_name=settings.prefix,
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            cloud_watch_role=False,
            deploy_options=apigateway.StageOptions(
                stage_name=settings.stage,
                tracing_enabled=True,
                metrics_enabled=True,
                logging_level=apigateway.MethodLoggingLevel.OFF,  # it would quote bodies and keys
                data_trace_enabled=False,
                throttling_rate_limit=settings.requests_per_s,
                throttling_burst_limit=settings.burst_requests,
                access_log_destination=apigateway.LogGroupLogDestination(access),
                access_log_format=apigateway.AccessLogFormat.custom(json.dumps(_LOGGED)),
            ),
        )
        api.deployment_stage.node.add_dependency(may_log)
        return api

    def _let_gateway_log(self) -> apigateway.CfnAccount:
        """Let API Gateway write logs: an account has one such role, so it stays when this API goes."""
        role = iam.Role(self, "GatewayLogs", assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"))
        role.add_to_policy(
            iam.PolicyStatement(
                actions=[
                    "logs:CreateLogGroup",
                    "logs:CreateLogStream",
                    "logs:DescribeLogGroups",
                    "logs:DescribeLogStreams",
                    "logs:FilterLogEvents",
                    "logs:GetLogEvents",
                    "logs:PutLogEvents",
                ],
                resources=["*"],
            )
        )
        role.apply_removal_policy(RemovalPolicy.RETAIN)
        account = apigateway.CfnAccount(self, "Account", cloud_watch_role_arn=role.role_arn)
        account.apply_removal_policy(RemovalPolicy.RETAIN)
        return account

    def _add_routes(self, settings: StageSettings) -> None:
        authorizer = apigateway.TokenAuthorizer(
            self,
            "Authorizer",
            handler=self.authorizer_function.function,
            validation_regex=KEY_HEADER,
            results_cache_ttl=Duration.seconds(settings.key_cache_s),
        )
        integration = apigateway.LambdaIntegration(self.api_function.function, allow_test_invoke=False)
        everything = self.gateway.root.add_resource("{proxy+}")
        everything.add_method(
            "ANY", integration, authorizer=authorizer, authorization_type=apigateway.AuthorizationType.CUSTOM
        )
        health = self.gateway.root.add_resource("health")
        health.add_method("GET", integration, authorization_type=apigateway.AuthorizationType.NONE)
        if settings.cors_origin:
            for resource in (everything, health):
                resource.add_cors_preflight(
                    allow_origins=[settings.cors_origin],
                    allow_headers=[*_CORS_HEADERS, *_CORS_MORE],
                    allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
                    max_age=Duration.hours(1),
                )

    def _name(self, settings: StageSettings) -> None:
        domain = apigateway.DomainName(
            self,
            "Domain",
            domain_name=settings.domain_name,
            certificate=acm.Certificate.from_certificate_arn(self, "Certificate", settings.certificate_arn),
            endpoint_type=apigateway.EndpointType.REGIONAL,
            security_policy=apigateway.SecurityPolicy.TLS_1_2,
            mapping=self.gateway,
        )
        CfnOutput(self, "DomainTarget", value=domain.domain_name_alias_domain_name)

    def _accept_findings(self, settings: StageSettings) -> None:
        acknowledge(
            self,
            {
                "APIG2": "the function validates bodies, and says what is wrong with them",
                "APIG4": "GET /health and CORS preflights; a test lists them",
                "APIG6": "execution logs would quote bodies and keys; the access log tells what happened",
                "COG4": "API keys are checked by a function, as mem0's clients send them",
                **({} if settings.waf else {"APIG3": "a stage without a firewall, by its own choice"}),
            },
        )
