"""How writes are cut into requests, and what becomes of items the engine does not take at once."""

import json
from typing import Any

import pytest
from opensearchpy.exceptions import TransportError

from ricordo.adapters.opensearch.bulk_writer import BulkWriter, Operation
from ricordo.adapters.opensearch.target import DOMAIN
from ricordo.domain.errors import ProjectionError, UnavailableError
from ricordo.domain.ids import MemoryId


class ScriptedEngine:
    """Answers each request of a bulk with the next statuses of a script, 200 after its end."""

    def __init__(self, *script: list[int] | int) -> None:
        self.script = list(script)
        self.requests: list[list[str]] = []
        self.sizes: list[int] = []

    def bulk(self, *, index: str, body: bytes, params: dict[str, str]) -> dict[str, Any]:
        """Take one request."""
        assert (index, params) == ("alias", {"require_alias": "true"})
        asked = [json.loads(line)["delete"]["_id"] for line in body.splitlines()]
        self.requests.append(asked)
        self.sizes.append(len(body))
        statuses = self.script.pop(0) if self.script else [200] * len(asked)
        if isinstance(statuses, int):
            raise TransportError(statuses, "refused", {})
        items = [
            {"delete": {"status": status} | ({"error": {"type": f"kind_{status}"}} if status >= 400 else {})}
            for status in statuses
        ]
        return {"items": items}


def removals(*ids: str) -> list[Operation]:
    """Remove documents of these ids."""
    return [Operation(MemoryId(one), {"delete": {"_id": one}}) for one in ids]


def write(engine: ScriptedEngine, operations: list[Operation]) -> list[float]:
    """Write, and return the pauses that were made."""
    pauses: list[float] = []
    BulkWriter(engine, DOMAIN, sleep=pauses.append).write("alias", operations)  # type: ignore[arg-type]  # a stand-in
    return pauses


def test_only_what_was_not_taken_is_sent_again() -> None:
    """Items refused for lack of room come again after growing pauses; the others do not."""
    engine = ScriptedEngine([200, 429, 503], [429, 200])

    pauses = write(engine, removals("a", "b", "c"))

    assert engine.requests == [["a", "b", "c"], ["b", "c"], ["b"]]
    assert 0 < pauses[0] < pauses[1] < 2


@pytest.mark.parametrize("status", [429, 502, 503])
def test_a_whole_request_may_come_again(status: int) -> None:
    """A request refused as a whole for lack of room is sent again as it was."""
    engine = ScriptedEngine(status)
    write(engine, removals("a", "b"))
    assert engine.requests == [["a", "b"], ["a", "b"]]


def test_a_busy_engine_is_given_up() -> None:
    """After four tries the write is left for later."""
    engine = ScriptedEngine(*[[429]] * 9)
    with pytest.raises(UnavailableError):
        write(engine, removals("a"))
    assert len(engine.requests) == 4


def test_a_later_version_is_a_success() -> None:
    """A conflict means that the engine knows better."""
    write(ScriptedEngine([409, 200]), removals("a", "b"))


def test_refused_memories_are_named_after_the_rest_is_written() -> None:
    """A memory that cannot be taken keeps none back, in its own request or a later one."""
    engine = ScriptedEngine([200, 400, *[200] * 498], [413])
    ids = [f"m{number}" for number in range(501)]

    with pytest.raises(ProjectionError) as refused:
        write(engine, removals(*ids))

    assert refused.value.memory_ids == {"m1", "m500"}
    assert "kind_400, kind_413" in refused.value.message


@pytest.mark.parametrize("status", [401, 403, 404])
def test_an_index_that_takes_no_writes_is_an_outage(status: int) -> None:
    """What is wrong with the index is not held against the memories."""
    with pytest.raises(UnavailableError):
        write(ScriptedEngine([status]), removals("a"))


def test_requests_stay_small() -> None:
    """No request holds more than 500 operations or 5 MB, unless one operation alone does."""
    engine = ScriptedEngine()
    write(engine, removals(*(f"{number:07}" + "x" * 2_000_000 for number in range(5)), *map(str, range(1100))))

    assert max(map(len, engine.requests)) == 500
    assert max(engine.sizes) < 5_000_000
    assert sum(map(len, engine.requests)) == 1105
