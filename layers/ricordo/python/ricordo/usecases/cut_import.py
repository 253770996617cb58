from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from ricordo.domain.import_file import ImportFile
from ricordo.domain.line_chunks import Chunk, Place, chunks_of
from ricordo.ports.import_files import ImportFiles

CHUNKS = 500  # of a page: what a workflow carries of them stays far below its 256 KB
BLOCK_BYTES = 8 * 1024 * 1024


class Page(NamedTuple):
    """Chunks of a file, and where the next page begins; None after the last."""

    chunks: Sequence[Chunk]
    at: Place | None


def cut_import(file: ImportFile, place: Place, *, import_files: ImportFiles, chunks: int = CHUNKS) -> Page:
    """Cut a page of chunks from a file, which may be of any size.

    Raises:
        NotFoundError: the file is not there any more, or is another by now.
        UnavailableError: it cannot be read now.
    """
    more = chunks_of(_blocks(file, place.start, import_files), place)
    page = list(islice(more, chunks))
    following = next(more, None)
    return Page(page, None if following is None else Place(following.start, following.line))


def _blocks(file: ImportFile, start: int, import_files: ImportFiles) -> Iterator[bytes]:
    for offset in range(start, file.size, BLOCK_BYTES):
        yield import_files.read(file, offset, offset + BLOCK_BYTES)
