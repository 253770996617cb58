"""Lines of a file of any size, one at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from ricordo.runtime.http import BODY_LIMIT_BYTES

_LINE_END_BYTES = 2
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class NumberedLine:
    """A line without its end, None where it was too long; `size` counts its bytes in the file."""

    number: int
    text: bytes | None
    size: int


def numbered_lines(file: IO[bytes], *, first: int = 1) -> Iterator[NumberedLine]:
    """Yield the lines that are not blank; of one over the API's limit for a body only the size is kept.

    `first` is the number of the line the file begins with.
    """
    number = first - 1
    while start := file.readline(BODY_LIMIT_BYTES + _LINE_END_BYTES):
        number += 1
        text = start.removeprefix(_BYTE_ORDER_MARK) if number == 1 else start
        if len(start) == BODY_LIMIT_BYTES + _LINE_END_BYTES and not start.endswith(b"\n"):
            yield NumberedLine(number, None, len(start) + _skip_line(file))
        elif text.strip():
            yield NumberedLine(number, text.rstrip(b"\r\n"), len(start))


def _skip_line(file: IO[bytes]) -> int:
    skipped = 0
    while rest := file.readline(BODY_LIMIT_BYTES):
        skipped += len(rest)
        if rest.endswith(b"\n"):
            break
    return skipped
