"""What tells a person: alarms on what is lost, late or failed, a topic that carries them, and one page to look at."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.components.function import PythonFunction
from infra.components.measures import Measures
from infra.settings import StageSettings
from infra.stacks.api import ApiStack
from infra.stacks.workflows import WorkflowStack

_PERIOD: Final = Duration.minutes(5)
_LATE_RECORDS_MS: Final = 10 * 60_000
_LATE_EVENTS_S: Final = 15 * 60
_FAULTS_PERCENT: Final = 2
_SLOW_MS: Final = 3_000


class ObservabilityStack(Stack):
    """Reads what the others measure; nothing depends on it."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        settings: StageSettings,
        key_arn: str | None,
        api: ApiStack,
        workflows: WorkflowStack,
    ) -> None:
        super().__init__(scope, name)
        key = kms.Key.from_key_arn(self, "Key", key_arn) if key_arn else None
        self.topic = sns.Topic(self, "Alarms", enforce_ssl=True, master_key=key)
        if settings.alarm_email:
            self.topic.add_subscription(subscriptions.EmailSubscription(settings.alarm_email))
        self._alarms: list[cloudwatch.Alarm] = []
        self._measures = Measures(
            self,
            settings=settings,
            functions={function.entry.name: function for function in [*api.functions, *workflows.functions]},
        )
        self._watch_lost(workflows)
        self._watch_late(workflows)
        self._watch_failed(api, workflows)
        self._draw(settings, api, workflows)

    def _watch_lost(self, workflows: WorkflowStack) -> None:
        for queue in workflows.queues:
            waiting = queue.metric_approximate_number_of_messages_visible(period=_PERIOD, statistic="Maximum")
            self._alarm(f"Lost{queue.node.id}", waiting, 1, meaning="Something could not be delivered or projected.")

    def _watch_late(self, workflows: WorkflowStack) -> None:
        for consumer in workflows.consumers:
            age = consumer.function.metric("IteratorAge", period=_PERIOD, statistic="Maximum")
            meaning = "The stream is projected late: searches rely on the truth alone meanwhile."
            self._alarm(f"Late{consumer.node.id}", age, _LATE_RECORDS_MS, periods=2, meaning=meaning)
        meaning = "An accepted event has waited for a quarter of an hour and nobody works on it."
        self._alarm("LateEvents", self._measures.oldest_due_s, _LATE_EVENTS_S, meaning=meaning)

    def _watch_failed(self, api: ApiStack, workflows: WorkflowStack) -> None:
        faults = cloudwatch.MathExpression(
            expression="IF(requests > 20, 100 * faults / requests, 0)",
            using_metrics={
                "faults": api.gateway.metric_server_error(period=_PERIOD, statistic="Sum"),
                "requests": api.gateway.metric_count(period=_PERIOD),
            },
            period=_PERIOD,
            label="faults, percent",
        )
        self._alarm("ApiFaults", faults, _FAULTS_PERCENT, periods=2, meaning="Requests fail with a 5xx.")
        slow = api.gateway.metric_latency(period=_PERIOD, statistic="p95")
        self._alarm("ApiSlow", slow, _SLOW_MS, periods=3, meaning="One request in twenty takes over three seconds.")
        for workflow in workflows.workflows.values():
            failed = workflow.machine.metric_failed(period=_PERIOD)
            self._alarm(f"Failed{workflow.node.id}", failed, 1, meaning="An execution failed; its log says where.")
        meaning = "Accepted events ended as FAILED; `ricordo events redrive` has them done again."
        self._alarm("FailedEvents", self._measures.failed_events, 1, meaning=meaning)
        for function in [*api.functions, *workflows.functions]:
            # Of the authorizer every refused key is an error; what it cannot help ends as a 5xx of the API.
            own = function.function
            is_authorizer = function is api.authorizer_function
            metric = own.metric_throttles(period=_PERIOD) if is_authorizer else own.metric_errors(period=_PERIOD)
            self._alarm(f"Faults{_name_of(function)}", metric, 5, meaning="The function fails, or finds no room.")

    def _alarm(
        self, name: str, metric: cloudwatch.IMetric, threshold: float, *, meaning: str, periods: int = 1
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            threshold=threshold,
            evaluation_periods=periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=meaning,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        self._alarms.append(alarm)

    def _draw(self, settings: StageSettings, api: ApiStack, workflows: WorkflowStack) -> None:
        board = cloudwatch.Dashboard(
            self, "Dashboard", dashboard_name=settings.prefix, default_interval=Duration.hours(12)
        )
        board.add_widgets(cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(self._alarms), width=24, height=6))
        board.add_widgets(*self._of_requests(api), *self._of_searches())
        board.add_widgets(*self._of_work(workflows))
        board.add_widgets(*_of_functions([*api.functions, *workflows.functions]))

    def _of_requests(self, api: ApiStack) -> Sequence[cloudwatch.IWidget]:
        gateway = api.gateway
        counts = [gateway.metric_count(), gateway.metric_client_error(), gateway.metric_server_error()]
        latencies = [gateway.metric_latency(statistic=statistic) for statistic in ("p50", "p95", "p99")]
        return [cloudwatch.GraphWidget(title="Requests and latency", width=12, left=counts, right=latencies)]

    def _of_searches(self) -> Sequence[cloudwatch.IWidget]:
        degraded, latency = self._measures.degraded_searches, self._measures.search_ms
        return [cloudwatch.GraphWidget(title="Searches: degraded, and ms", width=12, left=[degraded], right=[latency])]

    def _of_work(self, workflows: WorkflowStack) -> Sequence[cloudwatch.IWidget]:
        machines = [workflow.machine for workflow in workflows.workflows.values()]
        ages = [consumer.function.metric("IteratorAge", statistic="Maximum") for consumer in workflows.consumers]
        waiting = [queue.metric_approximate_number_of_messages_visible() for queue in workflows.queues]
        return [
            cloudwatch.GraphWidget(
                title="Executions",
                width=8,
                left=[machine.metric_started() for machine in machines],
                right=[machine.metric_failed() for machine in machines],
            ),
            cloudwatch.GraphWidget(
                title="Behind: stream (ms), events (s)", width=8, left=ages, right=[self._measures.oldest_due_s]
            ),
            cloudwatch.GraphWidget(title="Dead letters", width=8, left=waiting),
        ]


def _of_functions(functions: Sequence[PythonFunction]) -> Sequence[cloudwatch.IWidget]:
    durations = [function.function.metric_duration(statistic="p95") for function in functions]
    errors = [function.function.metric_errors() for function in functions]
    return [
        cloudwatch.GraphWidget(title="Duration, p95", width=12, left=durations),
        cloudwatch.GraphWidget(title="Errors", width=12, left=errors),
    ]


def _name_of(function: PythonFunction) -> str:
    return "".join(part.capitalize() for part in function.entry.name.replace(".", "_").split("_"))
