"""Parts of an episode hold all of it, in order, each of a bounded size."""

from hypothesis import given
from hypothesis import strategies as st
from support.builders import an_episode, an_event

from ricordo.domain.episode import Message, Role
from ricordo.domain.episode_parts import PART_CHARS, PART_MESSAGES, part_of, parts_of


def said(*sizes: int) -> tuple[Message, ...]:
    """Make messages of these lengths."""
    return tuple(Message(Role.USER, "x" * size) for size in sizes)


@given(st.lists(st.integers(0, PART_CHARS * 2), max_size=40))
def test_parts_are_all_of_it_in_order(sizes: list[int]) -> None:
    """No message is left out or repeated; a part is over its size only where one message is."""
    parts = parts_of(said(*sizes))

    assert [place for part in parts for place in part] == list(range(len(sizes)))
    for part in parts:
        assert len(part) == 1 or sum(sizes[place] for place in part) <= PART_CHARS or not sizes
    assert all(parts) or not sizes


def test_many_short_messages_are_several_parts() -> None:
    """A part is also bounded in messages."""
    assert [len(part) for part in parts_of(said(*[1] * (2 * PART_MESSAGES + 1)))] == [PART_MESSAGES, PART_MESSAGES, 1]


def test_an_episode_without_messages_is_one_empty_part() -> None:
    """There is something to finish even where nothing was said."""
    assert parts_of(()) == [range(0)]


def test_a_part_is_an_episode_with_fewer_messages() -> None:
    """All else stays as it was."""
    messages = said(PART_CHARS, 5, 7)
    event = an_event(messages=messages)
    episode = an_episode(event, messages=messages)

    part = part_of(episode, parts_of(messages)[1])

    assert part.messages == messages[1:]
    assert (part.event_id, part.scope, part.said_at) == (episode.event_id, episode.scope, episode.said_at)
