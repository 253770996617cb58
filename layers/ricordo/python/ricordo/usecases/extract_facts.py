from collections.abc import Sequence
from dataclasses import replace

from ricordo.domain.derivation import verbatim_facts
from ricordo.domain.episode import Episode
from ricordo.domain.episode_parts import part_of
from ricordo.domain.event import Lease
from ricordo.domain.fact import Fact
from ricordo.ports.event_store import EventStore
from ricordo.ports.extractor import Extractor


def extract_facts(
    episode: Episode, places: range, lease: Lease, *, extractor: Extractor, events: EventStore
) -> tuple[Sequence[Fact], dict[str, object]]:
    """Return the facts of a part of an episode and notes on what was dropped, the same at every call for one event.

    Facts of an inferred add are stored first and read back ever after: a model may answer differently next
    time.

    Raises:
        LeaseLostError: another worker took the event over.
        UnavailableError: the model cannot be reached.
    """
    part = part_of(episode, places)
    if not episode.is_inferred:
        verbatim = verbatim_facts(part)
        return _placed(verbatim.facts, places), _notes(len(verbatim.facts), verbatim.dropped)
    kept = events.kept_facts(lease)
    if kept is None:
        extraction = extractor.extract(part)
        facts = _placed(extraction.facts, places)
        notes = _notes(len(facts), extraction.dropped)
        events.keep_facts(lease, facts, notes)
        kept = events.kept_facts(lease) or (facts, notes)
    return kept


def _placed(facts: Sequence[Fact], places: range) -> Sequence[Fact]:
    """Have facts name their message by its place in the whole episode."""
    return [replace(fact, message_index=places.start + fact.message_index) for fact in facts]


def _notes(facts: int, dropped: dict[str, int]) -> dict[str, object]:
    """Say in the event how much was found, and why the rest was not kept."""
    return {"facts": facts} | ({"dropped": dict(sorted(dropped.items()))} if dropped else {})
