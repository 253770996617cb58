"""Porter's stemmer for English words (Porter 1980, https://tartarus.org/martin/PorterStemmer/def.txt).

A word with a letter outside a-z comes back as it is, so other scripts are never cut.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

_SHORTEST: Final = 3
_PLAIN: Final = re.compile(r"[a-z]+")
_PLURALS: Final = (("sses", "ss"), ("ies", "i"), ("ss", "ss"), ("s", ""))
_STEP_2: Final = {
    "ational": "ate", "tional": "tion", "enci": "ence", "anci": "ance", "izer": "ize", "bli": "ble",
    "alli": "al", "entli": "ent", "eli": "e", "ousli": "ous", "ization": "ize", "ation": "ate", "ator":
    "ate", "alism": "al", "iveness": "ive", "fulness": "ful", "ousness": "ous", "aliti": "al", "iviti":
    "ive", "biliti": "ble",
}  # fmt: skip
_STEP_3: Final = {
    "icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": "",
}  # fmt: skip
_STEP_4: Final = dict.fromkeys(
    (
        "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism",
        "ate", "iti", "ous", "ive", "ize",
    ),
    "",
)  # fmt: skip


@lru_cache(maxsize=32_768)
def stem(word: str) -> str:
    """Cut a lower-case English word to its stem; return any other word unchanged."""
    if len(word) < _SHORTEST or not _PLAIN.fullmatch(word):
        return word
    word = _without_tense(_without_plural(word))
    if word.endswith("y") and "v" in _shape(word[:-1]):
        word = f"{word[:-1]}i"
    word = _with_suffix_replaced(word, _STEP_2, least_measure=1)
    word = _with_suffix_replaced(word, _STEP_3, least_measure=1)
    word = _with_suffix_replaced(word, _STEP_4, least_measure=2)
    return _without_final_e(word)


def _shape(word: str) -> str:
    """Write `c` for each consonant and `v` for each vowel; `y` is a vowel after a consonant."""
    shape = ""
    for letter in word:
        is_vowel = letter in "aeiou" or (letter == "y" and shape.endswith("c"))
        shape += "v" if is_vowel else "c"
    return shape


def _measure(word: str) -> int:
    """Count the vowel-consonant turns: Porter's m in [C](VC)^m[V]."""
    return _shape(word).count("vc")


def _ends_short(word: str) -> bool:
    """Say whether `word` ends consonant, vowel, consonant other than w, x, y (as hop, not snow)."""
    return _shape(word).endswith("cvc") and word[-1] not in "wxy"


def _without_plural(word: str) -> str:
    for suffix, replacement in _PLURALS:
        if word.endswith(suffix):
            return word[: -len(suffix)] + replacement
    return word


def _without_tense(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for suffix in ("ed", "ing"):
        bare = word.removesuffix(suffix)
        if bare != word and "v" in _shape(bare):
            return _repaired(bare)
    return word


def _repaired(bare: str) -> str:
    """Mend what cutting -ed or -ing left: conflat(e), hop(p), fil(e)."""
    if bare.endswith(("at", "bl", "iz")):
        return f"{bare}e"
    if bare[-1:] == bare[-2:-1] and bare[-1] not in "aeioulsz":
        return bare[:-1]
    if _measure(bare) == 1 and _ends_short(bare):
        return f"{bare}e"
    return bare


def _with_suffix_replaced(word: str, suffixes: Mapping[str, str], *, least_measure: int) -> str:
    """Replace the longest suffix of the table that `word` has, if enough of a word remains before it."""
    for start in range(len(word)):
        replacement = suffixes.get(word[start:])
        if replacement is not None:
            bare = word[:start]
            cut = _measure(bare) >= least_measure and (word[start:] != "ion" or bare.endswith(("s", "t")))
            return bare + replacement if cut else word
    return word


def _without_final_e(word: str) -> str:
    if word.endswith("e"):
        bare = word[:-1]
        if _measure(bare) > 1 or (_measure(bare) == 1 and not _ends_short(bare)):
            word = bare
    if word.endswith("ll") and _measure(word) > 1:
        word = word[:-1]
    return word
