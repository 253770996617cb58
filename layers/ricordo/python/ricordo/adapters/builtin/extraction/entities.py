"""Find what a statement mentions: names, titles in quotes, identifiers."""

import re
from collections.abc import Iterator
from typing import Final

from ricordo.adapters.builtin.extraction import verbs
from ricordo.adapters.builtin.extraction.kinship import PEOPLE
from ricordo.adapters.builtin.extraction.languages import is_english
from ricordo.adapters.builtin.extraction.tokens import vocabulary, words_of
from ricordo.domain.graph import Entity, EntityType
from ricordo.domain.word_lists import STOP_WORDS

_IDENTIFIER: Final = re.compile(
    r"https?://[^\s<>\"')\]]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|`[^`\n]{1,120}`|"
    r"\b[A-Z][A-Z0-9]{1,9}-\d+\b|#\d+\b|\b(?!\d{1,2}\.\d{1,2}\.(?:19|20)\d\d\b)v?\d+\.\d+\.\d+(?:[-+.][\w.]+)?\b|"
    r"\bv\d+(?:\.\d+)?\b|\b[A-Z]{2}\d{3,4}\b|(?<![\w/])(?:[\w.-]+/)+[\w-]+\.\w{1,5}\b|"
    r"\b[a-z]+(?:_[a-z0-9]+)+\b"
)
_QUOTED: Final = re.compile(r"\"([^\"\n]{2,80})\"|“([^”\n]{2,80})”")
_CAPITAL_WORD: Final = r"[^\W\d_a-z][\w&'-]*(?:\.\w+)*"
_NAME: Final = re.compile(
    rf"\b(?:(?:Mr|Mrs|Ms|Dr|Prof)\. (?:[A-Z]\. )?)?{_CAPITAL_WORD}"
    rf"(?:\s+(?:(?:of|de|da|do|del|di|la|van|von|the)\s+)?(?:{_CAPITAL_WORD}|\d{{1,4}}(?:\.\d+)*\b))*"
)
_ASKED: Final = re.compile(r"^Asked \"[^\"]*\", ")
_PREFIX: Final = re.compile(r"^[\w-]+(?: answered)?: ")
_CALENDAR: Final = vocabulary(
    "monday tuesday wednesday thursday friday saturday sunday january february march april "
    "may june july august "
    "september october november december jan feb mar apr jun jul aug sep sept oct nov dec"
)
_ROLES: Final = frozenset(("user", "assistant"))
_PLACES: Final = vocabulary("""
    portugal spain france germany italy england scotland ireland britain netherlands belgium austria
    switzerland sweden norway denmark finland poland greece turkey brazil argentina chile mexico canada
    japan china korea india thailand vietnam australia egypt morocco kenya usa uk europe asia africa
    lisbon porto madrid barcelona paris berlin munich hamburg vienna zurich rome milan florence venice
    london edinburgh dublin amsterdam brussels copenhagen stockholm oslo helsinki warsaw prague budapest
    athens istanbul boston chicago seattle austin toronto vancouver tokyo kyoto osaka seoul beijing
    shanghai singapore bangkok sydney melbourne cairo nairobi california texas florida london
    """)
_BEFORE_PLACE: Final = re.compile(
    r"\b(?:(?:live[sd]?|living|moved|moving|travel\w*|flew|flying|fly|trip|drove|visit(?:s|"
    r"ed|ing)?|born|based|located|grew up|stay\w*|arriv\w*|vacation|holiday|"
    r"back)\s+(?:\w+ ){0,2}?(?:in|to|from|near)|visit(?:s|ed|ing)?)\s+$"
)
_BEFORE_ORGANISATION: Final = re.compile(
    r"\b(?:work(?:s|ed|ing)?|job|intern(?:s|ed|ing|ship)?|employed|position|role|studie[sd]|"
    r"studying|joined|joining|hired)\s+(?:\w+ ){0,3}?(?:at|for|by|with)\s+$|\b(?:joined|"
    r"joining|left)\s+$"
)
_ORGANISATION_END: Final = re.compile(
    r"\b(?:Inc|GmbH|Corp|Ltd|LLC|University|College|Hospital|Bank|School|Institute|Museum|"
    r"Labs?|Foundation|Airlines)\.?$"
)
_BEFORE_PERSON: Final = re.compile(
    (
        rf"\b(?:{'|'.join(sorted(PEOPLE | {'mr', 'mrs', 'dr', 'aunt', 'uncle'}))}),?\.?\s+(?:is )?(?:named |"
        r"called )?$|'s name is $|\bmarried to $"
    ),
    re.IGNORECASE,
)
_STARTS_ANYTHING: Final = vocabulary(
    "asked glad happy my his her our its their yes no ok there here it this that these "
    "those everyone someone people today yesterday tomorrow"
)


