"""Recall over HTTP, with the unmodified mem0 client: one turn one memory, one add a session, one question one search.

    python benchmarks/quality/over_http.py [--locomo PATH] [--infer]

Prints recall, nDCG and MRR by category; the server's own time for a search beside the embedder's for the same
questions, and the speed of ingestion beside the embedder's batches, all in one run.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("MEM0_TELEMETRY", "False")

from measures import measure, table
from mem0 import MemoryClient
from question_sets import LOCOMO, Conversation, read_locomo, read_own_sets, texts_of
from server_under_test import ServerUnderTest, server_under_test

from ricordo.adapters.builtin.embedder import MiniLMEmbedder
from ricordo.domain.memory import Memory
from ricordo.domain.question import read_question

TOP_K = 20


def main() -> None:
    """Measure LoCoMo where it is, and the project's own sets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--locomo", type=Path, default=LOCOMO, help="locomo10.json; never part of this repository")
    parser.add_argument("--infer", action="store_true", help="extract statements instead of keeping turns verbatim")
    options = parser.parse_args()
    sets = {"the project's own sets": read_own_sets()}
    if options.locomo.exists():
        sets = {"LoCoMo": read_locomo(options.locomo), **sets}
    else:
        print(f"LoCoMo is absent ({options.locomo}): only the project's own sets are measured.")
    for name, conversations in sets.items():
        print(f"\n## {name}\n", flush=True)
        with server_under_test() as server:
            if options.infer:
                infer_twice(server, conversations)
            else:
                measure_set(server, conversations)


def measure_set(server: ServerUnderTest, conversations: Sequence[Conversation]) -> None:
    """Ingest and ask, and print what came of it."""
    client = MemoryClient(api_key=server.api_key, host=server.host)
    embedder = MiniLMEmbedder(threads=1)
    embedder.embed(["warm"])
    texts = list(texts_of(conversations))
    batch_s = timed(lambda: [embedder.embed(texts[start : start + 16]) for start in range(0, len(texts), 16)])
    turn_of: dict[str, str] = {}
    ingest_s = timed(lambda: turn_of.update(ingest(client, conversations)))
    rows, client_ms, embed_ms = [], [], []
    for conversation in conversations:
        for asked in conversation.questions:
            question = read_question(asked.text, speakers=conversation.speakers)
            embed_ms.append(1000 * timed(lambda text=question.embedding_text: embedder.embed([text])))
            started = time.perf_counter()
            found = client.search(asked.text, filters={"user_id": conversation.name}, top_k=TOP_K)["results"]
            client_ms.append(1000 * (time.perf_counter() - started))
            rows.append((asked.category, measure([turn_of[one["id"]] for one in found], asked.evidence)))
    spans = server.spans("search")
    print(table(rows))
    print_speed(len(texts), batch_s, ingest_s, spans, embed_ms, client_ms)
    print(f"memory of the process tree (PSS): {server.memory_mb():.0f} MB")


def print_speed(
    turns: int,
    batch_s: float,
    ingest_s: float,
    spans: Sequence[dict[str, Any]],
    embed_ms: Sequence[float],
    client_ms: Sequence[float],
) -> None:
    """Print the speed, as ratios to the embedder's own time in the same run."""
    search, embed = _median(spans, "search_ms"), statistics.median(embed_ms)
    print(f"\nsearch at the server, p50: {search:.2f} ms, {_median(spans, 'embed_ms'):.2f} ms of it embedding")
    print(f"the embedder alone, p50: {embed:.2f} ms; ratio {search / embed:.2f}")
    print(f"search at the client, p50: {statistics.median(client_ms):.2f} ms")
    print(f"ingest {turns / ingest_s:.1f} turns/s; embedder's batches {turns / batch_s:.1f}/s:", end=" ")
    print(f"ratio {batch_s / ingest_s:.2f}")


def _median(spans: Sequence[dict[str, Any]], name: str) -> float:
    return statistics.median(one[name] for one in spans)


def timed(action: Any) -> float:
    """Return the seconds an action takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def sessions_of(conversation: Conversation) -> dict[str, list[Memory]]:
    """Group a conversation's turns by session."""
    sessions: dict[str, list[Memory]] = {}
    for memory in conversation.memories:
        sessions.setdefault(memory.scope.run_id or "", []).append(memory)
    return sessions


def add_session(client: MemoryClient, user: str, run: str, turns: Sequence[Memory], *, infer: bool) -> dict[str, Any]:
    """Add one session as one request."""
    messages = [
        {"role": str(turn.attributed_to), "content": turn.text} | ({"name": turn.speaker} if turn.speaker else {})
        for turn in turns
    ]
    said_at = int(turns[0].created_at.timestamp())
    answer: dict[str, Any] = client.add(messages, user_id=user, run_id=run, timestamp=said_at, infer=infer)
    return answer


def ingest(client: MemoryClient, conversations: Sequence[Conversation]) -> dict[str, str]:
    """Add everything word for word; return which turn each memory is, by the order of the results."""
    turn_of: dict[str, str] = {}
    for conversation in conversations:
        for run, turns in sessions_of(conversation).items():
            results = add_session(client, conversation.name, run, turns, infer=False)["results"]
            for turn, result in zip(turns, results, strict=True):
                turn_of[result["id"]] = str(turn.memory_id)
    return turn_of


def infer_twice(server: ServerUnderTest, conversations: Sequence[Conversation]) -> None:
    """Have statements extracted from everything, twice, and print how the events ended and what was added."""
    client = MemoryClient(api_key=server.api_key, host=server.host)
    for number in ("first", "second"):
        started = time.perf_counter()
        ids = [
            add_session(client, conversation.name, run, turns, infer=True)["event_id"]
            for conversation in conversations
            for run, turns in sessions_of(conversation).items()
        ]
        ended = [await_event(client, event_id) for event_id in ids]
        outcomes = {status: sum(event["status"] == status for event in ended) for status in ("SUCCEEDED", "FAILED")}
        added = sum(len(event["results"]) for event in ended)
        print(f"{number} import: events {outcomes}, {added} memories added, {time.perf_counter() - started:.0f} s")


def await_event(client: MemoryClient, event_id: str) -> dict[str, Any]:
    """Poll an event until it ended."""
    while True:
        event: dict[str, Any] = client.client.get(f"/v1/event/{event_id}/").json()
        if event["status"] in {"SUCCEEDED", "FAILED"}:
            return event
        time.sleep(0.05)


if __name__ == "__main__":
    main()
