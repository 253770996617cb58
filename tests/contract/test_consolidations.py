"""What every record of nightly runs does."""

from datetime import timedelta

import pytest
from support.builders import OTHER_PROJECT, PROJECT
from support.clocks import START
from support.stores import Stores

from ricordo.domain.consolidation import ChangedScope, ConsolidationRun, ProjectReport, ScopeClaim
from ricordo.domain.drift import Drift
from ricordo.domain.errors import ConflictError, LeaseLostError, NotFoundError
from ricordo.domain.ids import ProjectId
from ricordo.domain.scope import Owner, OwnerType

ANA = Owner(OwnerType.USER, "ana")
CHANGED = ChangedScope(ANA, START)
LATER = START + timedelta(hours=1)


def claim(
    stores: Stores,
    scope: ChangedScope = CHANGED,
    *,
    holder: str = "one",
    hours: float = 0,
    project: ProjectId = PROJECT,
) -> ScopeClaim | None:
    """Claim a scope for half an hour, so many hours after the start."""
    now = START + timedelta(hours=hours)
    return stores.consolidations.claim(project, scope, holder=holder, now=now, until=now + timedelta(minutes=30))


def claimed(stores: Stores, scope: ChangedScope = CHANGED, *, holder: str = "one", hours: float = 0) -> ScopeClaim:
    """Claim a scope that is to be had."""
    granted = claim(stores, scope, holder=holder, hours=hours)
    assert granted is not None
    return granted


def test_a_run_is_begun_once(stores: Stores) -> None:
    """Beginning a run again returns the record as it stands."""
    begun = stores.consolidations.begin("night", at=START)
    assert begun == ConsolidationRun("night", START)

    assert stores.consolidations.begin("night", at=LATER) == begun
    with pytest.raises(NotFoundError):
        stores.consolidations.get("another")


def test_a_run_keeps_what_it_did(stores: Stores) -> None:
    """Reports stand by project, the last one of each, beside how the run ended."""
    runs = stores.consolidations
    runs.begin("night", at=START)
    report = ProjectReport(PROJECT, 3, 1, 2, 9, Drift(1, 2, 3, 6), Drift(orphaned=4))
    runs.report("night", ProjectReport(PROJECT, error="StoreBusyError"), through=None)
    runs.report("night", ProjectReport(OTHER_PROJECT, scopes=1), through=START)
    runs.report("night", report, through=None)
    runs.finish("night", at=LATER)

    projects = (report, ProjectReport(OTHER_PROJECT, scopes=1))
    assert runs.get("night") == ConsolidationRun("night", START, LATER, None, projects)

    runs.finish("night", at=LATER, error="UnavailableError")
    assert runs.get("night").error == "UnavailableError"


def test_changes_are_taken_in_up_to_the_latest_time_reported(stores: Stores) -> None:
    """A run that came late, or failed somewhere, takes nothing back; projects are apart."""
    runs = stores.consolidations
    for run_id in ("first", "second"):
        runs.begin(run_id, at=START)
    assert runs.consolidated_through(PROJECT) is None

    runs.report("second", ProjectReport(PROJECT), through=LATER)
    runs.report("first", ProjectReport(PROJECT), through=START)
    runs.report("third", ProjectReport(PROJECT, failed=1), through=None)

    assert runs.consolidated_through(PROJECT) == LATER
    assert runs.consolidated_through(OTHER_PROJECT) is None


def test_a_scope_is_one_holders_at_a_time(stores: Stores) -> None:
    """Another holder waits until the claim ends; another owner or project is not concerned."""
    claimed(stores)

    with pytest.raises(ConflictError):
        claim(stores, holder="two")
    assert claim(stores, ChangedScope(Owner(OwnerType.AGENT, "ana"), START), holder="two") is not None
    assert claim(stores, holder="two", project=OTHER_PROJECT) is not None
    assert claim(stores, holder="two", hours=0.5) is not None


def test_a_change_is_taken_in_once(stores: Stores) -> None:
    """A completed claim leaves nothing to claim until the scope changes, and says then what was taken in."""
    first = claimed(stores)
    assert first.since is None
    stores.consolidations.complete(first)

    assert claim(stores) is None
    assert claim(stores, holder="two", hours=9) is None
    assert claimed(stores, ChangedScope(ANA, LATER), holder="two").since == START


def test_a_holder_goes_on_after_a_crash(stores: Stores) -> None:
    """The same holder gets its scope again at once, and what it did before counts no more."""
    before = claimed(stores)
    again = claimed(stores)

    with pytest.raises(LeaseLostError):
        stores.consolidations.complete(before)
    stores.consolidations.complete(again)
    assert claim(stores) is None


def test_a_scope_that_was_taken_over_cannot_be_completed(stores: Stores) -> None:
    """Whoever is slower than its claim finds another one at the scope, and changes nothing."""
    slow = claimed(stores)
    quick = claimed(stores, holder="two", hours=1)

    with pytest.raises(LeaseLostError):
        stores.consolidations.complete(slow)
    with pytest.raises(ConflictError):
        claim(stores, holder="three", hours=1.1)
    stores.consolidations.complete(quick)
