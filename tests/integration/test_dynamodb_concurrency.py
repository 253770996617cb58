"""Many threads over one table: no update is lost, nothing is stored twice."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TypeVar

from support.builders import PROJECT, a_memory, owned_by
from support.clocks import START
from support.dynamodb_bench import Bench, faults_in

from ricordo.domain.errors import VersionConflictError
from ricordo.domain.filters import All
from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import Memory, MemoryPatch, bury, revise
from ricordo.domain.paging import PageRequest
from ricordo.ports.memory_store import Refused, Stored

LATER = START + timedelta(hours=1)
UPDATERS, UPDATES = 8, 200
ADDERS = 16
TEXTS = [f"Ana knows fact number {number}." for number in range(200)]
T = TypeVar("T")


def together(threads: int, work: Callable[[int], T]) -> list[T]:
    """Run `work(number)` in threads that start at once."""
    start = Barrier(threads)

    def one(number: int) -> T:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(threads)))


def test_conflicting_updates_lose_nothing(bench: Bench) -> None:
    """Eight threads update one memory 200 times each: every update is either acknowledged and kept, or a conflict."""
    memory = a_memory("start")
    bench.stores.memories.insert([memory])

    def update(thread: int) -> Counter[bool]:
        memories = bench.stores.memories
        outcomes: Counter[bool] = Counter()
        for number in range(UPDATES):
            current = memories.get(PROJECT, [memory.memory_id])[memory.memory_id]
            changed = revise(current, MemoryPatch(metadata={"by": f"{thread}-{number}"}), now=LATER)
            outcomes[is_written(memories.replace, changed)] += 1
        return outcomes

    outcomes = sum(together(UPDATERS, update), Counter())

    stands = bench.stores.memories.get(PROJECT, [memory.memory_id])[memory.memory_id]
    history = bench.stores.memories.versions(PROJECT, memory.memory_id)
    assert outcomes.total() == UPDATERS * UPDATES
    assert outcomes[False]
    assert stands.version == len(history) == 1 + outcomes[True]
    assert len({str(version.metadata) for version in history}) == len(history)
    assert faults_in(bench.rows()) == []


def is_written(replace: Callable[..., None], memory: Memory) -> bool:
    """Write the next version; any refusal but a conflict fails the test."""
    try:
        replace(memory, expected_version=memory.version - 1)
    except VersionConflictError:
        return False
    return True


def test_equal_adds_at_the_same_time_leave_one_memory_a_text(bench: Bench) -> None:
    """Sixteen threads add the same 200 texts: each is stored once and a duplicate for the others."""

    def add(thread: int) -> list[bool]:
        memories = bench.stores.memories
        mine = [a_memory(text, memory_id=MemoryId(f"{thread}-{number}")) for number, text in enumerate(TEXTS)]
        turned = mine[thread * 10 :] + mine[: thread * 10]
        outcomes = [outcome for start in range(0, 200, 20) for outcome in memories.insert(turned[start : start + 20])]
        assert all(isinstance(outcome, Stored) or outcome == Refused("duplicate") for outcome in outcomes)
        return [isinstance(outcome, Stored) for outcome in outcomes]

    stored = sum(sum(outcomes) for outcomes in together(ADDERS, add))

    page = bench.stores.memories.list(PROJECT, All(), PageRequest(1, 1000))
    assert stored == page.total == len(TEXTS)
    assert sorted(memory.text for memory in page.items) == sorted(TEXTS)
    assert len({memory.sequence for memory in page.items}) == len(TEXTS)
    assert faults_in(bench.rows()) == []


def test_a_text_changes_hands_without_a_trace(bench: Bench) -> None:
    """Threads that add, rename and delete memories of a few texts leave each text with those who have it."""

    def work(thread: int) -> None:
        memories = bench.stores.memories
        for number in range(12):
            made = a_memory(f"text {(thread + number) % 3}", memory_id=MemoryId(f"{thread}-{number}"))
            (outcome,) = memories.insert([made])
            if isinstance(outcome, Stored):
                renamed = revise(outcome.memory, MemoryPatch(text=f"text {number % 3}"), now=LATER)
                memories.replace(renamed, expected_version=1)
                if number % 2:
                    memories.replace(bury(renamed, now=LATER), expected_version=2)

    together(8, work)

    assert faults_in(bench.rows()) == []


def test_hidden_memories_are_removed_once_by_many(bench: Bench) -> None:
    """Workers that remove the same hidden memories count each once between them."""
    memories = [a_memory(f"text {number}") for number in range(60)]
    bench.stores.memories.insert(memories)
    assert bench.stores.memories.hide(PROJECT, owned_by()) == 60

    def remove(thread: int) -> int:
        removed, now = 0, LATER + timedelta(seconds=thread)
        while count := bench.stores.memories.remove_hidden(PROJECT, limit=25, now=now):
            removed += count
        return removed

    assert sum(together(4, remove)) == 60
    assert bench.stores.memories.list(PROJECT, All(), PageRequest()).total == 0
    assert faults_in(bench.rows()) == []
