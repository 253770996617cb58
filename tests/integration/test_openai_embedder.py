"""How a server of OpenAI's API is spoken to, and made to embed, over a real socket."""

import base64
import json
import time
from collections.abc import Iterator
from datetime import date
from email.utils import format_datetime
from typing import Any

import numpy as np
import pytest
from support.builders import PROJECT, an_episode, an_event
from support.clocks import FrozenClock
from support.meters import CountingMeter
from support.openai_server import OpenAIServer, Reply, openai_server
from support.server import free_port
from urllib3 import exceptions
from urllib3.exceptions import HTTPError

from ricordo.adapters.builtin.clock import SystemClock
from ricordo.adapters.openai_compatible.embedder import OpenAIEmbedder
from ricordo.adapters.openai_compatible.errors import FAILURES, STATUSES, meaning_of, translated
from ricordo.adapters.openai_compatible.model_server import ModelServer
from ricordo.domain.errors import EmbedderUnavailableError, InvalidRequestError
from ricordo.domain.model_calls import CallFailedError, Patience
from ricordo.domain.usage import ModelUsage, UsageKind

DAY = date(2026, 3, 9)
EPISODE = an_episode(an_event(), "I keep bees.")
KEY = "sk-very-secret"


@pytest.fixture
def serving() -> Iterator[OpenAIServer]:
    """A server on this machine."""
    with openai_server() as server:
        yield server


@pytest.fixture
def server(serving: OpenAIServer) -> Iterator[ModelServer]:
    """The way to it."""
    server = ModelServer(serving.url, api_key=KEY)
    yield server
    server.close()


def embedder(server: ModelServer, meter: CountingMeter | None = None, **options: Any) -> OpenAIEmbedder:
    """Build an embedder."""
    fields: dict[str, Any] = {"model": "bge", "clock": FrozenClock(), "meter": meter or CountingMeter()}
    return OpenAIEmbedder(server, **(fields | options))


def vectors_reply(*embeddings: object, indexes: tuple[object, ...] | None = None) -> Reply:
    """Build the answer of `/embeddings`."""
    numbered = zip(indexes or range(len(embeddings)), embeddings, strict=True)
    rows = [{"index": index, "embedding": embedding} for index, embedding in numbered]
    return Reply(body=json.dumps({"data": rows}).encode())


def test_texts_go_in_batches_with_the_key(server: ModelServer, serving: OpenAIServer) -> None:
    """Each distinct text is sent once, blank ones are not, and the order of the answer does not matter."""
    texts = [f"text {number}" for number in range(40)] + ["", "text 0"]
    vectors = embedder(server).embed(texts)

    assert [len(body["input"]) for _, _, body in serving.requests] == [32, 8]
    path, headers, body = serving.requests[0]
    assert (path, headers["Authorization"]) == ("/v1/embeddings", f"Bearer {KEY}")
    assert body == {"model": "bge", "input": texts[:32], "encoding_format": "float"}
    assert np.array_equal(vectors[0], vectors[41])
    assert len({vector.tobytes() for vector in vectors[:40]}) == 40


def test_a_key_is_optional(serving: OpenAIServer) -> None:
    """A local server needs none, and a final slash in its URL is no matter."""
    server = ModelServer(f"{serving.url}/")
    embedder(server).embed(["hello"])
    server.close()

    path, headers, _ = serving.requests[0]
    assert path == "/v1/embeddings"
    assert "Authorization" not in headers


def test_the_first_answer_fixes_the_length(server: ModelServer, serving: OpenAIServer) -> None:
    """A server that changes its model under the same name is refused."""
    making = embedder(server)
    assert making.dimensions == 64
    assert making.embed([]).shape == (0, 64)
    assert len(serving.requests) == 1

    serving.script.append(vectors_reply([1.0] * 32))
    with pytest.raises(EmbedderUnavailableError, match="another length"):
        making.embed(["hello"])


def test_a_set_length_needs_no_call_and_is_kept(server: ModelServer, serving: OpenAIServer) -> None:
    """The name of the vectors tells the length, and another one is refused."""
    making = embedder(server, dimensions=32)
    assert (making.dimensions, making.model_id, serving.requests) == (32, "bge/32", [])

    with pytest.raises(EmbedderUnavailableError, match="another length"):
        making.embed(["hello"])


def test_a_server_can_be_asked_for_a_length(server: ModelServer, serving: OpenAIServer) -> None:
    """For the models that can shorten their vectors."""
    assert embedder(server, dimensions=16, asks_for_dimensions=True).embed(["hello"]).shape == (1, 16)
    assert serving.requests[0][2]["dimensions"] == 16


def test_vectors_may_come_in_base64(server: ModelServer, serving: OpenAIServer) -> None:
    """Little-endian float32, as OpenAI packs them."""
    serving.script.append(vectors_reply(base64.b64encode(np.array([3, 4], "<f4").tobytes()).decode()))

    assert embedder(server).embed(["hello"])[0] == pytest.approx([0.6, 0.8])


@pytest.mark.parametrize("reply", [
    Reply(body=b"<html>"), Reply(body=b"[" * 100_000), Reply(body=b"[]"), Reply(body=b"{}"),
    Reply(body=b'{"data": 3}'),
    vectors_reply(), vectors_reply("***"), vectors_reply("AAA="), vectors_reply([]), vectors_reply(["a"]),
    vectors_reply([1.0, float("nan")]), vectors_reply([1.0], indexes=(1,)), vectors_reply([1.0], indexes=([],)),
    vectors_reply([1.0], [2.0]), Reply(body=b"{}", headers={"Content-Encoding": "gzip"}),
])  # fmt: skip
def test_an_answer_that_is_no_such_vector_is_refused(server: ModelServer, serving: OpenAIServer, reply: Reply) -> None:
    """Garbage is unavailable, at the first try."""
    serving.script.append(reply)

    with pytest.raises(EmbedderUnavailableError):
        embedder(server).embed(["hello"])
    assert len(serving.requests) == 1


