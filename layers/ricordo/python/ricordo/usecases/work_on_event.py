from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ricordo.domain.errors import LeaseLostError, UnavailableError
from ricordo.domain.event import Event, EventResult, EventStatus, EventType, Lease
from ricordo.domain.ids import EventId, ProjectId
from ricordo.ports.clock import Clock
from ricordo.ports.embedder import Embedder
from ricordo.ports.event_store import ClaimedWork, EventStore
from ricordo.ports.extractor import Extractor
from ricordo.ports.memory_store import MemoryStore
from ricordo.usecases.commit_facts import commit_facts
from ricordo.usecases.extract_facts import extract_facts

LEASE_S = 20.0
FACTS_A_STEP = 16
REMOVALS_A_STEP = 200
MAX_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Pace:
    """How slow an extractor may be; what its lease is sized by."""

    at_least_s: float = 0.0
    chars_a_second: float = 20_000.0

    def longest_s(self, chars: int) -> float:
        """Return how long so much text may take."""
        return self.at_least_s + chars / self.chars_a_second


@dataclass(frozen=True, slots=True)
class Workbench:
    """What the work on events needs."""

    extractor: Extractor
    embedder: Embedder
    memories: MemoryStore
    pace: Pace = Pace()


def work_on_event(
    workbench: Workbench, *, events: EventStore, clock: Clock, named: tuple[ProjectId, EventId] | None = None
) -> Event | None:
    """Claim an event that is due, or the one named, and carry it out.

    Returns:
        The event as written, or None when there was nothing to claim, or another worker took it over.
    """
    work = events.claim(now=clock.now(), lease_s=LEASE_S, named=named)
    return None if work is None else carry_out(work, workbench, events=events, clock=clock)


def carry_out(work: ClaimedWork, workbench: Workbench, *, events: EventStore, clock: Clock) -> Event | None:
    """Do the work of a claimed event under its lease and write how it ended.

    Every step may be repeated by another worker after a crash: facts are stored before anything is made of
    them, memories have derived ids. An unavailable part hands the event back to be tried again, eight times
    at most.

    Returns:
        The event as written, or None when another worker took it over.
    """
    try:
        if work.event.attempts > MAX_ATTEMPTS:
            return hand_back(work, "gave_up", events=events, now=clock.now())
        ended = _ended(work, workbench, events=events, clock=clock)
        events.finish(work.lease, ended)
    except LeaseLostError:
        return None
    except UnavailableError as error:
        return hand_back(work, error.code, events=events, now=clock.now())
    return ended


def hand_back(work: ClaimedWork, error_code: str, *, events: EventStore, now: datetime) -> Event | None:
    """Write a failed try: the event is tried again after a pause that doubles, or ends as FAILED.

    Returns:
        The event as written, or None when another worker took it over.
    """
    event = work.event
    if event.attempts >= MAX_ATTEMPTS:
        failed = replace(event, status=EventStatus.FAILED, error=error_code, updated_at=now, completed_at=now)
    else:
        failed = replace(event, status=EventStatus.PENDING, error=error_code, updated_at=now)
    try:
        events.finish(replace(work.lease, until=now + timedelta(seconds=2.0**event.attempts)), failed)
    except LeaseLostError:
        return None
    return failed


def _ended(work: ClaimedWork, workbench: Workbench, *, events: EventStore, clock: Clock) -> Event:
    if work.event.type is EventType.ADD:
        results, notes = _remember(work, workbench, events=events, clock=clock)
    else:
        results, notes = (), _remove(work, workbench, events=events, clock=clock)
    now = clock.now()
    return replace(
        work.event,
        status=EventStatus.SUCCEEDED,
        results=tuple(results),
        notes=notes,
        error=None,
        updated_at=now,
        completed_at=now,
    )


def _remember(
    work: ClaimedWork, workbench: Workbench, *, events: EventStore, clock: Clock
) -> tuple[Sequence[EventResult], dict[str, object]]:
    if work.episode is None:
        raise LeaseLostError(f"The episode of event {work.event.event_id} was purged.")
    if work.episode.is_inferred:
        said = sum(len(message.content) for message in work.episode.messages)
        _renew(work.lease, events, clock, lease_s=LEASE_S + workbench.pace.longest_s(said))
    facts, notes = extract_facts(work.episode, work.lease, extractor=workbench.extractor, events=events)
    results: list[EventResult] = []
    refused: dict[str, int] = {}
    for start in range(0, len(facts), FACTS_A_STEP):
        if start:
            _renew(work.lease, events, clock)
        outcome = commit_facts(
            work.episode,
            facts[start : start + FACTS_A_STEP],
            first_ordinal=start,
            lease=work.lease,
            embedder=workbench.embedder,
            memories=workbench.memories,
        )
        results += [EventResult(memory.memory_id, memory.text) for memory in outcome.stored]
        for reason in outcome.refused:
            refused[reason] = refused.get(reason, 0) + 1
    return results, notes | ({"refused": refused} if refused else {})


def _remove(work: ClaimedWork, workbench: Workbench, *, events: EventStore, clock: Clock) -> dict[str, object]:
    removed = 0
    while count := workbench.memories.remove_hidden(work.event.project_id, limit=REMOVALS_A_STEP, now=clock.now()):
        removed += count
        _renew(work.lease, events, clock)
    return {**work.event.notes, "removed": removed}


def _renew(lease: Lease, events: EventStore, clock: Clock, *, lease_s: float = LEASE_S) -> None:
    events.renew(lease, until=clock.now() + timedelta(seconds=lease_s))
