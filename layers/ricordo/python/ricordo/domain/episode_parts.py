"""Cut a long episode into parts, each worked on by itself, so that no piece of work takes minutes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from ricordo.domain.episode import Episode, Message

PART_CHARS: Final = 24_000  # two or three windows of a model
PART_MESSAGES: Final = 500


def parts_of(messages: Sequence[Message]) -> list[range]:
    """Return the places of the messages of each part; a message is never cut, and there is at least one part."""
    starts = list(_starts(messages)) or [0]
    return [range(*bounds) for bounds in zip(starts, [*starts[1:], len(messages)], strict=True)]


def part_of(episode: Episode, places: range) -> Episode:
    """Return a part as an episode; its messages count from 0."""
    return replace(episode, messages=episode.messages[places.start : places.stop])


def _starts(messages: Sequence[Message]) -> Iterator[int]:
    chars = count = 0
    for place, message in enumerate(messages):
        if not place or chars + len(message.content) > PART_CHARS or count == PART_MESSAGES:
            yield place
            chars = count = 0
        chars += len(message.content)
        count += 1
