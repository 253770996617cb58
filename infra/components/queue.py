"""One way to make a queue; all of ours hold what somebody has to look at."""

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.components.nag import acknowledge


def dead_letter_queue(scope: Construct, name: str, *, key: kms.IKey | None) -> sqs.Queue:
    """Make a queue for what could not be delivered or done; it is kept for two weeks."""
    queue = sqs.Queue(
        scope,
        name,
        retention_period=Duration.days(14),
        enforce_ssl=True,
        encryption=sqs.QueueEncryption.KMS if key else sqs.QueueEncryption.SQS_MANAGED,
        encryption_master_key=key,
    )
    acknowledge(queue, {"SQS3": "it is a dead-letter queue itself"})
    return queue
