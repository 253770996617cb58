"""What the functions' logs tell in figures: embedded in a line, or read from the lines they write anyway."""

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.components.function import PythonFunction
from infra.settings import StageSettings

NAMESPACE: Final = "Ricordo"
_PERIOD: Final = Duration.minutes(5)
_FAILED: Final = '{ $.message = "event" && $.status = "FAILED" }'
_DEGRADED: Final = '{ $.message = "search" && $.degraded[0] = "*" }'
_SEARCH: Final = '{ $.message = "search" && $.search_ms = * }'


def namespace_of(settings: StageSettings) -> str:
    """Name what the figures of a stage stand under."""
    return f"{NAMESPACE}/{settings.stage}"


class Measures(Construct):
    """The figures of a stage, under a namespace of its own.

    Attributes:
        oldest_due_s: Age of the oldest accepted event that nobody works on; the sweep says so itself.
        failed_events: Accepted events that ended as FAILED.
        degraded_searches: Searches that a part was missing from.
        search_ms: How long searches took, 95 of a hundred.
    """

    def __init__(self, scope: Construct, *, settings: StageSettings, functions: dict[str, PythonFunction]) -> None:
        super().__init__(scope, "Measures")
        self._namespace = namespace_of(settings)
        self._functions = functions
        self.oldest_due_s = self._metric("OldestDueEvent", "Maximum")
        self.failed_events = self._measure("FailedEvents", ("ingest.fail", "forget.fail"), _FAILED, "1", "Sum")
        self.degraded_searches = self._measure("DegradedSearches", ("api",), _DEGRADED, "1", "Sum")
        self.search_ms = self._measure("SearchTime", ("api",), _SEARCH, "$.search_ms", "p95")

    def _measure(
        self, name: str, functions: tuple[str, ...], pattern: str, value: str, statistic: str
    ) -> cloudwatch.Metric:
        for function in functions:
            logs.MetricFilter(
                self,
                f"{name}In{''.join(part.capitalize() for part in function.split('.'))}",
                log_group=self._functions[function].log_group,
                filter_pattern=logs.FilterPattern.literal(pattern),
                metric_namespace=self._namespace,
                metric_name=name,
                metric_value=value,
            )
        return self._metric(name, statistic)

    def _metric(self, name: str, statistic: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=self._namespace, metric_name=name, statistic=statistic, period=_PERIOD, label=name
        )
