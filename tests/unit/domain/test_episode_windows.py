"""Long conversations cut into what a model reads at a time."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ricordo.domain.episode import Message, Role
from ricordo.domain.episode_windows import Line, lines_of, windows_of
from ricordo.domain.model_text import estimate_tokens

WORDS = st.text(st.sampled_from("ab猫 \n"), max_size=600)


def said(*contents: str) -> tuple[Line, ...]:
    """Return the lines of some user's messages."""
    return lines_of([Message(Role.USER, content) for content in contents])


def test_system_messages_and_blank_ones_are_not_read() -> None:
    """The others keep their places."""
    messages = [Message(Role.SYSTEM, "Be brief."), Message(Role.USER, " \n"), Message(Role.ASSISTANT, " hello ")]

    assert lines_of(messages) == (Line(2, Role.ASSISTANT, None, "hello"),)


def test_a_short_conversation_is_one_window() -> None:
    """Nothing is repeated where nothing is cut."""
    (window,) = windows_of(said("one", "two"), most_tokens=1_000)

    assert (window.context, [line.content for line in window.lines]) == ((), ["one", "two"])
    assert window.indexes == {0, 1}
    assert windows_of(said(), most_tokens=1_000) == []


@given(st.lists(WORDS, max_size=12), st.integers(100, 400))
def test_every_word_is_read_once_and_in_order(contents: list[str], most_tokens: int) -> None:
    """Whatever the sizes, windows joined are the conversation, and none is over its size."""
    lines = said(*contents)
    windows = windows_of(lines, most_tokens=most_tokens)

    read = [line for window in windows for line in window.lines]
    assert [line.index for line in read] == sorted(line.index for line in read)
    for line in lines:
        parts = [part.content for part in read if part.index == line.index]
        assert "".join("".join(parts).split()) == "".join(line.content.split())
    assert all(sum(line.tokens for line in window.lines) <= most_tokens for window in windows)


def test_a_window_begins_with_the_end_of_the_one_before() -> None:
    """As many whole messages as fit into an eighth, so that "it" and "there" can be understood."""
    windows = windows_of(said(*(f"message number {number}" for number in range(100))), most_tokens=800)

    assert len(windows) > 1
    for before, window in pairwise(windows):
        assert 1 <= len(window.context) <= 3
        assert window.context == before.lines[-len(window.context) :]
        assert window.indexes.isdisjoint(before.indexes)


def test_of_a_long_message_the_end_is_context() -> None:
    """Where the last message does not fit, its last words do."""
    windows = windows_of(said("word " * 3_000), most_tokens=800)

    assert len(windows) > 5
    for window in windows[1:]:
        (context,) = window.context
        assert context.index == 0
        assert 80 < estimate_tokens(context.content) <= 100
        assert set(context.content.split()) == {"word"}


def test_a_window_can_be_halved_down_to_a_size() -> None:
    """Halving ends, and loses nothing on the way."""
    todo, pieces = windows_of(said("some words to read " * 60), most_tokens=10_000), []
    while todo:
        window = todo.pop(0)
        halves = window.halved()
        assert not halves or len(halves) >= 2
        pieces += [] if halves else [window]
        todo = halves + todo

    assert len(pieces) > 2
    assert " ".join(line.content for piece in pieces for line in piece.lines) == ("some words to read " * 60).strip()
