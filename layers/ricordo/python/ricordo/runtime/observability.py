"""Structured logs: one line a decision, ids and figures as keys. Text, vectors, keys and bodies are never logged."""

import os
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from aws_lambda_powertools import Logger

from ricordo.runtime.settings import log_level

logger = Logger(
    service="ricordo",
    level=log_level(),
    stream=sys.stderr,
    location=None,
    serialize_stacktrace=False,
)


def log_fault(name: str, fault: BaseException, **facts: object) -> None:
    """Log a fault of the program by its types and places, from its first cause on: messages may quote what was said."""
    causes = [fault]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
        causes.append(cause)
    chain = [
        {
            "type": type(one).__name__,
            "at": [
                f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(one.__traceback__)
            ],
        }
        for one in reversed(causes)
    ]
    logger.error(name, extra={"fault": chain, **facts})


def measure(unit: str, **figures: float) -> None:
    """Log figures as metrics of the stage, where it has a namespace for them; no call is spent on it.

    Format: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    namespace = os.environ.get("POWERTOOLS_METRICS_NAMESPACE")
    if not namespace:
        return
    metrics = [{"Name": name, "Unit": unit} for name in figures]
    directive = {"Namespace": namespace, "Dimensions": [[]], "Metrics": metrics}
    told = {"Timestamp": round(time.time() * 1000), "CloudWatchMetrics": [directive]}
    logger.info("measured", extra={"_aws": told, **figures})


_spans: ContextVar[dict[str, float] | None] = ContextVar("spans", default=None)


@contextmanager
def recording() -> Iterator[dict[str, float]]:
    """Collect the spans of a block by name, in milliseconds."""
    spans: dict[str, float] = {}
    token = _spans.set(spans)
    try:
        yield spans
    finally:
        _spans.reset(token)


@contextmanager
def span(name: str) -> Iterator[None]:
    """Add the duration of a block to the spans being recorded, if any are."""
    started = time.perf_counter()
    try:
        yield
    finally:
        spans = _spans.get()
        if spans is not None:
            elapsed_ms = (time.perf_counter() - started) * 1000
            spans[name] = round(spans.get(name, 0.0) + elapsed_ms, 3)
