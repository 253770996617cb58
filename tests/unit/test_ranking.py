"""Laws and examples of ranking; vectors come from feature hashing, so words are all they know."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import a_memory

from ricordo.adapters.builtin.hashing_embedder import HashingEmbedder
from ricordo.domain.episode import Role
from ricordo.domain.graph import Entity
from ricordo.domain.memory import Embedding, Memory
from ricordo.domain.question import embedding_text, read_question
from ricordo.domain.ranking import WEIGHTS, Scored, rank

EMBEDDER = HashingEmbedder()
SAID = datetime(2025, 3, 3, 9, tzinfo=UTC)


def said(text: str, place: int, **changes: Any) -> Memory:
    """Build a turn at `place` of a conversation, with its vector."""
    speaker = changes.get("speaker")
    vector = EMBEDDER.embed([embedding_text(text, speaker)])[0]
    fields = {
        "sequence": place,
        "thread": "talk",
        "created_at": SAID,
        "embedding": Embedding(EMBEDDER.model_id, vector),
    }
    return a_memory(text, **(fields | changes))


def ask(text: str, memories: Sequence[Memory], *, embeds: bool = True) -> list[Scored]:
    """Rank `memories` for a question."""
    speakers = frozenset(memory.speaker for memory in memories if memory.speaker)
    question = read_question(text, speakers=speakers)
    return rank(question, memories, EMBEDDER.embed([question.embedding_text])[0] if embeds else None)


def texts(ranked: Sequence[Scored]) -> list[str]:
    """Return the texts of a ranking, best first."""
    return [one.memory.text for one in ranked]


def conversation(*lines: str, **changes: Any) -> list[Memory]:
    """Build one turn a line."""
    return [said(line, place, **changes) for place, line in enumerate(lines, 1)]


LINES = (
    "I adopted a grey cat from the shelter.",
    "What is the cat called?",
    "Turnip, because of his shape.",
    "My sister keeps bees in Leeds.",
    "The rent went up again.",
    "I sold the old canoe last week.",
    "私は猫が好きです。",
    "",
)
QUESTIONS = ("What is my cat called?", "Where are the bees?", "When did I sell the canoe?", "", "猫が好き？")  # noqa: RUF001

pools = st.lists(
    st.builds(
        said,
        st.sampled_from(LINES),
        st.integers(0, 9),
        thread=st.sampled_from(["talk", "walk"]),
        created_at=st.sampled_from([SAID, SAID + timedelta(days=9)]),
        speaker=st.sampled_from([None, "Ana", "Ben"]),
        attributed_to=st.sampled_from([None, Role.USER, Role.ASSISTANT]),
        embedding=st.sampled_from([None, Embedding("hashing-256", EMBEDDER.embed(["cat"])[0])]),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(memories=pools, text=st.sampled_from(QUESTIONS), seed=st.integers(0, 99), embeds=st.booleans())
def test_the_order_of_nomination_decides_nothing(
    memories: list[Memory],
    text: str,
    seed: int,
    embeds: bool,  # noqa: FBT001
) -> None:
    """Any permutation of a pool gives the very same ranking."""
    shuffled = random.Random(seed).sample(memories, len(memories))  # noqa: S311

    assert ask(text, memories, embeds=embeds) == ask(text, shuffled, embeds=embeds)


@settings(deadline=None)
@given(memories=pools, text=st.sampled_from(QUESTIONS), embeds=st.booleans())
def test_scores_are_shares_in_falling_order(memories: list[Memory], text: str, embeds: bool) -> None:  # noqa: FBT001
    """Every memory is scored once, in [0, 1], best first, and so is each signal."""
    ranked = ask(text, memories, embeds=embeds)
    scores = [one.score for one in ranked]

    assert sorted(one.memory.memory_id for one in ranked) == sorted(one.memory_id for one in memories)
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert all(0 <= value <= 1 + 1e-9 for one in ranked for value in one.breakdown.values())
    assert all(set(one.breakdown) == set(WEIGHTS) for one in ranked)


@settings(deadline=None)
@given(memories=pools, text=st.sampled_from(QUESTIONS))
def test_a_stranger_in_another_thread_changes_nothing_a_memory_says_itself(memories: list[Memory], text: str) -> None:
    """What is said elsewhere can change how rare a word is, never what a statement is about."""
    stranger = said("The rent went up again.", 1, thread="elsewhere")
    before = {one.memory.memory_id: one.breakdown for one in ask(text, memories)}
    after = {one.memory.memory_id: one.breakdown for one in ask(text, [*memories, stranger])}
    fixed = ("entity", "speaker", "date", "is_question", "says_when", "says_name", "says_number")

    assert all(before[memory_id][name] == after[memory_id][name] for memory_id in before for name in fixed)


def test_an_empty_pool_ranks_nothing() -> None:
    """No candidates, no results."""
    assert ask("Where are the bees?", []) == []


def test_what_answers_is_far_above_what_does_not() -> None:
    """Relevant statements pass a threshold of 0.3, others fall below 0.1."""
    ranked = ask("Where does my sister keep her bees?", conversation(*LINES))

    assert ranked[0].memory.text == "My sister keeps bees in Leeds."
    assert ranked[0].score > 0.3
    assert {one.memory.text: one.score for one in ranked}["私は猫が好きです。"] < 0.1


def test_equal_scores_put_the_newer_first() -> None:
    """Ties are broken by time, then by id."""
    old, new = said("The rent went up.", 1), said("The rent went up.", 1, thread="walk")
    new = replace(new, created_at=SAID + timedelta(days=1))

    assert [one.memory for one in ask("What went up?", [old, new])] == [new, old]


def test_an_answer_is_found_by_the_question_before_it() -> None:
    """A short reply shares no word with what is asked; its predecessor does."""
    ranked = ask("What is the cat called?", conversation(*LINES[1:5]))

    assert "Turnip, because of his shape." in texts(ranked)[:2]


def test_the_person_named_is_preferred() -> None:
    """Of two equal statements the one by the person asked about comes first."""
    memories = [said("I moved to Leeds.", 1, speaker="Ben"), said("I moved to Leeds.", 9, speaker="Ana")]

    assert ask("Where did Ana move?", memories)[0].memory.speaker == "Ana"
    assert ask("Where did Ben move?", memories)[0].memory.speaker == "Ben"


def test_a_statement_in_third_person_is_of_whom_it_names() -> None:
    """Extracted statements have no speaker; their subject takes its place."""
    memories = [said("Ben moved to Leeds.", 1), said("Ana moved to Leeds.", 9)]
    question = read_question("Where did Ana move?", speakers=frozenset({"Ana", "Ben"}))
    ranked = rank(question, memories, EMBEDDER.embed([question.embedding_text])[0])

    assert ranked[0].memory.text == "Ana moved to Leeds."


def test_i_is_the_user_and_you_the_assistant() -> None:
    """Roles decide between two equal statements where nobody is named."""
    memories = [
        said("A plumber in Leeds.", 1, attributed_to=Role.USER),
        said("A plumber in Leeds.", 9, attributed_to=Role.ASSISTANT),
    ]

    assert ask("Which plumber did I call?", memories)[0].memory.attributed_to is Role.USER
    assert ask("Which plumber did you suggest?", memories)[0].memory.attributed_to is Role.ASSISTANT


def test_a_date_named_prefers_what_was_told_then() -> None:
    """Of two equal statements the one told near the date comes first, be it the older one."""
    march, july = said("We went hiking.", 1), said("We went hiking.", 1, thread="walk")
    july = replace(july, created_at=datetime(2025, 7, 1, tzinfo=UTC))

    assert ask("Where did we hike in March 2025?", [march, july])[0].memory is march
    assert ask("Where did we hike in July 2025?", [march, july])[0].memory is july


def test_validity_counts_as_a_date_too() -> None:
    """A statement that holds from the date named is near it, whenever it was told."""
    plain, valid = said("Ana works in Leeds.", 1), said("Ana works in Leeds.", 1, thread="walk")
    valid = replace(valid, created_at=SAID - timedelta(days=300), valid_from=datetime(2025, 9, 1, tzinfo=UTC))

    assert ask("Where does she work in September 2025?", [plain, valid])[0].memory is valid


def test_asking_for_the_present_prefers_what_was_told_last() -> None:
    """An update beats what it replaces only where the present is asked for."""
    first, last = said("I live in Leeds.", 1), said("I live in York.", 1, thread="walk")
    last = replace(last, created_at=SAID + timedelta(days=90))
    now = {one.memory.text: one.breakdown["recency"] for one in ask("Where do I live now?", [first, last])}
    ever = {one.memory.text: one.breakdown["recency"] for one in ask("Where did I live?", [first, last])}

    assert now == {"I live in Leeds.": 0, "I live in York.": 1}
    assert ever == {"I live in Leeds.": 0, "I live in York.": 0}


def test_an_entity_of_the_graph_counts() -> None:
    """Of two equal statements the one known to speak of what is asked for comes first."""
    plain, known = said("He eats a lot.", 1), said("He eats a lot.", 9)
    known = replace(known, entities=(Entity("Turnip"),))
    ranked = ask("What does Turnip eat?", [plain, known])

    assert ranked[0].memory is known
    assert ranked[0].breakdown["entity"] == 1


def test_without_the_embedder_words_decide() -> None:
    """A search without a query vector still finds and still scores."""
    ranked = ask("Where does my sister keep bees?", conversation(*LINES), embeds=False)

    assert ranked[0].memory.text == "My sister keeps bees in Leeds."
    assert ranked[0].score > 0.3


def test_a_memory_without_a_vector_is_judged_by_its_words() -> None:
    """What was accepted while the embedder was down is not lost among what has a vector."""
    memories = conversation(*LINES)
    memories[3] = replace(memories[3], embedding=None)

    assert ask("Where does my sister keep bees?", memories)[0].memory is memories[3]


def test_a_vector_of_another_width_is_ignored() -> None:
    """Vectors of two models never meet, not even by accident."""
    other = HashingEmbedder(dimensions=8)
    memory = said("My sister keeps bees.", 1)
    memory = replace(memory, embedding=Embedding(other.model_id, other.embed(["bees"])[0]))

    assert ask("Who keeps bees?", [memory])[0].score > 0


@pytest.mark.parametrize("pause", [timedelta(days=2), timedelta(0)])
def test_surroundings_end_where_a_sitting_does(pause: timedelta) -> None:
    """In one endless thread a neighbour lends its match only if it was said in the same sitting."""
    match = said("My sister keeps bees.", 1)
    other = said("It rained.", 2, created_at=SAID + pause)
    nearby = {one.memory.text: one.breakdown["bm25_nearby"] for one in ask("bees", [match, other])}

    assert (nearby["It rained."] > 0) is (pause == timedelta(0))
