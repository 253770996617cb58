"""Many processes and threads over one file: nothing twice, nothing lost, whoever is killed."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier

from support.builders import PROJECT, a_memory, embedded, owned_by
from support.house import House, open_house
from support.stores import sqlite_stores

from ricordo.adapters.sqlite.database import Database, migrate
from ricordo.domain.filters import All
from ricordo.domain.memory import bury
from ricordo.domain.paging import PageRequest
from ricordo.ports.memory_store import Stored
from ricordo.ports.search_index import IndexQuery

PROCESSES = 4
THREADS = 4
TEXTS = [f"Ana knows fact number {number}." for number in range(50)]
EVERYTHING = PageRequest(1, 1000)


def in_threads(work: object, path: Path, process: int) -> int:
    """Run `work(house, name)` in several threads that start together; return the sum of what they return."""
    together = Barrier(THREADS)
    with open_house(path) as house, ThreadPoolExecutor(THREADS) as threads:

        def one(thread: int) -> int:
            together.wait()
            counted: int = work(house, f"{process}-{thread}")  # type: ignore[operator]
            return counted

        return sum(threads.map(one, range(THREADS)))


def add_by_use_case(house: House, name: str) -> int:
    """Add all texts, one event each; count what was stored."""
    events = [house.add(text, event_id=f"{name}-{n}", infer=False) for n, text in enumerate(TEXTS)]
    return sum(len(event.results) for event in events)


def insert_by_store(house: House, name: str) -> int:
    """Insert all texts at once; count what was stored."""
    made = [a_memory(text, memory_id=f"{name}-{n}") for n, text in enumerate(TEXTS)]
    return sum(isinstance(outcome, Stored) for outcome in house.stores.memories.insert(made))


def work_off(house: House, _name: str) -> int:
    """Work on whatever is due until nothing is."""
    done = 0
    while house.work() is not None:
        done += 1
    return done


def in_processes(work: object, path: Path) -> int:
    """Run `work` in several threads of several processes over one file; return the sum."""
    with get_context("spawn").Pool(PROCESSES) as pool:
        return sum(pool.starmap(in_threads, [(work, path, process) for process in range(PROCESSES)]))


def test_equal_adds_at_the_same_time_leave_one_memory_a_text(tmp_path: Path) -> None:
    """16 threads in 4 processes add the same 50 texts to a new file; each is there once."""
    path = tmp_path / "ricordo.db"
    assert in_processes(add_by_use_case, path) == len(TEXTS)
    with open_house(path) as house:
        assert sorted(house.texts()) == sorted(TEXTS)
        first = house.memories()[0]
        house.stores.memories.replace(bury(first, now=house.clock.now()), expected_version=1)

    assert in_processes(insert_by_store, path) == 1

    with open_house(path) as house:
        memories = house.memories()
    assert sorted(memory.text for memory in memories) == sorted(TEXTS)
    assert len({memory.sequence for memory in memories}) == len(TEXTS)


def open_at_once(paths: list[Path]) -> int:
    """Open each file from several threads; return how many times it went well."""

    def one(path: Path) -> int:
        database = Database(path)
        version = migrate(database)
        database.close()
        return int(version > 0)

    with ThreadPoolExecutor(THREADS) as threads:
        return sum(sum(threads.map(one, [path] * THREADS)) for path in paths)


def test_a_new_file_may_be_opened_by_all_at_once(tmp_path: Path) -> None:
    """Processes that start together make one database, and none of them is told that it is busy."""
    paths = [tmp_path / f"{number}.db" for number in range(10)]
    with get_context("spawn").Pool(PROCESSES) as pool:
        opened = pool.map(open_at_once, [paths] * PROCESSES, chunksize=1)

    assert opened == [THREADS * len(paths)] * PROCESSES


def test_every_event_is_worked_on_once(tmp_path: Path) -> None:
    """16 workers in 4 processes share 60 events without doing one twice."""
    path = tmp_path / "ricordo.db"
    with open_house(path) as house:
        for number in range(60):
            house.add(f"I like number {number}. I like it a lot, {number}.", event_id=f"e{number}")

    assert in_processes(work_off, path) == 60

    with open_house(path) as house:
        assert len(set(house.texts())) == len(house.texts()) == 120
        assert {house.event(f"e{number}").attempts for number in range(60)} == {1}


def test_threads_that_share_an_index_see_their_own_writes(tmp_path: Path) -> None:
    """Four threads write and search through one store and one index; each finds at once what it wrote."""
    with sqlite_stores(tmp_path / "ricordo.db") as stores, ThreadPoolExecutor(THREADS) as threads:

        def write_and_search(thread: int) -> None:
            for number in range(25):
                memory = a_memory(f"word{thread}x{number}", embedding=embedded(thread))
                stores.memories.insert([memory])
                query = IndexQuery(PROJECT, owned_by(), None, "model-1", (f"word{thread}x{number}",), 5)
                assert list(stores.index.nominate(query)) == [memory.memory_id]
                assert stores.memories.get(PROJECT, [memory.memory_id])
                found = stores.index.nominate(
                    IndexQuery(PROJECT, owned_by(), embedded(thread).vector, "model-1", (), 1000)
                )
                assert memory.memory_id in found
                assert len(found) == len(set(found))

        list(threads.map(write_and_search, range(THREADS)))


WRITER = """
import sys
sys.path[:0] = {paths!r}
from pathlib import Path
from support.house import open_house
with open_house(Path({path!r})) as house:
    for number in range(100_000):
        house.add(f"fact {{number}}", event_id=f"e{{number}}", infer=False)
        print(number, flush=True)
