"""Tell full statements from fragments, and part a statement from the question or fragment beside it."""

import re
from itertools import pairwise
from typing import Final

from ricordo.adapters.builtin.extraction import verbs
from ricordo.adapters.builtin.extraction.tokens import upper_first, vocabulary, words_of

_SUBJECTS: Final = vocabulary(
    "i i'm i've i'll i'd we we're we've we'll we'd you you're you've he he's she she's they "
    "they're it it's there there's "
    "that that's this these those"
)
_SEPARABLE: Final = vocabulary("i i'm i've i'll i'd we we're we've we'll he he's she she's my our")
_JOINT: Final = re.compile(
    r"(?:,\s+(?:and|but)|\s+and|\s+but|;|\s+[-\u2013—])\s+(?=(?:I|I'm|I've|I'll|I'd|we|we're|he|"
    r"she|he's|she's|my|our)\b)"
)
_ASKING_JOINT: Final = re.compile(
    (
        r"(?:,|;|\s[-\u2013—])\s+(?:and |but |so )?(?=(?:(?:can|could|would|will|do|did|are|have|"
        r"should) (?:you|i|we)|what|where|how|which|when|why|who|is there|are there|"
        r"any)\b[^,]*\?$)"
    ),
    re.IGNORECASE,
)
_GIVEN: Final = re.compile(r"(?:since|because|as|given that|seeing as|now that|considering)\s+", re.IGNORECASE)
_PARTICIPLES_OF_NOUNS: Final = vocabulary("named called based located born made")
_NO_VERB: Final = re.compile(r"\bMay\b(?=\s+(?:\d|the\b|of\b)|\s*[.,!]?$)|(?<=\d)\s?am\b")
_DETERMINERS: Final = vocabulary("a an the my your his her our their some")
_CONTRACTED_IS: Final = re.compile(r"\w's (?:an?|the|not|in|at|on|very|so|really|too|my|\w+ing|\w+ed|been|got)\b")
_PAIR: Final = re.compile(r"[\w' ]{2,40} and I [a-z]")
_VERB_WITHIN: Final = 5
_NOUN_PHRASE_WITHIN: Final = 12


def is_full(clause: str) -> bool:
    """Say whether `clause` has a subject and a verb of its own."""
    spoken = words_of(clause)
    if not spoken or spoken[0] == "because":
        return False
    if spoken[0] in ("i", "we"):
        return len(spoken) > 1 and spoken[1] not in ("and", "or")
    if spoken[0] in _SUBJECTS:
        return "'" in spoken[0] or any(verbs.is_finite(word) for word in spoken[1 : _VERB_WITHIN + 1])
    if _PAIR.match(clause):
        return True
    if _CONTRACTED_IS.search(clause) is not None or _is_of_many(spoken[:_VERB_WITHIN]):
        return True
    return any(is_verb_of_noun(word) for word in _without_may(clause)[1:_NOUN_PHRASE_WITHIN])


def _is_of_many(spoken: list[str]) -> bool:
    """Say whether a plural noun and its verb begin a clause: "Tests go in the folder"."""
    return any(
        noun.endswith("s") and verbs.is_base(verb) and verb not in verbs.NOUN_LIKE and not verbs.is_past(verb)
        for noun, verb in pairwise(spoken)
    )


def has_verb(clause: str) -> bool:
    """Say whether any word of `clause` could be a finite verb."""
    return any(
        verbs.is_finite(word) or word.endswith(("'s", "'re", "'ve", "'m", "'ll")) for word in _without_may(clause)
    )


def is_verb_of_noun(word: str) -> bool:
    """Say whether `word` is a verb that a noun may have for its subject."""
    if word in _PARTICIPLES_OF_NOUNS:
        return False
    return verbs.is_unmistakably_finite(word) or (word.endswith("s") and verbs.is_finite(word))


def split_question(sentence: str) -> tuple[str, str] | None:
    """Part a statement from the question asked after it, as in "I'm vegan, what can I eat?"."""
    given = _GIVEN.match(sentence)
    for joint in _ASKING_JOINT.finditer(sentence):
        left = sentence[given.end() if given else 0 : joint.start()]
        spoken = words_of(left)
        if spoken and spoken[0] in _SEPARABLE and is_full(left):
            return upper_first(left), upper_first(sentence[joint.end() :])
    return None


def split_fragment(sentence: str) -> tuple[str, str]:
    """Part a fragment from the full statement joined to it, as in "Brazil, but I live in Canada"."""
    joint = _JOINT.search(sentence)
    if (
        joint
        and joint.group().startswith(",")
        and not is_full(sentence[: joint.start()])
        and is_full(sentence[joint.end() :])
    ):
        return sentence[: joint.start()], upper_first(sentence[joint.end() :])
    return sentence, ""


def _without_may(clause: str) -> list[str]:
    """Return the words, less those that only look like verbs: the month of May, "6 am", "a bit"."""
    spoken = words_of(_NO_VERB.sub("", clause))
    return [word for word, before in zip(spoken, ["", *spoken], strict=False) if before not in _DETERMINERS]
