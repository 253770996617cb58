"""Bedrock's client over a real socket: what in-process answers cannot show."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.bedrock import titan_answer
from support.clocks import FrozenClock
from support.meters import CountingMeter
from support.openai_server import OpenAIServer, Reply, openai_server
from support.server import free_port

from ricordo.adapters.bedrock.client import bedrock_client
from ricordo.adapters.bedrock.embedder import TitanEmbedder
from ricordo.adapters.bedrock.errors import BUSY, DENIED, DOWN, NO_CREDENTIALS, SLOW
from ricordo.domain.errors import EmbedderUnavailableError
from ricordo.domain.model_calls import Meaning, Patience

ANSWER = Reply(body=titan_answer([1.0] * 256), headers={"Content-Type": "application/json"})


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "made-up",
        "AWS_SECRET_ACCESS_KEY": "made-up",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def serving() -> Iterator[OpenAIServer]:
    """A server that answers by its script; of Bedrock it has the wire alone."""
    with openai_server() as server:
        yield server


def embedder(endpoint_url: str, *, attempts: int = 1) -> TitanEmbedder:
    """Build an embedder that reaches for this address."""
    client = bedrock_client(region="eu-central-1", timeout_s=0.3, endpoint_url=endpoint_url)
    patience = Patience(attempts=attempts)
    return TitanEmbedder(client, clock=FrozenClock(), meter=CountingMeter(), dimensions=256, patience=patience)


def refused(status: int, code: str) -> Reply:
    """Build an error as Bedrock sends it."""
    return Reply(status, json.dumps({"message": "no"}).encode(), {"x-amzn-ErrorType": f"{code}:http://internal/"})


def test_a_call_is_made_and_answered(serving: OpenAIServer) -> None:
    """The request on the wire is Titan's."""
    serving.script.append(ANSWER)

    assert embedder(f"http://127.0.0.1:{serving.server_port}").embed(["hello"]).shape == (1, 256)
    path, _, body = serving.requests[0]
    assert path == "/model/amazon.titan-embed-text-v2%3A0/invoke"
    assert body == {"inputText": "hello", "dimensions": 256, "normalize": True}


@pytest.mark.parametrize(("reply", "meaning"), [
    (refused(429, "ThrottlingException"), BUSY), (refused(403, "AccessDeniedException"), DENIED),
    (Reply(502, b"<html>"), DOWN), (Reply(delay_s=10.0), SLOW),
    (Reply(body=ANSWER.body, cut_at=20), DOWN),
])  # fmt: skip
def test_a_failure_on_the_wire_is_ours(serving: OpenAIServer, reply: Reply, meaning: Meaning) -> None:
    """Errors, silence and a cut connection are told apart, soon, and the client tries nothing by itself."""
    serving.script.append(reply)
    began = time.monotonic()

    with pytest.raises(EmbedderUnavailableError) as caught:
        embedder(f"http://127.0.0.1:{serving.server_port}").embed(["hello"])

    assert caught.value.message == meaning.message
    assert len(serving.requests) == 1
    assert time.monotonic() - began < 5


def test_a_throttled_call_is_tried_again(serving: OpenAIServer) -> None:
    """What passes is not seen by the caller."""
    serving.script.extend([refused(429, "ThrottlingException"), ANSWER])

    assert embedder(f"http://127.0.0.1:{serving.server_port}", attempts=2).embed(["hello"]).shape == (1, 256)


def test_an_address_nobody_listens_on_is_out_of_reach() -> None:
    """A refused connection is an outage."""
    with pytest.raises(EmbedderUnavailableError, match="out of reach"):
        embedder(f"http://127.0.0.1:{free_port()}").embed(["hello"])


def test_missing_credentials_are_told(monkeypatch: pytest.MonkeyPatch, serving: OpenAIServer) -> None:
    """A machine without a role says so, instead of that Bedrock is down."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    with pytest.raises(EmbedderUnavailableError) as caught:
        embedder(f"http://127.0.0.1:{serving.server_port}").embed(["hello"])

    assert caught.value.message == NO_CREDENTIALS.message
    assert serving.requests == []
