import io

from ricordo.domain.import_file import ImportFile
from ricordo.ports.import_files import ImportFiles

_BUFFER_BYTES = 1024 * 1024


class _Range(io.RawIOBase):
    """The bytes of a file from `start` to `end`, exclusive, read as they are asked for."""

    def __init__(self, import_files: ImportFiles, file: ImportFile, start: int, end: int) -> None:
        self._import_files = import_files
        self._file = file
        self._at = start
        self._end = end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed: any buffer
        end = min(self._end, self._at + len(buffer))
        content = self._import_files.read(self._file, self._at, end) if self._at < end else b""
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)


def open_range(import_files: ImportFiles, file: ImportFile, start: int, end: int) -> io.BufferedReader:
    """Open a part of a file for reading by lines, of which each may be longer than memory has room for."""
    return io.BufferedReader(_Range(import_files, file, start, end), _BUFFER_BYTES)
