"""Find the times a statement names, write them out as dates, and say when it holds."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from ricordo.adapters.builtin.extraction import verbs
from ricordo.adapters.builtin.extraction.periods import Period, between
from ricordo.adapters.builtin.extraction.time_words import READERS, Moment, Reader
from ricordo.adapters.builtin.extraction.tokens import vocabulary, words_of
from ricordo.domain.moments import as_utc

_AHEAD: Final = vocabulary(
    "will going tomorrow next plan plans planning upcoming shall would hope hopes can can't cannot may might must won't"
)
# What was put off, booked or signed up for lies ahead, though the verb is in the past.
_PUT_OFF: Final = re.compile(
    r"\b(?:meant|postponed|rescheduled|scheduled|booked|reserved|invited|arranged|expires?|"
    r"(?:was|were|been|got|is|are) (?:moved|pushed) (?:to|from)|(?:moved|pushed) (?:it|(?:the|my|our) \w+) to|"
    r"(?:signed up|registered|enrolled) for|tickets? (?:for|to)|(?<!was )(?<!were )due|put (?:it|that|this|them))\b|"
    r"(?:\b(?:is|are|am)|'s) (?:not |now |also )?\w+(?:ing|ed)\b"
)
_IS_NOW: Final = re.compile(r"\b(?:is|are)\b|\w'(?:s|re)\b")
_CLAUSE_END: Final = re.compile(r"[,;] ")
_REQUESTED: Final = vocabulary("asked advised proposed")
# "She gets married", "it has to be finished": the participle tells of no past.
_BEFORE_STATE: Final = vocabulary("get gets getting be being is are")
_WORKED: Final = vocabulary("was were did didn't wasn't weren't had")
# Days that come back every year, and days that come back every week, are no dates.
_RECURRING: Final = re.compile(
    r"\b(?:born|birthdays?|anniversary|every|each|annual|always|usually|"
    r"(?:once|twice|times) a|weekly|monthly|daily|yearly)\b",
    re.IGNORECASE,
)
_FROM: Final = re.compile(r"\b(?:since|starting|as of|from)\b", re.IGNORECASE)
_UNTIL: Final = re.compile(r"\b(?:until|till|by)\b", re.IGNORECASE)
_BEFORE: Final = re.compile(r"\bbefore (?!yesterday)", re.IGNORECASE)
_SINCE_NOW: Final = re.compile(r"\bsince (?:the )?$", re.IGNORECASE)
_MAY_AS_VERB: Final = re.compile(r"\bmay\b")


_TO_THE: Final = re.compile(r"\s*(?:to|until|till|through|and|-|\u2013)\s*(?:the )?", re.IGNORECASE)
_ASKED: Final = re.compile(r"Asked \"([^\"]*)\"")


@dataclass(frozen=True, slots=True)
class Dated:
    """A statement with its relative times written out, and the time it speaks of."""

    text: str
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Mention:
    start: int
    end: int
    period: Period


def date_statement(text: str, said_at: datetime) -> Dated:
    """Resolve the times in `text` against the day it was said."""
    mentions = _mentions(text, as_utc(said_at).date())
    if not mentions:
        return Dated(text)
    period = _spoken_of(text, mentions)
    for mention in reversed(mentions):
        if mention.period.label:
            text = f"{text[: mention.end]} ({mention.period.label}){text[mention.end :]}"
    return Dated(text, period.valid_from, period.valid_to)


def _mentions(text: str, today: date) -> list[_Mention]:
    found: list[_Mention] = []
    is_recurring = _RECURRING.search(text) is not None
    for pattern, reader in READERS:
        for match in pattern.finditer(text):
            if any(match.start() < other.end and other.start < match.end() for other in found):
                continue
            if _MAY_AS_VERB.search(match.group()) or (is_recurring and _lacks_year(match)):
                continue
            moment = Moment(today, _is_past(text, match), _named_beside(text, found, match))
            period = _read(reader, match, moment)
            if period is not None:
                found.append(_Mention(match.start(), match.end(), period))
    return sorted(found, key=lambda mention: mention.start)


def _named_beside(text: str, found: list[_Mention], match: re.Match[str]) -> date | None:
    """Return the date that tells the month of "the 3rd": the end of its range, or what was named before."""
    for mention in found:
        if mention.start > match.end() and _TO_THE.fullmatch(text[match.end() : mention.start]):
            return mention.period.start
    earlier = [mention for mention in found if mention.end <= match.start()]
    return max(earlier, key=lambda mention: mention.end).period.start if earlier else None


def _read(reader: Reader, match: re.Match[str], moment: Moment) -> Period | None:
    try:
        return reader(match, moment)
    except (ValueError, OverflowError):  # no such day in the calendar
        return None


def _lacks_year(match: re.Match[str]) -> bool:
    parts = match.groupdict()
    return ("day" in parts and not parts.get("year")) or ("weekday" in parts and parts.get("which") in ("", "on"))


def _spoken_of(text: str, mentions: list[_Mention]) -> Period:
    first = mentions[0]
    before = text[max(first.start - 10, 0) : first.end]
    if len(mentions) > 1 and _TO_THE.fullmatch(text[first.end : mentions[1].start]):
        return between(first.period, mentions[1].period)
    if _FROM.search(before):
        return first.period.onwards()
    if _BEFORE.search(before) and first.period.start:
        return Period(None, first.period.start, "")
    return first.period.up_to() if _UNTIL.search(before) else first.period


def _is_past(text: str, match: re.Match[str]) -> bool:
    """Judge by the clause around a time; where it has no telling verb, by the whole statement."""
    if _SINCE_NOW.search(text[: match.start()]):
        return True
    question = _ASKED.match(text)
    if question:
        return bool(_speaks_of_past(question[1]))
    start = max(text.rfind(mark, 0, match.start()) for mark in (", ", "; ")) + 1
    clause = _CLAUSE_END.split(text[start:], maxsplit=1)[0]
    is_past = _speaks_of_past(clause)
    return bool(_speaks_of_past(text)) if is_past is None else is_past


def _is_done(word: str) -> bool:
    return word in verbs.PARTICIPLES and not verbs.is_base(word)


def _speaks_of_past(text: str) -> bool | None:
    """Judge by the first verb that tells: what is planned is ahead, what "was" is behind."""
    if _PUT_OFF.search(text):
        return False
    spoken = words_of(text)
    for before, word in zip(["", *spoken], spoken, strict=False):
        if word in _AHEAD or word in _REQUESTED:
            return False
        if before not in _BEFORE_STATE and (word in _WORKED or verbs.is_past(word) or _is_done(word)):
            return True
    return False if _IS_NOW.search(text) else None
