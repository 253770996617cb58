from typing import Protocol

from ricordo.domain.import_file import ImportFile


class ImportFiles(Protocol):
    """Files that somebody drops to be imported, and what came of them."""

    def find(self, key: str) -> ImportFile:
        """Return a file.

        Raises:
            NotFoundError: it is not there.
            UnavailableError: it cannot be looked for now.
        """
        ...

    def read(self, file: ImportFile, start: int, end: int) -> bytes:
        """Return the bytes from `start` to `end`, exclusive; fewer where the file ends before.

        Raises:
            NotFoundError: it is not there any more, or is another by now.
            UnavailableError: it cannot be read now.
        """
        ...

    def write(self, key: str, content: bytes) -> None:
        """Write a file, in the place of one that is there.

        Raises:
            UnavailableError: it cannot be written now.
        """
        ...
