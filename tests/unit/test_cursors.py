"""Cursors: read back where they were made, refused everywhere else."""

import base64
from dataclasses import replace

import pytest

from ricordo.domain.errors import InvalidRequestError
from ricordo.domain.ids import ProjectId
from ricordo.domain.paging import Place
from ricordo.runtime.cursors import Cursor, CursorSigner

SIGNER = CursorSigner([b"new", b"old"], ProjectId("p1"), "everything of ana's")
CURSOR = Cursor(3, Place("M#0001", 250))


@pytest.mark.parametrize("cursor", [CURSOR, Cursor(1, None), Cursor(2, Place("", 0))])
def test_a_cursor_is_read_back(cursor: Cursor) -> None:
    """What is signed comes back as it was."""
    assert SIGNER.read(SIGNER.sign(cursor)) == cursor


def test_a_secret_may_be_rotated() -> None:
    """A cursor signed with the secret before is still read."""
    before = replace(SIGNER, peppers=[b"old"])

    assert SIGNER.read(before.sign(CURSOR)) == CURSOR


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(SIGNER, project_id=ProjectId("p2")),
        replace(SIGNER, asked="everything of bo's"),
        replace(SIGNER, peppers=[b"other"]),
    ],
)
def test_a_cursor_of_another_list_is_refused(elsewhere: CursorSigner) -> None:
    """Another project, another filter, another installation."""
    with pytest.raises(InvalidRequestError):
        SIGNER.read(elsewhere.sign(CURSOR))


def test_a_cursor_that_was_changed_is_refused() -> None:
    """No byte of it may differ."""
    signed = base64.urlsafe_b64decode(SIGNER.sign(CURSOR) + "==")

    for place in range(len(signed)):
        changed = bytes([*signed[:place], signed[place] ^ 1, *signed[place + 1 :]])
        with pytest.raises(InvalidRequestError):
            SIGNER.read(base64.urlsafe_b64encode(changed).decode())


@pytest.mark.parametrize("text", ["", "x", "....", "é", "a" * 2000, "MQ"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    """Made-up text is a 400, whatever it is."""
    with pytest.raises(InvalidRequestError):
        SIGNER.read(text)
