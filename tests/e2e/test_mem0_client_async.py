"""mem0's asynchronous client, unmodified, with many calls at the same time."""

import asyncio
from typing import Any

from mem0 import AsyncMemoryClient
from support.server import RunningServer


def test_many_calls_at_once_answer_each_its_own(server: RunningServer, ana: str) -> None:
    """Adds and searches that run together get their own answers, and nothing is lost."""

    async def session() -> list[Any]:
        client = AsyncMemoryClient(api_key=server.api_key, host=server.base_url)
        async with client.async_client:
            adds = [client.add(f"Fact number {number}", user_id=f"{ana}-{number}", infer=False) for number in range(24)]
            added = await asyncio.gather(*adds)
            searches = [
                client.search("fact", filters={"user_id": f"{ana}-{number}"}, threshold=0) for number in range(24)
            ]
            found = await asyncio.gather(*searches)
            return list(zip(added, found, strict=True))

    for number, (added, found) in enumerate(asyncio.run(session())):
        assert [result["memory"] for result in added["results"]] == [f"Fact number {number}"]
        assert [result["id"] for result in found["results"]] == [added["results"][0]["id"]]
