"""State what a yes or no to a question says, in the answerer's own words ("I do not eat meat")."""

import re
from typing import Final

from ricordo.adapters.builtin.extraction.declaratives import SUBJECT, bare_question, lowered, stated, swapped
from ricordo.adapters.builtin.extraction.tokens import lower_first, upper_first, vocabulary, words_of

_CLOSING: Final = r"\s*(?:[,.!;:\u2013—-]+\s*|$|\b(?=(?:a|an|my|i|i'm|we|it|one|two|but|because|since)\b))"
_YES: Final = re.compile(
    r"(?:oh,? )?"
    r"(?:yes|yeah|yep|yup|yea|correct|of course|absolutely|definitely|indeed|i do|i am|i did|"
    r"i have|i can|i will|we do|we are)\b"
    r"(?: (?:please|i (?:do|am|did|have|can|will|would)|it (?:is|was|does)|indeed|we (?:do|are|did)|sure))*" + _CLOSING,
    re.IGNORECASE,
)
_NO: Final = re.compile(
    r"(?:oh,? )?"
    r"(?:no(?! wonder| idea| doubt| one| way| matter)|"
    r"nope|nah|never|not (?:yet|really|at all)|i don't|i didn't|i'm not|i haven't|i can't)\b"
    r"(?: (?:thanks|thank you|i (?:don't|didn't|haven't|can't|won't|am not)|i'm not|"
    r"not (?:yet|really|at all)|it (?:isn't|wasn't)))*" + _CLOSING,
    re.IGNORECASE,
)
_YES_NO: Final = re.compile(
    (
        r"(?P<aux>do|does|did|are|is|was|were|have|has|had|can|could|will|would|"
        rf"should) {SUBJECT} (?P<rest>.+?)\s*\?"
    ),
    re.IGNORECASE,
)
_TAGGED: Final = re.compile(
    (
        r"(?:so )?(?P<claim>(?:you|your|you're)\b.+?),? (?:right|correct|yes|yeah|don't you|"
        r"aren't you|isn't it)\?"
    ),
    re.IGNORECASE,
)
_STARTS_WITH_VERB: Final = re.compile(
    r"(?:do|does|did|are|is|was|were|have|has|had|can|could|will|would|should|may|shall|am|isn't|aren't|don't|didn't)\b",
    re.IGNORECASE,
)
_CHOICE: Final = re.compile(r"\bor\b|\bif\b|\bwhether\b")
_OPEN_WORD: Final = re.compile(r"\b(?:anything|something|anyone|someone|anybody|somebody)\b(?= *$)")
_LAST_NOUN: Final = re.compile(r"(?P<before>.*\bhave) (?P<noun>\w+s|children)")
_ONE_OF_THEM: Final = re.compile(r"(?:an?|one|two|three|four|five|\d+) (?!of\b|few\b|lot\b|bit\b|couple\b)[a-z]")
_NUMERALS: Final = vocabulary("one two three four five six seven eight nine ten eleven twelve several many")
# A detail that begins so goes on in the sentence; any other is put behind a colon.
_CONTINUES: Final = vocabulary(
    "by in at on for since because with about from to twice once daily every many several three a"
)
_TIMES: Final = re.compile(r"(?:a|many|several|few|three|four|five) (?:few )?(?:times|lot|while|bit|little)\b")


def is_yes_or_no(answer: str) -> bool | None:
    """Say whether `answer` begins by affirming (True) or denying (False); None for neither."""
    if _YES.match(answer):
        return True
    return False if _NO.match(answer) else None


def can_be_confirmed(question: str) -> bool:
    """Say whether a yes or no would answer `question`."""
    question = bare_question(question)
    return _STARTS_WITH_VERB.match(question) is not None or _TAGGED.fullmatch(question) is not None


def after_yes_or_no(answer: str) -> str:
    """Return what follows the yes or no."""
    match = _YES.match(answer) or _NO.match(answer)
    return upper_first(answer[match.end() :].strip()) if match else answer


def confirmed(question: str, *, is_yes: bool) -> str | None:
    """State a yes/no question as the one who answers it would; None where no rule reads it."""
    question = bare_question(question)
    tagged = _TAGGED.fullmatch(question)
    if tagged:
        return upper_first(swapped(tagged["claim"])) if is_yes else None
    match = _YES_NO.fullmatch(question)
    if not match or _CHOICE.search(match["rest"]):
        return None
    rest = re.sub(r"\bever\s+|\s+yet\b" + (r"|\bany\s+" if is_yes else ""), "", match["rest"])
    return upper_first(stated(match["aux"], swapped(match["subject"]), swapped(rest), is_yes=is_yes))


def detailed(claim: str, detail: str) -> str:
    """Add to a confirmed claim what was said after the yes or no, as in "Yes, two" or "Yes, peanuts"."""
    detail = lowered(detail).rstrip(".!")
    first, *others = words_of(detail) or [""]
    counted = _LAST_NOUN.fullmatch(claim)
    if counted and not others and (first in _NUMERALS or first.isdigit()):
        return f"{counted['before']} {first} {counted['noun']}"
    if counted and _ONE_OF_THEM.match(detail):
        return f"{counted['before']} {detail}"
    if _OPEN_WORD.search(claim):
        thing = detail.lower() if detail.endswith("s") and not others else detail
        return _OPEN_WORD.sub(lambda _: thing, claim)
    continues = first in _CONTINUES and (first not in ("a", "many", "several", "three") or _TIMES.match(detail))
    return f"{claim} {lower_first(detail)}" if continues else f"{claim}: {detail}"
