"""What the log tells of a fault, and what it must not."""

import json

import pytest

from ricordo.runtime import observability
from ricordo.runtime.observability import log_fault, measure, recording, span


def fail_twice() -> None:
    """Raise an error with a cause, both quoting what was said."""
    try:
        int("my secret diary")
    except ValueError as error:
        raise RuntimeError("about my diary") from error


def test_a_fault_is_logged_by_types_and_places_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first cause comes first, and no message, which may quote what was said, is in the line."""
    lines: list[str] = []
    (handler,) = observability.logger.handlers
    monkeypatch.setattr(handler, "emit", lambda record: lines.append(handler.format(record)))
    with pytest.raises(RuntimeError) as caught:
        fail_twice()
    log_fault("failed", caught.value, event_id="e1")

    (line,) = lines
    told = json.loads(line)
    assert [one["type"] for one in told["fault"]] == ["ValueError", "RuntimeError"]
    assert told["fault"][0]["at"][0].startswith("test_observability.py:")
    assert told["event_id"] == "e1"
    assert "diary" not in line


def test_spans_add_up_by_name() -> None:
    """A span entered twice is one figure; outside of a recording it is none."""
    with span("embed_ms"):
        pass
    with recording() as spans:
        for _ in range(2):
            with span("embed_ms"):
                pass
    assert list(spans) == ["embed_ms"]
    assert spans["embed_ms"] >= 0


def test_figures_are_metrics_where_the_stage_has_a_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line is of CloudWatch's embedded format; elsewhere there is none."""
    lines: list[str] = []
    (handler,) = observability.logger.handlers
    monkeypatch.setattr(handler, "emit", lambda record: lines.append(handler.format(record)))
    monkeypatch.delenv("POWERTOOLS_METRICS_NAMESPACE", raising=False)
    measure("Seconds", OldestDueEvent=3.5)
    assert lines == []

    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Ricordo/dev")
    measure("Seconds", OldestDueEvent=3.5)

    told = json.loads(lines[0])
    assert told["OldestDueEvent"] == 3.5
    assert told["_aws"]["CloudWatchMetrics"] == [
        {"Namespace": "Ricordo/dev", "Dimensions": [[]], "Metrics": [{"Name": "OldestDueEvent", "Unit": "Seconds"}]}
    ]
    assert isinstance(told["_aws"]["Timestamp"], int)
