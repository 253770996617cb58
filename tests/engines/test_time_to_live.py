"""A memory whose row DynamoDB Local itself removes after its time leaves nothing in OpenSearch, graph or table."""

from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from opensearchpy import OpenSearch
from support.builders import ANA
from support.engine_profile import EngineProfile

from ricordo.adapters.dynamodb.attributes import from_item
from ricordo.domain.episode import Message, Role
from ricordo.domain.ids import EventId, ProjectId, memory_id_for
from ricordo.runtime.aws_clients import client
from ricordo.usecases.accept_add import AddRequest
from ricordo.usecases.add_memories import add_memories
from ricordo.usecases.work_on_event import work_on_event

pytestmark = pytest.mark.engines

PROJECT = ProjectId("time-to-live")
RETENTION = timedelta(days=30)
PATIENCE_S = 60


def add(profile: EngineProfile, event_id: str, text: str, **options: object) -> str:
    """Store a memory word for word; return its id."""
    wired = profile.services
    add_memories(
        AddRequest(ANA, (Message(Role.USER, text),), options=options),
        project_id=PROJECT,
        event_id=EventId(event_id),
        events=wired.events,
        owners=wired.owners,
        ingestion=wired.ingestion,
        workbench=wired.workbench,
        clock=wired.clock,
        synchronous_messages=0,
    )
    named = (PROJECT, EventId(event_id))

    assert work_on_event(wired.workbench, events=wired.events, clock=wired.clock, named=named) is not None
    return memory_id_for(EventId(event_id), 0)


def rows_of(profile: EngineProfile, memory_id: str) -> list[dict[str, Any]]:
    """Return every row that speaks of a memory."""
    with closing(client("dynamodb")) as dynamodb:
        pages = dynamodb.get_paginator("scan").paginate(TableName=profile.settings["table"], ConsistentRead=True)
        rows = [from_item(item) for page in pages for item in page["Items"]]
    return [row for row in rows if memory_id in f"{row['pk']}{row['sk']}{row.get('memory_id')}"]


def indexed(profile: EngineProfile) -> list[str]:
    """Return the ids of the documents of the project."""
    with closing(OpenSearch(profile.services.settings.opensearch_url, timeout=30)) as node:
        found = node.search(index="ricordo-*", body={"query": {"term": {"project": PROJECT}}, "size": 10})
    return sorted(hit["_source"]["memory_id"] for hit in found["hits"]["hits"])


def test_what_the_table_removes_is_gone_everywhere(profile: EngineProfile) -> None:
    """GIVEN one memory past its retention and one that stays WHEN the table has swept THEN only the other is left."""
    ended = (profile.services.clock.now() - RETENTION - timedelta(days=1)).isoformat()
    gone = add(profile, "gone", "My brother Paulo works for Nautilus Press.", expiration_date=ended)
    kept = add(profile, "kept", "My brother Paulo lives in Coimbra.")
    profile.project()
    graph = profile.services.searching.graph
    assert graph is not None
    assert indexed(profile) == sorted([gone, kept])
    assert sorted(graph.mentions(PROJECT, ["paulo"], limit=10)) == sorted([gone, kept])

    for _second in range(PATIENCE_S):
        profile.project()
        if not rows_of(profile, gone):
            break
        profile.services.clock.sleep(1)

    assert rows_of(profile, gone) == []
    assert {row["kind"] for row in rows_of(profile, kept)} >= {"memory", "version", "link"}
    assert indexed(profile) == [kept]
    assert graph.mentions(PROJECT, ["paulo"], limit=10) == [kept]
    assert profile.services.events.get(PROJECT, EventId("gone")).messages == ()
