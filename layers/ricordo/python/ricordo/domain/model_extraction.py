"""Extract by a model: the windows, the second try, and the joining are the same whoever serves it."""

from collections import Counter
from collections.abc import Callable
from typing import Final

from ricordo.domain.episode import Episode, Role
from ricordo.domain.episode_windows import Window, lines_of, windows_of
from ricordo.domain.extraction_answer import MalformedAnswerError, read_answer
from ricordo.domain.extraction_prompt import Prompt, prompt_for
from ricordo.domain.fact import Extraction, Fact
from ricordo.domain.model_calls import CallFailedError, Meaning, in_parallel

WINDOW_TOKENS: Final = 3_000  # so that the statements fit into 4,096 tokens of answer
_MALFORMED: Final = Meaning("The model's answers are not of the form asked for; try another model.")
_TOO_LONG: Final = Meaning("The model's answer does not end within its limit; allow it more output tokens.")


class AnswerTooLongError(Exception):
    """The model had no room left for its answer; there may be enough for a smaller window's."""


class AnswerWithheldError(Exception):
    """The model, or a filter behind it, will not answer about this text."""


Ask = Callable[[Prompt], object]
"""Ask a model once and return its answer, JSON already read.

Raises:
    CallFailedError: the model cannot be reached.
    MalformedAnswerError: the answer holds no JSON.
    AnswerTooLongError: it was cut off.
    AnswerWithheldError: it was refused.
"""


def extract_by_model(
    episode: Episode, ask: Ask, *, window_tokens: int = WINDOW_TOKENS, parallel_calls: int = 1
) -> Extraction:
    """Ask about each window of the episode and join the answers in order, each statement once.

    Raises:
        CallFailedError: the model cannot be reached, or answers twice in a form that was not asked for.
    """
    windows = windows_of(lines_of(episode.messages), most_tokens=window_tokens)
    readings = in_parallel(lambda window: _read(window, episode, ask), windows, at_most=parallel_calls)
    return _joined(episode, readings)


def _read(window: Window, episode: Episode, ask: Ask) -> Extraction:
    try:
        return _asked(window, episode, ask)
    except AnswerWithheldError:
        return Extraction((), Counter(withheld=len(window.indexes)))
    except AnswerTooLongError as error:
        smaller = window.halved()
        if not smaller:
            raise CallFailedError(_TOO_LONG) from error
    readings = [_read(part, episode, ask) for part in smaller]
    return Extraction(
        tuple(fact for reading in readings for fact in reading.facts),
        sum((reading.dropped for reading in readings), Counter()),
    )


def _asked(window: Window, episode: Episode, ask: Ask) -> Extraction:
    """Ask, and ask once more where the answer is malformed, saying how."""

    def answer(complaint: str | None) -> Extraction:
        asked = prompt_for(window, episode.said_at, complaint=complaint)
        return read_answer(ask(asked), episode.messages, indexes=window.indexes)

    try:
        return answer(None)
    except MalformedAnswerError as error:
        complaint = str(error)
    try:
        return answer(complaint)
    except MalformedAnswerError as error:
        raise CallFailedError(_MALFORMED) from error


def _joined(episode: Episode, readings: list[Extraction]) -> Extraction:
    dropped = sum((reading.dropped for reading in readings), Counter[str]())
    found: dict[str, Fact] = {}
    for fact in (fact for reading in readings for fact in reading.facts):
        if fact.text in found:
            dropped["duplicate"] += 1
        else:
            found[fact.text] = fact
    facts = tuple(sorted(found.values(), key=lambda fact: fact.message_index))
    said = {fact.message_index for fact in facts}
    for index, message in enumerate(episode.messages):
        if message.role is Role.SYSTEM:
            dropped["system"] += 1
        elif not message.content.strip():
            dropped["empty"] += 1
        elif index not in said:
            dropped["nothing_to_note"] += 1
    return Extraction(facts, dropped)
