"""A few days in an account on which every function has something to do, and every workflow a way to fail."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, Final

import pytest
from support.bedrock import Refusal
from support.builders import OTHER_PROJECT, PROJECT, a_memory
from support.bus_events import add_requested
from support.dynamodb_stores import BUCKET
from support.events import AUTHORIZED, api_event
from support.moto_cloud import MotoCloud
from support.recorded_permissions import Recorder

from engines.cloud import Execution
from engines.cloud.deployment import PREFIX
from functions.forget.steps import remove
from ricordo.adapters.dynamodb import archive, retention
from ricordo.domain.errors import StoreBusyError
from ricordo.domain.filters import All
from ricordo.domain.scope import Scope
from ricordo.local.gateway import LambdaContext
from ricordo.runtime.transfer.archive_lines import write_line
from ricordo.usecases import begin_work

DAY_S: Final = 86_400.0
METHOD_ARN: Final = "arn:aws:execute-api:eu-central-1:123456789012:abc123/v1/GET/v1/ping/"
ADD: Final = "/v3/memories/add/"


def said(*contents: str, user: str = "ana", **options: Any) -> dict[str, Any]:
    """Build the body of an add."""
    messages = [{"role": "user", "name": "Ana", "content": content} for content in contents]
    return {"messages": messages, "user_id": user, **options}


LONG: Final = said("Ana owns a stamp.", *(f"Ana owns stamp {number}. {'Fine. ' * 2500}" for number in range(2)))
"""Is worked on in two parts."""


class BusyDays:
    """What happens; each part leaves the account at rest."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._cloud = recorder.cloud

    def pass_by(self) -> None:
        """Let all of it happen."""
        self._operators_and_clients()
        self._adds()
        self._reads()
        self._changes()
        self._events()
        self._imports()
        self._outages()
        self._failures()
        self._forgetting()
        self._nights()
        self._stream()

    def _invoke(self, function: str, event: Any) -> Any:
        return self._cloud.functions.handlers[f"{PREFIX}{function}"](event, LambdaContext(function))

    def _ask(
        self, method: str, path: str, body: object = None, *, query: str = "", key: str = "", status: int = 200
    ) -> Any:
        caller = AUTHORIZED | {"project_id": PROJECT}
        headers = {"idempotency-key": key} if key else None
        event = api_event(method, path, body, query=query, authorizer=caller, headers=headers)
        answer = self._invoke("api", event)
        assert answer["statusCode"] == status, answer
        return json.loads(answer["body"])

    def _settle(self) -> list[Execution]:
        """Let executions end, and the consumers hear of it; return the executions."""
        ended = self._cloud.settle()
        self._recorder.project()
        return ended

    def _memories(self, user: str = "ana") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask("POST", "/v3/memories/", {"filters": {"user_id": user}})["results"]
        return found

    def _operators_and_clients(self) -> None:
        assert self._invoke("provision", {})["index"]
        token = self._invoke("provision", {"api_key": {"project": PROJECT}})["api_key"]["token"]
        assert self._invoke("provision", {"api_key": {"project": "another"}})["api_key"]["is_new"]
        event = {"type": "TOKEN", "methodArn": METHOD_ARN, "authorizationToken": f"Token {token}"}
        assert self._invoke("authorize", event)["context"]["project_id"] == PROJECT
        with pytest.raises(Exception, match="Unauthorized"):
            self._invoke("authorize", {**event, "authorizationToken": f"Token {token[:-1]}"})

    def _adds(self) -> None:
        self._ask("POST", ADD, said("Ana knows Bob. Bob knows Cleo."))
        self._ask("POST", ADD, LONG)
        ended = self._settle()
        assert [one.status for one in ended] == ["SUCCEEDED"] * 3, "the long one is worked on in two parts"
        for _ in range(2):
            self._ask("POST", ADD, said("Ana sings.", infer=False), key="sings")
        self._ask("POST", ADD, said("Ana sings.", infer=False))
        self._ask("POST", ADD, {"messages": "Nobody's"}, key="nobody", status=400)
        self._settle()

    def _reads(self) -> None:
        ana = {"filters": {"user_id": "ana"}}
        assert self._ask("POST", "/v3/memories/search/", {"query": "Who knows Bob?", **ana})["results"]
        first = self._ask("POST", "/v3/memories/", ana, query="page_size=1")
        self._ask("POST", "/v3/memories/", ana, query=first["next"].partition("?")[2])
        self._ask("POST", "/v3/memories/", {"filters": {"user_id": "*", "metadata": {"a": 1}}})
        memory = self._memories()[0]["id"]
        for path in (f"/v1/memories/{memory}/", f"/v1/memories/{memory}/history/"):
            self._ask("GET", path)
        for path in ("/health", "/v1/ping/", "/v1/events/", "/v1/entities/", "/v2/entities/user/ana/"):
            self._ask("GET", path)
        self._ask("GET", f"/v1/event/{self._ask('GET', '/v1/events/')['results'][0]['id']}/")

    def _changes(self) -> None:
        one, two, three, *_ = (memory["id"] for memory in self._memories())
        self._ask("PUT", f"/v1/memories/{one}/", {"text": "Ana sings well."})
        self._ask("PUT", "/v1/batch/", {"memories": [{"memory_id": one, "text": "Ana sings loud."}]})
        self._ask("DELETE", f"/v1/memories/{two}/")
        self._ask("DELETE", "/v1/batch/", {"memories": [{"memory_id": three}]})
        self._ask("PUT", f"/v1/memories/{two}/", {"text": "Gone."}, key="gone", status=404)
        self._settle()

    def _events(self) -> None:
        self._cloud.send(said("Ana moved to Lisbon.", user="bea"))
        for _ in range(2):
            assert self._invoke("receive", add_requested(said("Ana moved.", user="bea"), project=PROJECT))["event_id"]
        assert self._invoke("receive", add_requested({"messages": "Nobody's"}, project=PROJECT))["status"] == "REFUSED"
        self._settle()
        assert len(self._memories("bea")) == 2

    def _imports(self) -> None:
        """Drop the same lines twice, of every kind, an exported memory with a long history among them."""
        stores = self._cloud.house.stores
        stores.memories.insert([a_memory("Ana skis.", project_id=OTHER_PROJECT, scope=Scope(user_id="cy"))])
        (exported,) = map(write_line, stores.archive.dump(OTHER_PROJECT, All()))
        lines = [said("Ana swims.", user="cy"), {"memory": "Ana runs.", "user_id": "cy"}, exported]
        body = "\n".join([*map(json.dumps, lines), "{", '{"memory": "x"}']).encode()
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(archive, "LONG_HISTORY", 0)
            for name in ("notes", "again"):
                MotoCloud().s3.put_object(Bucket=BUCKET, Key=f"imports/{PROJECT}/{name}.jsonl", Body=body)
                self._settle()
        assert [one.status for one in self._cloud.executions("bulk_import")] == ["SUCCEEDED"] * 2
        assert len(self._memories("cy")) == 3

    def _outages(self) -> None:
        """Leave events to the sweep, and a memory without a vector to the sweep of vectors."""
        with self._cloud.dying_before("ingest-commit") as died:
            self._ask("POST", ADD, said("Ana reads.", user="dan"))
            self._cloud.settle()
        with self._cloud.dying_before("forget-remove") as left:
            self._ask("DELETE", "/v1/memories/", query="user_id=cy")
            self._cloud.settle()
        assert died
        assert left
        self._sweep()
        self._without_embedder("Ana paints.")
        self._cloud.tick("sweep-vectors")
        self._settle()

    def _sweep(self) -> None:
        self._cloud.house.clock.advance(3600)
        self._cloud.tick("sweep")
        self._settle()

    def _without_embedder(self, text: str) -> None:
        self._recorder.bedrock.script.extend([Refusal("AccessDeniedException")] * 100)
        self._ask("POST", ADD, said(text, user="dan", infer=False))
        self._recorder.bedrock.script.clear()
        self._settle()

    def _failures(self) -> None:
        """Fail at once, after a part of a long episode, and for having been tried too often."""
        with self._failing("ingest-extract", KeyError("odd")):
            self._ask("POST", ADD, said("Ana dives.", user="eve"))
            self._settle()
        with self._failing("ingest-extract", StoreBusyError("busy"), after=1):
            self._ask("POST", ADD, {**LONG, "user_id": "eve"})
            self._settle()
        with self._failing("forget-remove", StoreBusyError("busy")):
            self._ask("DELETE", "/v1/memories/", query="user_id=eve")
            self._settle()
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(begin_work, "MAX_ATTEMPTS", 0)
            self._sweep()

    @contextmanager
    def _failing(self, function: str, error: Exception, *, after: int = 0) -> Iterator[None]:
        """Have a function fail whenever it is invoked, but for the first times."""
        handlers: Any = self._cloud.functions.handlers
        handler = handlers[f"{PREFIX}{function}"]
        invoked = count()

        def fail(event: Any, context: Any) -> Any:
            if next(invoked) < after:
                return handler(event, context)
            raise error

        handlers[f"{PREFIX}{function}"] = fail
        try:
            yield
        finally:
            handlers[f"{PREFIX}{function}"] = handler

    def _forgetting(self) -> None:
        """Forget in several executions, and leave what one that fails has hidden to the night."""
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(remove, "PAGES_AN_EXECUTION", 1)
            self._ask("DELETE", "/v2/entities/user/bea/")
            self._settle()
        with self._failing("forget-remove", KeyError("odd")):
            self._ask("DELETE", "/v1/memories/", query="user_id=eve")
            self._settle()

    def _nights(self) -> None:
        """Have a night find something to fill, mend, remove and purge, and another one fail."""
        house = self._cloud.house
        self._without_embedder("Ana knits.")
        lost = next(memory for memory in house.memories() if memory.embedding)
        house.index.serving.lose(lost)
        house.stores.graph.forget(PROJECT, [lost.memory_id])
        house.clock.advance(40 * DAY_S)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(retention, "LONG_HISTORY", 1)
            self._cloud.tick("consolidate")
            self._settle()
        house.clock.advance(DAY_S)
        with self._failing("consolidate-projects", KeyError("odd")):
            self._cloud.tick("consolidate")
            self._settle()
        (done, failed) = self._cloud.executions("consolidate")
        assert (done.status, failed.status) == ("SUCCEEDED", "FAILED")

    def _stream(self) -> None:
        """Have the table remove a memory after its time, and the consumers meet what is no record of ours."""
        house = self._cloud.house
        self._ask("POST", ADD, said("Ana hops.", user="fay"))
        self._settle()
        (memory,) = self._memories("fay")
        self._ask("DELETE", f"/v1/memories/{memory['id']}/")
        self._recorder.project()
        house.clock.advance(40 * DAY_S)
        house.remove_expired_rows()
        self._recorder.project()
        odd = {"Records": [{"eventID": "odd", "dynamodb": {"NewImage": {"kind": {"S": "memory"}}}}]}
        for part in ("index", "graph"):
            self._invoke(f"project_changes-{part}", odd)
