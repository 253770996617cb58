"""Cut a message into sentences, each fit to be judged alone."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ricordo.adapters.builtin.extraction.tokens import straight, vocabulary

_BULLET: Final = re.compile(r"\s{0,12}(?:[-*•‣◦\u2013]|\d{1,3}[.)]|[a-z]\)|\[[ xX]\])\s+")
_MARKUP: Final = re.compile(r"^\s*(?:#{1,6}|>+)\s*|\*\*|__")
_CODE_LINE: Final = re.compile(
    r"\s*(?:(?:def|class|import|const|let|var|function|return|public|private)\b.*[;:({=]\s*$|"
    r"from \S+ import |[$>]\s?\S+ -|>>> |\.\.\. |#include|</?\w+[^>]*>\s*$|[{}()\[\];]+\s*$)"
)
_END: Final = re.compile(r"(?:[.!?…]+[\"')\]”*]*(?=\s|$)|[。\uff01\uff1f]+)")
_LAST_WORD: Final = re.compile(r"[^\s(\[\"]+$")
_ABBREVIATIONS: Final = vocabulary(
    "mr mrs ms dr prof st mt sr jr vs e.g i.e cf approx dept fig vol est gen col sgt capt rev hon z.b bzw ca sra dra"
)
_MIDWAY: Final = vocabulary("a.m p.m etc inc ltd co corp no u.s u.k d.c ph.d usw")
_EMOTICON: Final = re.compile(r"(?<!\S)(?:[:;=]['-]?[)(DPpoO3/|]+|<3|[xX]D|\^\^)(?!\S)")
SENTENCE_CHARS: Final = 600
_WORD_CHARS: Final = 200
_ITEM_WORDS: Final = 14
_JOINED_CHARS: Final = 500
_ITEM_SPEAKS: Final = re.compile(r"(?:I|I'm|I've|I'll|I'd|we|my|you|you're)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences of one message.

    Attributes:
        texts: In order, blanks collapsed, without markup and emoji.
        code_blocks: Blocks and lines of code left out.
        oversized: Runs without a space, too long to be language, left out.
    """

    texts: tuple[str, ...]
    code_blocks: int
    oversized: int


def split_sentences(content: str) -> Sentences:
    """Cut `content`; linear in its length."""
    prose, code_blocks = _without_code(straight(content))
    texts: list[str] = []
    oversized = 0
    for line in _with_items_joined(_unwrapped(prose)):
        for text in _sentences_of(line):
            if any(len(word) > _WORD_CHARS for word in text.split()):
                oversized += 1
            else:
                texts.extend(_shortened(text))
    return Sentences(tuple(texts), code_blocks, oversized)


def _without_code(content: str) -> tuple[list[str], int]:
    parts = content.split("```")
    lines: list[str] = []
    code_blocks = len(parts) // 2
    for part in parts[::2]:
        for line in part.splitlines():
            if _CODE_LINE.match(line):
                code_blocks += 1
            else:
                lines.append(line)
        lines.append("")
    return lines, code_blocks


def _unwrapped(lines: list[str]) -> Iterator[tuple[str, bool]]:
    """Yield each line with whether it is a list item; a line that goes on in lower case takes in the next."""
    held, held_is_item = "", False
    for line in lines:
        bullet = _BULLET.match(line)
        text = _tidied(line[bullet.end() :] if bullet else line)
        if held and text[:1].islower() and not bullet and not held.endswith((".", "!", "?", ":")):
            held = f"{held} {text}"
            continue
        if held:
            yield held, held_is_item
        held, held_is_item = text, bullet is not None
    if held:
        yield held, held_is_item


def _with_items_joined(lines: Iterator[tuple[str, bool]]) -> Iterator[str]:
    """Yield lines, with the short items of a list put behind the line that introduces it."""
    lead, items = "", list[str]()
    for text, is_item in lines:
        if lead and is_item and _is_short_item(text):
            items.append(text.rstrip(".;,"))
            continue
        yield from _joined(lead, items)
        lead, items = (text, []) if text.endswith(":") and not is_item else ("", [])
        if not lead:
            yield text
    yield from _joined(lead, items)


def _is_short_item(text: str) -> bool:
    return len(text.split()) <= _ITEM_WORDS and not _ITEM_SPEAKS.match(text)


def _joined(lead: str, items: list[str]) -> Iterator[str]:
    if not lead:
        return
    if not items:
        yield lead
    opening, _, introduction = lead.rpartition(". ")
    if items and opening:
        yield f"{opening}."
    batch: list[str] = []
    for item in items:
        if batch and sum(map(len, batch)) + len(item) > _JOINED_CHARS:
            yield f"{introduction} {'; '.join(batch)}"
            batch = []
        batch.append(item)
    if batch:
        yield f"{introduction} {'; '.join(batch)}"


def _sentences_of(line: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(line):
        if _ends_sentence(line, start, end):
            text = line[start : end.end()].strip()
            start = end.end()
            if text:
                yield text
    rest = line[start:].strip()
    if rest:
        yield rest


def _ends_sentence(line: str, start: int, end: re.Match[str]) -> bool:
    if end.group() != ".":
        return not (end.group()[:2] in ("..", "…") and line[end.end() + 1 : end.end() + 2].islower())
    last = _LAST_WORD.search(line, max(start, end.start() - 40), end.start())
    word = last.group() if last else ""
    following = line[end.end() : end.end() + 2].strip()
    if word.lower() in _MIDWAY:
        return not following or (following.isupper() and word.lower() != "no")
    is_initial = len(word) == 1 and word.isupper() and word != "I"
    return word.lower() not in _ABBREVIATIONS and not is_initial


def _shortened(text: str) -> Iterator[str]:
    while len(text) > SENTENCE_CHARS:
        cut = max(text.rfind(mark, 0, SENTENCE_CHARS) for mark in (", ", "; "))
        if cut <= 0:
            cut = text.rfind(" ", 0, SENTENCE_CHARS)
        yield text[:cut].strip()
        text = text[cut:].lstrip(" ,;")
    if text:
        yield text


def _tidied(line: str) -> str:
    """Drop markup and emoji; an emoji between two sentences ends the first."""
    line = _EMOTICON.sub(" ", _MARKUP.sub("", line))
    if not line.isascii():
        line = _without_emoji(line)
    return " ".join(line.split())


def _without_emoji(line: str) -> str:
    out: list[str] = []
    for mark in line:
        if not _is_emoji(mark):
            out.append(mark)
        elif out and out[-1] != "\0":
            out.append("\0")
    text = re.sub(r"\s?\0\s?(?=[^\W\d_a-z])", "\0", "".join(out))
    return re.sub(r"([.!?…,;:]?)\s?\0(?=(\S?))", _emoji_end, text)


def _emoji_end(match: re.Match[str]) -> str:
    before, after = match.groups()
    return f"{before or ('.' if after.isupper() else '')} "


def _is_emoji(mark: str) -> bool:
    return unicodedata.category(mark) in ("So", "Sk", "Cs", "Cn") or mark in "\u200d\ufe0f\ufe0e\0"
