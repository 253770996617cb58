"""Say what has come of a dropped file: after each page, and at the end."""

import json
from typing import Any

from functions.bulk_import.states import State, file_in, key_in
from ricordo.domain.errors import InvalidRequestError
from ricordo.domain.import_file import Drop, ImportFile, drop_of
from ricordo.domain.import_report import MAX_REFUSALS, ImportProgress
from ricordo.domain.moments import iso
from ricordo.runtime.observability import logger
from ricordo.runtime.services import Services
from ricordo.runtime.wiring import services


def handler(event: dict[str, Any], _context: object) -> State:
    """Write the result file beside those of other imports of the project; the last one stands.

    Raises:
        UnavailableError: it cannot be written now.
    """
    wired = services()
    key, progress = key_in(event), ImportProgress.from_state(event.get("progress", {}))
    progress.count(event.get("results", []))
    status = _status(event, progress)
    logger.info("import", extra={"key": key, "status": status, **progress.as_state()["tally"]})
    try:
        drop = drop_of(key)
    except InvalidRequestError:
        return {"status": status}  # there is no project to tell; the execution says what is wrong
    file = file_in(event) if "file" in event else None
    told = _told(key, file, progress) | {"status": status, "updated_at": iso(wired.clock.now())}
    if "error" in event:
        told["error"] = event["error"]["Error"]
    if status != "RUNNING" and file is not None:
        told["errors"] = _refusals(drop, file, progress, wired)
    wired.import_files.write(drop.result_key, (json.dumps(told, indent=2) + "\n").encode())
    going_on: State = {name: event[name] for name in ("file", "at") if name in event}
    return {**going_on, "status": status, "progress": progress.as_state()}


def _status(event: State, progress: ImportProgress) -> str:
    if "error" in event:
        return "FAILED"
    if "at" in event:
        return "RUNNING"
    return "FAILED" if progress.untaken_chunks else "SUCCEEDED"


def _told(key: str, file: ImportFile | None, progress: ImportProgress) -> State:
    tally = progress.tally
    return {
        "file": key,
        "version": file.version if file else None,
        "lines": tally.lines,
        "taken": tally.lines - tally.bad,
        "bad": tally.bad,
        "conversations": tally.conversations,
        "memories": tally.memories,
        "known": tally.known,
        "errors": [],
        "untaken": progress.untaken,
        "untaken_chunks": progress.untaken_chunks,
    }


def _refusals(drop: Drop, file: ImportFile, progress: ImportProgress, wired: Services) -> list[State]:
    """Read which lines were refused, by their numbers; of more than a thousand the first chunks' tell enough."""
    found: list[State] = []
    for start in progress.refusals:
        told = wired.import_files.find(drop.refusals_key(file.version, start))
        found += json.loads(wired.import_files.read(told, 0, told.size))
    return sorted(found, key=lambda one: one["line"])[:MAX_REFUSALS]
