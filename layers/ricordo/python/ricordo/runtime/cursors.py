"""Cursors of long lists: where a page ended, signed, so that nobody can make one up or use one elsewhere."""

import base64
import binascii
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass

from ricordo.domain.errors import InvalidRequestError
from ricordo.domain.ids import ProjectId
from ricordo.domain.paging import Place

_DIGEST = "sha256"
_SIGNATURE_BYTES = 16
_PURPOSE = b"cursor"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The page that comes next, and where the one before it ended; None where one begins by number."""

    number: int
    place: Place | None


@dataclass(frozen=True, slots=True)
class CursorSigner:
    """Signs cursors of one list: of a project and of what was asked, so that another list refuses them.

    `peppers` are the installation's secrets; the first signs, all are accepted.
    """

    peppers: Sequence[bytes]
    project_id: ProjectId
    asked: str

    def sign(self, cursor: Cursor) -> str:
        """Return a cursor as opaque text."""
        place = [cursor.place.after, cursor.place.total] if cursor.place else []
        body = json.dumps([cursor.number, *place]).encode()
        return base64.urlsafe_b64encode(self._signature(self.peppers[0], body) + body).decode().rstrip("=")

    def read(self, text: str) -> Cursor:
        """Return what `sign` was given.

        Raises:
            InvalidRequestError: it was not signed for this list.
        """
        try:
            signed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise _refusal() from error
        signature, body = signed[:_SIGNATURE_BYTES], signed[_SIGNATURE_BYTES:]
        if not any(hmac.compare_digest(signature, self._signature(pepper, body)) for pepper in self.peppers):
            raise _refusal()
        number, *place = json.loads(body)
        return Cursor(number, Place(*place) if place else None)

    def _signature(self, pepper: bytes, body: bytes) -> bytes:
        key = hmac.digest(pepper, _PURPOSE, _DIGEST)
        told = json.dumps([self.project_id, self.asked]).encode()
        return hmac.digest(key, told + b"\0" + body, _DIGEST)[:_SIGNATURE_BYTES]


def _refusal() -> InvalidRequestError:
    return InvalidRequestError("cursor is not one of this list: take it from `next`, or begin at page 1 without it.")
