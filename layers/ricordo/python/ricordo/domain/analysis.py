"""What a text is made of, as far as ranking looks: words, word pairs, questions, words of time.

Everything is cached by text: a memory is read far more often than it is written.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ricordo.domain.episode import bare_utterance
from ricordo.domain.stemming import stem
from ricordo.domain.word_lists import NUMBER_WORDS, STOP_WORDS, TIME_WORDS

# Letters and digits, and the vowel signs of Indic and South East Asian scripts, which are no letters to `re`.
_WORD: Final = re.compile(r"(?:[^\W_]|[\u0900-\u0eff\u1000-\u109f\u1780-\u17ff])+")
_ENGLISH_ENDING: Final = re.compile(r"['\u2019](?:s|t|m|d|re|ve|ll)\b")
_QUESTION_MARKS: Final = ("?", "\uff1f", "\u061f")  # also fullwidth and Arabic
# Scripts written without spaces: Japanese kana, CJK ideographs, Thai, Lao, Khmer.
_UNSPACED: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1780-\u17ff]+")
_CACHED_TEXTS: Final = 32_768
_MOST_TERMS: Final = 64

_YEAR_OR_ORDINAL: Final = re.compile(r"(?:19|20)\d\d|\d{1,2}(?:st|nd|rd|th)")
_INNER_WORD: Final = re.compile(r"(?<=[^\W\d_,;:] )[^\W\d_]+|(?<=[,;:] )[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Analysis:
    """The words of one text.

    Attributes:
        counts: How often each stemmed content word occurs.
        length: Content words in all.
        is_question: The text ends by asking something.
        has_time_word: It says when, in words or digits.
        has_number: It says a number, in words or digits.
        has_name: A word inside a sentence is capitalised, as names are.
    """

    counts: Mapping[str, int]
    length: int
    is_question: bool
    has_time_word: bool
    has_number: bool
    has_name: bool


def words(text: str) -> list[str]:
    """Split `text` into lower-case words without accents and without endings like 's.

    A run of a script written without spaces becomes its overlapping pairs of letters.
    """
    found: list[str] = []
    for word in _WORD.findall(_ENGLISH_ENDING.sub("", fold(text))):
        if _UNSPACED.search(word):
            found.extend(word[start : start + 2] for start in range(max(len(word) - 1, 1)))
        else:
            found.append(word)
    return found


def fold(text: str) -> str:
    """Bring `text` to the form in which words are compared: lower case, compatibility forms, no accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return unicodedata.normalize("NFC", "".join(mark for mark in decomposed if not unicodedata.combining(mark)))


def analyse(text: str) -> Analysis:
    """Analyse `text`; linear in its length."""
    spoken = words(text)
    stems = [stem(word) for word in spoken if word not in STOP_WORDS]
    return Analysis(
        counts=Counter(stems),
        length=len(stems),
        is_question=text.rstrip().endswith(_QUESTION_MARKS),
        has_time_word=any(word in TIME_WORDS or _YEAR_OR_ORDINAL.fullmatch(word) for word in spoken),
        has_number=any(word in NUMBER_WORDS or word[0].isdigit() for word in spoken),
        has_name=any(word[0].isupper() and word != "I" for word in _INNER_WORD.findall(text)),
    )


@lru_cache(maxsize=_CACHED_TEXTS)
def analyse_utterance(text: str, speaker: str | None) -> Analysis:
    """Analyse what `speaker` said in `text`, without the decoration before it."""
    return analyse(bare_utterance(text, speaker))


def query_terms(text: str) -> tuple[str, ...]:
    """Return at most 64 distinct content words of `text` in order, to look up in a full-text index.

    A text of stop words alone yields those.
    """
    spoken = dict.fromkeys(words(text))
    terms = [word for word in spoken if word not in STOP_WORDS] or list(spoken)
    return tuple(terms[:_MOST_TERMS])
