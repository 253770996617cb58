"""What the failure of a workflow's step means for its event: tried again later, or over."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ricordo.domain import errors
from ricordo.domain.announcement import ingest_failed
from ricordo.domain.errors import LeaseLostError, RicordoError, UnavailableError
from ricordo.domain.event import Event
from ricordo.runtime.observability import logger
from ricordo.runtime.services import Services
from ricordo.runtime.workflow_steps import taken_up
from ricordo.usecases.fail_work import fail_work
from ricordo.usecases.work_on_event import MAX_ATTEMPTS, hand_back

_PASSING = ("Lambda.", "States.Timeout", "States.HeartbeatTimeout", "Sandbox.Timedout")


def settle_failure(state: Mapping[str, Any], services: Services) -> Event | None:
    """Hand the event of a failed execution back to be tried later, or end it as FAILED with the reason.

    What may pass is tried again: a part that is down, a time-out, Lambda itself. Anything else would fail again.

    Returns:
        The event as written, or None where another execution has it.

    Raises:
        UnavailableError: the table or the bus is down; the event becomes due again when its lease ends.
    """
    name = str(state["error"]["Error"])
    kind = _kinds().get(name)
    code = kind.code if kind else "timed_out" if "Time" in name else "internal_error"
    passes = issubclass(kind, UnavailableError) if kind else name.startswith(_PASSING)
    try:
        work = taken_up(state, services)
        if not passes or work.event.attempts >= MAX_ATTEMPTS:  # told before it is written, so that no failure is silent
            failed = replace(work.event, error=code, updated_at=services.clock.now())
            services.announcements.announce([ingest_failed(failed, epoch=work.lease.epoch)])
        if passes:
            event = hand_back(work, code, events=services.events, now=services.clock.now())
        else:
            event = fail_work(work, code, events=services.events, clock=services.clock)
    except LeaseLostError:
        return None
    if event is not None:
        told = {"event_id": event.event_id, "status": event.status.value, "code": code, "error": name}
        logger.warning("event", extra=told)
    return event


def _kinds() -> dict[str, type[RicordoError]]:
    """Return our errors by the name a workflow knows each by, which is its class's."""
    kinds = (kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, RicordoError))
    return {kind.__name__: kind for kind in kinds}
