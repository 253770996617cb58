from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ricordo.domain.episode import Episode
from ricordo.domain.episode_parts import parts_of
from ricordo.domain.errors import EmbedderUnavailableError, LeaseLostError, UnavailableError
from ricordo.domain.event import Event, EventStatus, EventType, Lease
from ricordo.domain.event_progress import ended, with_part_done, with_removals
from ricordo.domain.fact import Fact
from ricordo.domain.ids import EventId, ProjectId
from ricordo.domain.memory import Embedding
from ricordo.ports.clock import Clock
from ricordo.ports.embedder import Embedder
from ricordo.ports.event_store import ClaimedWork, EventStore
from ricordo.ports.extractor import Extractor
from ricordo.ports.memory_store import MemoryStore
from ricordo.usecases.commit_facts import commit_facts
from ricordo.usecases.embed_facts import embed_facts
from ricordo.usecases.extract_facts import extract_facts
from ricordo.usecases.reconcile_facts import reconcile_facts

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
    """Claim an event that is due, or the one named, and carry it out, part by part.

    Returns:
        The event as written, or None when there was nothing to claim, or another worker took it over.
    """
    while (work := events.claim(now=clock.now(), lease_s=LEASE_S, named=named)) is not None:
        event = carry_out(work, workbench, events=events, clock=clock)
        if event is None or not event.goes_on:
            return event
        named = (event.project_id, event.event_id)
    return None


def carry_out(work: ClaimedWork, workbench: Workbench, *, events: EventStore, clock: Clock) -> Event | None:
    """Do the work of a claimed event under its lease, of a long episode the part that is next; write how it ended.

    Every step may be repeated by another worker after a crash: facts are stored before anything is made of
    them, memories have derived ids. An unavailable part hands the event back to be tried again, eight times
    at most.

    Returns:
        The event as written, or None when another worker took it over.
    """
    try:
        if work.event.attempts > MAX_ATTEMPTS:
            return hand_back(work, "gave_up", events=events, now=clock.now())
        if work.event.type is EventType.ADD:
            return _remember(work, workbench, events=events, clock=clock)
        return _remove(work, workbench, events=events, clock=clock)
    except LeaseLostError:
        return None
    except UnavailableError as error:
        return hand_back(work, error.code, events=events, now=clock.now())


def hand_back(work: ClaimedWork, error_code: str, *, events: EventStore, now: datetime) -> Event | None:
    """Write a failed try: the event is tried again after a pause that doubles, or ends as FAILED.

    Returns:
        The event as written, or None when another worker took it over.
    """
    event = work.event
    status = EventStatus.FAILED if event.attempts >= MAX_ATTEMPTS else EventStatus.PENDING
    failed = ended(replace(event, status=status, error=error_code), now=now)
    try:
        events.finish(replace(work.lease, until=now + timedelta(seconds=2.0**event.attempts)), failed)
    except LeaseLostError:
        return None
    return failed


def episode_of_work(work: ClaimedWork) -> Episode:
    """Return what was said.

    Raises:
        LeaseLostError: it was purged, and there is nothing left to do.
    """
    if work.episode is None:
        raise LeaseLostError(f"The episode of event {work.event.event_id} was purged.")
    return work.episode


def end_part(work: ClaimedWork, changed: Event, *, events: EventStore, clock: Clock) -> Event:
    """Write how far an event has come; one that goes on is due at once.

    Raises:
        LeaseLostError: another worker took it over.
    """
    now = clock.now()
    event = ended(changed, now=now)
    events.finish(replace(work.lease, until=now), event)
    return event


def _remember(work: ClaimedWork, workbench: Workbench, *, events: EventStore, clock: Clock) -> Event:
    event, episode, lease = work.event, episode_of_work(work), work.lease
    parts = parts_of(episode.messages)
    places = parts[event.parts_done]
    if episode.is_inferred:
        said = sum(len(message.content) for message in episode.messages[places.start : places.stop])
        _renew(lease, events, clock, lease_s=LEASE_S + workbench.pace.longest_s(said))
    facts, notes = extract_facts(episode, places, lease, extractor=workbench.extractor, events=events)
    refused: dict[int, str] = {}
    for start in range(0, len(facts), FACTS_A_STEP):
        if start:
            _renew(lease, events, clock)
        page = range(start, min(start + FACTS_A_STEP, len(facts)))
        wanted = reconcile_facts(facts, page)
        refused |= {event.facts_done + place: "duplicate" for place in page if place not in wanted}
        embeddings = _embeddings([facts[place] for place in wanted], event.project_id, workbench.embedder)
        chosen = {event.facts_done + place: facts[place] for place in wanted}
        refused |= commit_facts(episode, chosen, embeddings, lease=lease, memories=workbench.memories)
    changed = with_part_done(event, facts, refused, notes, is_last=event.parts_done + 1 >= len(parts))
    return end_part(work, changed, events=events, clock=clock)


def _embeddings(facts: Sequence[Fact], project_id: ProjectId, embedder: Embedder) -> Sequence[Embedding | None]:
    try:
        return embed_facts(facts, project_id=project_id, embedder=embedder)
    except EmbedderUnavailableError:
        return [None] * len(facts)


def _remove(work: ClaimedWork, workbench: Workbench, *, events: EventStore, clock: Clock) -> Event:
    removed, project_id = 0, work.event.project_id
    while count := workbench.memories.remove_hidden(project_id, limit=REMOVALS_A_STEP, now=clock.now()):
        removed += count
        _renew(work.lease, events, clock)
    return end_part(work, with_removals(work.event, removed, is_last=True), events=events, clock=clock)


def _renew(lease: Lease, events: EventStore, clock: Clock, *, lease_s: float = LEASE_S) -> None:
    events.renew(lease, until=clock.now() + timedelta(seconds=lease_s))
