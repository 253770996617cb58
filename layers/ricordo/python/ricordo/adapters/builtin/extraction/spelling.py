"""Bring hasty English to its usual spelling, as far as the rules look at it: "im" to "I'm"."""

import re
from typing import Final

from ricordo.adapters.builtin.extraction.languages import is_english
from ricordo.adapters.builtin.extraction.tokens import outside_quotes

_HASTY: Final = {
    "im": "I'm", "ive": "I've", "i": "I", "i'm": "I'm", "i've": "I've", "i'll": "I'll", "i'd": "I'd",
    "u": "you", "ur": "your", "youre": "you're", "theyre": "they're", "thats": "that's", "whats": "what's",
    "hes": "he's", "shes": "she's", "dont": "don't", "doesnt": "doesn't", "didnt": "didn't",
    "cant": "can't", "couldnt": "couldn't", "wont": "won't", "wouldnt": "wouldn't",
    "shouldnt": "shouldn't", "isnt": "isn't", "arent": "aren't", "wasnt": "wasn't", "werent": "weren't",
    "havent": "haven't", "hasnt": "hasn't", "bc": "because", "cuz": "because", "tmrw": "tomorrow",
    "tmr": "tomorrow", "fav": "favourite",
}  # fmt: skip
_HASTY_WORD: Final = re.compile(rf"(?<![\w/.@'-])(?:{'|'.join(_HASTY)})(?![\w/'@-]|\.\w)", re.IGNORECASE)
_N: Final = re.compile(r"(?<=[a-z] )n(?= [A-Za-z])")
_ITS: Final = re.compile(r"\bits(?= (?:the|a|an|not|my|your|been|so|too|very|really|just|on)\b)")


def spelled(sentence: str, *, context: str) -> str:
    """Return `sentence` in usual spelling, or as it is where it is not English."""
    written = outside_quotes(sentence, _written)
    return written if written == sentence or is_english(written, context=context) else sentence


def _written(text: str) -> str:
    return _HASTY_WORD.sub(_usual, _N.sub("and", _ITS.sub("it's", text)))


def _usual(match: re.Match[str]) -> str:
    word = match.group()
    usual = _HASTY.get(word.lower())  # a dotted capital I counts as an i for the pattern, and is none
    is_acronym = len(word) > 1 and word.isupper()
    if usual is None or is_acronym or word == "I":
        return word
    return usual[0].upper() + usual[1:] if word[0].isupper() else usual
