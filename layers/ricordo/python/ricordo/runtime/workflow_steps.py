"""What the steps of a workflow hand on: the lease, by its epoch; everything else lies in the table.

A state is bounded by construction: ids, places of facts, and of one page of facts the vectors as float16, at most
16 x 4,096 x 2 bytes. Step Functions takes 256 KB
(docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html).
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from ricordo.domain.episode_parts import parts_of
from ricordo.domain.event import Event, Lease
from ricordo.domain.fact import Fact
from ricordo.domain.ids import EventId, ProjectId
from ricordo.domain.memory import Embedding
from ricordo.ports.event_store import ClaimedWork
from ricordo.runtime.observability import logger
from ricordo.runtime.services import Services
from ricordo.usecases.begin_work import begin_work
from ricordo.usecases.extract_facts import extract_facts
from ricordo.usecases.work_on_event import end_part, episode_of_work

State = Mapping[str, Any]
STEP_LEASE_S = 60.0  # longer than any pause between two tries of a step
_VECTOR = np.dtype("<f2")
_UNKNOWN = datetime.max.replace(tzinfo=UTC)


def lease_state(lease: Lease) -> dict[str, Any]:
    """Write a lease."""
    return {"project_id": lease.project_id, "event_id": lease.event_id, "epoch": lease.epoch}


def lease_from(state: State) -> Lease:
    """Read a lease; until when it runs is known to the store."""
    return Lease(ProjectId(state["project_id"]), EventId(state["event_id"]), int(state["epoch"]), _UNKNOWN)


def begun(state: State, services: Services) -> dict[str, Any]:
    """Claim the event that an execution was started for; say whether it is this execution's to work on.

    Raises:
        UnavailableError: the store or the bus is down.
    """
    work = begin_work(
        ProjectId(state["project_id"]),
        EventId(state["event_id"]),
        lease_s=STEP_LEASE_S,
        events=services.events,
        announcements=services.announcements,
        clock=services.clock,
    )
    return {"is_mine": False} if work is None else {"is_mine": True, "lease": lease_state(work.lease)}


def taken_up(state: State, services: Services) -> ClaimedWork:
    """Renew the lease of a state and return the work.

    Raises:
        LeaseLostError: another execution took it over, or the event has ended.
    """
    lease = lease_from(state["lease"])
    services.events.renew(lease, until=services.clock.now() + timedelta(seconds=STEP_LEASE_S))
    return services.relay.resume(lease)


def finished(work: ClaimedWork, changed: Event, services: Services) -> Event:
    """Write how far an event has come; what is left of it is another execution's, which is started.

    Raises:
        LeaseLostError: another execution took it over.
    """
    event = end_part(work, changed, events=services.events, clock=services.clock)
    if event.goes_on:
        services.ingestion.start(event)
    told = {"event_id": event.event_id, "status": event.status.value, "parts": event.parts_done}
    logger.info("event", extra=told)
    return event


def page_of(state: State) -> range:
    """Read which facts of the part a step is about."""
    first = int(state["page"]["first"])
    return range(first, first + int(state["page"]["count"]))


def vectors_state(embeddings: Sequence[Embedding]) -> dict[str, Any]:
    """Write vectors of one model."""
    model_id = embeddings[0].model_id if embeddings else ""
    packed = [base64.b64encode(one.vector.astype(_VECTOR).tobytes()).decode() for one in embeddings]
    return {"model_id": model_id, "vectors": packed}


def embeddings_from(state: State | None, count: int) -> list[Embedding | None]:
    """Read vectors; without a state each of `count` facts has none."""
    if state is None:
        return [None] * count
    return [
        Embedding(state["model_id"], np.frombuffer(base64.b64decode(packed), dtype=_VECTOR).astype(np.float32))
        for packed in state["vectors"]
    ]


def facts_of(work: ClaimedWork, services: Services) -> tuple[Sequence[Fact], dict[str, object]]:
    """Return the facts of the part of the episode that is at hand, and notes on them; the same in every step.

    Raises:
        LeaseLostError: another execution took the event over.
        UnavailableError: the model cannot be reached.
    """
    episode = episode_of_work(work)
    places = parts_of(episode.messages)[work.event.parts_done]
    return extract_facts(episode, places, work.lease, extractor=services.workbench.extractor, events=services.events)
