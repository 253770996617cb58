"""Chunks of a file of lines: whole lines, each in one of them, under its number."""

from hypothesis import given
from hypothesis import strategies as st

from ricordo.domain.line_chunks import Chunk, Place, chunks_of

BEGINNING = Place()
FILES = st.lists(st.sampled_from([b"", b"a", b"line", b"\r", b"x" * 30]), max_size=40).map(b"\n".join)


def cut(content: bytes, place: Place = BEGINNING, *, block: int = 7, lines: int = 3, size: int = 20) -> list[Chunk]:
    """Cut a file that is read in blocks."""
    blocks = (content[start : start + block] for start in range(place.start, len(content), block))
    return list(chunks_of(blocks, place, max_lines=lines, max_bytes=size))


@given(content=FILES, block=st.integers(1, 50), lines=st.integers(1, 6), size=st.integers(1, 60))
def test_chunks_are_the_file(content: bytes, block: int, lines: int, size: int) -> None:
    """One after the other they are all of it, cut behind ends of lines, and know how many lines came before."""
    chunks = cut(content, block=block, lines=lines, size=size)

    parts = [content[chunk.start : chunk.end] for chunk in chunks]
    assert b"".join(parts) == content
    assert all(part.endswith(b"\n") for part in parts[:-1])
    assert [chunk.line for chunk in chunks] == [1 + content[: chunk.start].count(b"\n") for chunk in chunks]
    for part in parts:
        assert part.count(b"\n") <= lines
        assert len(part[: part.rstrip(b"\n").rfind(b"\n") + 1]) < size


@given(content=FILES, after=st.integers(0, 10))
def test_cutting_goes_on_where_a_page_ended(content: bytes, after: int) -> None:
    """From the place behind any chunk the same ones follow, however the blocks lie."""
    chunks = cut(content)
    for chunk in chunks[after : after + 1]:
        assert cut(content, Place(chunk.start, chunk.line), block=11) == chunks[after:]


def test_an_empty_file_has_no_chunks() -> None:
    """And a line longer than a chunk is one by itself."""
    assert cut(b"") == []
    assert cut(b"x" * 100 + b"\ny") == [Chunk(0, 101, 1), Chunk(101, 102, 2)]
