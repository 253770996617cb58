"""Search beside a large add: p95 of searches while another client's 1,000 messages are worked on, over the idle p95.

    python benchmarks/speed/search_under_load.py

Both are taken in one run, over kept-alive connections opened before the load, with questions never asked before.
"""

import itertools
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(BENCHMARKS), str(BENCHMARKS / "quality")]

import httpx
from question_sets import Conversation, read_own_sets
from server_under_test import ServerUnderTest, server_under_test

MESSAGES = 1_000
IDLE_SEARCHES = 400
CONNECTIONS = 4


def main() -> None:
    """Print the ratio for an inferred and for a verbatim add."""
    conversations = read_own_sets()
    for infer in (True, False):
        with server_under_test() as server:
            connections = [connect(server) for _ in range(CONNECTIONS)]
            for conversation in conversations:
                fill(connections[0], conversation)
            questions = endless_questions(conversations)
            idle = [search_ms(connections, questions) for _ in range(IDLE_SEARCHES)]
            event_id = add(connect(server), conversations, infer=infer)
            busy = []
            while not is_ended(connections[0], event_id):
                busy += [search_ms(connections, questions) for _ in range(20)]
            ratio = p95(busy) / p95(idle)
            print(f"infer={infer}: idle {summary(idle)}; beside {MESSAGES} messages {summary(busy)}; ratio {ratio:.2f}")


def connect(server: ServerUnderTest) -> httpx.Client:
    """Open a kept-alive connection."""
    client = httpx.Client(base_url=server.host, headers={"Authorization": f"Token {server.api_key}"}, timeout=60)
    client.get("/v1/ping/").raise_for_status()
    return client


def fill(client: httpx.Client, conversation: Conversation) -> None:
    """Store a conversation, so that searches have something to find."""
    turns = [{"role": str(turn.attributed_to), "content": turn.text} for turn in conversation.memories]
    for start in range(0, len(turns), 50):
        body = {"messages": turns[start : start + 50], "user_id": conversation.name, "infer": False}
        client.post("/v3/memories/add/", json=body).raise_for_status()


def endless_questions(conversations: list[Conversation]) -> Iterator[tuple[str, str]]:
    """Yield (user, question), no question twice."""
    asked = [(conversation.name, one.text) for conversation in conversations for one in conversation.questions]
    for number, (user, text) in enumerate(itertools.cycle(asked)):
        yield user, f"{text} ({number})"


def search_ms(connections: list[httpx.Client], questions: Iterator[tuple[str, str]]) -> float:
    """Ask the next question on the next connection and return the milliseconds it took."""
    connections.append(connections.pop(0))
    user, question = next(questions)
    started = time.perf_counter()
    answer = connections[-1].post("/v3/memories/search/", json={"query": question, "filters": {"user_id": user}})
    elapsed_ms = (time.perf_counter() - started) * 1000
    answer.raise_for_status()
    return elapsed_ms


def add(client: httpx.Client, conversations: list[Conversation], *, infer: bool) -> str:
    """Send 1,000 messages as one add; return the event to wait for."""
    turns = itertools.cycle(turn for conversation in conversations for turn in conversation.memories)
    messages = [
        {"role": str(turn.attributed_to), "content": f"{turn.text} ({number})"}
        for number, turn in enumerate(itertools.islice(turns, MESSAGES))
    ]
    body = {"messages": messages, "user_id": "somebody else", "infer": infer}
    answer = client.post("/v3/memories/add/", json=body).raise_for_status()
    return str(answer.json()["event_id"])


def is_ended(client: httpx.Client, event_id: str) -> bool:
    """Say whether the event has come to its end."""
    return client.get(f"/v1/event/{event_id}/").json()["status"] in {"SUCCEEDED", "FAILED"}


def summary(values: list[float]) -> str:
    """Describe times in milliseconds."""
    return f"p50 {statistics.median(values):.1f} p95 {p95(values):.1f} ms of {len(values)} searches"


def p95(values: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(values, n=20)[-1]


if __name__ == "__main__":
    main()
