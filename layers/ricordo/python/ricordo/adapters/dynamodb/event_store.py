import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from uuid import uuid4

from boto3.dynamodb.conditions import Attr, ConditionBase

from ricordo.adapters.dynamodb import event_rows as rows
from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import Row
from ricordo.adapters.dynamodb.cuts import CutRows
from ricordo.adapters.dynamodb.due_events import due_events
from ricordo.adapters.dynamodb.expressions import Change, Check, Delete, Put, Write
from ricordo.adapters.dynamodb.large_bodies import BODY, LargeBodies
from ricordo.adapters.dynamodb.leases import holds, lost
from ricordo.adapters.dynamodb.listing import last_first
from ricordo.adapters.dynamodb.table import ConditionNotMetError, Table
from ricordo.domain.episode import Episode
from ricordo.domain.errors import EventNotFoundError
from ricordo.domain.event import Event, EventQuery, EventStatus, EventType, Lease
from ricordo.domain.fact import Fact
from ricordo.domain.ids import EventId, ProjectId
from ricordo.domain.moments import to_micros
from ricordo.domain.paging import Page, PageRequest
from ricordo.ports.event_store import ClaimedWork

GRACE = timedelta(seconds=10)
_CANDIDATES = 20
_ABSENT = Attr("pk").not_exists()
_PENDING = Attr("status").eq(EventStatus.PENDING.value)
_RUNNING = Attr("status").eq(EventStatus.RUNNING.value)


