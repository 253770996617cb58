"""Files of lines cut into chunks that can be worked on independently of each other."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

MAX_LINES = 200
MAX_BYTES = 1024 * 1024


class Place(NamedTuple):
    """Where a line begins: its first byte from 0, its number from 1."""

    start: int = 0
    line: int = 1


class Chunk(NamedTuple):
    """Whole lines of a file: the bytes from `start` to `end`, exclusive; the first is number `line` of the file."""

    start: int
    end: int
    line: int


def chunks_of(
    blocks: Iterable[bytes], place: Place, *, max_lines: int = MAX_LINES, max_bytes: int = MAX_BYTES
) -> Iterator[Chunk]:
    """Cut what a file holds from a place on; `blocks` are its bytes from there to its end, cut anywhere.

    A chunk ends behind the line that reaches one of the bounds.
    """
    start, line = place
    offset, lines = start, 0
    for block in blocks:
        behind = 0
        while (found := block.find(b"\n", behind)) >= 0:
            behind = found + 1
            lines += 1
            if lines == max_lines or offset + behind - start >= max_bytes:
                yield Chunk(start, offset + behind, line)
                start, line, lines = offset + behind, line + lines, 0
        offset += len(block)
    if offset > start:
        yield Chunk(start, offset, line)
