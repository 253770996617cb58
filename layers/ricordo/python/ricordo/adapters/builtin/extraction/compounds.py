"""Cut a compound sentence into the statements it holds, each with its subject."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ricordo.adapters.builtin.extraction import verbs
from ricordo.adapters.builtin.extraction.clauses import is_full, is_verb_of_noun
from ricordo.adapters.builtin.extraction.predicates import (
    is_verb_before,
    may_be_noun,
    past_of_predicate,
    shares_infinitive,
    verb_of_predicate,
)
from ricordo.adapters.builtin.extraction.tokens import masked, upper_first, vocabulary, words_of

_JOINT: Final = re.compile(
    r"(?:(?P<mark>[,;]|\s[-\u2013—])\s+(?:(?P<word>and|but|plus)\s+(?:then\s+)?)?|\s+(?P<bare>and|but)\s+)(?=\S)",
    re.IGNORECASE,
)
_RUN_ON: Final = re.compile(r"\s+(?=I(?:'\w+)? \S+ \S)")
_MARK: Final = re.compile(r"[,;:!?()]|\.(?=\s|$)")
_RELATIVE_BEFORE: Final = re.compile(
    r"\b(?:the|a|an|that|all|this|any|every\w*|\w*thing|\w+ever|first|only|and|but|or|so|how|what|where|who|why|than|as)"
    r"(?: \w+){0,1}$"
)
_PERSON: Final = re.compile(
    r"(?:(?:now|nowadays|these days|currently|today|tonight|recently|lately|instead|sometimes|usually|"
    r"(?:this|last|next) (?:week|month|year|time))\s)?(?P<person>(?:I|we|he|she)(?:'(?:m|re|ve|ll|d|s))?\s)",
    re.IGNORECASE,
)
_OWNED: Final = re.compile(r"(?:my|our|your|his|her|their)\s", re.IGNORECASE)
_THING: Final = re.compile(r"(?i:the|these|those)\s|[A-Z][^\W\d_]+\s")
_LIST_MARK: Final = re.compile(r"\b(?:and|or)\b|[,;]")
_PLURAL: Final = vocabulary("are were have aren't weren't haven't")
_LEANS_ON: Final = vocabulary("it them him there")
# A sentence that begins with one of these leaves its first clause open until a comma.
_OPENING: Final = vocabulary(
    "if when whenever because since while although though unless until whether who where before after once"
)
# Behind one of these a clause depends on what came before it, unless a comma parts them.
_SUBORDINATING: Final = _OPENING | vocabulary(
    "that which than think thought said told says hope hoped know knew believe guess wish"
)
# "Since March" names a time and opens no clause.
_SINCE_WHEN: Final = re.compile(
    r"\b(?:since|before|after|until) (?=(?!I\b)[A-Z\d]|last\b|then\b|yesterday\b|that\b|work\b)"
)
_MONTH: Final = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
_DAY_OF_MONTH: Final = re.compile(r"\bthe \d{1,2}(?:st|nd|rd|th)\b")
_BE: Final = vocabulary("am is are was were be")
_PERFECT: Final = vocabulary("have has had")
_NUMBER_OF_PRONOUN: Final = {"i": False, "we": False, "you": False, "they": False, "he": True, "she": True}
_CONTRACTED: Final = {"m": "am", "re": "are", "s": "is", "ve": "have", "ll": "will", "d": "would"}
_SUBJECT_WORDS: Final = 5
_LEANING_WORDS: Final = 6


@dataclass(frozen=True, slots=True)
class _Subject:
    """Who a clause speaks of, whether a verb must agree with it as with "he", and the verb it has."""

    text: str
    is_third: bool
    verb: str


def split_compound(sentence: str) -> list[str]:
    """Cut `sentence` into the statements it holds.

    A clause with a subject of its own is cut off; one that goes on with the subject named before is
    given that subject, so that "I love pizza but hate olives" becomes two statements. What depends on
    the words before it ("and I love it") stays with them.
    """
    return [clause for part in _run_on(sentence) for clause in _split_at_joints(part)]


def _run_on(sentence: str) -> Iterator[str]:
    """Cut what was typed without any mark, as in "I'm Sam I live in Leeds"."""
    start = 0
    if not _MARK.search(sentence):
        for gap in _RUN_ON.finditer(sentence):
            left = sentence[start : gap.start()]
            if _RELATIVE_BEFORE.search(left) or not _is_closed(left, has_mark=False):
                continue
            yield left
            start = gap.end()
    yield sentence[start:]


def _split_at_joints(sentence: str) -> Iterator[str]:
    opening, start = "", 0
    for joint in _JOINT.finditer(masked(sentence)):
        left = f"{opening}{sentence[start : joint.start()]}"
        right = sentence[joint.end() :]
        continued = _opening_of(left, right, joint)
        if continued is not None:
            yield left
            opening, start = upper_first(continued), joint.end()
    yield upper_first(f"{opening}{sentence[start:]}")


def _opening_of(left: str, right: str, joint: re.Match[str]) -> str | None:
    """Return the subject that `right` needs to stand alone, "" if it has one; None where it cannot."""
    has_mark = joint["mark"] is not None
    if not _is_closed(left, has_mark=has_mark) or _leans_on(left, right):
        return None
    if _has_subject(right, has_mark=has_mark):
        return ""
    subject = _subject_of(left) if ":" not in left else None
    word = (joint["word"] or joint["bare"] or "").lower()
    if subject is None or not _has_predicate(right, left, subject, word):
        return None
    return f"{subject.text} "


def _is_closed(left: str, *, has_mark: bool) -> bool:
    """Say whether `left` is a statement on which what follows does not depend."""
    spoken = words_of(left)
    if not spoken or not is_full(left):
        return False
    if spoken[0] in _OPENING | {"as"} and not is_full(left.rpartition(", ")[2] if ", " in left else ""):
        return False
    return has_mark or left.endswith('"') or _SUBORDINATING.isdisjoint(words_of(_SINCE_WHEN.sub("", left)))


def _leans_on(left: str, right: str) -> bool:
    """Say whether `right` means something only behind `left`: an "it" in it, or a day of the month named there."""
    if not _LEANS_ON.isdisjoint(words_of(right)[1:_LEANING_WORDS]):
        return True
    has_own_month = _MONTH.search(right) is not None
    return _DAY_OF_MONTH.search(right) is not None and not has_own_month and _MONTH.search(left) is not None


def _has_subject(right: str, *, has_mark: bool) -> bool:
    person = _PERSON.match(right)
    if person:
        return is_full(right[person.start("person") :])
    phrase = words_of(_LIST_MARK.split(right, maxsplit=1)[0])[: _SUBJECT_WORDS + 2]
    pairs = list(zip(phrase[1:], [*phrase[2:], ""], strict=False))
    if _OWNED.match(right):
        return any(is_verb_of_noun(word) and after != "by" for word, after in pairs[1:])
    if not _THING.match(right):
        return False
    return any(_is_verb_of_thing(*pair) and (has_mark or pair[0] not in _PLURAL) for pair in pairs)


def _is_verb_of_thing(word: str, following: str) -> bool:
    """A participle may describe the thing, a form in -s may be one more thing."""
    if word in verbs.AUXILIARIES:
        return True
    if verbs.is_third(word):
        return is_verb_before(word, following)
    return verbs.is_past(word) and not verbs.is_participle(word)


def _subject_of(clause: str) -> _Subject | None:
    """Return the subject with which `clause` begins."""
    words = clause.split()
    pronoun, _, ending = words[0].lower().partition("'")
    if pronoun in _NUMBER_OF_PRONOUN:
        text = words[0].partition("'")[0]
        verb = _CONTRACTED.get(ending) or _verb_behind(words_of(clause), 1)
        return _Subject(text, _NUMBER_OF_PRONOUN[pronoun], verb)
    if not (_OWNED.match(clause) or _THING.match(clause)):
        return None
    for at, word in enumerate(words[1 : _SUBJECT_WORDS + 1], 1):
        if "'" in word or "," in word:
            return None
        if is_verb_of_noun(word):
            is_third = word not in _PLURAL and not words[at - 1].endswith("s")
            return _Subject(" ".join(words[:at]), is_third or verbs.is_third(word), word)
    return None


def _verb_behind(words: list[str], start: int) -> str:
    at = verbs.after_adverbs(words, start)
    return words[at] if at < len(words) else ""


def _has_predicate(right: str, left: str, subject: _Subject, word: str) -> bool:
    """Say whether `right` goes on with another verb of `subject` that says something of its own."""
    spoken = words_of(right)
    if words_of(left)[-1] == subject.verb:  # "I swim and cycle every day": both verbs share what follows
        return False
    verb = verb_of_predicate(spoken, is_third=subject.is_third)
    is_left_past = verbs.is_past(subject.verb) or subject.verb in ("was", "were", "had", "did", "didn't")
    if verb is None:
        is_new_tense = not is_left_past and subject.verb not in _BE | _PERFECT | verbs.MODALS
        return bool(word) and is_new_tense and past_of_predicate(spoken) is not None
    if not word and (not verbs.AUXILIARIES.isdisjoint((verb, subject.verb)) or may_be_noun(verb, spoken)):
        return False
    if is_left_past and verbs.is_past(verb):
        return False
    return not shares_infinitive(words_of(left), spoken, is_contrast=word == "but")
