"""Memories with histories, as an archive holds them."""

from dataclasses import replace

from ricordo.domain.memory import ChangeType, Memory, MemoryVersion
from ricordo.ports.archive import ArchivedMemory


def with_history(memory: Memory, count: int) -> ArchivedMemory:
    """Build a memory that came to be as it is in so many versions."""
    texts = [None, *(f"text {number}" for number in range(1, count)), memory.text]
    versions = tuple(
        MemoryVersion(
            memory_id=memory.memory_id,
            version=number,
            change=ChangeType.UPDATE if number > 1 else ChangeType.ADD,
            old_text=texts[number - 1],
            new_text=texts[number],
            scope=memory.scope,
            metadata={},
            categories=(),
            created_at=memory.created_at,
            changed_at=memory.updated_at,
        )
        for number in range(1, count + 1)
    )
    return ArchivedMemory(replace(memory, version=count), versions)
