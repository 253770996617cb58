"""Remember who was spoken of, and put them in the place of "he" and "she" where only one can be meant."""

import re
from collections import deque
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from ricordo.adapters.builtin.extraction import verbs
from ricordo.adapters.builtin.extraction.kinship import EITHER, FEMALE, MALE, PEOPLE, PETS
from ricordo.adapters.builtin.extraction.persons import possessive
from ricordo.adapters.builtin.extraction.tokens import vocabulary, words_of
from ricordo.domain.word_lists import STOP_WORDS

_KIN: Final = "|".join(sorted(PEOPLE | PETS, key=len, reverse=True))
_OWNED: Final = re.compile(
    (
        r"(?:(?P<owner>[A-Z][\w-]*)'s|"
        rf"\b(?P<again>their)) (?P<adjectives>(?:[a-z-]+ ){{0,2}}?)(?P<noun>{_KIN})\b(?:(?:,|"
        r"'s name is| is (?:named|called))? (?P<name>[A-Z][^\W\d_]+))?"
    ),
)
_HAS: Final = re.compile(
    r"\b(?:has|adopted|got) (?:an?|"
    rf"one) (?P<adjectives>(?:[a-z-]+ ){{0,2}}?)(?P<noun>{_KIN})\b(?:,? (?:named|"
    r"called) (?P<name>[A-Z][^\W\d_]+))?"
)
_CALLED: Final = re.compile(
    r"\b(?:has|have|had|adopted|got) an? [\w -]{2,30}? (?:named|called) (?P<name>[A-Z][^\W\d_]+)"
)
_LEADING: Final = re.compile(r"(?P<pronoun>he|she|his|her|its)(?P<ending>'s|'ll|'d)?\s", re.IGNORECASE)
# In a short sentence of the speaker's own, "him" can be nobody named in it.
_OBJECT: Final = re.compile(
    r"(?P<before>(?:I|we)(?:'\w+)?(?: [a-z']+){1,4} )(?P<pronoun>him|her)"
    r"(?=$|[.,!?;]|\s(?:a lot|again|so|very|every|on|in|at|to|for|with|about|because|when|and|but|since|last|"
    r"yesterday|tomorrow|today|too|dearly|there)\b)"
)
_TITLED: Final = re.compile(r"\b(?P<title>Mr|Mrs|Ms|Dr|Prof)\. (?:[A-Z]\. )?(?P<name>[A-Z][^\W\d_]+)")
_NAMED: Final = re.compile(
    r"(?:(?:^|[,;] |\b(?:and|but|so|when|that) )(?P<name>[A-Z][^\W\d_]+) (?P<verb>[a-z']+)"
    r"|\b(?:with|met|found|saw|told|asked|called) (?P<other>[A-Z][^\W\d_]+)|\b(?P<owner>[A-Z][^\W\d_]+)(?='s))\b"
)
_NOBODY: Final = vocabulary("user assistant everyone everybody someone nobody people everything nothing something one")
_TITLE_GENDERS: Final = {"Mr": "male", "Mrs": "female", "Ms": "female"}
_GENDERS: Final = {
    "he": "male", "his": "male", "him": "male", "she": "female", "her": "female", "its": "animal",
}  # fmt: skip
_TOPIC: Final = re.compile(
    r"(?P<phrase>(?:The|[A-Z][\w-]*'s) (?:[a-z-]+ ){0,2}(?P<noun>[a-z-]+)) (?:is|was|starts|ends|begins)\b"
)
_OF_TOPIC: Final = re.compile(r"\bit\b")
_TOPIC_AGAIN: Final = re.compile(
    r"it(?P<copula>'s| is| was) (?=(?:on|at|in|from|not|due|called|now|next|with|about|scheduled|moved)\b)",
    re.IGNORECASE,
)
_COPULAS: Final = {"'s": "is", " is": "is", " was": "was"}
_ENDINGS: Final = {"'s": " is", "'ll": " will", "'d": " would", None: ""}
_REMEMBERED: Final = 4


@dataclass(frozen=True, slots=True)
class _Referent:
    surface: str
    gender: str | None
    is_animal: bool = False
    is_bare: bool = False

    def may_be(self, gender: str) -> bool:
        if gender == "animal":
            return self.is_animal
        return self.gender is None or self.gender == gender


