"""The truth: one table, one bucket for what is too large for its rows, the secret API keys are hashed with."""

from typing import Any, Final

from aws_cdk import Aws, CfnOutput, Duration, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.components.nag import acknowledge
from infra.settings import StageSettings

# Services that use the key for resources of other stacks. They are named with the account and not one by one: a
# construct of another stack that is handed the key writes itself into its policy, and each stack then needs the other.
_SERVICES_WITH_KEY: Final = ("cloudwatch", "events", "lambda", "scheduler", "sns", "sqs")
BODIES: Final = "bodies/"
IMPORTS: Final = "imports/"
REFUSALS: Final = "import-refusals/"
RESULTS: Final = "import-results/"
_INDEXES: Final = ("gsi1", "gsi2")


class StorageStack(Stack):
    """What cannot be made again from anything else."""

    def __init__(self, scope: Construct, name: str, *, settings: StageSettings) -> None:
        super().__init__(scope, name, termination_protection=settings.retain)
        self.key = self._make_key(settings) if settings.customer_key else None
        self.table = self._make_table(settings)
        self.bucket = self._make_bucket(settings)
        self.key_secret = self._make_key_secret(settings)
        CfnOutput(self, "TableName", value=self.table.table_name)
        CfnOutput(self, "BucketName", value=self.bucket.bucket_name)

    def _make_key(self, settings: StageSettings) -> kms.Key:
        key = kms.Key(
            self,
            "Key",
            alias=f"alias/{settings.prefix}",
            enable_key_rotation=True,
            removal_policy=settings.removal,
        )
        key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(f"{service}.amazonaws.com") for service in _SERVICES_WITH_KEY],
                actions=["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
                resources=["*"],  # in a key's policy this is the key
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            )
        )
        return key

    def _make_table(self, settings: StageSettings) -> dynamodb.Table:
        """Make the table that `ricordo.adapters.dynamodb.schema` describes; a test compares them."""
        table = dynamodb.Table(
            self,
            "Table",
            partition_key=_text("pk"),
            sort_key=_text("sk"),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
            time_to_live_attribute="ttl",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            encryption=(dynamodb.TableEncryption.CUSTOMER_MANAGED if self.key else dynamodb.TableEncryption.DEFAULT),
            encryption_key=self.key,
            deletion_protection=settings.retain,
            removal_policy=settings.removal,
        )
        for index in _INDEXES:
            table.add_global_secondary_index(
                index_name=index,
                partition_key=_text(f"{index}pk"),
                sort_key=_text(f"{index}sk"),
                projection_type=dynamodb.ProjectionType.KEYS_ONLY,
            )
        return table

    def _make_bucket(self, settings: StageSettings) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "Bucket",
            versioned=True,
            encryption=s3.BucketEncryption.KMS if self.key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=self.key,
            bucket_key_enabled=True if self.key else None,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            removal_policy=settings.removal,
            lifecycle_rules=[
                # What was forgotten must be gone: an old version only outlives a slip of the hand.
                s3.LifecycleRule(id="forgotten", noncurrent_version_expiration=Duration.days(7)),
                s3.LifecycleRule(id="parts", abort_incomplete_multipart_upload_after=Duration.days(1)),
                *(
                    s3.LifecycleRule(id=prefix.rstrip("/"), prefix=prefix, expiration=Duration.days(30))
                    for prefix in (IMPORTS, REFUSALS, RESULTS)
                ),
            ],
        )
        # CDK's own switch would bring a function of its own to set what the resource can say itself.
        resource: Any = bucket.node.default_child
        resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
        )
        acknowledge(bucket, {"S1": "only the functions' roles may use it, and their own logs tell what they did"})
        return bucket

    def _make_key_secret(self, settings: StageSettings) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            self,
            "KeySecret",
            description="API keys are hashed with this",
            encryption_key=self.key,
            generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
            removal_policy=settings.removal,
        )
        acknowledge(
            secret, {"SMG4": "keys hashed with it would be of no use: it is changed by hand, with the one before"}
        )
        return secret


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
