"""mem0's clients, unmodified, remember and find: construction, add, search, get_all, events."""

import datetime as dt
import gc
import hashlib
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from mem0 import AsyncMemoryClient, MemoryClient
from mem0.client.types import AddMemoryOptions, GetAllMemoryOptions, SearchMemoryOptions
from support.server import RunningServer

Remember = Callable[..., list[str]]
Ended = Callable[[str], dict[str, Any]]
YESTERDAY = (dt.datetime.now(dt.UTC) - dt.timedelta(days=1)).date().isoformat()
TOMORROW = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).date().isoformat()


def texts(answer: dict[str, Any]) -> list[str]:
    """Return the memories of an answer."""
    return [result["memory"] for result in answer["results"]]


def test_construction_learns_org_and_project(server: RunningServer) -> None:
    """The client is constructed with one ping, which names the org and the project of the key."""
    client = MemoryClient(api_key=server.api_key, host=server.base_url + "/")
    with closing(client.client):
        assert client.org_id == "org_test"
        assert client.project_id == "proj_0"
    assert client.user_id == hashlib.md5(server.api_key.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # mem0 leaves its socket open
@pytest.mark.parametrize("kind", [MemoryClient, AsyncMemoryClient])
def test_a_wrong_key_fails_at_construction(server: RunningServer, kind: type) -> None:
    """An unknown key is a ValueError of the client that carries the server's words."""
    with pytest.raises(ValueError, match="Invalid API key"):
        kind(api_key="m0-0123456789abcdef-" + "0" * 64, host=server.base_url)
    gc.collect()


@pytest.mark.parametrize(
    "messages",
    [
        "Likes green tea",
        {"role": "user", "content": "Likes green tea"},
        [{"role": "user", "content": "Likes green tea"}],
        [{"role": "user", "content": [{"type": "text", "text": "Likes green tea"}]}],
    ],
    ids=["str", "dict", "list", "parts"],
)
def test_add_takes_messages_in_every_form(client: Any, ana: str, messages: Any) -> None:
    """A string, one message, a list and typed parts are the same memory."""
    answer = client.add(messages, user_id=ana, infer=False)
    assert answer["status"] == "SUCCEEDED"
    (result,) = answer["results"]
    assert result["memory"] == result["data"]["memory"] == "Likes green tea"
    assert result["event"] == "ADD"
    assert client.get(result["id"])["user_id"] == ana


def test_add_takes_owners_from_filters(client: Any, ana: str) -> None:
    """Owners inside `filters` of the typed options count, and a `messages` string with them."""
    answer = client.add("Likes jazz", options=AddMemoryOptions(filters={"user_id": ana}), infer=False)
    assert client.get(answer["results"][0]["id"])["user_id"] == ana


def test_verbatim_add_keeps_order_and_drops_system(client: Any, ana: str) -> None:
    """With infer=False user and assistant messages become memories in order; system ones do not."""
    messages = [
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": "I row on Sundays"},
        {"role": "assistant", "content": "Noted, Sundays"},
        {"role": "user", "content": "And I run on Mondays"},
    ]
    answer = client.add(messages, user_id=ana, agent_id="coach", run_id="r1", infer=False)
    assert texts(answer) == ["I row on Sundays", "Noted, Sundays", "And I run on Mondays"]
    memory = client.get(answer["results"][1]["id"])
    assert (memory["user_id"], memory["agent_id"], memory["run_id"]) == (ana, "coach", "r1")


def test_verbatim_add_stores_a_text_once_in_its_scope(client: Any, ana: str) -> None:
    """The same text in the same scope is not stored again."""
    assert len(client.add("Owns a kayak", user_id=ana, infer=False)["results"]) == 1
    assert client.add("Owns a kayak", user_id=ana, infer=False)["results"] == []


def test_inferred_add_is_pending_and_ends(client: Any, ana: str, ended: Ended) -> None:
    """With infer=True the answer is PENDING; its event ends as SUCCEEDED and lists what was remembered."""
    answer = client.add("I moved to Lisbon and I work as a nurse.", user_id=ana, metadata={"src": "chat"})
    assert answer["status"] == "PENDING"
    event = ended(answer["event_id"])
    assert (event["status"], event["event_type"], event["error"]) == ("SUCCEEDED", "ADD", None)
    assert event["payload"]["user_id"] == ana
    assert event["latency"] > 0
    assert any("Lisbon" in result["data"]["memory"] for result in event["results"])
    found = client.search("Where does she live?", filters={"user_id": ana})
    assert "Lisbon" in found["results"][0]["memory"]
    assert found["results"][0]["metadata"] == {"src": "chat"}


def test_inferred_add_splits_by_speaker(client: Any, ana: str, ended: Ended) -> None:
    """With a user and an agent, what the user said is the user's alone, what the agent said the agent's."""
    messages = [
        {"role": "user", "content": "My sister Carla lives in Porto."},
        {"role": "assistant", "content": "I recommended the restaurant Solar in Porto to you."},
    ]
    answer = client.add(messages, user_id=ana, agent_id=f"guide-{ana}", run_id="trip")
    event = ended(answer["event_id"])
    rows = [client.get(result["id"]) for result in event["results"]]
    assert {"user_id": ana, "agent_id": None} in [{k: row[k] for k in ("user_id", "agent_id")} for row in rows]
    assert all((row["user_id"] is None) != (row["agent_id"] is None) for row in rows)
    assert {row["run_id"] for row in rows} == {"trip"}


def test_add_keeps_metadata_date_and_flags(client: Any, ana: str) -> None:
    """Metadata, expiration, backdating and immutability come back as they were sent."""
    options = {"metadata": {"a": [1, {"b": None}]}, "expiration_date": TOMORROW, "timestamp": 1_600_000_000}
    answer = client.add("Was in Rome", user_id=ana, app_id="ios", infer=False, immutable=True, **options)
    memory = client.get(answer["results"][0]["id"])
    assert memory["metadata"] == options["metadata"]
    assert memory["expiration_date"] == TOMORROW
    assert memory["created_at"] == "2020-09-13T12:26:40Z"
    assert memory["structured_attributes"]["day_of_week"] == "sunday"
    assert memory["immutable"] is True
    assert memory["app_id"] == "ios"


def test_search_takes_every_option(client: Any, ana: str, remember: Remember) -> None:
    """Every field the clients know is accepted in one search, and fields are projected."""
    (memory_id,) = remember("Plays the cello in an orchestra", metadata={"src": "mail"})
    options = SearchMemoryOptions(filters={"user_id": ana}, top_k=5, threshold=0.0, rerank=True)
    answer = client.search(
        "cello",
        options=options,
        fields=["memory", "score"],
        metadata={"src": "mail"},
        show_expired=True,
        latest_only=True,
        keyword_search=True,
        reference_date="2026-03-09",
    )
    (result,) = answer["results"]
    assert set(result) == {"id", "memory", "score"}
    assert result["id"] == memory_id
    assert 0 < result["score"] <= 1


def test_search_ranks_and_bounds(client: Any, ana: str, remember: Remember) -> None:
    """The best result stands first; top_k and threshold bound the rest."""
    remember("Plays the cello", "Bought a red bicycle", "Is allergic to peanuts")
    ask = {"filters": {"user_id": ana}}
    assert texts(client.search("What instrument does she play?", **ask))[0] == "Plays the cello"
    assert len(client.search("cello", top_k=2, threshold=0, **ask)["results"]) == 2
    assert client.search("cello", threshold=1, **ask)["results"] == []


@pytest.mark.parametrize(
    ("condition", "matches"),
    [
        ({"metadata": {"src": "mail"}}, {"mail"}),
        ({"NOT": {"metadata": {"src": "mail"}}}, {"chat", "none"}),
        ({"OR": [{"metadata": {"src": "mail"}}, {"metadata": {"src": "chat"}}]}, {"mail", "chat"}),
        ({"keywords": {"icontains": "KAYAK"}}, {"mail", "chat", "none"}),
        ({"created_at": {"gte": "2020-01-01", "lt": "2021-01-01"}}, {"chat"}),
        ({"agent_id": "*"}, {"none"}),
        ({"run_id": {"in": ["r1", "r2"]}}, {"mail"}),
    ],
    ids=["metadata", "not", "or", "keywords", "time", "wildcard", "in"],
)
def test_filters_narrow_search_and_list_alike(
    client: Any, ana: str, remember: Remember, condition: dict[str, Any], matches: set[str]
) -> None:
    """One filter means the same in search and in get_all."""
    remember("A kayak, by mail", metadata={"src": "mail"}, run_id="r1")
    remember("A kayak, by chat", metadata={"src": "chat"}, timestamp=1_600_000_000)
    remember("A kayak, by none", agent_id="helper")
    filters = {"AND": [{"user_id": ana}, condition]}
    listed = {text.rpartition(" ")[2] for text in texts(client.get_all(filters=filters))}
    found = {text.rpartition(" ")[2] for text in texts(client.search("kayak", filters=filters, threshold=0))}
    assert listed == found == matches


def test_expired_memories_are_hidden_until_asked_for(client: Any, ana: str, remember: Remember) -> None:
    """Search and list hide what is expired, get shows it, and show_expired brings it back."""
    (expired,) = remember("The code is 1234", expiration_date=YESTERDAY)
    (current,) = remember("The code is 5678", expiration_date=TOMORROW)
    mine = {"user_id": ana}
    for ask in (client.get_all, lambda **options: client.search("What is the code?", threshold=0, **options)):
        assert [row["id"] for row in ask(filters=mine)["results"]] == [current]
        assert {row["id"] for row in ask(filters=mine, show_expired=True)["results"]} == {expired, current}
    assert client.get(expired)["expiration_date"] == YESTERDAY


def test_get_all_turns_pages(client: Any, ana: str, remember: Remember) -> None:
    """Pages follow each other newest first, with an exact count and links that can be followed."""
    remember(*(f"Fact {number}" for number in range(5)))
    options = GetAllMemoryOptions(filters={"user_id": ana}, page=2, page_size=2)
    page = client.get_all(options=options)
    assert texts(page) == ["Fact 2", "Fact 1"]
    assert page["count"] == 5
    assert "/v3/memories/?page=3&page_size=2&cursor=" in page["next"]
    assert page["previous"].endswith("/v3/memories/?page=1&page_size=2")
    last = client.get_all(filters={"user_id": ana}, page=3, page_size=2)
    assert (texts(last), last["next"]) == (["Fact 0"], None)
    assert client.get_all(filters={"user_id": ana}, page=9, page_size=2)["results"] == []


def test_events_are_read_through_the_raw_client(server: RunningServer, ana: str) -> None:
    """The client's own HTTP client reads one event and lists them, as integrations do."""
    client = MemoryClient(api_key=server.api_key, host=server.base_url)
    with closing(client.client):
        added = client.add("Likes rain", user_id=ana, infer=False)
        event = client.client.get(f"/v1/event/{added['event_id']}/").json()
        listed = client.client.get("/v1/events/", params={"event_type": "ADD", "page_size": 1}).json()
    assert event["results"] == added["results"]
    assert event["payload"]["messages"] == [{"role": "user", "content": "Likes rain"}]
    assert listed["results"][0]["id"] == added["event_id"]
    assert listed["next"].endswith("?event_type=ADD&page=2&page_size=1")
