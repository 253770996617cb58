"""What every extractor owes its callers, whichever way it finds statements."""

from datetime import UTC, datetime

import pytest

from ricordo.adapters.builtin.extractor import RuleExtractor
from ricordo.domain.episode import Episode, Message, Role
from ricordo.domain.ids import EpisodeId, EventId, ProjectId
from ricordo.domain.scope import Scope
from ricordo.ports.extractor import Extractor

SAID_AT = datetime(2026, 3, 9, 14, 2, tzinfo=UTC)


@pytest.fixture(params=[RuleExtractor], ids=["rules"])
def extractor(request: pytest.FixtureRequest) -> Extractor:
    """Each adapter of the port."""
    made: Extractor = request.param()
    return made


def episode(*messages: tuple[Role, str], said_at: datetime = SAID_AT) -> Episode:
    """Build an episode from roles and contents."""
    return Episode(
        episode_id=EpisodeId("episode"),
        event_id=EventId("event"),
        project_id=ProjectId("project"),
        scope=Scope(user_id="ana"),
        messages=tuple(Message(role, content) for role, content in messages),
        said_at=said_at,
        accepted_at=datetime(2030, 1, 1, tzinfo=UTC),
    )


def test_a_fact_is_found_and_attributed(extractor: Extractor) -> None:
    """A plain statement of the user's becomes one fact of the user's, with its message's place."""
    extraction = extractor.extract(episode((Role.ASSISTANT, "Hello!"), (Role.USER, "I am allergic to peanuts.")))
    assert [(fact.attributed_to, fact.message_index) for fact in extraction.facts] == [(Role.USER, 1)]
    assert "allergic to peanuts" in extraction.facts[0].text


def test_relative_dates_are_resolved_against_when_it_was_said(extractor: Extractor) -> None:
    """Yesterday is the day before it was said, whatever day it is accepted."""
    (fact,) = extractor.extract(episode((Role.USER, "I adopted a dog yesterday."))).facts
    assert "2026-03-08" in fact.text
    assert fact.valid_from == datetime(2026, 3, 8, tzinfo=UTC)
    assert fact.valid_to == datetime(2026, 3, 9, tzinfo=UTC)


def test_noise_yields_no_fact_and_a_reason(extractor: Extractor) -> None:
    """Greetings are dropped, and the extraction says so without repeating them."""
    extraction = extractor.extract(episode((Role.USER, "hi there!"), (Role.ASSISTANT, "Hello! How are you?")))
    assert extraction.facts == ()
    assert sum(extraction.dropped.values()) > 0


def test_system_messages_are_never_facts(extractor: Extractor) -> None:
    """Instructions to the assistant are not memories."""
    assert extractor.extract(episode((Role.SYSTEM, "I live in Paris."))).facts == ()


@pytest.mark.parametrize("content", ["", " \n ", "\0", "🙂", "a" * 50_000, "(" * 5_000, "日本に住んでいます。"])
def test_any_text_is_taken(extractor: Extractor, content: str) -> None:
    """Nothing a user can type makes an extractor fail or return an empty statement."""
    assert all(fact.text.strip() for fact in extractor.extract(episode((Role.USER, content))).facts)


def test_the_same_episode_yields_the_same_facts(extractor: Extractor) -> None:
    """Extraction can be repeated after a crash."""
    said = episode((Role.USER, "My brother Tom works at Acme. He starts in two weeks."))
    assert extractor.extract(said) == extractor.extract(said)
