"""What is read out of a question."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ricordo.domain.episode import Role
from ricordo.domain.named_times import NamedTime, named_times
from ricordo.domain.question import Question, embedding_text, read_question


def read(text: str, *speakers: str) -> Question:
    """Read a question asked of memories in which `speakers` speak."""
    return read_question(text, speakers=frozenset(speakers))


@pytest.mark.parametrize(
    ("text", "speakers", "embedded"),
    [
        ("Where did Ana move?", ("Ana", "Ben"), "Where did I move?"),
        ("What is Ana's dog called?", ("Ana",), "What is my dog called?"),
        ("What did Ana\u2019s aunt say?", ("Ana",), "What did my aunt say?"),
        ("where did ana move?", ("Ana",), "where did I move?"),
        ("Where did Ana move?", ("ana",), "Where did I move?"),
        ("Where did Ana move?", ("Ana Lopez",), "Where did I move?"),
        ("Where is Anabel?", ("Ana",), "Where is Anabel?"),
        ("where will i go?", ("Will",), "where will i go?"),
        ("Where did Ana move?", (), "Where did Ana move?"),
        ("What is the user's name?", (), "What is my name?"),
        ("What does the user drink?", (), "What does I drink?"),
        ("Is the user interface done?", (), "Is the user interface done?"),
    ],
)
def test_speakers_names_become_first_person(text: str, speakers: tuple[str, ...], embedded: str) -> None:
    """What is embedded is the question as the person named would put it."""
    assert read(text, *speakers).embedding_text == embedded


def test_the_speakers_named_are_known_by_their_folded_names() -> None:
    """Only whom the question names is listed."""
    assert read("Did Zoë call Ben?", "Zoë", "Ben", "Ana").speakers == {"zoe", "ben"}


def test_a_shared_first_name_names_both() -> None:
    """An ambiguous name prefers nobody."""
    assert len(read("What did Ana say?", "Ana Lopez", "Ana Silva").speakers) == 2


def test_names_are_no_terms() -> None:
    """A speaker's name nominates nothing: people rarely say their own."""
    assert read("Where did Ana move?", "Ana").terms == ("move",)


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("What is my sister called?", Role.USER),
        ("What does the user drink?", Role.USER),
        ("Where do we live?", Role.USER),
        ("What did you recommend for my back?", Role.ASSISTANT),
        ("Which plumber did the assistant recommend to me?", Role.ASSISTANT),
        ("Can you tell me where I parked?", Role.USER),
        ("Do you remember my birthday?", Role.USER),
        ("What is the capital?", None),
    ],
)
def test_whom_a_question_is_about(text: str, role: Role | None) -> None:
    """The word "I" means the user, "you" the assistant only where its own words are asked for."""
    assert read(text).role is role


@pytest.mark.parametrize("text", ["When did I move?", "What day is it due?", "How long was I away?", "Which year?"])
def test_asking_when(text: str) -> None:
    """A time is asked for in several ways."""
    assert read(text).asks_when


def test_asking_for_a_name_a_number_or_the_present() -> None:
    """Each of the three is read on its own."""
    question = read("How many cats do they have?")

    assert question.asks_number
    assert not question.asks_name
    assert read("Who feeds the cat?").asks_name
    assert read("Where do I live now?").asks_present
    assert not read("Where did I live first?").asks_present


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("on 2023-05-07", (NamedTime(2023, 5, 7),)),
        ("on 7 May 2023", (NamedTime(2023, 5, 7),)),
        ("on the 7th of May, 2023", (NamedTime(2023, 5, 7),)),
        ("on May 7, 2023", (NamedTime(2023, 5, 7),)),
        ("on May 7th", (NamedTime(None, 5, 7),)),
        ("in May 2023", (NamedTime(2023, 5),)),
        ("in Sept.", (NamedTime(None, 9),)),
        ("in 2023", (NamedTime(2023),)),
        ("in June and in 1999", (NamedTime(None, 6), NamedTime(1999))),
        ("you may march", ()),
        ("on 45 May", ()),
        ("on 2023-02-31", ()),
    ],
)
def test_named_times_are_found(text: str, times: tuple[NamedTime, ...]) -> None:
    """Dates, months and years are read in the usual spellings, impossible ones are not."""
    assert named_times(text) == times


@pytest.mark.parametrize(
    ("time", "at", "nearness"),
    [
        (NamedTime(2023, 5, 7), datetime(2023, 5, 7, 12, tzinfo=UTC), 1.0),
        (NamedTime(2023, 5), datetime(2023, 5, 31, tzinfo=UTC), 1.0),
        (NamedTime(2023), datetime(2023, 12, 31, tzinfo=UTC), 1.0),
        (NamedTime(None, 5), datetime(2031, 5, 1, tzinfo=UTC), 1.0),
        (NamedTime(2023, 5), datetime(2023, 8, 1, tzinfo=UTC), 0.0),
        (NamedTime(None, 12), datetime(2024, 1, 1, tzinfo=UTC), 1.0),
        (NamedTime(None, 2, 29), datetime(2023, 2, 28, tzinfo=UTC), 1.0),
    ],
)
def test_nearness_is_one_within_the_time_named(time: NamedTime, at: datetime, nearness: float) -> None:
    """It fades in a month, and a month without a year means the nearest one."""
    assert time.nearness(at) == pytest.approx(nearness, abs=0.04)


@given(
    year=st.none() | st.integers(1900, 2099),
    month=st.none() | st.integers(1, 12),
    day=st.none() | st.integers(1, 29),
    at=st.datetimes(timezones=st.just(UTC)),
)
def test_nearness_is_a_share(year: int | None, month: int | None, day: int | None, at: datetime) -> None:
    """Any time named is at some nearness in [0, 1] to any moment."""
    assert 0 <= NamedTime(year, month, day).nearness(at) <= 1


@given(text=st.text(), speakers=st.frozensets(st.text(max_size=8), max_size=3))
def test_any_text_can_be_asked(text: str, speakers: frozenset[str]) -> None:
    """No query and no name is refused, and reading is deterministic."""
    assert read_question(text, speakers=speakers) == read_question(text, speakers=speakers)


@pytest.mark.parametrize(
    ("text", "speaker", "embedded"),
    [
        ("[8 May 2023] Ana: I paint", "Ana", "I paint"),
        ("Ana moved to Lisbon", "Ana", "I moved to Lisbon"),
        ("Ana's sister is called Zoe", "Ana Lopez", "my sister is called Zoe"),
        ("Ben likes Ana", "Ben", "I likes Ana"),
        ("User likes tea", None, "I likes tea"),
        ("User's dog is Turnip", None, "my dog is Turnip"),
        ("Users complain", None, "Users complain"),
        ("I paint", None, "I paint"),
    ],
)
def test_a_memory_is_embedded_bare_and_in_first_person(text: str, speaker: str | None, embedded: str) -> None:
    """Without date and speaker before it, and as its speaker would say it."""
    assert embedding_text(text, speaker) == embedded
