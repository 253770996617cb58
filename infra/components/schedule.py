"""One way to have something done at its time."""

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct


class Timetable(Construct):
    """Schedules with one role, which may do what they do and no more."""

    def __init__(self, scope: Construct, *, name: str, undelivered: sqs.IQueue, key_arn: str | None) -> None:
        super().__init__(scope, "Timetable")
        self._undelivered = undelivered
        self._key_arn = key_arn
        self._group = scheduler.CfnScheduleGroup(self, "Group", name=name)
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
            ),
        )
        self._allow("sqs:SendMessage", undelivered.queue_arn)
        if key_arn:
            self._allow("kms:Decrypt", key_arn)
            self._allow("kms:GenerateDataKey", key_arn)

    def add(self, name: str, when: str, *, action: str, target_arn: str, window_min: int = 0) -> None:
        """Call a target at these times (`rate(...)` or a `cron(...)` of six fields, in UTC).

        A time that passed an hour ago is let go: the next one comes anyway.
        """
        self._allow(action, target_arn)
        scheduler.CfnSchedule(
            self,
            name,
            group_name=self._group.ref,
            schedule_expression=when,
            schedule_expression_timezone="UTC",
            kms_key_arn=self._key_arn,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(
                mode="FLEXIBLE" if window_min else "OFF", maximum_window_in_minutes=window_min or None
            ),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=target_arn,
                role_arn=self.role.role_arn,
                input='{"at": "<aws.scheduler.scheduled-time>"}',
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=self._undelivered.queue_arn),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=3600, maximum_retry_attempts=3
                ),
            ),
        )

    def _allow(self, action: str, arn: str) -> None:
        self.role.add_to_policy(iam.PolicyStatement(actions=[action], resources=[arn]))
