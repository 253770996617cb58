"""Equal adds from many processes at the same time, over HTTP: one of each stays."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any

import httpx
import pytest
from support.server import RunningServer

PROCESSES = 4
THREADS = 4
TEXTS = [f"My locker number {number} is on the second floor." for number in range(12)]


def add_all(base_url: str, api_key: str, user: str, infer: bool) -> list[dict[str, Any]]:  # noqa: FBT001  pickled
    """Add every text from several threads of this process; return the answers."""
    headers = {"Authorization": f"Token {api_key}"}

    def add(text: str) -> dict[str, Any]:
        body = {"messages": text, "user_id": user, "infer": infer}
        answer: dict[str, Any] = client.post("/v3/memories/add/", json=body).raise_for_status().json()
        return answer

    with httpx.Client(base_url=base_url, headers=headers, timeout=60) as client, ThreadPoolExecutor(THREADS) as threads:
        return [
            answer
            for answers in threads.map(lambda _: [add(text) for text in TEXTS], range(THREADS))
            for answer in answers
        ]


@pytest.mark.parametrize("infer", [False, True], ids=["verbatim", "inferred"])
def test_equal_adds_leave_one_of_each(
    server: RunningServer, http: httpx.Client, ana: str, ended: Callable[[str], dict[str, Any]], *, infer: bool
) -> None:
    """16 threads in 4 processes add the same texts; each is there once, and can be added again once deleted."""
    with get_context("spawn").Pool(PROCESSES) as pool:
        work = [(server.base_url, server.api_key, ana, infer)] * PROCESSES
        answers = [answer for batch in pool.starmap(add_all, work) for answer in batch]
    added = [result["id"] for answer in answers for result in ended(answer["event_id"])["results"]]

    assert len(answers) == PROCESSES * THREADS * len(TEXTS)
    assert len(added) == len(set(added)) == len(TEXTS)
    assert set(listed(http, ana)) == set(added)

    http.delete(f"/v1/memories/{added[0]}/").raise_for_status()
    again = [
        answer
        for text in TEXTS
        for answer in [http.post("/v3/memories/add/", json={"messages": text, "user_id": ana, "infer": infer}).json()]
    ]

    renewed = [result["id"] for answer in again for result in ended(answer["event_id"])["results"]]
    assert len(renewed) == 1
    assert set(listed(http, ana)) == {*added[1:], *renewed}


def listed(http: httpx.Client, user: str) -> list[str]:
    """Return the ids of everything a user has."""
    page = http.post("/v3/memories/", params={"page_size": 200}, json={"filters": {"user_id": user}}).json()
    return [memory["id"] for memory in page["results"]]
