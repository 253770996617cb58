"""The AWS profile on engines, wired in this process, whose stream is consumed when a test says so."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from opensearchpy import OpenSearch
from support.command_line import Installation, Ran
from support.engine_profile_server import EngineRoom, opened

from functions.project_changes import handler
from ricordo.adapters.builtin.dead_letters import KeptDeadLetters
from ricordo.domain.filters import OwnedBy
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.scope import OwnerType
from ricordo.runtime.services import Services
from ricordo.usecases.search_memories import SearchRequest, search_memories

if TYPE_CHECKING:
    from ricordo.local.stream_pump import StreamPump

COMMAND_TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class EngineProfile:
    """The services over one table, and the consumers of its stream.

    Attributes:
        settings: What another process needs to be told of it, beside the engines' environment.
    """

    services: Services
    settings: dict[str, str]
    pumps: Sequence["StreamPump"]

    def carry(self) -> None:
        """Hand all that the stream holds to the handlers of index and graph."""
        with patch.object(handler, "services", lambda: self.services):
            for pump in self.pumps:
                pump.drain()
        dead = self.services.dead_letters
        assert isinstance(dead, KeptDeadLetters)
        assert dead.letters == []

    def project(self) -> None:
        """Carry all changes, and wait until the index shows them and no search has to add them by itself."""
        self.carry()
        self.services.clock.sleep(self.services.visible_after_s)
        with closing(OpenSearch(self.services.settings.opensearch_url, timeout=30)) as node:
            node.indices.refresh(index="ricordo-*")

    def command(self, data_dir: Path, *arguments: str | Path, **variables: str) -> Ran:
        """Run a command that must succeed, in a process of its own; `variables` come before the settings."""
        child = Installation(data_dir).start(*arguments, **(self.settings | variables))
        out, err = child.communicate(timeout=COMMAND_TIMEOUT_S)
        assert child.returncode == 0, err
        return Ran(child.returncode, out, err)


@contextmanager
def engine_profile(room: EngineRoom) -> Iterator[EngineProfile]:
    """Wire the services over a new table and empty projections, with the engines named in the environment."""
    with room.furnished() as settings, opened(settings) as services:
        consumers = (handler.index_handler, handler.graph_handler)
        yield EngineProfile(services, settings, [_pump(services.settings.table, consumer) for consumer in consumers])


def answers(services: Services, project_id: ProjectId, user: str, question: str) -> list[tuple[MemoryId, float]]:
    """Ask about a user, with nothing down; return the first ten ids with their scores."""
    where = OwnedBy(OwnerType.USER, frozenset({user}))
    request = SearchRequest(question, where, 10, 0.0, asked_at=services.clock.now())
    answer = search_memories(request, project_id=project_id, searching=services.searching)
    assert answer.degraded == ()
    return [(scored.memory.memory_id, scored.score) for scored in answer.results]


def _pump(table: str, consumer: Any) -> "StreamPump":
    from ricordo.local.stream_pump import StreamPump  # noqa: PLC0415  takes boto3
    from ricordo.runtime.aws_clients import client, stream_of  # noqa: PLC0415

    return StreamPump(client("dynamodbstreams"), stream_of(table), consumer, poisoned=_refuse)


def _refuse(letter: Mapping[str, Any]) -> None:
    raise AssertionError(letter["DDBStreamBatchInfo"])
