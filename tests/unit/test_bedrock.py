"""How Titan and Converse are spoken to."""

import json
import threading
from datetime import date
from typing import Any

import numpy as np
import pytest
from support.bedrock import CannedBedrock, Refusal, converse_answer, text_answer, titan_answer
from support.builders import PROJECT, an_episode, an_event
from support.clocks import FrozenClock
from support.meters import CountingMeter

from ricordo.adapters.bedrock.embedder import TITAN_V2, TitanEmbedder
from ricordo.adapters.bedrock.extractor import ConverseExtractor
from ricordo.domain.errors import EmbedderUnavailableError, InvalidRequestError, StoreBusyError, UnavailableError
from ricordo.domain.model_calls import Patience
from ricordo.domain.usage import ModelUsage, UsageKind

DAY = date(2026, 3, 9)
NOVA = "eu.amazon.nova-lite-v1:0"


@pytest.fixture
def bedrock() -> CannedBedrock:
    """A Bedrock that answers by plain rules."""
    return CannedBedrock()


@pytest.fixture
def meter() -> CountingMeter:
    """A meter to read."""
    return CountingMeter()


def titan(bedrock: CannedBedrock, meter: CountingMeter | None = None, **options: Any) -> TitanEmbedder:
    """Build a small embedder."""
    fields: dict[str, Any] = {"clock": FrozenClock(), "meter": meter or CountingMeter(), "dimensions": 256}
    return TitanEmbedder(bedrock.client, **(fields | options))


def converse(bedrock: CannedBedrock, meter: CountingMeter | None = None, **options: Any) -> ConverseExtractor:
    """Build an extractor."""
    fields: dict[str, Any] = {"model_id": NOVA, "clock": FrozenClock(), "meter": meter or CountingMeter()}
    return ConverseExtractor(bedrock.client, **(fields | options))


def test_titan_is_asked_for_normalised_vectors_of_one_length(bedrock: CannedBedrock) -> None:
    """Each text is a call of its own with what Titan v2 takes, blank ones are none."""
    titan(bedrock).embed(["I keep bees.", " \n", "I live in Porto."])

    assert sorted(bedrock.requests, key=lambda request: str(request["inputText"])) == [
        {"modelId": TITAN_V2, "inputText": text, "dimensions": 256, "normalize": True}
        for text in ("I keep bees.", "I live in Porto.")
    ]


@pytest.mark.parametrize("dimensions", [256, 512, 1024])
def test_the_name_of_the_vectors_tells_their_length(bedrock: CannedBedrock, dimensions: int) -> None:
    """Vectors that do not compare never share a name."""
    embedder = titan(bedrock, dimensions=dimensions)

    assert embedder.embed(["hello"]).shape == (1, dimensions)
    assert embedder.model_id == f"amazon.titan-embed-text-v2:0/{dimensions}/normalised"


def test_titan_makes_vectors_of_three_lengths_only(bedrock: CannedBedrock) -> None:
    """A length it does not know is refused before anything is sent."""
    with pytest.raises(InvalidRequestError, match="256, 512, 1024"):
        titan(bedrock, dimensions=384)


def test_vectors_are_brought_to_unit_length_here(bedrock: CannedBedrock) -> None:
    """Whatever the service makes of `normalize`, rows have length one."""
    bedrock.script.append(titan_answer([3.0] * 256))

    assert np.linalg.norm(titan(bedrock).embed(["hello"])) == pytest.approx(1.0)


@pytest.mark.parametrize("body", [
    titan_answer([0.5] * 255), titan_answer([]), titan_answer(None), titan_answer(["x"] * 256), b"[]", b"{}", b"<html>",
    titan_answer([float("nan")] * 256),
])  # fmt: skip
def test_an_answer_that_is_no_such_vector_is_refused(bedrock: CannedBedrock, body: bytes) -> None:
    """A vector of another length, or none, is never stored; asking again would not help."""
    bedrock.script.append(body)

    with pytest.raises(EmbedderUnavailableError):
        titan(bedrock).embed(["hello"])
    assert len(bedrock.requests) == 1


def test_a_long_text_is_cut_between_words(bedrock: CannedBedrock) -> None:
    """Prose over the limit is cut once, at the same place every time."""
    titan(bedrock).embed(["word " * 10_000])
    titan(bedrock).embed(["word " * 9_000])

    first, second = (request["inputText"] for request in bedrock.requests)
    assert first == second
    assert 20_000 < len(first) < 25_000
    assert first.endswith("word")


def test_a_text_of_more_tokens_than_guessed_is_cut_again(bedrock: CannedBedrock) -> None:
    """Symbols are a token each: the refusal of a long text leads to one that cannot be too long."""
    vectors = titan(bedrock).embed(["(" * 50_000])

    assert [len(request["inputText"]) for request in bedrock.requests] == [24_576, 8_192]
    assert np.linalg.norm(vectors) == pytest.approx(1.0)


def test_a_refusal_of_a_short_text_stands(bedrock: CannedBedrock) -> None:
    """A wrong model id is refused like a long text is, and is not asked about twice."""
    bedrock.script.append(Refusal("ValidationException"))

    with pytest.raises(EmbedderUnavailableError):
        titan(bedrock).embed(["hello"])
    assert len(bedrock.requests) == 1


def test_texts_are_embedded_side_by_side(bedrock: CannedBedrock) -> None:
    """As many calls as allowed are under way together."""
    met = threading.Barrier(4, timeout=5)

    def meet(**_: Any) -> None:
        met.wait()

    bedrock.client.meta.events.register_first("before-call.bedrock-runtime.InvokeModel", meet)

    assert titan(bedrock, parallel_calls=4).embed([f"text {number}" for number in range(8)]).shape == (8, 256)


