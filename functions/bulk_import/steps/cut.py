"""Cut the next page of chunks from a dropped file."""

from dataclasses import asdict
from typing import Any

from functions.bulk_import.states import State, file_in, key_in
from ricordo.domain.import_file import drop_of
from ricordo.domain.line_chunks import Place
from ricordo.runtime.wiring import services
from ricordo.usecases.cut_import import cut_import


def handler(event: dict[str, Any], _context: object) -> State:
    """Find the file, at first, and the borders of lines in it from where the page before ended.

    Raises:
        InvalidRequestError: its key names no project.
        NotFoundError: it is not there, or is another by now; or there is no such project.
        UnavailableError: a part is down.
    """
    wired = services()
    if "file" in event:
        file, place = file_in(event), Place(**event["at"])
    else:
        drop = drop_of(key_in(event))
        wired.projects.get(drop.project_id)
        file, place = wired.import_files.find(key_in(event)), Place()
    page = cut_import(file, place, import_files=wired.import_files)
    return {
        "file": asdict(file),
        "chunks": [chunk._asdict() for chunk in page.chunks],
        "progress": event.get("progress", {}),
        **({"at": page.at._asdict()} if page.at else {}),
    }
