"""Texts that may be too large for a row: compressed in it while they are small, else an object in S3."""

import hashlib
import re
import zlib
from typing import Any, TypeAlias

from botocore.exceptions import ClientError

from ricordo.adapters.dynamodb.attributes import Row
from ricordo.adapters.dynamodb.errors import code_of, translated
from ricordo.domain.errors import StoreFormatError
from ricordo.domain.ids import EventId, ProjectId

Body: TypeAlias = bytes | str
"""A text as a row holds it: compressed, or the name of the object that is it compressed."""

BODY = "body"
INLINE_BYTES = 256 * 1024
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,100}")


class LargeBodies:
    """Keeps texts of events; a row holds one at most, under `BODY`."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def keep(self, project_id: ProjectId, event_id: EventId, part: str, text: str) -> Body:
        """Make a text ready for a row, before the row is written; `part` says whose text of the event it is.

        Raises:
            UnavailableError: it is large, and S3 cannot be reached.
        """
        packed = zlib.compress(text.encode())
        if len(packed) <= INLINE_BYTES:
            return packed
        digest = hashlib.blake2b(packed, digest_size=16).hexdigest()
        name = f"bodies/{_segment(project_id)}/{_segment(event_id)}/{part}-{digest}"
        with translated():
            self._client.put_object(Bucket=self._bucket, Key=name, Body=packed)
        return name

    def read(self, body: Body) -> str:
        """Return the text.

        Raises:
            StoreFormatError: the object is not there.
            UnavailableError: S3 cannot be reached.
        """
        return zlib.decompress(body if isinstance(body, bytes) else self._object(body)).decode()

    def _object(self, name: str) -> bytes:
        try:
            with translated():
                content: bytes = self._client.get_object(Bucket=self._bucket, Key=name)["Body"].read()
        except ClientError as error:
            if code_of(error) != "NoSuchKey":
                raise
            raise StoreFormatError(f"A row names the object {name}, and it is not there.") from error
        return content

    def forget(self, row: Row) -> None:
        """Delete the object of a row that is removed.

        Raises:
            UnavailableError: S3 cannot be reached.
        """
        self.discard(row.get(BODY), None)

    def discard(self, body: Body | None, standing: Row | None) -> None:
        """Delete the object of a row that was not written, unless the row that stands there names it too."""
        if isinstance(body, str) and (standing is None or standing.get(BODY) != body):
            with translated():
                self._client.delete_object(Bucket=self._bucket, Key=body)


def _segment(text: str) -> str:
    """Spell an id as one part of an object's name: itself if it is plain, else its digest."""
    return text if _PLAIN.fullmatch(text) else "~" + hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