class Referents:
    """The people and animals named in the last few statements."""

    def __init__(self) -> None:
        self._recent: deque[dict[str, _Referent]] = deque(maxlen=_REMEMBERED)
        self._topic: str | None = None  # what the last statement was about, if a thing

    def note(self, statement: str, *, speakers: AbstractSet[str]) -> None:
        """Remember whom `statement`, already retold, names; `speakers` are "I" or "you", never "she"."""
        people = list(_people_in(statement))
        named = {word.removesuffix("'s") for person in people for word in person.surface.split()}
        people += _subjects_in(statement, speakers | named)
        self._recent.append({referent.surface: referent for referent in people})
        topic = _TOPIC.match(statement)
        if topic and topic["noun"] not in PEOPLE | PETS:
            self._topic = topic["phrase"]
        elif not _OF_TOPIC.search(statement):
            self._topic = None

    def resolve(self, core: str, *, speaker: str) -> str:
        """Replace the pronouns of `core` for which exactly one of those last named can be meant."""
        return self._with_object(self._with_subject(core), speaker)

    def _with_subject(self, core: str) -> str:
        match = _LEADING.match(core)
        if not match:
            again = _TOPIC_AGAIN.match(core) if self._topic else None
            return f"{self._topic} {_COPULAS[again['copula']]} {core[again.end() :]}" if again else core
        pronoun = match["pronoun"].lower()
        surface = self._only(_GENDERS[pronoun], may_be_bare=True)
        if surface is None:
            return core
        rest = core[match.end() :]
        if pronoun in ("his", "her", "its"):
            return f"{possessive(surface)} {rest}"
        # Where "she's" may be "she has" it stays a contraction.
        ending = "'s" if match["ending"] == "'s" and _is_perfect(rest) else _ENDINGS[match["ending"]]
        return f"{surface}{ending} {rest}"

    def _with_object(self, core: str, speaker: str) -> str:
        match = _OBJECT.match(core)
        surface = self._only(_GENDERS[match["pronoun"].lower()], may_be_bare=False) if match else None
        if match is None or surface is None:
            return core
        own = f"{possessive(speaker)} "
        told = f"my {surface.removeprefix(own)}" if surface.startswith(own) else surface
        return f"{match['before']}{told}{core[match.end() :]}"

    def _only(self, gender: str, *, may_be_bare: bool) -> str | None:
        """Return the one person last named whom a pronoun fits, None where there are two.

        Somebody called by a bare name, whose gender we do not know, has to be of the very last statement,
        with nobody else in the one before.
        """
        fitting = [[one for one in found.values() if one.may_be(gender)] for found in reversed(self._recent)]
        age, nearest = next(((age, found) for age, found in enumerate(fitting) if found), (0, []))
        if len(nearest) != 1:
            return None
        if nearest[0].is_bare:
            others = {one.surface for one in (fitting[1] if len(fitting) > 1 else [])} - {nearest[0].surface}
            if age or others or not may_be_bare:
                return None
        return nearest[0].surface


def _people_in(statement: str) -> Iterator[_Referent]:
    first = statement.split(" ", 1)[0].removesuffix("'s")
    named: set[str] = set()
    for match in _OWNED.finditer(statement):
        owner = first if match["again"] else match["owner"]
        named.add(match["name"])
        yield _close_one(match, owner, match["adjectives"])
    for match in _HAS.finditer(statement):
        before = statement[: match.start()].strip()
        named.add(match["name"])
        yield _close_one(match, before if before.startswith(possessive(first)) else first, "")
    for match in _CALLED.finditer(statement):
        if match["name"] not in named:
            yield _Referent(match["name"], None, is_bare=True)
    for match in _TITLED.finditer(statement):
        yield _Referent(match.group(), _TITLE_GENDERS.get(match["title"]))


def _subjects_in(statement: str, speakers: AbstractSet[str]) -> Iterator[_Referent]:
    """Yield whoever is called by name alone: that "he" may be one of them keeps it from being another."""
    for match in _NAMED.finditer(statement):
        name, verb = match["name"] or match["other"] or match["owner"], match["verb"] or "is"
        is_person = verb in verbs.AUXILIARIES or verbs.is_past(verb) or verbs.is_third(verb)
        if is_person and name not in speakers and name.lower() not in STOP_WORDS | _NOBODY:
            yield _Referent(name, None, is_bare=True)


def _close_one(match: re.Match[str], owner: str, adjectives: str) -> _Referent:
    noun, name = match["noun"], f" {match['name']}" if match["name"] else ""
    return _Referent(f"{possessive(owner)} {adjectives}{noun}{name}", _gender(noun), is_animal=noun in PETS)


def _gender(noun: str) -> str | None:
    if noun in EITHER or noun in PETS:
        return None
    return "female" if noun in FEMALE else "male" if noun in MALE else None


def _is_perfect(rest: str) -> bool:
    """Tell "she's been", which is "she has been", from "she is"."""
    spoken = words_of(rest)
    at = verbs.after_adverbs(spoken)
    return at < len(spoken) and (verbs.is_participle(spoken[at]) or spoken[at] in ("got", "had"))
