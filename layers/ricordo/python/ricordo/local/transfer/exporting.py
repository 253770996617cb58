import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from ricordo.ports.archive import ArchivedMemory
from ricordo.runtime.transfer.archive_lines import write_line


def write_export(memories: Iterable[ArchivedMemory], path: Path | None) -> int:
    """Write a line a memory to stdout, or to a file only its owner can read; return how many.

    The file appears under its name when it is complete.
    """
    if path is None:
        return _write(memories, sys.stdout)
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            count = _write(memories, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return count


def _write(memories: Iterable[ArchivedMemory], file: TextIO) -> int:
    count = 0
    for archived in memories:
        file.write(json.dumps(write_line(archived), ensure_ascii=False, separators=(",", ":")) + "\n")
        count += 1
    return count
