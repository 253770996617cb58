from pathlib import Path

from ricordo.domain.errors import NotFoundError
from ricordo.domain.import_file import ImportFile


class FolderImportFiles:
    """`ports.import_files.ImportFiles` under a folder; a key is a path in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, key: str) -> ImportFile:
        path = self._path(key)
        if not path.is_file():
            raise NotFoundError(f"There is no file {key}.")
        status = path.stat()
        return ImportFile(key, status.st_size, f"{status.st_mtime_ns:x}-{status.st_ino:x}")

    def read(self, file: ImportFile, start: int, end: int) -> bytes:
        if self.find(file.key) != file:
            raise NotFoundError(f"The file {file.key} is another by now.")
        with self._path(file.key).open("rb") as opened:
            opened.seek(start)
            return opened.read(end - start)

    def write(self, key: str, content: bytes) -> None:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.part")
        draft.write_bytes(content)
        draft.replace(path)

    def _path(self, key: str) -> Path:
        path = (self._folder / key).resolve()
        if not path.is_relative_to(self._folder.resolve()):
            raise NotFoundError(f"There is no file {key}.")
        return path
