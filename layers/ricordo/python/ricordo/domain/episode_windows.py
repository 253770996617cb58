"""Cut an episode into pieces that a model reads one at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ricordo.domain.episode import Message, Role
from ricordo.domain.model_text import cut_text, estimate_tokens, sendable

_TOKENS_AROUND_CONTENT: Final = 32  # index, role, name and quotes
_CONTEXT_SHARE: Final = 8  # of a window, at most an eighth repeats what was read before
_SMALLEST_WINDOW: Final = 128


@dataclass(frozen=True, slots=True)
class Line:
    """A message as a model reads it, or a part of one; `index` is the message's place in the episode."""

    index: int
    role: Role
    name: str | None
    content: str

    @property
    def tokens(self) -> int:
        """What it takes of a window, guessed on the high side."""
        return estimate_tokens(self.content) + _TOKENS_AROUND_CONTENT


@dataclass(frozen=True, slots=True)
class Window:
    """Lines to be read, and the end of what was read before them."""

    context: tuple[Line, ...]
    lines: tuple[Line, ...]

    @property
    def indexes(self) -> frozenset[int]:
        """The messages to be read."""
        return frozenset(line.index for line in self.lines)

    def halved(self) -> "list[Window]":
        """Cut it further, or return nothing where it is as small as sense allows."""
        tokens = sum(line.tokens for line in self.lines)
        if tokens < _SMALLEST_WINDOW:
            return []
        return windows_of(self.lines, most_tokens=tokens // 2 + _TOKENS_AROUND_CONTENT, context=self.context)


def lines_of(messages: Sequence[Message]) -> tuple[Line, ...]:
    """Return what users and assistants said, blank messages left out."""
    return tuple(
        Line(index, message.role, sendable(message.name) if message.name else None, content)
        for index, message in enumerate(messages)
        if message.role is not Role.SYSTEM and (content := sendable(message.content).strip())
    )


def windows_of(lines: Sequence[Line], *, most_tokens: int, context: tuple[Line, ...] = ()) -> list[Window]:
    """Fill windows of about `most_tokens` with lines in order; a line that is too long is cut into several."""
    windows: list[Window] = []
    filling: list[Line] = []
    room = most_tokens
    for line in _fitting(lines, most_tokens):
        if filling and line.tokens > room:
            windows.append(Window(context, tuple(filling)))
            context = _end_of(filling, most_tokens // _CONTEXT_SHARE)
            filling, room = [], most_tokens
        filling.append(line)
        room -= line.tokens
    return [*windows, Window(context, tuple(filling))] if filling else windows


def _fitting(lines: Sequence[Line], most_tokens: int) -> Iterator[Line]:
    for line in lines:
        rest = line.content
        while rest:
            content = cut_text(rest, max(most_tokens - _TOKENS_AROUND_CONTENT, _TOKENS_AROUND_CONTENT))
            yield replace(line, content=content)
            rest = rest[len(content) :].lstrip()


def _end_of(lines: Sequence[Line], most_tokens: int) -> tuple[Line, ...]:
    """Return the last lines that fit; of the last one its end, where it does not fit itself."""
    ending: list[Line] = []
    room = most_tokens
    for line in reversed(lines):
        if line.tokens > room:
            break
        ending.insert(0, line)
        room -= line.tokens
    if not ending:
        end = cut_text(lines[-1].content[::-1], most_tokens)[::-1]
        ending = [replace(lines[-1], content=end)] if end else []
    return tuple(ending)
