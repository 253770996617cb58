"""mem0's clients, unmodified, change and delete: update, history, batches, delete_all, users."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from mem0 import MemoryClient
from mem0.client.types import DeleteAllMemoryOptions
from mem0.exceptions import MemoryNotFoundError, ValidationError
from support.server import RunningServer

Remember = Callable[..., list[str]]
Ended = Callable[[str], dict[str, Any]]
TOMORROW = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).date().isoformat()


def ids(client: Any, **filters: str) -> set[str]:
    """Return the ids get_all lists for these owners."""
    return {row["id"] for row in client.get_all(filters=filters)["results"]}


def test_update_returns_the_whole_memory(client: Any, ana: str, remember: Remember) -> None:
    """Text, metadata and time are replaced; the answer is what get shows, and search finds the new text."""
    (memory_id,) = remember("Lives in Rome", metadata={"a": 1})
    updated = client.update(memory_id, text="Lives in Oslo", metadata={"b": 2}, timestamp="2020-01-02T03:04:05Z")
    assert updated == client.get(memory_id)
    assert (updated["memory"], updated["metadata"]) == ("Lives in Oslo", {"b": 2})
    assert updated["created_at"] == "2020-01-02T03:04:05Z"
    assert updated["version"] == 2
    found = client.search("Oslo", filters={"user_id": ana})["results"]
    assert [row["memory"] for row in found] == ["Lives in Oslo"]


def test_update_sets_and_clears_the_expiration(client: Any, remember: Remember) -> None:
    """An explicit None clears the expiration; leaving it out keeps it."""
    (memory_id,) = remember("Parks on level 3")
    assert client.update(memory_id, expiration_date=TOMORROW)["expiration_date"] == TOMORROW
    assert client.update(memory_id, metadata={"a": 1})["expiration_date"] == TOMORROW
    assert client.update(memory_id, expiration_date=None)["expiration_date"] is None


def test_update_refuses_an_immutable_memory(client: Any, remember: Remember) -> None:
    """An immutable memory cannot be changed, and can be deleted."""
    (memory_id,) = remember("Born in Faro", immutable=True)
    with pytest.raises(ValidationError, match="immutable") as caught:
        client.update(memory_id, text="Born in Oslo")
    assert caught.value.error_code == "HTTP_409"
    assert client.get(memory_id)["memory"] == "Born in Faro"
    client.delete(memory_id)


def test_delete_hides_and_history_remembers(client: Any, ana: str, remember: Remember) -> None:
    """A deleted memory is gone from get, list and search; its history tells all of it, oldest first."""
    (memory_id,) = remember("Drives a Fiat")
    client.update(memory_id, text="Drives a Lancia")
    assert client.delete(memory_id)["message"] == "Memory deleted successfully!"
    with pytest.raises(MemoryNotFoundError, match="Memory not found!"):
        client.get(memory_id)
    assert ids(client, user_id=ana) == set()
    assert client.search("Lancia", filters={"user_id": ana}, threshold=0)["results"] == []
    history = client.history(memory_id)
    assert [entry["event"] for entry in history] == ["ADD", "UPDATE", "DELETE"]
    assert [entry["old_memory"] for entry in history] == [None, "Drives a Fiat", "Drives a Lancia"]
    assert [entry["new_memory"] for entry in history] == ["Drives a Fiat", "Drives a Lancia", None]
    assert len({entry["id"] for entry in history}) == 3
    assert {entry["user_id"] for entry in history} == {ana}


def test_history_shows_the_message_behind_a_memory(client: Any, remember: Remember) -> None:
    """While the memory stands, its history carries the message it was taken from."""
    (memory_id,) = remember("Drives a Saab")
    assert client.history(memory_id)[0]["input"] == [{"role": "user", "content": "Drives a Saab"}]


def test_delete_linked_says_how_many(client: Any, remember: Remember) -> None:
    """With delete_linked the answer counts what went along."""
    (memory_id,) = remember("Likes figs")
    assert client.delete(memory_id, delete_linked=True)["cascade_count"] == 0


def test_batches_change_all_or_nothing(client: Any, ana: str, remember: Remember) -> None:
    """A batch updates or deletes all of its memories; with an unknown one among them, none."""
    one, two = remember("First", "Second")
    answer = client.batch_update([{"memory_id": one, "text": "1st"}, {"memory_id": two, "metadata": {"n": 2}}])
    assert answer == {"message": "Successfully updated 2 memories"}
    assert (client.get(one)["memory"], client.get(two)["metadata"]) == ("1st", {"n": 2})
    unknown = str(uuid4())
    with pytest.raises(MemoryNotFoundError, match=unknown):
        client.batch_delete([{"memory_id": one}, {"memory_id": unknown}])
    assert ids(client, user_id=ana) == {one, two}
    assert client.batch_delete([{"memory_id": one}, {"memory_id": two}]) == {
        "message": "Successfully deleted 2 memories"
    }
    assert ids(client, user_id=ana) == set()


def test_a_batch_of_more_than_a_thousand_is_refused(client: Any) -> None:
    """1,001 memories are too many, whatever they are."""
    items = [{"memory_id": str(uuid4())} for _ in range(1001)]
    with pytest.raises(ValidationError, match="Maximum of 1000 memories can be updated in a single request") as caught:
        client.batch_delete(items)
    assert caught.value.details["error"] == "Maximum of 1000 memories can be updated in a single request"


def test_delete_all_hides_at_once(client: Any, ana: str, remember: Remember, ended: Ended) -> None:
    """The memories of an owner are gone with the answer; the event ends when they are removed."""
    remember("One", "Two", "Three")
    (elsewhere,) = remember("Four", user_id=f"{ana}-other")
    answer = client.delete_all(user_id=ana)
    assert ids(client, user_id=ana) == set()
    event = ended(answer["event_id"])
    assert (event["status"], event["event_type"]) == ("SUCCEEDED", "DELETE_ALL")
    assert ids(client, user_id=f"{ana}-other") == {elsewhere}


def test_delete_all_takes_owners_together(client: Any, ana: str, remember: Remember) -> None:
    """Several owners mean the memories that have all of them; `*` is any owner of its type."""
    (both,) = remember("Both", agent_id="a1")
    (alone,) = remember("Alone")
    client.delete_all(user_id=ana, agent_id="a2")
    assert ids(client, user_id=ana) == {both, alone}
    client.delete_all(user_id=ana, agent_id="*")
    assert ids(client, user_id=ana) == {alone}


def test_delete_all_reads_filters_as_python_writes_them(client: Any, ana: str, remember: Remember) -> None:
    """The typed options arrive as the repr of a dict, and mean what they say."""
    (kept,) = remember("Kept", user_id=f"{ana}-other")
    remember("Gone")
    client.delete_all(options=DeleteAllMemoryOptions(filters={"user_id": ana}))
    assert ids(client, user_id=ana) == set()
    assert ids(client, user_id=f"{ana}-other") == {kept}


@pytest.mark.parametrize(
    "asked",
    [{}, {"metadata": {"a": 1}}, {"filters": {}}, {"filters": {"metadata": {"a": 1}}}, {"run": "r1"}],
    ids=repr,
)
def test_delete_all_refuses_what_it_would_have_to_ignore(client: Any, ana: str, remember: Remember, asked: Any) -> None:
    """Nothing named, or a condition that is no owner, deletes nothing."""
    (kept,) = remember("Kept")
    owner = {} if not asked else {"user_id": ana}
    with pytest.raises(ValidationError):
        client.delete_all(**owner, **asked)
    assert ids(client, user_id=ana) == {kept}


def test_users_lists_every_kind_of_owner(client: Any, ana: str, remember: Remember) -> None:
    """Owners are listed with type and name, last changed first, and counted by type."""
    remember("Likes tea", agent_id=f"agent-{ana}", run_id=f"run-{ana}")
    answer = client.users()
    latest = {(row["type"], row["name"]) for row in answer["results"][:3]}
    assert latest == {("user", ana), ("agent", f"agent-{ana}"), ("run", f"run-{ana}")}
    assert (
        answer["total_users"] + answer["total_agents"] + answer["total_apps"] + answer["total_runs"]
        == (answer["count"])
    )


def test_delete_users_removes_owner_and_memories(client: Any, ana: str, remember: Remember) -> None:
    """Deleting a user takes its memories along; deleting it again finds nobody."""
    (memory_id,) = remember("Likes tea")
    assert "deleted" in client.delete_users(user_id=ana)["message"]
    with pytest.raises(MemoryNotFoundError):
        client.get(memory_id)
    with pytest.raises(MemoryNotFoundError):
        client.delete_users(user_id=ana)


@pytest.mark.parametrize("owner", ["a/b c#?é%", "%2F", "日本", "a+b&c=d", "tab\there"])
def test_owner_ids_of_any_kind_travel(client: Any, http: httpx.Client, owner: str) -> None:
    """Ids with slashes, percent signs and other letters are one owner in body, filter, query and path."""
    for delete in (lambda: client.delete_users(user_id=owner), lambda: client.delete_all(user_id=owner)):
        added = client.add("Likes tea", user_id=owner, infer=False)
        assert ids(client, user_id=owner) == {added["results"][0]["id"]}
        name = http.build_request("GET", "/").url.copy_with(raw_path=b"/v2/entities/user/" + _quoted(owner) + b"/")
        assert http.get(name).json()["name"] == owner
        delete()
        assert ids(client, user_id=owner) == set()


def _quoted(text: str) -> bytes:
    return "".join(f"%{byte:02X}" for byte in text.encode()).encode()


def test_reset_deletes_every_owner(server: RunningServer) -> None:
    """reset() deletes every owner of its project with all memories."""
    client = MemoryClient(api_key=server.add_key(server.add_project()), host=server.base_url)
    try:
        for number in range(3):
            client.add("Likes tea", user_id=f"user-{number}", agent_id="shared", infer=False)
        client.reset()
        assert client.users()["count"] == 0
        assert ids(client, user_id="*") == set()
    finally:
        client.client.close()
