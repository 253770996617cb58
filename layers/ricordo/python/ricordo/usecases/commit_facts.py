from collections.abc import Mapping, Sequence

from ricordo.domain.derivation import memory_from_fact
from ricordo.domain.episode import Episode
from ricordo.domain.event import Lease
from ricordo.domain.fact import Fact
from ricordo.domain.memory import Embedding
from ricordo.ports.memory_store import MemoryStore, Refused


def commit_facts(
    episode: Episode,
    facts: Mapping[int, Fact],
    embeddings: Sequence[Embedding | None],
    *,
    lease: Lease,
    memories: MemoryStore,
) -> dict[int, str]:
    """Store facts, by their ordinals in the event, as memories; return why some were refused, by ordinal.

    Raises:
        LeaseLostError: another worker took the event over; from there on nothing is stored.
    """
    made = [
        memory_from_fact(episode, fact, ordinal, embedding)
        for (ordinal, fact), embedding in zip(facts.items(), embeddings, strict=True)
    ]
    outcomes = memories.insert(made, lease=lease)
    return {
        ordinal: outcome.reason
        for ordinal, outcome in zip(facts, outcomes, strict=True)
        if isinstance(outcome, Refused)
    }
