from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ricordo.domain.analysis import words
from ricordo.domain.errors import UnavailableError
from ricordo.domain.filters import All, Expression, InState, UnexpiredAt, covering_owners, matches
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import LifecycleState, Memory, Vector
from ricordo.domain.paging import PageRequest
from ricordo.domain.question import Question, read_question
from ricordo.domain.ranking import Scored, rank
from ricordo.ports.embedder import Embedder
from ricordo.ports.graph_store import GraphStore
from ricordo.ports.memory_store import MemoryStore
from ricordo.ports.owner_store import OwnerStore
from ricordo.ports.projection_feed import ProjectionFeed
from ricordo.ports.search_index import IndexQuery, SearchIndex

NOMINATED = 50
MENTIONED = 20
PENDING = 300
READ_AT_ONCE = 99  # a store reads a hundred rows in one request, and what is hidden needs one of them
NEWEST_WHEN_DEGRADED = 200
_LONGEST_ENTITY_WORDS = 3
_MANY_OWNERS = 16


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What is asked.

    Attributes:
        where: Parsed filter; its scope was checked.
        top_k: Results wanted, at most.
        threshold: Least score of a result, in [0, 1].
        asked_at: Hides what is expired then.
    """

    query: str
    where: Expression
    top_k: int
    threshold: float
    asked_at: datetime
    shows_expired: bool = False
    latest_only: bool = True


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """Results, best first, and the names of the parts that were down."""

    results: Sequence[Scored]
    degraded: tuple[str, ...]


def one_after_another(tasks: Sequence[Callable[[], object]]) -> None:
    """Run tasks in their order: right where each is a matter of microseconds."""
    for task in tasks:
        task()


@dataclass(frozen=True, slots=True)
class Searching:
    """What a search needs.

    Attributes:
        graph: None where a stage has none: a search then goes without it.
        together: Runs independent tasks, at the same time where their waiting is worth a thread, and returns
            when all have ended.
    """

    embedder: Embedder
    index: SearchIndex
    graph: GraphStore | None
    memories: MemoryStore
    owners: OwnerStore
    feed: ProjectionFeed
    together: Callable[[Sequence[Callable[[], object]]], None] = one_after_another


@dataclass(slots=True)
class _Findings:
    """What the parts of a search have brought so far, and which of them were down."""

    vector: Vector | None = None
    mentioned: Sequence[MemoryId] = ()
    pending: Sequence[MemoryId] = ()
    degraded: list[str] = field(default_factory=list)


def search_memories(request: SearchRequest, *, project_id: ProjectId, searching: Searching) -> SearchAnswer:
    """Find the memories that answer a question.

    The index and the graph nominate about a hundred, with what changed too lately for the index to show; their
    neighbours in the conversation join them, the truth decides what may be shown, and `domain.ranking` orders
    it. A part that is down is named in the answer, not raised.
    """
    where = _visible(request)
    question = read_question(request.query, speakers=_speakers(where, project_id, searching))
    found = _Findings()
    searching.together(
        [
            lambda: _embed(question, project_id, searching, found),
            lambda: _mentioned(request.query, project_id, searching, found),
            lambda: _pending(request, where, project_id, searching, found),
        ]
    )
    pool = _pool(request, where, question, project_id, searching, found)
    shown = [_comparable(memory, searching.embedder.model_id) for memory in pool if matches(where, memory)]
    best = [scored for scored in rank(question, shown, found.vector) if scored.score >= request.threshold]
    return SearchAnswer(best[: request.top_k], tuple(sorted(found.degraded)))


def _visible(request: SearchRequest) -> Expression:
    parts: list[Expression] = [request.where]
    if request.latest_only:
        parts.append(InState(frozenset({LifecycleState.ACTIVE})))
    if not request.shows_expired:
        parts.append(UnexpiredAt(request.asked_at))
    return All(tuple(parts))


def _comparable(memory: Memory, model_id: str) -> Memory:
    """Take a vector of another model away: two models' vectors are never compared."""
    if memory.embedding is None or memory.embedding.model_id == model_id:
        return memory
    return replace(memory, embedding=None)


def _speakers(where: Expression, project_id: ProjectId, searching: Searching) -> frozenset[str]:
    owners = covering_owners(where)
    if not owners or len(owners) > _MANY_OWNERS:
        return frozenset()
    return searching.owners.speakers(project_id, owners)


def _embed(question: Question, project_id: ProjectId, searching: Searching, found: _Findings) -> None:
    try:
        found.vector = searching.embedder.embed([question.embedding_text], project_id=project_id)[0]
    except UnavailableError:
        found.degraded.append("embedder")


def _mentioned(query: str, project_id: ProjectId, searching: Searching, found: _Findings) -> None:
    if searching.graph is None:
        return
    try:
        found.mentioned = searching.graph.mentions(project_id, entity_keys_in(query), limit=MENTIONED)
    except UnavailableError:
        found.degraded.append("graph")


def _pending(
    request: SearchRequest, where: Expression, project_id: ProjectId, searching: Searching, found: _Findings
) -> None:
    pending = searching.feed.pending(project_id, where, limit=PENDING, now=request.asked_at)
    found.pending = pending.memory_ids
    if not pending.is_complete:
        found.degraded.append("pending")


def _pool(
    request: SearchRequest,
    where: Expression,
    question: Question,
    project_id: ProjectId,
    searching: Searching,
    found: _Findings,
) -> Sequence[Memory]:
    """Return the candidates, read from the truth; without an index, the newest memories of the scope."""
    query = IndexQuery(
        project_id=project_id,
        where=where,
        vector=found.vector,
        model_id=searching.embedder.model_id,
        terms=question.terms,
        limit=max(NOMINATED, 2 * request.top_k),
    )
    memories = searching.memories
    try:
        nominated = searching.index.nominate(query)
    except UnavailableError:
        found.degraded.append("index")
        newest = memories.list(project_id, where, PageRequest(1, NEWEST_WHEN_DEGRADED)).items
        seen = {memory.memory_id for memory in newest}
        others = [one for one in dict.fromkeys([*found.pending, *found.mentioned]) if one not in seen]
        return [*newest, *memories.get(project_id, others).values()]
    room = max(READ_AT_ONCE, len(found.pending) + len(nominated) - 1)
    named = list(dict.fromkeys([*found.pending, *nominated, *found.mentioned]))[:room]
    pool = memories.get(project_id, named)
    beside = _beside([one for one in pool.values() if matches(where, one)], project_id, searching, found)
    wanted = [one for one in beside if one not in pool][:room]
    return [*pool.values(), *memories.get(project_id, wanted).values()]


def _beside(
    shown: Sequence[Memory], project_id: ProjectId, searching: Searching, found: _Findings
) -> Sequence[MemoryId]:
    """Return what stands beside these in their conversations; context only, so a search does without if it must."""
    try:
        return searching.index.neighbours(project_id, shown)
    except UnavailableError:
        found.degraded.append("index")
        return []


def entity_keys_in(query: str) -> list[str]:
    """Return every run of one to three words of the query, as the key an entity would have."""
    spoken = words(query)[:64]
    runs = (
        " ".join(spoken[start : start + length])
        for length in range(1, _LONGEST_ENTITY_WORDS + 1)
        for start in range(len(spoken) - length + 1)
    )
    return list(dict.fromkeys(runs))
