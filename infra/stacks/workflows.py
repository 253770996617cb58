"""Everything that works in the background: workflows, what starts them, and what follows the table."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.components.function import PythonFunction
from infra.components.grounds import Grounds
from infra.components.queue import dead_letter_queue
from infra.components.schedule import Timetable
from infra.components.stream import follow
from infra.components.workflow import Workflow
from infra.functions import entries, workflows
from infra.permissions import Target
from infra.stacks.storage import IMPORTS, StorageStack

SENDERS: Final = "ricordo.client."
DETAIL_TYPE: Final = "MemoryAddRequested"
_OF_THE_API: Final = frozenset({"api", "authorize"})
_CALLED: Final = {"sweep": "rate(1 minute)", "sweep.vectors": "rate(5 minutes)"}


class WorkflowStack(Stack):
    """Queues, bus, functions, state machines, schedules, and the consumers of the stream."""

    def __init__(self, scope: Construct, name: str, *, grounds: Grounds, storage: StorageStack) -> None:
        super().__init__(scope, name)
        settings = grounds.settings
        key = kms.Key.from_key_arn(self, "Key", grounds.key_arn) if grounds.key_arn else None
        self.dead_letters = dead_letter_queue(self, "DeadLetters", key=key)
        self.missed_records = dead_letter_queue(self, "MissedRecords", key=key)
        self.undelivered = dead_letter_queue(self, "Undelivered", key=key)
        self.bus = events.EventBus(self, "Bus", event_bus_name=settings.prefix, kms_key=key)
        self._grounds = self._with_queues(grounds)
        self.workflows = {flow: Workflow(self, flow, grounds=self._grounds) for flow in workflows()}
        self.triggers = {
            name: PythonFunction(self, entry, grounds=self._grounds)
            for name, entry in entries().items()
            if name not in _OF_THE_API and entry.folder not in self.workflows and self._is_wanted(name)
        }
        self._receive_events()
        self._receive_files(storage.bucket.bucket_name)
        self._follow_stream(storage.table.table_stream_arn or "")
        self._keep_time(settings.consolidate_hour)
        CfnOutput(self, "EventBusName", value=self.bus.event_bus_name)
        CfnOutput(self, "ProvisionFunction", value=f"{settings.prefix}-provision")

    @property
    def functions(self) -> Sequence[PythonFunction]:
        """All functions of this stack."""
        steps = [step for workflow in self.workflows.values() for step in workflow.steps.values()]
        return [*self.triggers.values(), *steps]

    @property
    def consumers(self) -> Sequence[PythonFunction]:
        """The functions that follow the stream."""
        return [function for name, function in self.triggers.items() if name.startswith("project_changes.")]

    @property
    def queues(self) -> Sequence[sqs.Queue]:
        """Where what went wrong lies."""
        return [self.dead_letters, self.missed_records, self.undelivered]

    def _with_queues(self, grounds: Grounds) -> Grounds:
        arns = {
            Target.DEAD_LETTERS: [self.dead_letters.queue_arn],
            Target.MISSED_RECORDS: [self.missed_records.queue_arn],
            Target.UNDELIVERED: [self.undelivered.queue_arn],
        }
        variables = {Target.DEAD_LETTERS: {"RICORDO_DEAD_LETTER_QUEUE": self.dead_letters.queue_url}}
        return replace(grounds, arns={**grounds.arns, **arns}, variables={**grounds.variables, **variables})

    def _is_wanted(self, name: str) -> bool:
        return name != "project_changes.graph" or self._grounds.settings.graph.enabled

    def _receive_events(self) -> None:
        """Have adds taken from the bus; the sender's name holds its project, so that IAM can bind the two."""
        receive = self.triggers.get("receive")
        if receive is None:
            return
        events.Rule(
            self,
            "AddRequested",
            event_bus=self.bus,
            event_pattern=events.EventPattern(
                source=events.Match.prefix(SENDERS), detail_type=events.Match.exact_string(DETAIL_TYPE)
            ),
            targets=[
                targets.LambdaFunction(
                    receive.function,
                    dead_letter_queue=self.undelivered,
                    retry_attempts=60,
                    max_event_age=Duration.hours(24),
                )
            ],
        )
        # Lambda asks an event's function twice more; then the event goes where it can be sent again from.
        lambda_.CfnEventInvokeConfig(
            self,
            "ReceiveFailures",
            function_name=receive.function.function_name,
            qualifier="$LATEST",
            maximum_retry_attempts=2,
            maximum_event_age_in_seconds=6 * 3600,
            destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
                on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(destination=self.undelivered.queue_arn)
            ),
        ).node.add_dependency(receive.role)

    def _receive_files(self, bucket: str) -> None:
        bulk_import = self.workflows.get("bulk_import")
        if bulk_import is None:
            return
        events.Rule(
            self,
            "FileDropped",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={"bucket": {"name": [bucket]}, "object": {"key": [{"prefix": IMPORTS}]}},
            ),
            targets=[
                targets.SfnStateMachine(
                    bulk_import.machine,
                    dead_letter_queue=self.undelivered,
                    retry_attempts=60,
                    max_event_age=Duration.hours(24),
                )
            ],
        )

    def _follow_stream(self, stream_arn: str) -> None:
        for part in ("index", "graph"):
            consumer = self.triggers.get(f"project_changes.{part}")
            if consumer is not None:
                follow(
                    self,
                    f"{part.capitalize()}Consumer",
                    consumer,
                    stream_arn=stream_arn,
                    missed=self.missed_records,
                    key_arn=self._grounds.key_arn,
                )

    def _keep_time(self, hour: int) -> None:
        prefix, key_arn = self._grounds.settings.prefix, self._grounds.key_arn
        timetable = Timetable(self, name=prefix, undelivered=self.undelivered, key_arn=key_arn)
        for name, when in _CALLED.items():
            if called := self.triggers.get(name):
                timetable.add(
                    called.node.id, when, action="lambda:InvokeFunction", target_arn=called.function.function_arn
                )
        if consolidate := self.workflows.get("consolidate"):
            timetable.add(
                "Consolidate",
                f"cron(15 {hour} * * ? *)",
                action="states:StartExecution",
                target_arn=consolidate.machine.state_machine_arn,
                window_min=30,
            )
