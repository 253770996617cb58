from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ricordo.domain.derivation import memory_from_fact, speakers_of, verbatim_facts
from ricordo.domain.ids import ProjectId, event_id_for
from ricordo.domain.memory import Embedding, Memory
from ricordo.domain.question import embedding_text
from ricordo.ports.archive import Archive
from ricordo.ports.clock import Clock
from ricordo.ports.embedder import Embedder
from ricordo.ports.memory_store import MemoryStore, Stored
from ricordo.ports.owner_store import OwnerStore
from ricordo.usecases.accept_add import AddRequest, episode_of

_STEP = timedelta(microseconds=1)  # keeps the order of the import in lists


@dataclass(frozen=True, slots=True)
class Statement:
    """A verbatim add of one message; `fingerprint` is a digest of what it says, and names its memory."""

    fingerprint: str
    request: AddRequest


def import_statements(
    statements: Sequence[Statement],
    *,
    project_id: ProjectId,
    archive: Archive,
    memories: MemoryStore,
    owners: OwnerStore,
    embedder: Embedder,
    clock: Clock,
) -> int:
    """Store statements as memories word for word; return how many are new.

    What was imported before stays as it is, deleted included; a text its owner has is not stored twice.

    Raises:
        MissingScopeError: a scope is empty; nothing is stored.
        EmbedderUnavailableError: the model is not there; nothing is stored.
    """
    now = clock.now()
    made = {
        memory.memory_id: memory
        for place, statement in enumerate(statements)
        for memory in _memories(statement, project_id, now + place * _STEP)
    }
    known = archive.known(project_id, list(made))
    wanted = [memory for memory_id, memory in made.items() if memory_id not in known]
    if not wanted:
        return 0
    for scope, speakers in speakers_of(wanted).items():
        owners.touch(project_id, scope, at=now, speakers=speakers)
    texts = [embedding_text(memory.text, memory.speaker) for memory in wanted]
    vectors = embedder.embed(texts, project_id=project_id)
    embedded = [
        replace(memory, embedding=Embedding(embedder.model_id, vector))
        for memory, vector in zip(wanted, vectors, strict=True)
    ]
    return sum(isinstance(outcome, Stored) for outcome in memories.insert(embedded))


def _memories(statement: Statement, project_id: ProjectId, now: datetime) -> Sequence[Memory]:
    """Derive what the add of a statement would have stored."""
    event_id = event_id_for(project_id, f"import:{statement.fingerprint}")
    episode = episode_of(statement.request, project_id=project_id, event_id=event_id, now=now)
    facts = verbatim_facts(episode).facts
    return [memory_from_fact(episode, fact, ordinal, None) for ordinal, fact in enumerate(facts)]
