"""Bedrock in process: botocore checks every request against the service's model, this module every answer.

Titan's vectors are hashed words and Converse's facts come from `support.scripted_model`: what is proven is the
conversation with the service, never the quality of a model.
"""

import io
import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote

import boto3
import botocore.session
from botocore.response import StreamingBody
from botocore.validate import ParamValidator
from support import scripted_model

from ricordo.adapters.bedrock.client import bedrock_client
from ricordo.adapters.builtin.hashing_embedder import HashingEmbedder

MODEL = botocore.session.get_session().get_service_model("bedrock-runtime")
OPERATIONS = ("Converse", "InvokeModel")
TITAN_TOKENS = 8_192
_TITAN_TOKEN = re.compile(r"[A-Za-z]{1,5}|\S")  # letters in fives, anything else by itself


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error of the service's model."""

    code: str
    message: str = "Please try later."


def errors_of(operation: str) -> dict[str, int]:
    """Return the errors that the service declares for an operation, and their HTTP status."""
    shapes = MODEL.operation_model(operation).error_shapes
    return {shape.name: shape.metadata["error"]["httpStatusCode"] for shape in shapes}


def converse_answer(facts: object, *, stop_reason: str = "tool_use") -> dict[str, Any]:
    """Build an answer of Converse in which the model uses the tool."""
    use = {"toolUseId": "tool-1", "name": "note_facts", "input": facts}
    return text_answer({"toolUse": use}, stop_reason=stop_reason)


def text_answer(*blocks: dict[str, Any], stop_reason: str = "end_turn") -> dict[str, Any]:
    """Build an answer of Converse from blocks of content."""
    return {
        "output": {"message": {"role": "assistant", "content": list(blocks)}},
        "stopReason": stop_reason,
        "usage": {"inputTokens": 100, "outputTokens": 10, "totalTokens": 110},
        "metrics": {"latencyMs": 1},
    }


class CannedBedrock:
    """Answers the calls of its `client`.

    Attributes:
        script: What to answer next instead: an answer, a `Refusal`, or an exception to raise.
        requests: The bodies of all calls, oldest first.
    """

    def __init__(self) -> None:
        self.client = bedrock_client(region="us-east-1", session=_session())
        self.script: deque[object] = deque()
        self.requests: list[dict[str, Any]] = []
        for operation, answer in (("Converse", self._converse), ("InvokeModel", self._invoke)):
            self.client.meta.events.register(f"before-call.bedrock-runtime.{operation}", self._answering(answer))

    def _answering(self, answer: Callable[[dict[str, Any]], object]) -> Callable[..., Any]:
        def handle(model: Any, params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
            body = json.loads(params["body"])
            self.requests.append({"modelId": unquote(params["url_path"].split("/")[2]), **body})
            answered = self.script.popleft() if self.script else answer(body)
            if isinstance(answered, Exception):
                raise answered
            return _reply(model, answered)

        return handle

    def _converse(self, body: dict[str, Any]) -> object:
        assert body["toolConfig"]["toolChoice"]["tool"]["name"] == "note_facts"
        return converse_answer(scripted_model.answer(body["messages"][0]["content"][0]["text"]))

    def _invoke(self, body: dict[str, Any]) -> object:
        text = body["inputText"]
        tokens = len(_TITAN_TOKEN.findall(text))
        if not text or len(text) > 50_000 or tokens > TITAN_TOKENS:
            return Refusal("ValidationException")
        vector = HashingEmbedder(dimensions=body["dimensions"]).embed([text])[0].tolist()
        return titan_answer(vector, tokens=tokens)


@cache
def _session() -> boto3.session.Session:
    """Return a session that looks for no credentials."""
    return boto3.session.Session(aws_access_key_id="made-up", aws_secret_access_key="made-up")


def titan_answer(vector: object, *, tokens: int = 3) -> bytes:
    """Build the body of an answer of Titan."""
    return json.dumps({"embedding": vector, "inputTextTokenCount": tokens}).encode()


def _reply(model: Any, answered: object) -> tuple[Any, dict[str, Any]]:
    """Bring an answer to the form in which botocore's parser leaves one."""
    status = 200
    if isinstance(answered, Refusal):
        status = errors_of(model.name).get(answered.code, 400)
        parsed: dict[str, Any] = {"Error": {"Code": answered.code, "Message": answered.message}}
    elif isinstance(answered, bytes):
        parsed = {"body": StreamingBody(io.BytesIO(answered), len(answered)), "contentType": "application/json"}
    else:
        assert isinstance(answered, dict)
        parsed = dict(answered)
    if status == 200 and model.name == "Converse":
        report = ParamValidator().validate(parsed, model.output_shape)
        assert not report.has_errors(), report.generate_report()
    parsed["ResponseMetadata"] = {"HTTPStatusCode": status, "RequestId": "canned"}
    return type("Http", (), {"status_code": status}), parsed
