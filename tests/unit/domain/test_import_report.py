"""What is handed from step to step stays small, whatever a file holds."""

import json
from typing import Any

from ricordo.domain.import_report import MAX_REFUSALS, MAX_UNTAKEN, ImportProgress


def taken(start: int, *, bad: int = 0) -> dict[str, Any]:
    """Build the outcome of a chunk of 200 lines."""
    return {"start": start, "tally": {"lines": 200, "conversations": 0, "memories": 200 - bad, "known": 0, "bad": bad}}


def test_counts_go_on_from_what_was_handed_over() -> None:
    """Page by page, as all at once."""
    outcomes = [taken(0), taken(5, bad=2), {"line": 401, "error": "UnavailableError"}, taken(9, bad=1)]
    at_once = ImportProgress()
    at_once.count(outcomes)
    progress = ImportProgress.from_state({})
    for outcome in outcomes:
        progress.count([outcome])
        progress = ImportProgress.from_state(json.loads(json.dumps(progress.as_state())))

    assert progress == at_once
    assert (progress.tally.lines, progress.tally.bad, progress.refusals) == (600, 3, [5, 9])
    assert (progress.untaken_chunks, progress.untaken) == (1, [{"from_line": 401, "error": "UnavailableError"}])


def test_a_file_of_bad_lines_is_told_in_part() -> None:
    """As many chunks are named as tell a thousand lines, and a hundred that could not be taken; all are counted."""
    progress = ImportProgress()
    progress.count([taken(start, bad=1) for start in range(2 * MAX_REFUSALS)])
    progress.count([{"line": line, "error": "StoreBusyError"} for line in range(2 * MAX_UNTAKEN)])

    assert (len(progress.refusals), progress.tally.bad) == (MAX_REFUSALS, 2 * MAX_REFUSALS)
    assert (len(progress.untaken), progress.untaken_chunks) == (MAX_UNTAKEN, 2 * MAX_UNTAKEN)
    assert len(json.dumps(progress.as_state())) < 32_000
