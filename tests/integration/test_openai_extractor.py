"""How a chat of OpenAI's API is made to extract facts, over a real socket."""

import traceback
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from support.builders import an_episode, an_event
from support.clocks import FrozenClock
from support.meters import CountingMeter
from support.openai_server import OpenAIServer, Reply, chat_reply, openai_server, refusal

from ricordo.adapters.openai_compatible.extractor import OpenAIExtractor
from ricordo.adapters.openai_compatible.model_server import ModelServer
from ricordo.domain.errors import UnavailableError
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


def extractor(server: ModelServer, meter: CountingMeter | None = None, **options: Any) -> OpenAIExtractor:
    """Build an extractor."""
    fields: dict[str, Any] = {"model": "qwen", "clock": FrozenClock(), "meter": meter or CountingMeter()}
    return OpenAIExtractor(server, **(fields | options))


def test_a_chat_is_asked_for_json_by_a_schema(server: ModelServer, serving: OpenAIServer) -> None:
    """The instructions stand apart from the conversation, and nothing is left to chance."""
    meter = CountingMeter()
    (fact,) = extractor(server, meter, max_output_tokens=900).extract(EPISODE).facts

    path, _, body = serving.requests[0]
    assert (path, fact.text) == ("/v1/chat/completions", "User keep bees.")
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert "I keep bees." not in body["messages"][0]["content"]
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("qwen", 900, 0.0)
    assert body["response_format"]["type"] == "json_schema"
    assert body["response_format"]["json_schema"]["strict"] is True
    assert meter.records == [(EPISODE.project_id, ModelUsage("qwen", UsageKind.EXTRACT, 1, 100, 10, DAY))]


def test_a_server_without_schemas_is_asked_for_plain_json(server: ModelServer, serving: OpenAIServer) -> None:
    """The refusal is remembered, so it costs one call; the prompt describes the form anyway."""
    serving.script.append(refusal())
    asking = extractor(server)
    for _ in range(2):
        assert asking.extract(EPISODE).facts

    assert [body["response_format"]["type"] for _, _, body in serving.requests] == [
        "json_schema",
        "json_object",
        "json_object",
    ]


@pytest.mark.parametrize("status", [400, 422])
def test_options_that_a_server_names_are_left_out(server: ModelServer, serving: OpenAIServer, status: int) -> None:
    """One after the other, down to a request without any."""
    named = ("temperature", "max_tokens", "response_format", "response_format")
    serving.script.extend([refusal(name, status=status) for name in named])

    assert extractor(server).extract(EPISODE).facts
    assert set(serving.requests[-1][2]) == {"model", "messages"}


def test_a_refusal_for_another_reason_stands_and_changes_nothing(server: ModelServer, serving: OpenAIServer) -> None:
    """A request refused with and without a schema is a failure, and the next one is made as ever."""
    asking = extractor(server)
    serving.script.extend([refusal("messages"), refusal("messages")])
    with pytest.raises(UnavailableError, match="refused the request"):
        asking.extract(EPISODE)

    assert asking.extract(EPISODE).facts
    assert serving.requests[-1][2]["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize("content", [
    '{"facts": [{"text": "User keeps bees.", "message_index": 0}]}',
    'Here you are:\n```json\n{"facts": [{"text": "User keeps bees.", "message_index": 0}]}\n```',
])  # fmt: skip
def test_json_may_be_wrapped_in_words(server: ModelServer, serving: OpenAIServer, content: str) -> None:
    """Small models decorate; what is inside counts."""
    serving.script.append(chat_reply(content))

    assert [fact.text for fact in extractor(server).extract(EPISODE).facts] == ["User keeps bees."]


@pytest.mark.parametrize("reply", [
    chat_reply("Bees."), chat_reply(None), chat_reply('{"facts": 1}'), chat_reply("{" * 50_000 + "}"), chat_reply(""),
])  # fmt: skip
def test_a_malformed_answer_is_asked_for_again(server: ModelServer, serving: OpenAIServer, reply: Reply) -> None:
    """Once, telling the model; then the episode is handed back."""
    serving.script.append(reply)
    assert extractor(server).extract(EPISODE).facts
    assert "was refused" in serving.requests[1][2]["messages"][1]["content"]

    serving.script.extend([reply] * 2)
    with pytest.raises(UnavailableError, match="form"):
        extractor(server).extract(EPISODE)


@pytest.mark.parametrize("body", [b"{}", b'{"choices": []}', b'{"choices": [3]}', b'{"choices": [{"message": null}]}'])
def test_an_answer_that_is_no_chat_is_refused(server: ModelServer, serving: OpenAIServer, body: bytes) -> None:
    """A server of another kind behind the URL is told at the first answer."""
    serving.script.append(Reply(body=body))

    with pytest.raises(UnavailableError, match="cannot be read"):
        extractor(server).extract(EPISODE)
    assert len(serving.requests) == 1


def test_an_answer_cut_off_is_asked_for_in_parts(server: ModelServer, serving: OpenAIServer) -> None:
    """A model that ran out of tokens is asked about less."""
    serving.script.append(chat_reply('{"facts": [{"te', finish_reason="length"))
    episode = an_episode(an_event(), *(f"I visited museum number {number}." for number in range(20)))

    assert len(extractor(server).extract(episode).facts) == 20


@pytest.mark.parametrize("reply", [
    chat_reply(None, refusal="I cannot help with that."), chat_reply("", finish_reason="content_filter"),
])  # fmt: skip
def test_what_a_model_withholds_is_no_failure(server: ModelServer, serving: OpenAIServer, reply: Reply) -> None:
    """The episode ends without those facts."""
    serving.script.append(reply)

    assert extractor(server).extract(EPISODE).dropped["withheld"] == 1


def test_one_server_serves_many_threads(server: ModelServer, serving: OpenAIServer) -> None:
    """Windows may be read side by side over one pool of connections."""
    episode = an_episode(an_event(), *(f"I visited museum number {number}." for number in range(400)))
    asking = extractor(server, parallel_calls=4)

    assert len(asking.extract(episode).facts) == 400
    assert len(serving.requests) > 4


@pytest.mark.parametrize("reply", [
    Reply(401, b'{"error": {"message": "I keep bees. sk-very-secret"}}'), Reply(500, b"I keep bees."),
    Reply(body=b"I keep bees."), chat_reply("I keep bees."), Reply(body=b"I keep bees.", cut_at=3),
])  # fmt: skip
def test_no_error_repeats_what_was_said_or_the_key(server: ModelServer, serving: OpenAIServer, reply: Reply) -> None:
    """Neither the message nor the chain behind it holds a word of the conversation."""
    serving.script.extend([reply] * 5)
    with pytest.raises(UnavailableError) as caught:
        extractor(server).extract(EPISODE)

    told = "".join(traceback.format_exception(caught.value))
    chain: BaseException | None = caught.value
    while chain:
        told += "".join(traceback.format_exception_only(chain))
        chain = chain.__cause__ or chain.__context__
    assert "I keep bees" not in told
    assert KEY not in told