class DynamoDBEventStore:
    """`ports.event_store.EventStore` over the one table. `due_us` is when the next worker may take an event."""

    def __init__(self, table: Table, bodies: LargeBodies) -> None:
        self._table = table
        self._bodies = bodies
        self._cuts = CutRows(table)

    def accept(self, event: Event, episode: Episode | None) -> bool:
        seen = self._cuts.of(event.project_id).number
        row = rows.event_row(event, None, cuts_seen=seen) | rows.due_at(event.created_at + GRACE)
        writes = [Put(row, _ABSENT)]
        messages = None
        if episode is not None:
            text = rows.messages_text(episode)
            messages = self._bodies.keep(event.project_id, event.event_id, "episode", text)
            writes.append(Put(rows.episode_row(episode, messages), _ABSENT))
        try:
            self._table.transact(writes, token=str(uuid4()))
        except ConditionNotMetError as error:
            self._bodies.discard(messages, error.rows.get(1))
            return False
        return True

    def get(self, project_id: ProjectId, event_id: EventId) -> Event:
        key = keys.event(project_id, event_id)
        found = self._table.get_many([key, keys.episode(project_id, event_id)])
        if key not in found:
            raise EventNotFoundError("Event not found or you don't have permission to access it.")
        return rows.whole_event(found[key], found.get(keys.episode(project_id, event_id)), self._bodies)

    def list(self, project_id: ProjectId, query: EventQuery, page: PageRequest) -> Page[Event]:
        types = [query.type] if query.type else list(EventType)
        bounds = {"since": query.since, "before": query.before}
        listed = last_first(
            self._table,
            [keys.events_listed(project_id, event_type) for event_type in types],
            page,
            **{name: keys.at(moment) for name, moment in bounds.items() if moment},
        )
        episodes = [keys.episode_beside(key) for key in listed.keys]
        found = self._table.get_many([*listed.keys, *episodes])
        events = [
            rows.whole_event(found[key], found.get(episode), self._bodies)
            for key, episode in zip(listed.keys, episodes, strict=True)
            if key in found
        ]
        return Page(events, listed.total, page, listed.end, listed.is_total_exact)

    def claim(
        self, *, now: datetime, lease_s: float, named: tuple[ProjectId, EventId] | None = None
    ) -> ClaimedWork | None:
        is_due = Attr("due_us").lte(to_micros(now))
        until = now + timedelta(seconds=lease_s)
        if named is not None:
            return self._claim(keys.event(*named), _PENDING | (_RUNNING & is_due), now, until)
        for key in self._due(now):
            work = self._claim(key, (_PENDING | _RUNNING) & is_due, now, until)
            if work is not None:
                return work
        return None

    def _due(self, now: datetime) -> Iterator[keys.Key]:
        """Yield the events that are due as far as the index shows, the longest due first.

        Who was beaten to that one had better not meet the same rivals at the next: some of those behind it are mixed.
        """
        due = due_events(self._table, now, at_once=_CANDIDATES)
        while some := list(islice(due, _CANDIDATES)):
            yield some[0]
            yield from random.sample(some[1:], len(some) - 1)

    def _claim(self, key: keys.Key, only_if: ConditionBase, now: datetime, until: datetime) -> ClaimedWork | None:
        """Take one event if it is free; the index may lag, the row decides."""
        started = {"status": EventStatus.RUNNING.value, "updated_us": to_micros(now), **rows.due_at(until)}
        change = Change(key, only_if, set=started, once={"started_us": to_micros(now)}, add={"epoch": 1, "attempts": 1})
        try:
            row = self._table.write(change) or {}
        except ConditionNotMetError:
            return None
        episode = self._table.get(keys.episode_beside(key))
        event = rows.whole_event(row, episode, self._bodies)
        lease = Lease(event.project_id, event.event_id, row["epoch"], until)
        return ClaimedWork(event, lease, rows.episode_from(episode, event) if episode else None)

    def renew(self, lease: Lease, *, until: datetime) -> Lease:
        self._change(lease, rows.due_at(until))
        return replace(lease, until=until)

    def keep_facts(self, lease: Lease, facts: Sequence[Fact], notes: dict[str, object]) -> None:
        event = (lease.project_id, lease.event_id)
        kept = self._bodies.keep(*event, f"facts-{lease.epoch}", rows.facts_text(facts, notes))
        writes: Sequence[Write] = [Check(keys.event(*event), holds(lease)), Put(rows.facts_row(*event, kept), _ABSENT)]
        try:
            self._table.transact(writes)
        except ConditionNotMetError as error:
            self._bodies.discard(kept, error.rows.get(1))
            if 0 in error.rows:
                raise lost(lease) from error

    def kept_facts(self, lease: Lease) -> tuple[Sequence[Fact], dict[str, object]] | None:
        row = self._table.get(keys.facts(lease.project_id, lease.event_id))
        return rows.facts_from(self._bodies.read(row[BODY])) if row else None

    def finish(self, lease: Lease, event: Event) -> None:
        text = rows.results_text(event)
        part = f"results-{lease.epoch}"
        results = self._bodies.keep(lease.project_id, lease.event_id, part, text) if text else None
        due = rows.NEVER_DUE if event.status.is_final else rows.due_at(lease.until)
        if event.goes_on:
            self._go_on(lease, {**rows.outcome(event, results), **due})
        else:
            self._change(lease, {**rows.outcome(event, results), **due})

    def _go_on(self, lease: Lease, attributes: Row) -> None:
        """End a part: its facts go, and so do the results that are written anew with those of this part."""
        facts, event = (name(lease.project_id, lease.event_id) for name in (keys.facts, keys.event))
        left = rows.objects_of(self._table.get_many([facts, event]).values())
        named = {rows.OBJECTS_LEFT: left} if left else {}
        try:
            self._table.transact([Change(event, holds(lease), set=attributes, add=named), Delete(facts)])
        except ConditionNotMetError as error:
            self._bodies.discard(attributes.get(BODY), error.rows.get(0))
            raise lost(lease) from error
        for name in left:
            self._bodies.discard(name, None)

    def _change(self, lease: Lease, attributes: Row) -> None:
        try:
            self._table.write(Change(keys.event(lease.project_id, lease.event_id), holds(lease), set=attributes))
        except ConditionNotMetError as error:
            self._bodies.discard(attributes.get(BODY), error.rows[0])
            raise lost(lease) from error
