"""Take one chunk of a dropped file in."""

import json
from dataclasses import asdict
from typing import Any

from functions.bulk_import.states import State, file_in
from ricordo.domain.import_file import drop_of
from ricordo.domain.import_report import IntakeTally
from ricordo.domain.line_chunks import Chunk
from ricordo.runtime.observability import logger
from ricordo.runtime.transfer.file_range import open_range
from ricordo.runtime.transfer.intake import Intake, Listener
from ricordo.runtime.transfer.lines import LineDefaults
from ricordo.runtime.transfer.numbered_lines import numbered_lines
from ricordo.runtime.wiring import services


def handler(event: dict[str, Any], _context: object) -> State:
    """Accept the conversations of a chunk and store what it states; write down which lines are refused, and why.

    Taking a chunk in again adds nothing: what a line becomes is named after what the line says.

    Raises:
        NotFoundError: the file is not there any more, or is another by now.
        UnavailableError: a part is down; some lines may be taken in.
    """
    wired = services()
    file, chunk = file_in(event), Chunk(**event["chunk"])
    drop, tally = drop_of(file.key), IntakeTally()
    refused: list[dict[str, Any]] = []
    listener = Listener(lambda number, reason: refused.append({"line": number, "reason": reason}))
    intake = Intake(wired, drop.project_id, LineDefaults(), tally, listener)
    with open_range(wired.import_files, file, chunk.start, chunk.end) as lines:
        for line in numbered_lines(lines, first=chunk.line):
            intake.take(line)
    intake.flush()
    if refused:
        told = json.dumps(sorted(refused, key=lambda one: one["line"])).encode()
        wired.import_files.write(drop.refusals_key(file.version, chunk.start), told)
    logger.info("chunk taken", extra={"project_id": drop.project_id, "start": chunk.start, **asdict(tally)})
    return {"start": chunk.start, "tally": asdict(tally)}
