"""One way to have a function follow the table's stream."""

import json

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.components.function import PythonFunction


def follow(
    scope: Construct, name: str, function: PythonFunction, *, stream_arn: str, missed: sqs.IQueue, key_arn: str | None
) -> None:
    """Hand a function every change of a memory, those of one memory in their order.

    A batch that fails is halved, asked for again twenty times and for half a day at most, so that an engine that is
    down is waited for and a poisonous record does not stop its shard for ever; what is given up is named in a queue,
    and the nightly comparison with the truth mends it.
    """
    lambda_.CfnEventSourceMapping(
        scope,
        name,
        function_name=function.function.function_name,
        event_source_arn=stream_arn,
        starting_position="TRIM_HORIZON",
        batch_size=100,
        maximum_batching_window_in_seconds=0,
        parallelization_factor=2,
        bisect_batch_on_function_error=True,
        function_response_types=["ReportBatchItemFailures"],
        maximum_retry_attempts=20,
        maximum_record_age_in_seconds=12 * 3600,
        destination_config=lambda_.CfnEventSourceMapping.DestinationConfigProperty(
            on_failure=lambda_.CfnEventSourceMapping.OnFailureProperty(destination=missed.queue_arn)
        ),
        filter_criteria=lambda_.CfnEventSourceMapping.FilterCriteriaProperty(
            filters=[lambda_.CfnEventSourceMapping.FilterProperty(pattern=json.dumps(pattern)) for pattern in _PATTERNS]
        ),
        kms_key_arn=key_arn,
        metrics_config=lambda_.CfnEventSourceMapping.MetricsConfigProperty(metrics=["EventCount"]),
    ).node.add_dependency(function.role)  # the role's policy is looked at when the mapping is made


_PATTERNS = (
    {"dynamodb": {"NewImage": {"kind": {"S": ["memory"]}}}},
    {"eventName": ["REMOVE"], "dynamodb": {"OldImage": {"kind": {"S": ["memory"]}}}},
)
