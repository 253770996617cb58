"""What every ingestion does: get an accepted event worked on soon."""

from dataclasses import replace

from support.builders import OTHER_PROJECT, PROJECT, an_episode, an_event
from support.clocks import START
from support.stores import Stores

from ricordo.domain.event import EventStatus


def test_a_started_event_is_due_at_once(stores: Stores) -> None:
    """No grace passes before a worker may take what was started; starting twice is harmless."""
    event = an_event()
    stores.events.accept(event, an_episode(event))

    stores.ingestion.start(event)
    stores.ingestion.start(event)

    work = stores.events.claim(now=START, lease_s=60)
    assert work is not None
    assert work.event.event_id == event.event_id
    assert stores.events.claim(now=START, lease_s=60) is None


def test_starting_does_not_end_a_lease(stores: Stores) -> None:
    """An event somebody works on, or that has ended, is not started again."""
    event = an_event()
    stores.events.accept(event, an_episode(event))
    work = stores.events.claim(now=START, lease_s=60, named=(PROJECT, event.event_id))
    assert work is not None

    stores.ingestion.start(event)
    assert stores.events.claim(now=START, lease_s=60) is None

    stores.events.finish(work.lease, replace(work.event, status=EventStatus.SUCCEEDED))
    stores.ingestion.start(event)
    assert stores.events.claim(now=START, lease_s=60) is None


def test_only_the_project_s_own_event_is_started(stores: Stores) -> None:
    """An id of another project starts nothing, and neither does an unknown one."""
    event = an_event(project_id=OTHER_PROJECT)
    stores.events.accept(event, an_episode(event))

    stores.ingestion.start(replace(event, project_id=PROJECT))
    stores.ingestion.start(an_event("unknown"))

    assert stores.events.claim(now=START, lease_s=60) is None
