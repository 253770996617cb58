"""What a question asks, as far as words tell."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ricordo.domain.analysis import analyse, fold, query_terms, words
from ricordo.domain.episode import Role, bare_utterance
from ricordo.domain.named_times import NamedTime, named_times
from ricordo.domain.word_lists import STOP_WORDS

_MOST_STEMS: Final = 64
_SHORTEST_FIRST_NAME: Final = 3
_OF_USER: Final = frozenset({"i", "my", "me", "mine", "myself", "we", "our", "us", "user"})
# "Did you recommend ..." asks for the assistant's own words; "can you tell me ..." does not.
_OF_ASSISTANT: Final = re.compile(
    r"\bassistant\b|\b(?:did|have|had) you\b(?! (?:remember|recall|know|forget))"
    r"|\byou (?:said|told|wrote|gave|(?:recommend|suggest|advis|propos|mention|promis)ed)\b"
    r"|\byour (?:advice|suggestion|recommendation)"
)
_THE_USER: Final = r"\b(?:[Tt]he user|User)"
_OF_THE_USER: Final = re.compile(_THE_USER + r"['\u2019]s\b")
_USER: Final = re.compile(_THE_USER + r"\b(?!['\u2019-]| (?:interface|experience|guide|manual|account|story|id)\b)")
_ASKS_WHEN: Final = re.compile(
    r"\bwhen\b|\bsince\b|\bhow (?:long|often|soon|recently)\b|\bhow many (?:days|weeks|months|years)\b"
    r"|\b(?:what|which) (?:date|day|week|month|season|year|time)\b"
)
_ASKS_NAME: Final = re.compile(
    r"\b(?:who|whom|whose|where|which|named?|called|title)\b|\bwhat (?:city|town|country|place)\b"
)
_ASKS_NUMBER: Final = re.compile(
    r"\bhow (?:many|much|old|tall|far|big|large)\b|\b(?:number|price|cost|percent|amount)\b"
)
_ASKS_PRESENT: Final = re.compile(
    r"\b(?:now|nowadays|current|currently|latest|still|finally|eventually|lately)\b"
    r"|\b(?:these days|at present|at the moment|any ?more|end(?:ed)? up)\b"
)


@dataclass(frozen=True, slots=True)
class Question:
    """A query, read once per search.

    Attributes:
        text: As it came.
        embedding_text: What to embed: the text with "I" and "my" for speakers' names and "the user".
        terms: Distinct words to nominate with in a full-text index.
        spoken: All words of the text in order, folded.
        stems: Distinct stems of its content words, without the speakers' names.
        speakers: Folded names of the known speakers it names.
        role: Whom it speaks of where it names nobody: the user for "I", the assistant for "you", or nobody.
        times: Dates, months and years it names.
        asks_when: It wants a time for an answer.
        asks_name: It wants somebody, some place or something by its name.
        asks_number: It wants a number.
        asks_present: It wants to know how things stand now.
    """

    text: str
    embedding_text: str
    terms: tuple[str, ...]
    spoken: tuple[str, ...]
    stems: tuple[str, ...]
    speakers: frozenset[str]
    role: Role | None
    times: tuple[NamedTime, ...]
    asks_when: bool
    asks_name: bool
    asks_number: bool
    asks_present: bool


def read_question(text: str, *, speakers: frozenset[str]) -> Question:
    """Read the query `text`, asked of memories in which `speakers` speak."""
    named, personal = _in_first_person(text, speakers)
    folded = fold(text)
    spoken = tuple(words(text))
    return Question(
        text=text,
        embedding_text=personal,
        terms=query_terms(personal),
        spoken=spoken,
        stems=tuple(analyse(personal).counts)[:_MOST_STEMS],
        speakers=named,
        role=_role_asked_of(folded, spoken),
        times=named_times(text),
        asks_when=_ASKS_WHEN.search(folded) is not None,
        asks_name=_ASKS_NAME.search(folded) is not None,
        asks_number=_ASKS_NUMBER.search(folded) is not None,
        asks_present=_ASKS_PRESENT.search(folded) is not None,
    )


def embedding_text(text: str, speaker: str | None) -> str:
    """Return what of a memory is embedded: the bare statement, in the first person of its speaker.

    So "Ana moved to Lisbon" (extracted) and "I moved to Lisbon" (said) are found by the same question; on
    statements extracted from LoCoMo and our own sets that is worth four to five points of dense recall.
    """
    bare = bare_utterance(text, speaker)
    if speaker is None:
        return _replace_user(bare)
    return _replace_name(_replace_name(bare, speaker), _first_name(speaker))


def _role_asked_of(folded: str, spoken: tuple[str, ...]) -> Role | None:
    if _OF_ASSISTANT.search(folded):
        return Role.ASSISTANT
    return None if _OF_USER.isdisjoint(spoken) else Role.USER


def _in_first_person(text: str, speakers: frozenset[str]) -> tuple[frozenset[str], str]:
    """Return the folded names found in `text`, and the text as the persons named would put it themselves.

    People speak of themselves as "I", so "Where did Ana move?" finds "I moved to Lisbon" more easily as
    "Where did I move?"; on LoCoMo that is worth two points of dense recall over leaving the name out, and
    thirty over keeping it.
    """
    named: set[str] = set()
    text = _replace_user(text)
    for bearers in (_by_name(speakers, str), _by_name(speakers, _first_name)):
        for name in sorted(bearers, key=lambda one: (-len(one), one)):
            personal = _replace_name(text, name)
            if personal != text:
                named |= bearers[name]
                text = personal
    return frozenset(named), text


def _replace_user(text: str) -> str:
    """Put "I" and "my" for "User", as extracted statements call a user without a name, and for "the user"."""
    return _USER.sub("I", _OF_THE_USER.sub("my", text)) if "ser" in text else text


def _by_name(speakers: frozenset[str], naming: Callable[[str], str]) -> dict[str, set[str]]:
    """Map each name that `naming` gives to the folded names of its bearers; two may share a first name."""
    bearers: dict[str, set[str]] = {}
    for speaker in speakers:
        bearers.setdefault(naming(speaker), set()).add(fold(speaker))
    return bearers


def _first_name(speaker: str) -> str:
    first = next(iter(speaker.split()), "")
    return first if len(first) >= _SHORTEST_FIRST_NAME else speaker


def _replace_name(text: str, name: str) -> str:
    """Put "I" and "my" for a name with a capital, as names are written.

    A question typed all in lower case is taken to name "ana" too, but never a "will" or another stop word.
    """
    if text == text.lower():
        forms = [] if name.lower() in STOP_WORDS else [name.lower()]
    else:
        forms = list(dict.fromkeys((name, name.title())))
    for form in forms:
        if form.strip() and form in text:  # spares the regular expressions of a thousand other speakers
            text = re.sub(rf"\b{re.escape(form)}['\u2019](?:s\b)?", "my", text)
            text = re.sub(rf"\b{re.escape(form)}\b", "I", text)
    return text
