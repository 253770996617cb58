"""Reading what was said without its decoration."""

import pytest

from ricordo.domain.episode import Message, Role, bare_utterance, with_labelled_speakers


def said(*contents: str, name: str | None = None) -> tuple[Message, ...]:
    """Build messages of alternating roles."""
    return tuple(
        Message(Role.ASSISTANT if place % 2 else Role.USER, content, name) for place, content in enumerate(contents)
    )


def test_a_transcript_names_its_speakers() -> None:
    """Where every message begins with a label, the labels are the names and the contents stay."""
    messages = said("Ana: I moved.", "[2 May 2023] Bo Lind: Where to?")
    assert [(one.name, one.content) for one in with_labelled_speakers(messages)] == [
        ("Ana", "Ana: I moved."),
        ("Bo Lind", "[2 May 2023] Bo Lind: Where to?"),
    ]


@pytest.mark.parametrize(
    "messages",
    [
        said("Breakfast: eggs."),
        said("Ana: I moved.", "Where to?"),
        said("Ana: I moved.", "Bo: Where to?", name="Cleo"),
        said("I moved: at last.", "at 12:30: noon"),
        (),
    ],
    ids=["one message", "one unlabelled", "named already", "no labels", "none"],
)
def test_what_is_no_transcript_stays_as_it_is(messages: tuple[Message, ...]) -> None:
    """A colon alone makes no speaker."""
    assert with_labelled_speakers(messages) == messages


@pytest.mark.parametrize(
    ("text", "speaker", "bare"),
    [
        ("[8 May 2023] Ana: I moved.", "Ana", "I moved."),
        ("ana: I moved.", "Ana", "I moved."),
        ("Note: buy milk", "Ana", "Note: buy milk"),
        ("Ana:", "Ana", "Ana:"),
    ],
)
def test_decoration_is_stripped(text: str, speaker: str, bare: str) -> None:
    """A date and the speaker's own label go, anything else stays, and nothing becomes empty."""
    assert bare_utterance(text, speaker) == bare
