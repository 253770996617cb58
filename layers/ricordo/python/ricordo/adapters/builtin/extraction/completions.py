"""Join a fragment with the question it answers into a statement of the answerer's ("I live in Porto")."""

import re
from typing import Final

from ricordo.adapters.builtin.extraction import verbs
from ricordo.adapters.builtin.extraction.clauses import has_verb, is_full
from ricordo.adapters.builtin.extraction.declaratives import (
    OBJECT_PREPOSITIONS,
    SUBJECT,
    bare_question,
    leading_adverbs,
    lowered,
    stated,
    swapped,
    written_as_asked,
)
from ricordo.adapters.builtin.extraction.tokens import lower_first, upper_first, vocabulary, words_of

_CLAUSE: Final = re.compile(
    r"(?P<wh>where|what|who|whom|when|why|how often|how long|what time|(?:what|which) [\w' -]{2,40}?"
    r"|how (?:many|much) (?P<counted>[\w -]{2,40}?))"
    rf" (?P<aux>do|does|did|are|is|were|was|have|has|will|can|would) {SUBJECT} (?P<rest>.+?)\s*\?",
    re.IGNORECASE,
)
_AGE: Final = re.compile(rf"how old (?P<aux>are|is|were|was) {SUBJECT}\s*\?", re.IGNORECASE)
_ORIGIN: Final = re.compile(
    rf"where (?P<aux>are|is) {SUBJECT} (?:originally )?from(?: originally)?\s*\?", re.IGNORECASE
)
_COPULA: Final = re.compile(
    r"(?P<wh>what|who|where|when|how)(?P<aux>'s| is| are| was| were)"
    r" (?P<phrase>(?:your|my|the|our|his|her|its|their) [^?]{2,80}?)"
    r"(?: (?:coming along|going|doing|holding up|so far|lately|these days|today))*\?",
    re.IGNORECASE,
)
_REQUESTED: Final = re.compile(
    r"(?:can|could|may|would) (?:you|i) (?:please )?(?:confirm|tell me|share|give me|provide|send me|have|get)"
    r" (?P<phrase>(?:your|my|the) (?P<noun>[\w' -]{2,40}?)(?: (?:of|for|on) [^?]+?)?)(?:,? please)?\s*\?",
    re.IGNORECASE,
)
_CHOICE: Final = re.compile(
    rf"(?P<aux>do|does|did|are|will|would) {SUBJECT}"
    r" (?P<verb>rather [a-z]+|live in|work from|travel by"
    r"|(?:prefer|want|like|use|drink|eat|take|play|watch|drive|own|have|need|speak)(?: to)?)"
    r"\b[^?]* or [^?]+\?",
    re.IGNORECASE,
)
_WHO_DID: Final = re.compile(r"who (?P<verb>[a-z]+) (?P<rest>[^?]+)\?", re.IGNORECASE)
_PASTIME: Final = re.compile(r"(like|love|enjoy|prefer)(?: to do| doing)( .+)?", re.IGNORECASE)
_ASKS_FOR_DEED: Final = re.compile(r"do\b|.* (?:to do|doing)\b", re.IGNORECASE)
_RESTATED: Final = re.compile(r"(?:it|they|he|she|that)(?:'s|'re|\s+(is|was|are|were))\b\s*", re.IGNORECASE)
_PLACE_WORDS: Final = vocabulary(
    "in at on to from with by for near around next over under into outside inside here there home abroad"
)
_FRAGMENT_STARTS: Final = (
    _PLACE_WORDS | OBJECT_PREPOSITIONS | vocabulary("since because until after before during a an the my our")
)
_TIMELY: Final = vocabulary("now currently nowadays today these")
_DURATION_STARTS: Final = ("for", "since", "about", "over", "almost")
_TRADE_WORDS: Final = 3
_GERUND_PHRASE: Final = 5  # words; a longer one is a sentence with the gerund for subject, or lacks its "I am"


def is_fragment_answer(answer: str) -> bool:
    """Say whether `answer` has no subject and verb of its own and needs its question."""
    words = words_of(answer)
    if not words or verbs.is_base(words[0]) or is_full(answer):
        return False
    if words[0].endswith("ing") and len(words) > _GERUND_PHRASE:
        return False
    return not has_verb(answer) or words[0] in _FRAGMENT_STARTS


def completed(question: str, answer: str) -> str | None:
    """State what a question such as "where do you ..." and a fragment say together, or None."""
    question = bare_question(question)
    answer = written_as_asked(question, answer.strip().rstrip(".! "))
    copula = _COPULA.fullmatch(question)
    if copula and words_of(answer):
        claim = _of_copula(copula, answer)
    elif is_fragment_answer(answer):
        claim = _of_phrase(question, answer)
    else:
        claim = None
    return upper_first(claim) if claim else None


def _of_phrase(question: str, answer: str) -> str | None:
    for pattern, complete in (
        (_ORIGIN, _of_origin),
        (_AGE, _of_age),
        (_CHOICE, _of_choice),
        (_REQUESTED, _of_requested),
        (_CLAUSE, _of_clause),
    ):
        match = pattern.fullmatch(question)
        if match:
            return complete(match, answer)
    agent = _WHO_DID.fullmatch(question)
    if agent and (verbs.is_past(agent["verb"].lower()) or agent["verb"].endswith("s")):
        return f"{answer} {swapped(' '.join(agent.group('verb', 'rest')))}"
    return None


