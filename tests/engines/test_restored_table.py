"""A table as a restore gives it: under another name, with nothing in index and graph."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.command_line import write_lines
from support.engine_profile import EngineProfile, answers
from support.engine_profile_server import EngineRoom, engine_room, opened, provision_for

from benchmarks.quality.profiles import PROJECT, store
from benchmarks.quality.question_sets import read_own_sets
from ricordo.domain.ids import MemoryId
from ricordo.runtime.aws_clients import client
from ricordo.runtime.services import Services

pytestmark = pytest.mark.engines

QUESTIONS = 20
TOLD = {
    "messages": [{"role": "user", "content": "My brother Paulo lives in Coimbra. Paulo works for Nautilus Press."}],
    "user_id": "ana",
}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineRoom]:
    """Engines of its own: DynamoDB Local is slow at transactions once it has held much."""
    with engine_room(tmp_path_factory.mktemp("engines")) as started:
        yield started


@dataclass(frozen=True, slots=True)
class Golden:
    """What searches and the graph said."""

    answers: Sequence[Sequence[tuple[MemoryId, float]]]
    mentions: Sequence[MemoryId]


def golden(services: Services) -> Golden:
    """Ask twenty questions of a dialogue, and the graph for Paulo."""
    conversation = read_own_sets()[0]
    asked = [asked.text for asked in conversation.questions[:QUESTIONS]]
    assert services.searching.graph is not None
    return Golden(
        [answers(services, PROJECT, conversation.name, question) for question in asked],
        sorted(services.searching.graph.mentions(PROJECT, ["paulo"], limit=10)),
    )


def copy_rows(source: str, target: str) -> int:
    """Copy a table row by row."""
    copied = 0
    with closing(client("dynamodb")) as dynamodb:
        for page in dynamodb.get_paginator("scan").paginate(TableName=source):
            for row in page["Items"]:
                dynamodb.put_item(TableName=target, Item=row)
            copied += len(page["Items"])
    return copied


def test_a_restored_table_is_reindexed_and_answers_as_before(
    profile: EngineProfile, room: EngineRoom, tmp_path: Path
) -> None:
    """GIVEN only the rows WHEN `ricordo reindex --graph` has run THEN ids, scores and the graph are as they were."""
    store(read_own_sets()[:1], profile.services)
    profile.command(tmp_path, "import", write_lines(tmp_path / "told.jsonl", [TOLD]))
    profile.project()
    before = golden(profile.services)
    assert all(before.answers)
    assert before.mentions
    restored: dict[str, Any] = profile.settings | {"table": f"{profile.settings['table']}-restored"}

    room.empty_projections()
    provision_for(restored)
    assert copy_rows(profile.settings["table"], restored["table"]) > 0
    profile.command(tmp_path, "reindex", "--graph", table=restored["table"])

    with opened(restored) as services:
        assert golden(services) == before
