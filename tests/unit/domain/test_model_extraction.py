"""Extraction by a model, whoever serves it."""

from collections.abc import Callable
from typing import Any

import pytest
from support import scripted_model
from support.builders import an_episode, an_event

from ricordo.domain.episode import Episode, Message, Role
from ricordo.domain.extraction_answer import MalformedAnswerError
from ricordo.domain.extraction_prompt import Prompt
from ricordo.domain.fact import Extraction
from ricordo.domain.model_calls import CallFailedError
from ricordo.domain.model_extraction import AnswerTooLongError, AnswerWithheldError, extract_by_model

LONG = tuple(f"I visited museum number {number}." for number in range(200))


class Model:
    """A scripted model that notes its requests; `rule` may answer first, or raise."""

    def __init__(self, rule: Callable[[str, int], object] = lambda _request, _number: None) -> None:
        self.requests: list[str] = []
        self._rule = rule

    def __call__(self, prompt: Prompt) -> object:
        self.requests.append(prompt.request)
        return self._rule(prompt.request, len(self.requests)) or scripted_model.answer(prompt.request)


def said(*contents: str) -> Episode:
    """Build an episode of a user's messages."""
    return an_episode(an_event(), *contents)


def places(extraction: Extraction) -> list[int]:
    """Return the messages the facts come from."""
    return [fact.message_index for fact in extraction.facts]


@pytest.mark.parametrize("parallel_calls", [1, 4])
def test_a_long_conversation_is_read_in_windows(parallel_calls: int) -> None:
    """Each message is read once, and the facts follow the conversation, whichever window is answered first."""
    model = Model()

    extraction = extract_by_model(said(*LONG), model, window_tokens=800, parallel_calls=parallel_calls)

    assert len(model.requests) > 5
    assert places(extraction) == list(range(200))
    assert not extraction.dropped


def test_a_statement_is_kept_once() -> None:
    """What two windows say in the same words is one fact, the earlier one."""
    extraction = extract_by_model(said(*["I keep bees."] * 100), Model(), window_tokens=500)

    assert places(extraction) == [0]
    assert extraction.dropped == {"duplicate": 99, "nothing_to_note": 99}


def test_facts_taken_from_context_are_dropped() -> None:
    """What was read before is there to understand the rest, and was noted then."""

    def rule(request: str, _: int) -> object:
        _, lines = scripted_model.read_request(request)
        return {"facts": [{"text": line["content"], "message_index": line["index"]} for line in lines]}

    extraction = extract_by_model(said(*LONG), Model(rule), window_tokens=800)

    assert places(extraction) == list(range(200))
    assert extraction.dropped["unknown_message"] > 0


def test_why_messages_yield_nothing_is_counted() -> None:
    """System messages and blank ones are not shown to the model; of others it noted nothing."""
    episode = said("x")
    messages = (Message(Role.SYSTEM, "Be brief."), Message(Role.USER, " "), Message(Role.USER, "hello"))
    model = Model()

    extraction = extract_by_model(_with(episode, messages), model)

    assert extraction == Extraction((), extraction.dropped)
    assert extraction.dropped == {"system": 1, "empty": 1, "nothing_to_note": 1}
    assert "Be brief" not in model.requests[0]


def test_nothing_said_asks_no_model() -> None:
    """An episode without a word costs no call."""
    model = Model()

    assert extract_by_model(_with(said("x"), (Message(Role.SYSTEM, "Be brief."),)), model).facts == ()
    assert model.requests == []


@pytest.mark.parametrize("malformed", [{"facts": "none"}, MalformedAnswerError("It is not JSON.")])
def test_a_malformed_answer_is_asked_for_again(malformed: object) -> None:
    """The second time the model is told what was wrong."""
    model = Model(lambda _, number: _raised_or(malformed) if number == 1 else None)

    assert places(extract_by_model(said("I keep bees."), model)) == [0]
    first, second = model.requests
    assert second.startswith(first)
    assert "refused: It is not" in second


def test_two_malformed_answers_are_a_failure() -> None:
    """It is not asked a third time."""
    model = Model(lambda *_: {"facts": "none"})

    with pytest.raises(CallFailedError, match="another model") as caught:
        extract_by_model(said("I keep bees."), model)
    assert len(model.requests) == 2
    assert not caught.value.meaning.is_transient


def test_an_answer_that_was_cut_off_is_asked_for_in_halves() -> None:
    """Smaller windows have shorter answers, and nothing is lost."""

    def rule(request: str, _: int) -> None:
        if len(scripted_model.answer(request)["facts"]) > 30:
            raise AnswerTooLongError

    model = Model(rule)
    assert places(extract_by_model(said(*LONG), model, window_tokens=3_000)) == list(range(200))


def test_an_answer_that_never_ends_is_a_failure() -> None:
    """A model that does not stop is left after a bounded number of tries."""

    def rule(*_: Any) -> None:
        raise AnswerTooLongError

    model = Model(rule)
    with pytest.raises(CallFailedError, match="more output tokens"):
        extract_by_model(said(*LONG), model)
    assert len(model.requests) < 10


def test_a_withheld_answer_costs_its_window_alone() -> None:
    """What a filter does not let through yields no facts, is counted, and stops nothing else."""

    def rule(request: str, _: int) -> None:
        if "number 7." in request:
            raise AnswerWithheldError

    extraction = extract_by_model(said(*LONG), Model(rule), window_tokens=800)

    assert 150 < len(extraction.facts) < 200
    assert extraction.dropped["withheld"] == extraction.dropped["nothing_to_note"] == 200 - len(extraction.facts)


def _with(episode: Episode, messages: tuple[Message, ...]) -> Episode:
    event = an_event()
    return an_episode(event, messages=messages, said_at=episode.said_at)


def _raised_or(answer: object) -> object:
    if isinstance(answer, Exception):
        raise answer
    return answer
