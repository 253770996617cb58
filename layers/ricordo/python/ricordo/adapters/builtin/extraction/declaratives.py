"""Turn a question's words around: into a statement, seen by the one who answers."""

import re
from typing import Final

from ricordo.adapters.builtin.extraction import verbs
from ricordo.adapters.builtin.extraction.kinship import PEOPLE, PETS
from ricordo.adapters.builtin.extraction.tokens import is_word, pieces_of, straight, vocabulary

_SWAPPED: Final = {
    "you": "I", "your": "my", "yours": "mine", "yourself": "myself", "i": "you", "my": "your", "me": "you",
    "mine": "yours", "am": "are",
}  # fmt: skip
_CLOSE: Final = "|".join(sorted(PEOPLE | PETS | vocabulary("parents kids children family job car team company flight")))
_VERB: Final = "|".join(sorted(verbs.BASES))
# A noun phrase ends where a verb begins, or after a noun we know.
SUBJECT: Final = (
    r"(?P<subject>you|we|i|he|she|it|they|there"
    rf"|(?:your|my) (?:\w+ )?(?:{_CLOSE})(?: (?-i:[A-Z])\w+)?"
    rf"|(?:your|my|the|our) (?:\w+ )?\w+(?= (?:{_VERB})\b))"
)
OBJECT_PREPOSITIONS: Final = vocabulary("in at on to from with for about by into of")
_ORDINARY: Final = vocabulary(
    """
    a an the my our in at on to from with by for about since because around near next last every one two
    three four five six seven eight nine ten eleven twelve twenty thirty dozens some mostly usually only
    just over under until through via yesterday today tomorrow maybe probably almost nearly good great
    amazing fine terrible awful bad wonderful fantastic not very really pretty
    """
)
_LEAD: Final = re.compile(r"(?:and|so|but|oh|wow|ok|okay|cool|nice|great|hey)\b[,!]?\s+", re.IGNORECASE)
_ANY: Final = re.compile(r"^any (?!news|thoughts|idea|luck|chance|questions|preference)(?=[\w ]+\?)", re.IGNORECASE)
_SENTENCE_END: Final = re.compile(r"(?<=[.!])\s+")
_FIRST_WORD: Final = re.compile(r"[^\s,.]*")


def bare_question(text: str) -> str:
    """Return the asking sentence of `text`, without "so" or "oh" before it."""
    asking = _LEAD.sub("", _SENTENCE_END.split(straight(text))[-1], count=1).strip()
    return _ANY.sub("Do you have any ", asking)


def swapped(text: str) -> str:
    """Turn the asker's words into the answerer's: "your" into "my", "you" into "I" or "me"."""
    pieces = pieces_of(text)
    before = ""
    for at, piece in enumerate(pieces):
        if not is_word(piece):
            continue
        if piece.lower() in _SWAPPED:
            is_object = piece.lower() == "you" and (
                before in OBJECT_PREPOSITIONS or before == "than" or verbs.is_finite(before)
            )
            pieces[at] = "me" if is_object else _SWAPPED[piece.lower()]
        before = piece
    return "".join(pieces)


def stated(auxiliary: str, subject: str, rest: str, *, is_yes: bool = True) -> str:
    """Put the parts of a question into the order of a statement; "do" disappears, "not" may come in."""
    aux = auxiliary.lower()
    if aux in ("do", "does", "did"):
        return f"{subject} {aux} not {rest}" if not is_yes else _without_do(aux, subject, rest)
    if subject == "I":
        aux = {"are": "am", "were": "was"}.get(aux, aux)
    if not is_yes:
        aux = "cannot" if aux == "can" else f"{aux} not"
    return f"{subject} {aux} {rest}"


def _without_do(aux: str, subject: str, rest: str) -> str:
    adverbs, verb, others = leading_adverbs(rest)
    form = {"did": verbs.past_of, "does": verbs.third_person}.get(aux, str)(verb)
    return " ".join(part for part in (subject, adverbs, form, others) if part)


def leading_adverbs(rest: str) -> tuple[str, str, str]:
    """Part "usually get up" into the adverbs, the verb, and what follows."""
    words = rest.split()
    at = 0
    while at < len(words) - 1 and verbs.is_adverb(words[at]):
        at += 1
    return " ".join(words[:at]), words[at] if words else "", " ".join(words[at + 1 :])


def lowered(answer: str) -> str:
    """Write the first word small where it is certainly no name."""
    first = _FIRST_WORD.match(answer)
    word = first.group().lower() if first else ""
    is_ordinary = word in _ORDINARY or word.endswith(("ing", "ly"))
    return answer[:1].lower() + answer[1:] if is_ordinary else answer


def written_as_asked(question: str, answer: str) -> str:
    """Write the first word of the answer small where the question does."""
    first = _FIRST_WORD.match(answer)
    word = first.group() if first else ""
    occurs = word != word.lower() and word.lower() in question.rstrip("?").split()
    return answer[:1].lower() + answer[1:] if occurs else answer