def _of_origin(match: re.Match[str], answer: str) -> str:
    place = re.sub(r"^from\s+", "", lowered(answer))
    return stated(match["aux"], swapped(match["subject"]), f"from {place}")


def _of_age(match: re.Match[str], answer: str) -> str:
    return stated(match["aux"], swapped(match["subject"]), lowered(answer))


def _of_choice(match: re.Match[str], answer: str) -> str:
    return stated(match["aux"], swapped(match["subject"]), f"{match['verb']} {lowered(answer)}")


def _of_requested(match: re.Match[str], answer: str) -> str:
    verb = "are" if match["noun"].endswith("s") and not match["noun"].endswith("ss") else "is"
    return f"{swapped(match['phrase'])} {verb} {answer}"


def _of_copula(match: re.Match[str], answer: str) -> str | None:
    verb = {"'s": "is"}.get(match["aux"].lower(), match["aux"].strip().lower())
    phrase = swapped(match["phrase"])
    restated = _RESTATED.match(answer)
    if restated:
        answer = answer[restated.end() :]
        verb = "has" if answer.startswith(("been ", "got ")) else restated[1] or verb
    elif is_full(answer) or (verbs.is_finite(words_of(answer)[0]) and has_verb(answer)) or phrase.endswith(" like"):
        return None
    *noun, last = phrase.split()
    if len(noun) > 1 and (verbs.is_participle(last) or last.endswith("ing")):
        phrase, verb = " ".join(noun), f"{verb} {last}"
    answer = lowered(answer) if restated else _fitted(match["wh"].lower(), lowered(answer))
    return f"{phrase} {verb} {answer}" if answer else None


def _fitted(wh: str, answer: str) -> str:
    """Put the preposition that a place or a time needs before `answer`."""
    if wh == "where":
        return _placed(answer)
    if wh == "when" and re.match(r"[A-Z][a-z]+ \d", answer):
        return f"on {answer}"
    if wh in ("when", "what time") and answer[:1].isdigit():
        return f"in {answer}" if wh == "when" else f"at {answer}"
    if wh == "how long" and not answer.startswith(_DURATION_STARTS):
        return f"for {answer}"
    return answer


def _placed(answer: str) -> str:
    words = words_of(answer)
    return answer if not words or words[0] in _PLACE_WORDS or not answer[0].isupper() else f"in {answer}"


def _of_clause(match: re.Match[str], answer: str) -> str | None:
    wh, rest = match["wh"].lower(), swapped(match["rest"])
    if _ASKS_FOR_DEED.match(rest):
        return _of_deed(match, answer)
    adverbs, verb, others = leading_adverbs(rest)
    answer = _as_common_noun(lowered(answer)) if wh == "what" else lowered(answer)
    if match["counted"] and match["counted"] not in answer:
        answer = f"{answer} {match['counted']}"
    if wh != "where" or verb not in ("go", "visit", "travel"):
        answer = _fitted(wh, answer)
    parts = (adverbs, verb, others, answer) if _goes_last(wh, others) else (adverbs, verb, answer, others)
    return stated(match["aux"], swapped(match["subject"]), " ".join(part for part in parts if part))


def _goes_last(wh: str, others: str) -> bool:
    """Say whether the answer stands after `others`, the words behind the verb, or right behind the verb."""
    words = others.split()
    if not words or words[0] == "to" or words[-1] in OBJECT_PREPOSITIONS:
        return True
    if words[0] in _TIMELY:
        return False
    return wh == "what time" or not wh.startswith(("what", "which", "who", "how m"))


def _of_deed(match: re.Match[str], answer: str) -> str | None:
    """Answer "what do you do for a living" and "what do you like to do"."""
    rest, subject = match["rest"].lower(), swapped(match["subject"])
    pastime = _PASTIME.fullmatch(swapped(match["rest"]))
    if pastime and re.match(r"\w+ing\b", answer):
        return stated(match["aux"], subject, f"{pastime[1]} {lowered(answer)}{pastime[2] or ''}")
    is_job = rest in ("do", "do for a living", "do for work", "do for living", "do professionally")
    trade = _trade(answer)
    if is_job and match["aux"].lower() in ("do", "does") and trade:
        return f"{subject} {'am' if subject == 'I' else 'is'} {trade}"
    return None


def _trade(answer: str) -> str | None:
    """Write "dentist" as "a dentist"; None for what names no trade, such as "in finance"."""
    answer = lowered(answer)
    if re.match(r"an? ", answer):
        return answer
    spoken = words_of(answer)
    if not spoken or len(spoken) > _TRADE_WORDS or spoken[0] in _FRAGMENT_STARTS | _TIMELY:
        return None
    if spoken[-1].endswith(("ed", "s", "ing", "ly")):
        return lower_first(answer) if spoken[-1] in ("retired", "unemployed", "self-employed") else None
    return f"{'an' if spoken[0][0] in 'aeio' else 'a'} {lower_first(answer)}"


def _as_common_noun(answer: str) -> str:
    """Write small what goes on in small letters, "Oatmeal with berries"; a single word may be a name."""
    _, *others = [word for word in answer.split() if word not in ("and", "or", "&")]
    is_phrase = bool(others) and all(word.islower() for word in others)
    return answer[:1].lower() + answer[1:] if is_phrase else answer
