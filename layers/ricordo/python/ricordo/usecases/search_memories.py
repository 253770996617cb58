from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ricordo.domain.analysis import words
from ricordo.domain.errors import UnavailableError
from ricordo.domain.filters import All, Expression, InState, UnexpiredAt, matches
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import LifecycleState, Memory, Vector
from ricordo.domain.paging import PageRequest
from ricordo.domain.question import Question, read_question
from ricordo.domain.ranking import Scored, rank
from ricordo.ports.embedder import Embedder
from ricordo.ports.graph_store import GraphStore
from ricordo.ports.memory_store import MemoryStore
from ricordo.ports.search_index import IndexQuery, SearchIndex

NOMINATED = 50
MENTIONED = 20
NEWEST_WHEN_DEGRADED = 200
_LONGEST_ENTITY_WORDS = 3


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


@dataclass(frozen=True, slots=True)
class Searching:
    """What a search needs."""

    embedder: Embedder
    index: SearchIndex
    graph: GraphStore
    memories: MemoryStore


def search_memories(request: SearchRequest, *, project_id: ProjectId, searching: Searching) -> SearchAnswer:
    """Find the memories that answer a question.

    The index and the graph nominate about a hundred, their neighbours in the conversation join them, the
    truth decides what may be shown, and `domain.ranking` orders it. A part that is down is named in the
    answer, not raised.
    """
    where = _visible(request)
    degraded: list[str] = []
    question = read_question(request.query, speakers=_speakers(project_id, where, searching.index))
    vector = _embed(question, searching.embedder, degraded)
    pool = _nominate(request, where, question, vector, project_id, searching, degraded)
    shown = [_comparable(memory, searching.embedder.model_id) for memory in pool if matches(where, memory)]
    ranked = rank(question, shown, vector)
    best = [scored for scored in ranked if scored.score >= request.threshold]
    return SearchAnswer(best[: request.top_k], tuple(degraded))


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


def _speakers(project_id: ProjectId, where: Expression, index: SearchIndex) -> frozenset[str]:
    try:
        return index.speakers(project_id, where)
    except UnavailableError:
        return frozenset()


def _embed(question: Question, embedder: Embedder, degraded: list[str]) -> Vector | None:
    try:
        vector: Vector = embedder.embed([question.embedding_text])[0]
    except UnavailableError:
        degraded.append("embedder")
        return None
    return vector


def _nominate(
    request: SearchRequest,
    where: Expression,
    question: Question,
    vector: Vector | None,
    project_id: ProjectId,
    searching: Searching,
    degraded: list[str],
) -> Sequence[Memory]:
    """Return the pool, hydrated from the truth; without an index, the newest memories of the scope."""
    query = IndexQuery(
        project_id=project_id,
        where=where,
        vector=vector,
        model_id=searching.embedder.model_id,
        terms=question.terms,
        limit=max(NOMINATED, 2 * request.top_k),
    )
    try:
        named = dict.fromkeys(searching.index.nominate(query))
        named.update(dict.fromkeys(_mentioned(request.query, project_id, searching.graph, degraded)))
        named.update(dict.fromkeys(searching.index.neighbours(project_id, list(named))))
    except UnavailableError:
        degraded.append("index")
        return searching.memories.list(project_id, where, PageRequest(1, NEWEST_WHEN_DEGRADED)).items
    return list(searching.memories.get(project_id, list(named)).values())


def _mentioned(query: str, project_id: ProjectId, graph: GraphStore, degraded: list[str]) -> Sequence[MemoryId]:
    try:
        return graph.mentions(project_id, entity_keys_in(query), limit=MENTIONED)
    except UnavailableError:
        degraded.append("graph")
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