def test_a_throttled_text_is_tried_again_within_the_budget(bedrock: CannedBedrock) -> None:
    """A passing failure of one text costs a pause, not the batch; without time it is a failure."""
    bedrock.script.append(Refusal("ThrottlingException"))
    assert titan(bedrock).embed(["a", "b"]).shape == (2, 256)

    bedrock.script.append(Refusal("ThrottlingException"))
    with pytest.raises(EmbedderUnavailableError):
        titan(bedrock, patience=Patience(budget_s=0.1, draw=lambda: 1.0)).embed(["a"])


def test_titan_s_tokens_are_counted_for_the_project(bedrock: CannedBedrock, meter: CountingMeter) -> None:
    """One record an `embed`, and none where no project is named or nothing was sent."""
    embedder = titan(bedrock, meter)
    embedder.embed(["I keep bees.", "Porto"], project_id=PROJECT)
    embedder.embed(["I keep bees."])
    embedder.embed([""], project_id=PROJECT)

    assert meter.records == [(PROJECT, ModelUsage(TITAN_V2, UsageKind.EMBED, 2, 5, 0, DAY))]


def test_what_was_billed_before_a_failure_is_counted(bedrock: CannedBedrock, meter: CountingMeter) -> None:
    """A batch that fails in the middle has cost something."""
    bedrock.script.extend([titan_answer([1.0] * 256, tokens=7), Refusal("AccessDeniedException")])

    with pytest.raises(EmbedderUnavailableError):
        titan(bedrock, meter, parallel_calls=1).embed(["a", "b", "c"], project_id=PROJECT)

    assert [(usage.requests, usage.input_tokens) for _, usage in meter.records] == [(1, 7)]


def test_counting_never_fails_what_is_counted(bedrock: CannedBedrock, meter: CountingMeter) -> None:
    """A meter that is down loses the count alone."""
    meter.error = StoreBusyError("busy")

    assert titan(bedrock, meter).embed(["hello"], project_id=PROJECT).shape == (1, 256)
    assert converse(bedrock, meter).extract(an_episode(an_event(), "I keep bees.")).facts


def test_converse_is_made_to_use_the_tool(bedrock: CannedBedrock, meter: CountingMeter) -> None:
    """The request has the instructions apart from the conversation, a tool it must use, and no room for chance."""
    episode = an_episode(an_event(), "I keep bees.")

    (fact,) = converse(bedrock, meter, max_output_tokens=900).extract(episode).facts

    (request,) = bedrock.requests
    assert fact.text == "User keep bees."
    assert request["modelId"] == NOVA
    assert request["inferenceConfig"] == {"maxTokens": 900, "temperature": 0.0}
    assert "I keep bees." not in request["system"][0]["text"]
    assert [message["role"] for message in request["messages"]] == ["user"]
    tool = request["toolConfig"]["tools"][0]["toolSpec"]
    assert request["toolConfig"]["toolChoice"] == {"tool": {"name": tool["name"]}}
    assert set(tool["inputSchema"]["json"]) == {"type", "properties", "required"}
    assert meter.records == [(episode.project_id, ModelUsage(NOVA, UsageKind.EXTRACT, 1, 100, 10, DAY))]


def test_temperature_can_be_left_out(bedrock: CannedBedrock) -> None:
    """Some models take none."""
    converse(bedrock, temperature=None).extract(an_episode(an_event(), "I keep bees."))

    assert bedrock.requests[0]["inferenceConfig"] == {"maxTokens": 4_096}


@pytest.mark.parametrize("answer", [
    text_answer({"text": "Bees are kept."}), text_answer(), converse_answer({}), converse_answer([1]),
    text_answer(stop_reason="malformed_tool_use"),
])  # fmt: skip
def test_an_answer_beside_the_tool_is_asked_for_again(
    bedrock: CannedBedrock, meter: CountingMeter, answer: dict[str, Any]
) -> None:
    """Once, telling the model; both answers are counted, and a second failure hands the episode back."""
    episode = an_episode(an_event(), "I keep bees.")
    bedrock.script.append(answer)
    assert converse(bedrock, meter).extract(episode).facts
    assert "was refused" in json.dumps(bedrock.requests[1]["messages"])
    assert meter.records[0][1].requests == 2

    bedrock.script.extend([answer] * 2)
    with pytest.raises(UnavailableError):
        converse(bedrock).extract(episode)


def test_an_answer_cut_off_is_asked_for_in_parts(bedrock: CannedBedrock) -> None:
    """A model that ran out of tokens is asked about less."""
    bedrock.script.append(converse_answer({"facts": []}, stop_reason="max_tokens"))
    episode = an_episode(an_event(), *(f"I visited museum number {number}." for number in range(20)))

    assert len(converse(bedrock).extract(episode).facts) == 20
    assert len(bedrock.requests) >= 3


@pytest.mark.parametrize("reason", ["guardrail_intervened", "content_filtered"])
def test_what_a_filter_withholds_is_no_failure(bedrock: CannedBedrock, reason: str) -> None:
    """The episode ends without those facts instead of failing eight times."""
    bedrock.script.append(text_answer({"text": "Sorry."}, stop_reason=reason))

    extraction = converse(bedrock).extract(an_episode(an_event(), "I keep bees."))

    assert (extraction.facts, extraction.dropped["withheld"]) == ((), 1)