def entities_of(statement: str, *, names: frozenset[str]) -> tuple[Entity, ...]:
    """Return the entities of `statement`, each once, in order; `names` are the speakers'."""
    found: dict[str, Entity] = {}
    for entity in (*_identifiers(statement), *_titles(statement), *_names(statement, names)):
        if entity.key and not any(entity.key in known for known in found if known != entity.key):
            found.setdefault(entity.key, entity)
    return tuple(sorted(found.values(), key=lambda entity: statement.find(entity.name)))


def _identifiers(statement: str) -> Iterator[Entity]:
    for match in _IDENTIFIER.finditer(statement):
        yield Entity(match.group().strip("`").rstrip(".,;:!?"), EntityType.IDENTIFIER)


def _titles(statement: str) -> Iterator[Entity]:
    if statement.startswith("Asked "):
        return
    for match in _QUOTED.finditer(statement):
        title = (match[1] or match[2]).strip(" .,;:!?")
        if not title[:1].islower():  # a saying, no title
            yield Entity(title, EntityType.TOPIC)


def _names(statement: str, names: frozenset[str]) -> Iterator[Entity]:
    plain = _IDENTIFIER.sub(_blank, _ASKED.sub(_blank, statement))
    if not is_english(_PREFIX.sub("", plain)):
        names = names | {name for name in _NAME.findall(plain) if name.lower() in _PLACES}
        plain = " ".join(word if word.strip(".,!?") in names else "-" * len(word) for word in plain.split(" "))
    for match in _NAME.finditer(plain):
        name = _without_ordinary_start(plain, match.start(), re.sub(r"'s?$", "", match.group()), names)
        words = words_of(name)
        if not words or all(
            word.removesuffix("s") in _CALENDAR or word in _CALENDAR or word in _ROLES or word.isdigit()
            for word in words
        ):
            continue
        for part in _parts(name):
            yield Entity(part, _type_of(part, plain[max(match.start() - 60, 0) : match.start()], names))


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _parts(name: str) -> Iterator[str]:
    for part in re.split(r"'s\s+", name):
        if words_of(part) and words_of(part)[0] not in _ROLES | _CALENDAR:
            yield part


def _without_ordinary_start(statement: str, start: int, name: str, names: frozenset[str]) -> str:
    """Drop a first word that is capital only for where it stands."""
    first, _, rest = name.partition(" ")
    word = first.lower()
    if first in names or word in _PLACES:
        return name
    if word in STOP_WORDS or word in _STARTS_ANYTHING:
        return rest
    starts_sentence = start == 0 or statement[:start].rstrip()[-1:] in (".", "!", "?", ":")
    is_ordinary = not rest or word.endswith(("ing", "ly", "ed")) or verbs.is_finite(word) or rest in names
    return rest if starts_sentence and is_ordinary else name


def _type_of(name: str, before: str, names: frozenset[str]) -> EntityType:
    if name in names or _BEFORE_PERSON.search(before):
        return EntityType.PERSON
    if _ORGANISATION_END.search(name) or _BEFORE_ORGANISATION.search(before):
        return EntityType.ORGANISATION
    if name.lower() in _PLACES or _BEFORE_PLACE.search(before):
        return EntityType.PLACE
    return EntityType.OTHER
