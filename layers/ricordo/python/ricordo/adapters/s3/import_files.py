from typing import Any

from ricordo.adapters.s3.errors import translated
from ricordo.domain.import_file import ImportFile


class S3ImportFiles:
    """`ports.import_files.ImportFiles` in a bucket; a file's version is its entity tag."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def find(self, key: str) -> ImportFile:
        with translated(key):
            head = self._client.head_object(Bucket=self._bucket, Key=key)
        return ImportFile(key, head["ContentLength"], head["ETag"].strip('"'))

    def read(self, file: ImportFile, start: int, end: int) -> bytes:
        end = min(end, file.size)
        if start >= end:
            return b""
        with translated(file.key):
            answer = self._client.get_object(
                Bucket=self._bucket, Key=file.key, Range=f"bytes={start}-{end - 1}", IfMatch=f'"{file.version}"'
            )
            content: bytes = answer["Body"].read()
        return content

    def write(self, key: str, content: bytes) -> None:
        with translated(key):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=content, ContentType="application/json")
