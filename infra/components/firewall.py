"""The web application firewall before the API."""

from collections.abc import Sequence
from typing import Any, Final

from aws_cdk import ArnFormat, RemovalPolicy, Stack
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from infra.settings import StageSettings

_Rule = wafv2.CfnWebACL.RuleProperty
_REQUESTS_IN_5_MINUTES: Final = 10_000  # of one address
# Conversations are long and quote code, so rules about bodies only count.
_COUNTED_RULES: Final = (
    "SizeRestrictions_BODY",
    "CrossSiteScripting_BODY",
    "GenericLFI_BODY",
    "GenericRFI_BODY",
    "EC2MetaDataSSRF_BODY",
)
_COUNTED_INPUTS: Final = ("JavaDeserializationRCE_BODY", "Log4JRCE_BODY", "ReactJSRCE_BODY")


class Firewall(Construct):
    """Refuses floods of one address, addresses of bad name, and requests that are attacks whatever the path."""

    def __init__(self, scope: Construct, *, settings: StageSettings, stage_arn: str) -> None:
        super().__init__(scope, "Firewall")
        acl = wafv2.CfnWebACL(
            self,
            "Acl",
            scope="REGIONAL",
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_seen_as("firewall"),
            rules=[
                _flood(),
                _managed("AWSManagedRulesAmazonIpReputationList", 1),
                _managed("AWSManagedRulesCommonRuleSet", 2, counted=_COUNTED_RULES),
                _managed("AWSManagedRulesKnownBadInputsRuleSet", 3, counted=_COUNTED_INPUTS),
            ],
        )
        wafv2.CfnWebACLAssociation(self, "Association", resource_arn=stage_arn, web_acl_arn=acl.attr_arn)
        self._log(acl, settings)

    def _log(self, acl: wafv2.CfnWebACL, settings: StageSettings) -> None:
        group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"aws-waf-logs-{settings.prefix}",  # WAF takes no other beginning
            retention=settings.retention,
            removal_policy=RemovalPolicy.DESTROY,
        )
        destination = Stack.of(self).format_arn(
            service="logs",
            resource="log-group",
            resource_name=group.log_group_name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        hidden: list[dict[str, Any]] = [{"SingleHeader": {"Name": "authorization"}}, {"QueryString": {}}]
        logging = wafv2.CfnLoggingConfiguration(
            self, "Logging", resource_arn=acl.attr_arn, log_destination_configs=[destination]
        )
        logging.add_property_override("RedactedFields", hidden)


def _seen_as(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    """Count what a rule matches, and keep no samples: they would hold headers."""
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )


def _flood() -> _Rule:
    return _Rule(
        name="Flood",
        priority=0,
        action=wafv2.CfnWebACL.RuleActionProperty(block={}),
        statement=wafv2.CfnWebACL.StatementProperty(
            rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(
                limit=_REQUESTS_IN_5_MINUTES, aggregate_key_type="IP", evaluation_window_sec=300
            )
        ),
        visibility_config=_seen_as("flood"),
    )


def _managed(name: str, priority: int, *, counted: Sequence[str] = ()) -> _Rule:
    count = wafv2.CfnWebACL.RuleActionProperty(count={})
    return _Rule(
        name=name,
        priority=priority,
        override_action=wafv2.CfnWebACL.OverrideActionProperty(none={}),
        statement=wafv2.CfnWebACL.StatementProperty(
            managed_rule_group_statement=wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(
                vendor_name="AWS",
                name=name,
                rule_action_overrides=[
                    wafv2.CfnWebACL.RuleActionOverrideProperty(name=rule, action_to_use=count) for rule in counted
                ],
            )
        ),
        visibility_config=_seen_as(name),
    )
