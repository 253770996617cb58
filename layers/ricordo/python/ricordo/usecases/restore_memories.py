from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from ricordo.domain.derivation import speakers_of
from ricordo.domain.ids import ProjectId
from ricordo.domain.memory import Embedding, LifecycleState
from ricordo.domain.question import embedding_text
from ricordo.ports.archive import Archive, ArchivedMemory
from ricordo.ports.clock import Clock
from ricordo.ports.embedder import Embedder
from ricordo.ports.owner_store import OwnerStore

_STEP = timedelta(microseconds=1)  # keeps the order of the archive in lists


def restore_memories(
    archived: Sequence[ArchivedMemory],
    *,
    project_id: ProjectId,
    archive: Archive,
    owners: OwnerStore,
    embedder: Embedder,
    clock: Clock,
) -> int:
    """Put archived memories into a project as they were, newly accepted and embedded; count the new ones.

    What is or was in the project under the same id stays as it is: restoring again changes nothing.

    Raises:
        EmbedderUnavailableError: the model is not there; nothing is restored.
    """
    known = archive.known(project_id, [one.memory.memory_id for one in archived])
    wanted = [one for one in archived if one.memory.memory_id not in known]
    if not wanted:
        return 0
    now = clock.now()
    for scope, speakers in speakers_of([one.memory for one in wanted]).items():
        owners.touch(project_id, scope, at=now, speakers=speakers)
    accepted = [
        replace(one, memory=replace(one.memory, project_id=project_id, accepted_at=now + place * _STEP))
        for place, one in enumerate(wanted)
    ]
    return sum(archive.restore(_embedded(accepted, project_id, embedder)))


def _embedded(archived: Sequence[ArchivedMemory], project_id: ProjectId, embedder: Embedder) -> list[ArchivedMemory]:
    """Give every memory its vector; a tombstone has none."""
    live = [one for one in archived if one.memory.state is not LifecycleState.DELETED]
    texts = [embedding_text(one.memory.text, one.memory.speaker) for one in live]
    vectors = embedder.embed(texts, project_id=project_id)
    found = {
        one.memory.memory_id: Embedding(embedder.model_id, vector) for one, vector in zip(live, vectors, strict=True)
    }
    return [replace(one, memory=replace(one.memory, embedding=found.get(one.memory.memory_id))) for one in archived]
