"""What every place for dropped files does."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.dynamodb_stores import BUCKET, create_bucket
from support.moto_cloud import moto_cloud

from ricordo.adapters.builtin.import_files import FolderImportFiles
from ricordo.adapters.s3.import_files import S3ImportFiles
from ricordo.domain.errors import NotFoundError, StoreFormatError
from ricordo.ports.import_files import ImportFiles

KEY = "imports/proj-a/2026/caf\u00e9 + notes #1.jsonl"


@pytest.fixture(params=["folder", "s3"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ImportFiles]:
    """An empty place of each kind."""
    if request.param == "folder":
        yield FolderImportFiles(tmp_path)
        return
    with moto_cloud() as cloud:
        create_bucket(cloud)
        yield S3ImportFiles(cloud.s3, BUCKET)


def test_what_was_written_is_found_and_read(files: ImportFiles) -> None:
    """Under its key, whatever characters it has; any part of it, up to its end."""
    files.write(KEY, b"0123456789")

    file = files.find(KEY)

    assert (file.key, file.size) == (KEY, 10)
    assert [files.read(file, *part) for part in ((0, 10), (2, 5), (8, 99), (10, 12), (3, 3))] == [
        b"0123456789", b"234", b"89", b"", b"",
    ]  # fmt: skip


def test_an_empty_file_is_one(files: ImportFiles) -> None:
    """It is found, and there is nothing in it."""
    files.write(KEY, b"")

    file = files.find(KEY)

    assert file.size == 0
    assert files.read(file, 0, 10) == b""


@pytest.mark.parametrize("key", ["imports/none.jsonl", "imports", "../outside"])
def test_a_file_that_is_not_there_is_told(files: ImportFiles, key: str) -> None:
    """A folder is no file, and nothing outside is reached."""
    files.write(KEY, b"x")

    with pytest.raises(NotFoundError):
        files.find(key)


def test_a_file_is_read_as_it_was_found_or_not_at_all(files: ImportFiles) -> None:
    """Chunks of two different files are never mixed."""
    files.write(KEY, b"first\n")
    file = files.find(KEY)
    files.write(KEY, b"another\n")

    with pytest.raises(NotFoundError):
        files.read(file, 0, 3)
    assert files.read(files.find(KEY), 0, 7) == b"another"
    with pytest.raises(NotFoundError):
        files.read(replace(file, key="imports/none.jsonl"), 0, 3)


def test_a_bucket_that_is_not_there_is_told() -> None:
    """That is a fault of the deployment, which no retry mends."""
    with moto_cloud() as cloud, pytest.raises(StoreFormatError):
        S3ImportFiles(cloud.s3, "ricordo-none").write(KEY, b"x")
