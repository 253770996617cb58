"""Turn one sentence into the statements it makes, each readable alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ricordo.adapters.builtin.extraction.compounds import split_compound
from ricordo.adapters.builtin.extraction.languages import is_english
from ricordo.adapters.builtin.extraction.persons import Cast, retell
from ricordo.adapters.builtin.extraction.referents import Referents
from ricordo.adapters.builtin.extraction.subjects import is_fragment, lacks_subject, reported, with_subject
from ricordo.adapters.builtin.extraction.tokens import upper_first

_DANGLING: Final = re.compile(
    (
        r"(?:actually,? )?(?:it|they|he|she|them)(?:'s|'re|'ll|'d|'ve)?\b|(?:that|this)(?:'s|'ll|"
        r"'d)? (?:is|was|will|would|makes|made|gives|gave|really|helps|helped|means)\b|(?:that|"
        r"this)'s\b|(?:these|those) (?:are|were)\b|(?:his|her|its)\b"
    ),
    re.IGNORECASE,
)
_EXPLETIVE: Final = re.compile(
    (
        r"it(?:'s| is| was) (?:\w+ ){1,3}(?:to|that|when|how) |it(?:'d| would| will|'ll| can|"
        r" must) be (?:\w+ ){1,3}(?:to|that|when|if)\b|it (?:takes|rains|rained|snowed|"
        r"looks like|turns out|seems)\b|it(?:'s| is) (?:raining|snowing)|this (?:morning|week|"
        r"month|year|time)\b"
    ),
    re.IGNORECASE,
)
# "I watched it again": what "it" is was said before.
_SPEAKS_OF_IT: Final = re.compile(
    (
        r"(?:I|we)(?:'\w+)?(?: (?!make\b|made\b)[\w']+){1,3} (?:it|them|that one|there)\b(?!'| (?:is|was|"
        r"are|were|to|that)\b)"
    ),
    re.IGNORECASE,
)
_HOLLOW: Final = re.compile(r"I(?:'d| would)? (?:really )?(?:love|like|want|hope|need|be happy) to", re.IGNORECASE)
_COUNTED_WORDS: Final = 3
_FEWEST_LETTERS: Final = 6


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, and whether it needs the one before it to be understood.

    Attributes:
        text: The statement.
        is_dangling: It speaks of "it" or "that", or is a fragment.
        is_of_message: What it hangs on can only be in the same message.
    """

    text: str
    is_dangling: bool = False
    is_of_message: bool = False


def statements_of(
    core: str, cast: Cast, referents: Referents, *, context: str, to_assistant: bool
) -> Iterator[Statement]:
    """Yield the statements of a sentence without its interjections.

    `context` is the message around it, by which the language of a short sentence is judged.
    """
    if not is_english(core, context=context):
        if not _is_exclamation(core):
            yield Statement(f"{cast.speaker}: {core}")
        return
    for clause in split_compound(with_subject(core)):
        if _HOLLOW.fullmatch(clause):
            continue
        statement = _retold(
            referents.resolve(upper_first(clause), speaker=cast.speaker), cast, to_assistant=to_assistant
        )
        referents.note(statement.text, speakers=cast.names | {cast.speaker, cast.addressee or ""})
        yield statement


def _retold(clause: str, cast: Cast, *, to_assistant: bool) -> Statement:
    clause = with_subject(clause)
    report = reported(clause, cast, to_assistant=to_assistant)
    if report is not None:
        return Statement(_ended(report))
    if _DANGLING.match(clause) and not _EXPLETIVE.match(clause):
        return Statement(_ended(retell(clause, cast)), is_dangling=True)
    text = _ended(upper_first(retell(clause, cast)))
    if is_fragment(clause) and not text.startswith((cast.speaker, cast.addressee or cast.speaker)):
        return Statement(text, is_dangling=":" not in text, is_of_message=True)
    is_dangling = _SPEAKS_OF_IT.match(clause) is not None or lacks_subject(clause)
    return Statement(text, is_dangling=is_dangling, is_of_message=True)


def _is_exclamation(core: str) -> bool:
    """A word or two in a language we do not read say too little to keep."""
    words = core.split()
    if core.isascii() or len(words) > 1:
        return len(words) == 1 or (core.endswith("!") and len(words) <= _COUNTED_WORDS)
    return len(core) <= _FEWEST_LETTERS


def _ended(text: str) -> str:
    """Drop the closing mark; statements are stored without one."""
    bare = text.rstrip(" .!…,;:?")
    return f"{bare}." if re.search(r"\b(?:a\.m|p\.m|etc|Inc|U\.S|Ltd)$", bare) else bare
