"""A model's answer, which is not believed before it is checked."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ricordo.domain.episode import Message, Role
from ricordo.domain.extraction_answer import MAX_STATEMENT_CHARS, MalformedAnswerError, read_answer
from ricordo.domain.fact import Extraction, Fact
from ricordo.domain.graph import Entity, EntityType, Relation

MESSAGES = (
    Message(Role.SYSTEM, "Be brief."),
    Message(Role.USER, "My brother Tom joined Acme last Friday.", name=" Ana "),
    Message(Role.ASSISTANT, "Congratulations to Tom!"),
)
TEXT = "Ana's brother Tom joined Acme on 2026-03-06."
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["facts", "text", "message_index", "valid_from", "entities", "relations", "name", "type"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def read(*facts: object) -> Extraction:
    """Read an answer about the last two messages."""
    return read_answer({"facts": list(facts)}, MESSAGES, indexes={1, 2})


def stated(**changes: Any) -> dict[str, Any]:
    """Build one fact of an answer."""
    return {"text": TEXT, "message_index": 1} | changes


def only_fact(**changes: Any) -> Fact:
    """Read one fact that must be kept."""
    (fact,) = read(stated(**changes)).facts
    return fact


def test_a_fact_is_read_with_all_it_has() -> None:
    """Speaker and role come from the message; a day means the whole of it, and relations are valid as the fact is."""
    fact = only_fact(
        valid_from="2026-03-06",
        valid_to="2026-03-06",
        entities=[{"name": "Tom", "type": "person"}, {"name": "Acme", "type": "organisation"}],
        relations=[{"source": "Tom", "type": "works at", "target": "Acme"}],
    )

    start, end = datetime(2026, 3, 6, tzinfo=UTC), datetime(2026, 3, 7, tzinfo=UTC)
    assert fact == Fact(
        TEXT,
        Role.USER,
        1,
        speaker="Ana",
        entities=(Entity("Tom", EntityType.PERSON), Entity("Acme", EntityType.ORGANISATION)),
        relations=(Relation("Tom", "works_at", "Acme", start, end),),
        valid_from=start,
        valid_to=end,
    )


def test_what_is_left_out_is_empty() -> None:
    """Text and place are all a fact needs."""
    assert only_fact(message_index=2, text=" Fine. ") == Fact("Fine.", Role.ASSISTANT, 2)
    assert only_fact(valid_from="", valid_to=None, entities=None, relations="none") == Fact(
        TEXT, Role.USER, 1, speaker="Ana"
    )


@pytest.mark.parametrize(("change", "reason"), [
    ({"message_index": 0}, "unknown_message"), ({"message_index": 3}, "unknown_message"),
    ({"message_index": -1}, "unknown_message"), ({"text": " \n"}, "no_statement"),
    ({"text": "x" * (MAX_STATEMENT_CHARS + 1)}, "too_long"),
])  # fmt: skip
def test_a_fact_that_cannot_stand_is_dropped_and_counted(change: dict[str, object], reason: str) -> None:
    """One bad fact costs the others nothing."""
    extraction = read(stated(**change), stated())

    assert [fact.text for fact in extraction.facts] == [TEXT]
    assert extraction.dropped == Counter({reason: 1})


def test_an_unknown_kind_of_entity_is_other() -> None:
    """The mention is kept, whatever it was called."""
    entities = only_fact(entities=[{"name": "Tom", "type": "Android"}, {"name": "Acme", "type": 7}]).entities

    assert entities == (Entity("Tom"), Entity("Acme"))


def test_only_what_the_statement_names_is_kept() -> None:
    """A name that was made up, is empty, too long or none at all is dropped, with the relations that need it."""
    names = ["Zed", "", None, 5, "x" * 300]
    extraction = read(
        stated(
            entities=[{"name": name, "type": "person"} for name in names] + ["Tom", {"type": "person"}],
            relations=[{"source": "Tom", "type": "knows", "target": "Zed"}, {"source": "Tom", "target": "Acme"}],
        )
    )

    assert (extraction.facts[0].entities, extraction.facts[0].relations) == ((), ())
    assert extraction.dropped == Counter(name_not_said=7)


def test_mentions_are_kept_once() -> None:
    """The same entity in other letters is the same."""
    fact = only_fact(
        entities=[{"name": "Tom", "type": "person"}, {"name": "tom", "type": "other"}],
        relations=[{"source": "Tom", "type": "Works-At", "target": "Acme"}] * 2,
    )

    assert fact.entities == (Entity("Tom", EntityType.PERSON),)
    assert [relation.type for relation in fact.relations] == ["works_at"]


@pytest.mark.parametrize(("valid_from", "valid_to", "kept"), [
    ("last Friday", "2026-13-01", (None, None)), ("2026-03", "", (None, None)),
    ("2026-03-06T10:00:00Z", "", (datetime(2026, 3, 6, 10, tzinfo=UTC), None)),
    ("2026-03-06", "2026-03-01", (datetime(2026, 3, 6, tzinfo=UTC), None)), (2026, 2027, (None, None)),
])  # fmt: skip
def test_a_date_that_cannot_be_read_costs_the_date_alone(valid_from: object, valid_to: object, kept: object) -> None:
    """The statement stays; an end before its beginning is no end."""
    fact = only_fact(valid_from=valid_from, valid_to=valid_to)

    assert (fact.valid_from, fact.valid_to) == kept


def test_half_a_surrogate_pair_is_replaced() -> None:
    """What a model writes can be stored."""
    assert only_fact(text="Ana likes \ud83d.").text == "Ana likes ?."


@pytest.mark.parametrize("answer", [
    None, [], "facts", {}, {"facts": None}, {"facts": {}}, {"facts": ["Ana"]}, {"facts": [{"text": TEXT}]},
    {"facts": [{"text": TEXT, "message_index": "1"}]}, {"facts": [{"text": TEXT, "message_index": True}]},
    {"facts": [stated(), {"text": 3, "message_index": 1}]},
])  # fmt: skip
def test_an_answer_of_another_form_is_malformed(answer: object) -> None:
    """The model is told where it is wrong, without a word of the conversation."""
    with pytest.raises(MalformedAnswerError, match=r"facts") as caught:
        read_answer(answer, MESSAGES, indexes={1, 2})

    assert "Ana" not in str(caught.value)


@given(JSON)
def test_any_json_is_read_or_malformed(answer: object) -> None:
    """Nothing a model answers makes reading fail in another way."""
    for given_answer in (answer, {"facts": [answer]}, {"facts": [stated(entities=answer, relations=[answer])]}):
        try:
            extraction = read_answer(given_answer, MESSAGES, indexes={1, 2})
        except MalformedAnswerError:
            continue
        assert all(fact.text.strip() and fact.message_index in (1, 2) for fact in extraction.facts)
