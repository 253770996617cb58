"""Fit text to what a model takes, without its tokenizer."""

from collections.abc import Callable

_ASCII_CHARS_A_TOKEN = 3  # English averages 4 to 5
_OTHER_BYTES_A_TOKEN = 2  # of UTF-8: one token a Cyrillic letter, one and a half a Chinese one


def estimate_tokens(text: str) -> int:
    """Guess the tokens of `text` on the high side; a text of symbols alone may have more, never more than its bytes."""
    ascii_chars = len(text.encode("ascii", "ignore"))
    other_bytes = utf8_bytes(text) - ascii_chars
    return -(-ascii_chars // _ASCII_CHARS_A_TOKEN) + -(-other_bytes // _OTHER_BYTES_A_TOKEN)


def utf8_bytes(text: str) -> int:
    """Return the length in UTF-8, the most tokens that a byte-level vocabulary can make of `text`."""
    return len(text.encode("utf-8", "replace"))


def cut_text(text: str, most: int, *, weigh: Callable[[str], int] = estimate_tokens) -> str:
    """Return the longest beginning of `text` within `most`, ended between words where there are any.

    The same text is always cut at the same place.
    """
    if weigh(text) <= most:
        return text
    fits, too_long = 0, len(text)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        fits, too_long = (middle, too_long) if weigh(text[:middle]) <= most else (fits, middle)
    if not text[fits].isspace():
        words = text[:fits].rsplit(maxsplit=1)
        if len(words) > 1 and len(words[0]) > fits // 2:
            return words[0]
    return text[:fits].rstrip()


def sendable(text: str) -> str:
    """Replace halves of surrogate pairs, which JSON can carry and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode()
