"""Files of any size are cut and read in parts."""

from itertools import pairwise
from pathlib import Path

import pytest

from ricordo.adapters.builtin.import_files import FolderImportFiles
from ricordo.domain.import_file import ImportFile
from ricordo.domain.line_chunks import Chunk, Place
from ricordo.runtime.http import BODY_LIMIT_BYTES
from ricordo.runtime.transfer.file_range import open_range
from ricordo.runtime.transfer.numbered_lines import numbered_lines
from ricordo.usecases import cut_import as module
from ricordo.usecases.cut_import import cut_import

KEY = "imports/proj-a/notes.jsonl"


@pytest.fixture
def files(tmp_path: Path) -> FolderImportFiles:
    """An empty folder."""
    return FolderImportFiles(tmp_path)


def dropped(files: FolderImportFiles, content: bytes) -> ImportFile:
    """Write a file and find it."""
    files.write(KEY, content)
    return files.find(KEY)


@pytest.mark.parametrize("block", [10, 64, 1000])
def test_pages_follow_each_other_to_the_end(
    files: FolderImportFiles, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    """However large the blocks it is read in, every byte is in one chunk, and the last page says so."""
    monkeypatch.setattr(module, "BLOCK_BYTES", block)
    file = dropped(files, b"x\n" * 1101)
    chunks: list[Chunk] = []
    place: Place | None = Place()
    while place is not None:
        page = cut_import(file, place, import_files=files, chunks=2)
        chunks += page.chunks
        place = page.at

    assert [chunk.line for chunk in chunks] == [1, 201, 401, 601, 801, 1001]
    assert (chunks[0].start, chunks[-1].end) == (0, file.size)
    assert all(one.end == following.start for one, following in pairwise(chunks))


def test_a_part_of_a_file_is_read_by_lines(files: FolderImportFiles) -> None:
    """Lines keep the numbers they have in the file; of one that is too long only the size is kept."""
    long = b"x" * (BODY_LIMIT_BYTES + 10)
    file = dropped(files, b"skipped\na\n\n" + long + b"\nb\nskipped")

    with open_range(files, file, 8, file.size - 7) as lines:
        read = [(line.number, line.text) for line in numbered_lines(lines, first=2)]

    assert read == [(2, b"a"), (4, None), (5, b"b")]
