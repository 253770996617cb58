from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from ricordo.domain.errors import ProjectionError
from ricordo.domain.filters import All
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Embedding, Memory
from ricordo.domain.paging import PageRequest
from ricordo.domain.question import embedding_text
from ricordo.ports.embedder import Embedder
from ricordo.ports.graph_store import GraphStore
from ricordo.ports.index_builder import IndexBuilder
from ricordo.ports.memory_store import MemoryStore
from ricordo.ports.projection_feed import ProjectionFeed
from ricordo.ports.search_index import SearchIndex

PAGE = 64
FILLED_AT_ONCE = 16  # a worker has other things to do
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Truth:
    """Where reindexing reads from, and what it embeds with."""

    memories: MemoryStore
    feed: ProjectionFeed
    embedder: Embedder


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many memories were given to the new index, and which of them it refused."""

    memories: int
    refused: frozenset[str]


def rebuild_index(
    project_ids: Sequence[ProjectId], *, truth: Truth, builder: IndexBuilder, on_progress: Progress
) -> Rebuilt:
    """Build the index of the embedder's model anew and let it serve.

    Memories without a vector of that model get one from their text, kept beside the one they have: nothing is
    extracted again. The index that serves goes on serving, and changes reach both.

    Raises:
        EmbedderUnavailableError: the model is down; the old index goes on serving.
        UnavailableError: the truth or the index is; the same.
        ConflictError: another build took over.
    """
    build = builder.begin()
    written = 0
    refused: frozenset[str] = frozenset()
    try:
        for project_id in project_ids:
            for page in _pages(project_id, truth.memories):
                try:
                    builder.write(build, _embedded(page, project_id, truth))
                except ProjectionError as error:
                    refused |= error.memory_ids
                written += len(page)
                on_progress(len(page))
        builder.finish(build)
    except BaseException:
        builder.abandon(build)
        raise
    return Rebuilt(written, refused)


def fill_vectors(project_ids: Sequence[ProjectId], *, truth: Truth, index: SearchIndex, on_progress: Progress) -> int:
    """Give every memory that lacks a vector of the embedder's model one, in the truth and the index; count them.

    Raises:
        EmbedderUnavailableError: the model is down; what was filled stays.
    """
    filled = 0
    for project_id in project_ids:
        for page in _pages(project_id, truth.memories):
            filled += fill_page(page, project_id=project_id, truth=truth, index=index)
            on_progress(len(page))
    return filled


def fill_page(page: Sequence[Memory], *, project_id: ProjectId, truth: Truth, index: SearchIndex) -> int:
    """Give those of these memories that lack a vector of the embedder's model one; count them."""
    lacking = [memory for memory in page if not _has_vector(memory, truth.embedder)]
    if lacking:
        with suppress(ProjectionError):  # the truth has their vectors; the index shows them by their words
            index.upsert(_embedded(lacking, project_id, truth))
    return len(lacking)


def fill_some_vectors(project_id: ProjectId, *, truth: Truth, index: SearchIndex) -> int:
    """Give a few memories that the index shows without a vector one, as those stored with the model down; count them.

    Raises:
        UnavailableError: the model, the truth or the index is down.
        ProjectionError: the index refused some; the truth has their vectors.
    """
    shown = index.without_vector(project_id, truth.embedder.model_id, limit=FILLED_AT_ONCE)
    found = truth.memories.get(project_id, shown) if shown else {}
    lacking = [memory for memory in found.values() if not _has_vector(memory, truth.embedder)]
    if lacking:
        index.upsert(_embedded(lacking, project_id, truth))
    return len(lacking)


def rebuild_graph(
    project_ids: Sequence[ProjectId], *, memories: MemoryStore, graph: GraphStore, on_progress: Progress
) -> int:
    """Make the graph anew from what the memories state, a project at a time; count the memories.

    Until a project is done, its searches miss what the graph has not been given yet.
    """
    written = 0
    for project_id in project_ids:
        graph.forget_project(project_id)
        for page in _pages(project_id, memories):
            with suppress(ProjectionError):  # the others are in it; a consumer that meets them sets them aside
                graph.upsert(page)
            written += len(page)
            on_progress(len(page))
    return written


def _pages(project_id: ProjectId, memories: MemoryStore) -> Iterator[Sequence[Memory]]:
    """Yield all live memories, newest first; those added meanwhile come by their own projection."""
    request = PageRequest(1, PAGE)
    while True:
        page = memories.list(project_id, All(), request)
        if page.items:
            yield page.items
        if not page.has_next or page.end is None:
            return
        request = PageRequest(request.number + 1, PAGE, page.end)


def _has_vector(memory: Memory, embedder: Embedder) -> bool:
    return memory.embedding is not None and memory.embedding.model_id == embedder.model_id


def _embedded(page: Sequence[Memory], project_id: ProjectId, truth: Truth) -> Sequence[Memory]:
    lacking = [memory for memory in page if not _has_vector(memory, truth.embedder)]
    if not lacking:
        return page
    texts = [embedding_text(memory.text, memory.speaker) for memory in lacking]
    vectors = truth.embedder.embed(texts, project_id=project_id)
    filled: dict[MemoryId, Memory] = {
        memory.memory_id: replace(memory, embedding=Embedding(truth.embedder.model_id, vector))
        for memory, vector in zip(lacking, vectors, strict=True)
    }
    truth.feed.keep_embeddings(list(filled.values()))
    return [filled.get(memory.memory_id, memory) for memory in page]
