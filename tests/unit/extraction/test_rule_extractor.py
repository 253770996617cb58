"""The built-in extractor against dialogues a careful reader has annotated, and against anything at all."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ricordo.adapters.builtin.extraction import sentences
from ricordo.adapters.builtin.extractor import RuleExtractor
from ricordo.domain.episode import Episode, Message, Role
from ricordo.domain.fact import Extraction
from ricordo.domain.ids import EpisodeId, EventId, ProjectId
from ricordo.domain.scope import Scope

Dialogue = dict[str, Any]
_FOLDER = Path(__file__).parent / "dialogues"
_DIALOGUES: list[Dialogue] = [
    dialogue for path in sorted(_FOLDER.glob("*.json")) for dialogue in json.loads(path.read_text(encoding="utf-8"))
]
_SAID_AT = datetime(2025, 3, 10, 12, tzinfo=UTC)
_by_name = pytest.mark.parametrize("dialogue", _DIALOGUES, ids=lambda dialogue: dialogue["name"])

_SNIPPETS = (
    "I|you|we|my|your|me|am|'m|and I|is|was|went|last week|May 7|Feb 30|on Friday|in 3 days|999 years ago|"
    'my sister Ana|She|It|yes|no|Where do you live?|Do you eat meat?|thanks|```|- |\n|.|...|?|!|"|'
    "https://x.y/z|a@b.c|PROJ-1|Ich|und|私は|😊|\u200d|\0|\x01|\u2019|Dr.|e.g.|:|; |, and I|Let's|don't"
)
_TEXTS = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(_SNIPPETS.split("|")), max_size=25).map(" ".join))
_MESSAGES = st.builds(
    Message,
    role=st.sampled_from(Role),
    content=_TEXTS,
    name=st.sampled_from([None, None, "Ana", "Ben", " ", "Zoë Q.", "User"]),
)


def _episode(messages: list[Message], said_at: datetime = _SAID_AT) -> Episode:
    return Episode(
        episode_id=EpisodeId("episode"),
        event_id=EventId("event"),
        project_id=ProjectId("project"),
        scope=Scope(user_id="ana"),
        messages=tuple(messages),
        said_at=said_at,
        accepted_at=said_at,
    )


def _extract(*messages: Message, said_at: datetime = _SAID_AT) -> Extraction:
    return RuleExtractor().extract(_episode(list(messages), said_at))


def _extract_dialogue(dialogue: Dialogue) -> Extraction:
    messages = [Message(Role(row["role"]), row["content"], row.get("name")) for row in dialogue["messages"]]
    return _extract(*messages, said_at=datetime.fromisoformat(dialogue["said_at"]))


def _told_by_user(content: str, *, said_at: datetime = _SAID_AT) -> list[str]:
    return [fact.text for fact in _extract(Message(Role.USER, content), said_at=said_at).facts]


@_by_name
def test_statements_are_those_a_careful_reader_takes(dialogue: Dialogue) -> None:
    """Every dialogue yields exactly its annotated statements, in order, each attributed to who said it."""
    facts = _extract_dialogue(dialogue).facts
    assert [fact.text for fact in facts] == [row["text"] for row in dialogue["facts"]]
    assert [fact.attributed_to for fact in facts] == [row["attributed_to"] for row in dialogue["facts"]]


@_by_name
def test_statements_hold_in_the_time_they_speak_of(dialogue: Dialogue) -> None:
    """A statement that names a time is valid for it, any other for no stated time."""
    found = [
        [at and at.date().isoformat() for at in (fact.valid_from, fact.valid_to)]
        for fact in _extract_dialogue(dialogue).facts
    ]
    assert found == [row.get("valid", [None, None]) for row in dialogue["facts"]]


@_by_name
def test_entities_and_relations_are_found(dialogue: Dialogue) -> None:
    """Names, titles, identifiers and plain relations of every statement are found, and no others."""
    facts = _extract_dialogue(dialogue).facts
    entities = [[entity.name for entity in fact.entities] for fact in facts]
    relations = [[[edge.source, edge.type, edge.target] for edge in fact.relations] for fact in facts]
    assert entities == [row.get("entities", []) for row in dialogue["facts"]]
    assert relations == [row.get("relations", []) for row in dialogue["facts"]]


@_by_name
def test_what_is_dropped_is_counted_by_reason(dialogue: Dialogue) -> None:
    """Sentences that say nothing are counted under the annotated reasons."""
    assert _extract_dialogue(dialogue).dropped == Counter(dialogue["dropped"])


def test_speaker_and_message_are_kept() -> None:
    """A fact knows the message it came from and the name of its speaker."""
    fact = _extract(Message(Role.SYSTEM, "Be kind."), Message(Role.USER, "I keep bees.", name="Ana")).facts[0]
    assert (fact.text, fact.message_index, fact.speaker) == ("Ana keeps bees", 1, "Ana")


def test_decoration_is_not_part_of_a_statement() -> None:
    """A date and a speaker written before an utterance are no part of what it says."""
    fact = _extract(Message(Role.USER, "[2023-05-08 13:56] Ana: I keep bees.", name="Ana")).facts[0]
    assert fact.text == "Ana keeps bees"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("I'm tall", "User is tall"),
        ("I've got a van", "User has got a van"),
        ("I'd been to Ulm before", "User had been to Ulm before"),
        ("I'd rather walk", "User would rather walk"),
        ("I'm gonna repaint the fence", "User is going to repaint the fence"),
        ("I don't like olives", "User doesn't like olives"),
        ("I rarely watch TV", "User rarely watches TV"),
        ("I no longer eat gluten", "User no longer eats gluten"),
        ("I kind of like jazz", "User kind of likes jazz"),
        ("I read every night", "User reads every night"),
        ("I got to meet Björk", "User got to meet Björk"),
        ("I said I was ill", "User said they were ill"),
        ("My sister and I own a boat", "User and their sister own a boat"),
        ("It was me who called", "User: It was User who called"),
        ("I studied World War I", "User studied World War I"),
        ('My son said "I want a dog"', 'User\'s son said "I want a dog"'),
        ("I use `my_var` a lot", "User uses `my_var` a lot"),
    ],
)
def test_first_person_becomes_the_speaker(said: str, told: str) -> None:
    """The first person is retold in the third, with verbs that agree; quotations and code are left alone."""
    assert _told_by_user(said) == [told]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("I teach maths and play the oboe", ["User teaches maths", "User plays the oboe"]),
        ("I hate mornings, love late nights", ["User hates mornings", "User loves late nights"]),
        ("Ana likes tea and hates coffee", ["Ana likes tea", "Ana hates coffee"]),
        ("I can swim and dive but can't surf", ["User can swim and dive", "User can't surf"]),
        ("I used to smoke, now I run", ["User used to smoke", "Now User runs"]),
        ("I don't smoke and rarely drink", ["User doesn't smoke", "User rarely drinks"]),
        ("I want to stop and rest", ["User wants to stop and rest"]),
        ("I'd rather stay home and watch movies", ["User would rather stay home and watch movies"]),
        ("I like fish and baked beans", ["User likes fish and baked beans"]),
        ("I play chess and video games", ["User plays chess and video games"]),
        ("I bought a car and it broke down", ["User bought a car and it broke down"]),
        ("I have two goals: learn Greek and save money", ["User has two goals: learn Greek and save money"]),
        ("If I had a car I'd leave and never return", ["If User had a car they would leave and never return"]),
        ('He said "I cook and clean" twice', ['User: He said "I cook and clean" twice']),
        ("im Sam i live in Leeds", ["User is Sam", "User lives in Leeds"]),
        ("I like the food I cook", ["User likes the food they cook"]),
    ],
)
def test_each_statement_of_a_sentence_is_told_alone(said: str, told: list[str]) -> None:
    """What holds by itself is a statement with its subject; what leans on the words before it stays there."""
    assert _told_by_user(said) == told


@pytest.mark.parametrize(
    ("said_on", "said", "starts", "ends"),
    [
        ("2025-03-14", "I'm meeting Ana on Friday", "2025-03-21", "2025-03-22"),
        ("2025-03-14", "I met Ana on Friday", "2025-03-07", "2025-03-08"),
        ("2025-03-14", "The deadline is this Friday", "2025-03-14", "2025-03-15"),
        ("2025-03-12", "I ran a marathon this Monday", "2025-03-10", "2025-03-11"),
        ("2025-03-12", "The call is Tuesday next week", "2025-03-18", "2025-03-19"),
        ("2025-03-12", "I met Tom Monday at the gym", "2025-03-10", "2025-03-11"),
        ("2025-03-12", "I've been off since Friday", "2025-03-07", None),
        ("2025-03-12", "I'm on leave from Monday", "2025-03-17", None),
        ("2025-03-12", "I have to submit before Friday", None, "2025-03-14"),
        ("2025-03-12", "I work from Monday to Friday", None, None),
        ("2025-03-12", "I moved the meeting to Friday", "2025-03-14", "2025-03-15"),
        ("2025-03-12", "I moved to Rome on Friday", "2025-03-07", "2025-03-08"),
        ("2025-03-12", "I've signed up for a race on 18 May", "2025-05-18", "2025-05-19"),
        ("2025-03-12", "Hana gets married on 31 May", "2025-05-31", "2025-06-01"),
        ("2025-03-12", "I can't swim until July", None, "2025-08-01"),
        ("2025-03-12", "I left in May", "2024-05-01", "2024-06-01"),
        ("2025-03-12", "I leave in May", "2025-05-01", "2025-06-01"),
        ("2025-03-12", "I saw her on the 5th", "2025-03-05", "2025-03-06"),
        ("2025-03-31", "My exam is on the 1st", "2025-04-01", "2025-04-02"),
        ("2025-03-12", "I live on the 5th floor", None, None),
        ("2025-03-12", "I paid on 03/04/2025", None, None),
        ("2025-03-12", "I paid on 12.01.2025", "2025-01-12", "2025-01-13"),
        ("2025-03-12", "I got it a few weeks ago", None, "2025-03-10"),
        ("2025-12-31", "I leave tomorrow", "2026-01-01", "2026-01-02"),
        ("2025-12-31", "This week was hard", "2025-12-29", "2026-01-05"),
        ("2025-01-31", "I leave in a month", "2025-02-01", "2025-03-01"),
        ("2024-02-29", "I'm off tomorrow", "2024-03-01", "2024-03-02"),
        ("2025-03-12", "My next real birthday party is on February 29", None, None),
    ],
)
def test_times_are_counted_from_the_day_of_saying(
    said_on: str, said: str, starts: str | None, ends: str | None
) -> None:
    """A time is resolved by the day it was said and the tense it was said in, half-open in UTC."""
    fact = _extract(Message(Role.USER, said), said_at=datetime.fromisoformat(f"{said_on}T12:00:00+00:00")).facts[0]
    found = [at and at.date().isoformat() for at in (fact.valid_from, fact.valid_to)]
    assert found == [starts, ends]


def test_a_year_of_any_size_is_no_error() -> None:
    """Times that leave the calendar are left as they were said."""
    at = datetime(1, 1, 2, tzinfo=UTC)
    assert _told_by_user("I was there 999 years ago and on February 30", said_at=at) == [
        "User was there 999 years ago and on February 30"
    ]


@settings(max_examples=150, deadline=None)
@given(st.lists(_MESSAGES, max_size=6))
def test_anything_can_be_extracted_from(messages: list[Message]) -> None:
    """Whatever is said, facts have text, are in order, and come from messages of their speaker."""
    facts = _extract(*messages).facts
    indices = [fact.message_index for fact in facts]
    assert all(fact.text.strip() for fact in facts)
    assert indices == sorted(indices)
    assert all(messages[index].role is facts[at].attributed_to for at, index in enumerate(indices))
    assert all(fact.attributed_to is not Role.SYSTEM for fact in facts)


@settings(max_examples=60, deadline=None)
@given(st.lists(_MESSAGES, max_size=5))
def test_the_same_episode_gives_the_same_extraction(messages: list[Message]) -> None:
    """Extraction depends on nothing but the episode."""
    assert _extract(*messages) == _extract(*messages)


@settings(max_examples=60, deadline=None)
@given(st.lists(_MESSAGES, max_size=5), st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)))  # noqa: DTZ001 (made aware below)
def test_any_time_of_saying_will_do(messages: list[Message], at: datetime) -> None:
    """Periods begin before they end and are aware, whenever the words were said."""
    for fact in _extract(*messages, said_at=at.replace(tzinfo=UTC)).facts:
        if fact.valid_from and fact.valid_to:
            assert fact.valid_from < fact.valid_to
            assert fact.valid_to.utcoffset() == timedelta(0)


@settings(max_examples=60, deadline=None)
@given(_TEXTS)
def test_sentences_grow_no_longer_than_the_message(content: str) -> None:
    """Cutting a message adds nothing to it but separators, so that later steps are linear in it."""
    cut = sentences.split_sentences(content).texts
    assert sum(map(len, cut)) <= 2 * len(content) + 2
    assert all(len(text) <= sentences.SENTENCE_CHARS for text in cut)


def test_a_letter_that_only_looks_like_one_is_left_alone() -> None:
    """A dotted capital I counts as an i where case is ignored, and is none when written small."""
    facts = _extract(Message(Role.USER, "\u0130 like the tea my sister makes.")).facts
    assert "\u0130" in "".join(fact.text for fact in facts)


def test_work_grows_with_the_message_not_its_square(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the sentences are cut in twice the pieces: no sentence is looked at again for another."""
    counts: list[int] = []
    cut = sentences.split_sentences

    def counting(content: str) -> sentences.Sentences:
        found = cut(content)
        counts.append(len(found.texts))
        return found

    monkeypatch.setattr("ricordo.adapters.builtin.extraction.reading.split_sentences", counting)
    for repetitions in (50, 100):
        _extract(Message(Role.USER, "I bought apples at the market, but my brother Tom ate them. " * repetitions))
    assert counts == [50, 100]