def test_tokens_are_counted_for_the_project(server: ModelServer, serving: OpenAIServer) -> None:
    """One record a call of the port, batches and all; a server that does not count leaves 0."""
    meter = CountingMeter()
    making = embedder(server, meter)
    making.embed([f"text {number}" for number in range(40)], project_id=PROJECT)
    serving.script.append(vectors_reply([1.0] * 64))
    making.embed(["hello"], project_id=PROJECT)
    making.embed(["hello"])

    assert meter.records == [
        (PROJECT, ModelUsage("bge", UsageKind.EMBED, 2, 80, 0, DAY)),
        (PROJECT, ModelUsage("bge", UsageKind.EMBED, 1, 0, 0, DAY)),
    ]


def test_a_busy_server_is_asked_again_when_it_says(server: ModelServer, serving: OpenAIServer) -> None:
    """`Retry-After` is kept, in seconds or as a date; one that cannot be read is passed over."""
    clock = FrozenClock()
    for header in ("7", "soon"):
        serving.script.append(Reply(429, headers={"Retry-After": header}))
        embedder(server, clock=clock, patience=Patience(draw=lambda: 0.0)).embed(["hello"])
    assert (clock.now() - FrozenClock().now()).total_seconds() == 7.0

    in_a_minute = format_datetime(SystemClock().now().replace(year=2100), usegmt=True)
    serving.script.append(Reply(503, headers={"Retry-After": in_a_minute}))
    with pytest.raises(EmbedderUnavailableError, match="down"):
        embedder(server).embed(["hello"])


@pytest.mark.parametrize("reply", [
    Reply(500), Reply(502), Reply(503), Reply(504), Reply(429), Reply(408), Reply(body=b'{"data": []}', cut_at=5),
])  # fmt: skip
def test_a_passing_failure_is_tried_again(server: ModelServer, serving: OpenAIServer, reply: Reply) -> None:
    """Overload, faults of the server and cut connections heal unseen, and are raised when they do not."""
    serving.script.append(reply)
    assert embedder(server).embed(["hello"]).shape == (1, 64)
    assert len(serving.requests) == 2

    serving.script.extend([reply] * 5)
    with pytest.raises(EmbedderUnavailableError):
        embedder(server).embed(["hello"])
    assert len(serving.requests) == 7


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 413, 422])
def test_a_refusal_is_not_tried_again(server: ModelServer, serving: OpenAIServer, status: int) -> None:
    """A wrong key, name or request stays wrong; a redirect is not followed, for the key would go along."""
    serving.script.append(Reply(status, headers={"Location": "http://127.0.0.1:1/"}))

    with pytest.raises(EmbedderUnavailableError, match=r"check|refuses"):
        embedder(server).embed(["hello"])
    assert len(serving.requests) == 1


@pytest.mark.parametrize("reply", [
    Reply(delay_s=10.0), Reply(body=b'{"data": []}' + b" " * 100, delay_s=0.1, trickles=True),
])  # fmt: skip
def test_a_slow_answer_ends_with_the_budget(serving: OpenAIServer, reply: Reply) -> None:
    """Whether nothing comes or a byte at a time, the caller is free again in time."""
    serving.script.extend([reply] * 5)
    server = ModelServer(serving.url, timeout_s=0.3)
    began = time.monotonic()

    with pytest.raises(EmbedderUnavailableError, match="in time"):
        embedder(server, clock=SystemClock(), patience=Patience(budget_s=0.6, attempts=2)).embed(["hello"])

    assert time.monotonic() - began < 5
    server.close()


def test_a_server_that_is_not_there_is_unavailable() -> None:
    """A refused connection is tried again as well, since servers restart."""
    server = ModelServer(f"http://127.0.0.1:{free_port()}/v1")
    clock = FrozenClock()

    with pytest.raises(EmbedderUnavailableError, match="out of reach"):
        embedder(server, clock=clock).embed(["hello"])
    assert clock.now() > FrozenClock().now()


@pytest.mark.parametrize("url", [
    "", "127.0.0.1:11434", "ftp://host/v1", "http://", "http://user:pw@host/v1", "http://host/v1?key=1", "http://[::1",
])  # fmt: skip
def test_a_url_that_leads_nowhere_is_refused_at_once(url: str) -> None:
    """So that a slip in a setting shows at the start; what the URL held is not repeated."""
    with pytest.raises(InvalidRequestError) as caught:
        ModelServer(url)
    assert "pw" not in str(caught.value)


def test_every_failure_of_the_client_is_decided_about() -> None:
    """Whatever the HTTP client raises has a meaning; anything else is the program's fault and passes."""
    kinds = [kind for kind in vars(exceptions).values() if isinstance(kind, type) and issubclass(kind, HTTPError)]
    assert len(kinds) > 20
    for kind in kinds:
        with pytest.raises(CallFailedError) as caught, translated():
            raise kind.__new__(kind)
        assert caught.value.meaning in {meaning for _, meaning in FAILURES}
    with pytest.raises(ValueError, match="ours"), translated():
        raise ValueError("ours")


def test_every_status_has_a_meaning() -> None:
    """The table decides, then the class of the status."""
    transient = {status for status in range(300, 600) if meaning_of(status).is_transient}

    assert transient == {408, 409, 425, 429, *range(500, 600)}
    assert all(meaning_of(status) is meaning for status, meaning in STATUSES.items())
