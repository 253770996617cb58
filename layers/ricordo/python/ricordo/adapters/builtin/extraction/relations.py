"""Read typed relations off statements of a few plain forms; anything else is left alone."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from ricordo.adapters.builtin.extraction.kinship import PEOPLE, PETS, RELATION_TYPES
from ricordo.adapters.builtin.extraction.tokens import vocabulary
from ricordo.domain.graph import Relation

_KIN: Final = "|".join(sorted(PEOPLE | PETS, key=len, reverse=True))
_SUBJECT: Final = (
    rf"(?P<source>[A-Z][\w-]*(?:'s (?:[a-z]+ )?(?:{_KIN})(?: [A-Z][^\W\d_]+)?|"
    r" [A-Z][^\W\d_]+)?)"
)
_SOFT: Final = r"(?:(?:now|currently|also|really|still|just|absolutely|usually|has|been|recently) )*"
_NAME: Final = r"(?P<target>[^\W\d_a-z][\w&'.-]*(?: (?:(?:of|de|da|do|del|di|la) )?[^\W\d_a-z][\w&'-]*)*)"
_THING: Final = (
    r"(?P<target>(?!to\b|it\b|User\b|Assistant\b|being\b|that\b|this\b|them\b|when\b|how\b|"
    r"the idea\b)[\w'&-]+(?: (?!and\b|but\b|because\b|when\b|since\b|so\b|with\b|in\b|at\b|"
    r"on\b|after\b|before\b|while\b|too\b|anymore\b|either\b|most\b|very\b|now\b|a lot\b|for\b|who\b|that\b|"
    r"or\b)[\w'&-]+){0,3})"
)
_ROWS: Final = (
    ("lives_in", rf"{_SUBJECT} {_SOFT}(?:lives|lived|living|is living|is based|resides) {_SOFT}in {_NAME}"),
    ("lives_in", rf"{_SUBJECT} {_SOFT}(?:moved|relocated) (?:back )?(?:from [A-Z]\w+ )?to {_NAME}"),
    ("works_at", (
        rf"{_SUBJECT} {_SOFT}(?:works|working|is working|worked|"
        rf"is employed) (?:[a-z ]{{1,40}} )?(?:at|for) {_NAME}"
)),
    ("works_at", rf"{_SUBJECT} {_SOFT}(?:joined|started (?:working )?at|started a (?:new )?job at) {_NAME}"),
    ("works_as", (
        rf"{_SUBJECT} {_SOFT}(?:works|working|worked|"
        r"is working) as an? (?P<target>[a-z]+(?: [a-z]+)?)(?= (?:at|for|in)\b|[^\w ]|$)"
)),
    ("studies_at", rf"{_SUBJECT} {_SOFT}(?:studies|is studying|studied) (?:[a-z ]{{1,30}} )?at {_NAME}"),
    ("comes_from", rf"{_SUBJECT} (?:is (?:originally )?from|comes from|grew up in|was born in) {_NAME}"),
    ("married_to", rf"{_SUBJECT} (?:is|got) married to {_NAME}"),
    ("married_to", rf"{_SUBJECT} married (?!in\b){_NAME}"),
    ("has_pet", (
        rf"{_SUBJECT} {_SOFT}(?:has|adopted|got|"
        rf"owns) an? (?:[a-z-]+ ){{0,3}}(?:{'|'.join(sorted(PETS))}),? (?:named|called) {_NAME}"
)),
    ("likes", rf"{_SUBJECT} {_SOFT}(?:likes|loves|enjoys|adores) {_THING}"),
    ("dislikes", (
        rf"{_SUBJECT} {_SOFT}(?:dislikes|hates|can't stand|doesn't (?:really )?like|"
        rf"does not like) {_THING}"
)),
    ("prefers", rf"{_SUBJECT} {_SOFT}prefers {_THING}"),
    ("allergic_to", rf"{_SUBJECT} is {_SOFT}(?:severely )?allergic to {_THING}"),
    ("located_in", rf"(?P<source>[A-Z][\w-]*(?: [A-Z][\w-]*)*) is (?:located )?in {_NAME}"),
)  # fmt: skip
_PATTERNS: Final = tuple((relation_type, re.compile(pattern)) for relation_type, pattern in _ROWS)
_OWNED: Final = re.compile(
    rf"\b(?P<owner>[A-Z][\w-]*)'s (?:[a-z-]+ )?(?P<noun>{_KIN})(?:'s name is| is (?:named|"
    r"called)|,? (?:named|called)|,)? (?P<name>(?!(?:Mr|Mrs|Ms|Dr|Prof)\b)[A-Z][^\W\d_]+)\b"
)
_THEIR: Final = re.compile(
    rf"^(?P<owner>[A-Z][\w-]*) .*?\btheir (?:[a-z-]+ )?(?P<noun>{_KIN})(?:,? (?:named|called)|"
    r",)? (?P<name>(?!(?:Mr|Mrs|Ms|Dr|Prof)\b)[A-Z][^\W\d_]+)\b"
)
_HAS: Final = re.compile(
    rf"^(?P<owner>[A-Z][\w-]*) has an? (?:[a-z-]+ ){{0,2}}(?P<noun>{_KIN})(?:,? (?:named|"
    r"called)) (?P<name>(?!(?:Mr|Mrs|Ms|Dr|Prof)\b)[A-Z][^\W\d_]+)\b"
)
_LISTED: Final = frozenset(("likes", "dislikes", "allergic_to"))
_LISTING: Final = re.compile(r"(?:, [\w'-]+(?: [\w'-]+)?)*,? (?:and|or) [\w'-]+(?: [\w'-]+)?(?=$|[.;(])")
_COMMA_OR_AND: Final = re.compile(r",? (?:and|or) |, ")
_FALSE_SOURCES: Final = vocabulary("It He She They This That There We You What Who Asked If When The A An My His Her")


def relations_of(statement: str, *, valid_from: datetime | None, valid_to: datetime | None) -> tuple[Relation, ...]:
    """Return the relations `statement` states, each once."""
    found: dict[tuple[str, str, str], Relation] = {}
    since = _is_change(statement)
    for source, relation_type, target in _stated(statement):
        relation = Relation(source, relation_type, target, valid_from, None if since else valid_to)
        found.setdefault((source, relation_type, target), relation)
    return tuple(found.values())


def _stated(statement: str) -> Iterator[tuple[str, str, str]]:
    for relation_type, pattern in _PATTERNS:
        match = pattern.match(statement)
        if match and match["source"].split()[0] not in _FALSE_SOURCES:
            for target in (match["target"], *_further(relation_type, statement[match.end() :])):
                yield match["source"], relation_type, target.rstrip(".'")
    for pattern in (_OWNED, _THEIR, _HAS):
        for match in pattern.finditer(statement):
            yield match["owner"], RELATION_TYPES.get(match["noun"], "knows"), match["name"]


def _further(relation_type: str, rest: str) -> Iterator[str]:
    """Yield what else is liked or borne ill behind the first thing: "(penicillin) and peanuts"."""
    if relation_type not in _LISTED:
        return
    match = _LISTING.match(rest)
    if match:
        yield from (thing.strip() for thing in _COMMA_OR_AND.split(match.group()) if thing.strip())


def _is_change(statement: str) -> bool:
    """What began in a period goes on after it."""
    return re.search(r"\b(?:moved|relocated|joined|started|adopted|got|married)\b", statement) is not None
