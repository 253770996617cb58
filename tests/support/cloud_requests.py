"""What clients ask of a `CloudHouse`: each write under an `Idempotency-Key`, which names it when it is sent again."""

from collections.abc import Callable
from contextlib import suppress

from support.builders import ANA
from support.cloud_house import CloudHouse

from ricordo.domain.episode import Message, Role
from ricordo.domain.errors import MemoryNotFoundError
from ricordo.domain.event import Event
from ricordo.domain.ids import EventId, MemoryId, event_id_for, memory_id_for
from ricordo.domain.memory import MemoryPatch
from ricordo.domain.scope import Scope
from ricordo.usecases.accept_add import AddRequest
from ricordo.usecases.add_memories import add_memories
from ricordo.usecases.answer_once import answer_once
from ricordo.usecases.delete_all_memories import delete_all_memories
from ricordo.usecases.delete_memories import delete_memory
from ricordo.usecases.update_memories import update_memory
from ricordo.usecases.work_on_event import work_on_event


def ask(house: CloudHouse, key: str, operation: Callable[[], object]) -> str:
    """Have an operation carried out once for a key, as the API does."""
    return answer_once(
        lambda: str(operation()),
        project_id=house.project_id,
        key=key,
        fingerprint=key,
        store=house.stores.idempotency,
        clock=house.clock,
    )


def event_id(house: CloudHouse, key: str) -> EventId:
    """Return the event of a write."""
    return event_id_for(house.project_id, key)


def memory_id(house: CloudHouse, key: str, ordinal: int = 0) -> MemoryId:
    """Return a memory of an add."""
    return memory_id_for(event_id(house, key), ordinal)


def add(house: CloudHouse, key: str, *contents: str, scope: Scope = ANA, **options: object) -> Event:
    """Add what a user said, without a key of its own; up to three verbatim messages are stored at once."""
    return add_memories(
        AddRequest(scope, tuple(Message(Role.USER, content) for content in contents), options=options),
        project_id=house.project_id,
        event_id=event_id(house, key),
        events=house.stores.events,
        owners=house.stores.owners,
        ingestion=house.stores.ingestion,
        workbench=house.workbench,
        clock=house.clock,
        synchronous_messages=3,
    )


def work_on(house: CloudHouse, key: str) -> Event | None:
    """Work on the event of a write."""
    named = (house.project_id, event_id(house, key))
    return work_on_event(house.workbench, events=house.stores.events, clock=house.clock, named=named)


def update(house: CloudHouse, of: MemoryId, text: str) -> None:
    """Give a memory another text."""
    update_memory(
        of,
        MemoryPatch(text=text),
        project_id=house.project_id,
        memories=house.stores.memories,
        embedder=house.embedder,
        clock=house.clock,
    )


def delete(house: CloudHouse, of: MemoryId) -> None:
    """Delete a memory, or find it deleted."""
    with suppress(MemoryNotFoundError):
        delete_memory(of, project_id=house.project_id, memories=house.stores.memories, clock=house.clock)


def delete_all(house: CloudHouse, key: str, scope: Scope = ANA) -> Event:
    """Delete all memories of an owner."""
    return delete_all_memories(
        scope,
        project_id=house.project_id,
        event_id=event_id(house, key),
        memories=house.stores.memories,
        events=house.stores.events,
        ingestion=house.stores.ingestion,
        clock=house.clock,
    )
