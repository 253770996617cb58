from collections.abc import Sequence

from ricordo.domain.derivation import verbatim_facts
from ricordo.domain.episode import Episode
from ricordo.domain.event import Lease
from ricordo.domain.fact import Fact
from ricordo.ports.event_store import EventStore
from ricordo.ports.extractor import Extractor


def extract_facts(
    episode: Episode, lease: Lease, *, extractor: Extractor, events: EventStore
) -> tuple[Sequence[Fact], dict[str, object]]:
    """Return the facts of an episode and notes on what was dropped, the same at every call for one event.

    Facts of an inferred add are stored first and read back ever after: a model may answer differently next
    time.

    Raises:
        LeaseLostError: another worker took the event over.
    """
    if not episode.is_inferred:
        verbatim = verbatim_facts(episode)
        return verbatim.facts, _notes(len(verbatim.facts), verbatim.dropped)
    kept = events.kept_facts(lease)
    if kept is None:
        extraction = extractor.extract(episode)
        notes = _notes(len(extraction.facts), extraction.dropped)
        events.keep_facts(lease, extraction.facts, notes)
        kept = events.kept_facts(lease) or (extraction.facts, notes)
    return kept


def _notes(facts: int, dropped: dict[str, int]) -> dict[str, object]:
    """Say in the event how much was found, and why the rest was not kept."""
    return {"facts": facts} | ({"dropped": dict(sorted(dropped.items()))} if dropped else {})
