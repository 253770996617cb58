"""Short ways to ask a search index, as its suites do."""

from typing import Any

from support.builders import MODEL, PROJECT, a_vector, owned_by
from support.index_bench import IndexBench

from ricordo.domain.filters import Expression, InState
from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import LifecycleState
from ricordo.ports.search_index import IndexQuery

ACTIVE = InState(frozenset({LifecycleState.ACTIVE}))


def query(where: Expression | None = None, **changes: Any) -> IndexQuery:
    """Build a query of Ana's memories that looks for nothing yet."""
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "where": owned_by() if where is None else where,
        "vector": None,
        "model_id": MODEL,
        "terms": (),
        "limit": 10,
    }
    return IndexQuery(**(fields | changes))


def by_vector(bench: IndexBench, where: Expression | None = None, **changes: Any) -> list[MemoryId]:
    """Nominate by the vector along axis 0."""
    return list(bench.index.nominate(query(where, **({"vector": a_vector(0)} | changes))))


def by_words(bench: IndexBench, *terms: str, where: Expression | None = None, limit: int = 10) -> list[MemoryId]:
    """Nominate by words."""
    return list(bench.index.nominate(query(where, terms=terms, limit=limit)))
