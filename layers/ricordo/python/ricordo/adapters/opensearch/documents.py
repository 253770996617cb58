"""Memories as documents of the index, and the spellings that documents and queries share."""

import hashlib
from collections.abc import Iterable
from typing import Final

import numpy as np

from ricordo.domain.analysis import words
from ricordo.domain.episode import bare_utterance
from ricordo.domain.filters import metadata_token
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory
from ricordo.domain.moments import to_micros
from ricordo.domain.stemming import stem

_END_OF_TIME: Final = 2**63 - 1
_VECTOR_DECIMALS: Final = 6  # more than the truth keeps, and a third of what JSON writes otherwise


def document_of(memory: Memory, model_id: str) -> dict[str, object]:
    """Return the document of a memory; a vector of another model is left out, so that words alone find it."""
    expiration = memory.expiration
    document: dict[str, object] = {
        "project": memory.project_id,
        "memory_id": memory.memory_id,
        "version": memory.version,
        "place": place(thread_mark(memory.thread), memory.sequence),
        **{owner.type.field: owner.id for owner in memory.scope.owners()},
        "state": memory.state.value,
        "created_us": to_micros(memory.created_at),
        "updated_us": to_micros(memory.updated_at),
        "ends_us": to_micros(expiration.end) if expiration else _END_OF_TIME,
        "categories": list(dict.fromkeys(memory.categories)),
        "metadata": _tokens(memory),
        "words": spoken_stems([bare_utterance(memory.text, memory.speaker)]),
    }
    if expiration:
        document["expires_us"] = to_micros(expiration.start)
    if memory.embedding is not None and memory.embedding.model_id == model_id:
        document |= _direction(memory.embedding.vector)
    return document


def _direction(vector: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> dict[str, object]:
    """Return the vector at length one; one of zeros has no direction and is left out."""
    length = float(np.linalg.norm(vector))
    if not length:
        return {}
    return {"vector": (vector.astype(np.float64) / length).round(_VECTOR_DECIMALS).tolist()}


def spoken_stems(texts: Iterable[str]) -> str:
    """Return the stems of the words of these texts, between spaces.

    The domain's own analysis, so that this index nominates what the embedded one does: on LoCoMo 98.7 % of the fifty
    best by BM25 are the same, with the engine's English analyser 97.6 %, and neither finds more evidence. Stop words
    stay in, for BM25 counts lengths.
    """
    return " ".join(stem(word) for text in texts for word in words(text))


def _tokens(memory: Memory) -> list[str]:
    """Spell metadata as tokens of one field, so that keys of users never become fields."""
    tokens: dict[str, None] = {}
    for key, value in memory.metadata.items():
        tokens[metadata_equal(key, metadata_token(value))] = None
        if value is not None:
            tokens[metadata_present(key)] = None
        if isinstance(value, str):
            tokens[metadata_string(key)] = None
        if isinstance(value, list | tuple):
            tokens |= dict.fromkeys(metadata_element(key, item) for item in value if isinstance(item, str))
    return list(tokens)


def metadata_equal(key: str, token: str) -> str:
    """Spell that the value under `key` has this token (see `domain.filters.metadata_token`)."""
    return _digest("equal", key, token)


def metadata_present(key: str) -> str:
    """Spell that there is a value under `key` that is not null."""
    return _digest("present", key)


def metadata_string(key: str) -> str:
    """Spell that the value under `key` is a string."""
    return _digest("string", key)


def metadata_element(key: str, element: str) -> str:
    """Spell that the value under `key` is a list with this string in it."""
    return _digest("element", key, element)


def thread_mark(thread: str) -> str:
    """Spell a conversation."""
    return _digest("thread", thread)


def place(mark: str, sequence: int) -> str:
    """Spell a place in the conversation of this mark."""
    return f"{mark}:{sequence}"


def document_id(project_id: ProjectId, memory_id: MemoryId) -> str:
    """Name the document of a memory: ids are unique in a project only, and the engine's end at 512 bytes."""
    return _digest("memory", project_id, memory_id)


def routing_value(project_id: ProjectId) -> str:
    """Name the shard of a project; a comma in the value itself would mean two."""
    return _digest("project", project_id)


def _digest(*parts: str) -> str:
    spelled = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.blake2b(spelled.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