"""


def test_a_killed_process_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    """After kill -9 in the middle of writing, every acknowledged add is there and the file is sound."""
    path = tmp_path / "ricordo.db"
    script = WRITER.format(paths=[entry for entry in sys.path if entry], path=str(path))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for number in count():
            assert writer.stdout.readline().strip() == str(number)
            if number == 40:
                writer.send_signal(signal.SIGKILL)
                break
        acknowledged = 40 + len(writer.stdout.readlines())

    with open_house(path) as house:
        while house.clock.advance(3600) or house.work() is not None:  # what was accepted and not carried out
            pass
        texts = set(house.texts())
    assert {f"fact {number}" for number in range(acknowledged + 1)} <= texts
    database = Database(path)
    migrate(database)
    assert database.connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    database.connection.execute("INSERT INTO memory_words (memory_words) VALUES ('integrity-check')")
    database.close()


def test_connections_of_ended_threads_are_closed(tmp_path: Path) -> None:
    """A server that starts a thread a request does not gather connections."""
    database = Database(tmp_path / "ricordo.db")
    migrate(database)
    for _ in range(10):
        with ThreadPoolExecutor(1) as threads:
            assert threads.submit(database.data_version).result() > 0

    assert len(database._opened) <= 2

    database.close()
    assert database.data_version() > 0
    database.close()


def test_hidden_is_hidden_for_every_process(tmp_path: Path) -> None:
    """A cut made through one connection is seen by a reader that had everything in its caches."""
    path = tmp_path / "ricordo.db"
    with sqlite_stores(path) as reader, sqlite_stores(path) as writer:
        memory = a_memory(embedding=embedded(0), speaker="Ana")
        writer.memories.insert([memory])
        query = IndexQuery(PROJECT, owned_by(), embedded(0).vector, "model-1", ("lisbon",), 5)
        assert list(reader.index.nominate(query)) == [memory.memory_id]
        assert reader.memories.get(PROJECT, [memory.memory_id])

        writer.memories.hide(PROJECT, All())

        assert list(reader.index.nominate(query)) == []
        assert reader.memories.get(PROJECT, [memory.memory_id]) == {}
        assert reader.memories.list(PROJECT, All(), EVERYTHING).total == 0
