"""A sentence as pieces: words, spaces, marks, and spans that are never rewritten."""

import re
from collections.abc import Callable, Iterable
from typing import Final

# Addresses, code and quoted speech are one piece each: a pronoun in them is not the speaker's.
_VERBATIM: Final = r"https?://\S+|[\w.+-]+@[\w-]+\.[\w.-]+|`[^`\n]{1,300}`|\"[^\"\n]{1,300}\"|“[^”\n]{1,300}”"
_WORD: Final = r"[^\W_]+(?:['-][^\W_]+)*"
_PIECE: Final = re.compile(rf"{_VERBATIM}|{_WORD}|\s+|.", re.DOTALL)
_QUOTE: Final = re.compile(_VERBATIM)
_UNCUT: Final = re.compile(rf"{_VERBATIM}|\([^()\n]{{1,300}}\)")
_IS_WORD: Final = re.compile(_WORD)
_WORDS: Final = re.compile(_WORD)


def pieces_of(text: str) -> list[str]:
    """Cut `text` so that the pieces joined give it back."""
    return _PIECE.findall(text)


def masked(text: str) -> str:
    """Blank out, at the same length, what is never cut: addresses, code, quotations, asides in brackets."""
    return _UNCUT.sub(lambda match: "_" * len(match.group()), text)


def outside_quotes(text: str, rewrite: Callable[[str], str]) -> str:
    """Apply `rewrite` to everything but addresses, code and quotations."""
    out, start = list[str](), 0
    for span in _QUOTE.finditer(text):
        out += (rewrite(text[start : span.start()]), span.group())
        start = span.end()
    return "".join([*out, rewrite(text[start:])])


def is_word(piece: str) -> bool:
    """Say whether a piece is a word, apostrophes and hyphens included."""
    return _IS_WORD.fullmatch(piece) is not None


def words_of(text: str) -> list[str]:
    """Return the words of `text` in lower case."""
    return _WORDS.findall(text.lower())


def straight(text: str) -> str:
    """Replace typographic apostrophes, so that contractions have one spelling."""
    return text.replace("\u2019", "'").replace("\u02bc", "'").replace("\u2018", "'")


def lower_first(text: str, *, names: Iterable[str] = ()) -> str:
    """Lower the first letter where the first word is an ordinary one, as after a semicolon."""
    first = text.split(" ", 1)[0].rstrip(",.;:!?")
    is_acronym = len(first) > 1 and first.upper() == first
    if not first or first in names or is_acronym or first == "I" or first.startswith("I'"):
        return text
    return text[0].lower() + text[1:]


def upper_first(text: str) -> str:
    """Raise the first letter."""
    return text[:1].upper() + text[1:]


def normalised(text: str) -> str:
    """Bring a statement to the form in which two are the same: its words in lower case."""
    return " ".join(words_of(text))


def vocabulary(text: str) -> frozenset[str]:
    """Read a list of words separated by blanks."""
    return frozenset(text.split())
