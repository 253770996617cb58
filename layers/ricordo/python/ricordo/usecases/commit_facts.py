from collections.abc import Sequence
from dataclasses import dataclass

from ricordo.domain.derivation import memory_from_fact
from ricordo.domain.episode import Episode
from ricordo.domain.errors import EmbedderUnavailableError
from ricordo.domain.event import Lease
from ricordo.domain.fact import Fact
from ricordo.domain.ids import ProjectId
from ricordo.domain.memory import Embedding, Memory
from ricordo.domain.question import embedding_text
from ricordo.ports.embedder import Embedder
from ricordo.ports.memory_store import MemoryStore, Stored


@dataclass(frozen=True, slots=True)
class CommitOutcome:
    """The memories stored, in the order of their facts, and why each other fact was not."""

    stored: Sequence[Memory]
    refused: Sequence[str]


def commit_facts(
    episode: Episode,
    facts: Sequence[Fact],
    *,
    first_ordinal: int,
    lease: Lease,
    embedder: Embedder,
    memories: MemoryStore,
) -> CommitOutcome:
    """Embed some facts of an episode and store them as memories.

    With the embedder down they are stored without vectors: found by their words, never lost.

    Raises:
        LeaseLostError: another worker took the event over; from there on nothing is stored.
    """
    embeddings = _embed(facts, episode.project_id, embedder)
    made = [
        memory_from_fact(episode, fact, ordinal, embedding)
        for ordinal, (fact, embedding) in enumerate(zip(facts, embeddings, strict=True), start=first_ordinal)
    ]
    outcomes = memories.insert(made, lease=lease)
    return CommitOutcome(
        [outcome.memory for outcome in outcomes if isinstance(outcome, Stored)],
        [outcome.reason for outcome in outcomes if not isinstance(outcome, Stored)],
    )


def _embed(facts: Sequence[Fact], project_id: ProjectId, embedder: Embedder) -> list[Embedding | None]:
    try:
        texts = [embedding_text(fact.text, fact.speaker) for fact in facts]
        vectors = embedder.embed(texts, project_id=project_id)
    except EmbedderUnavailableError:
        return [None] * len(facts)
    return [Embedding(embedder.model_id, vector) for vector in vectors]
