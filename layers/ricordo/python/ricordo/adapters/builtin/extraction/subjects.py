"""Supply the subject that speech leaves out, and report requests and advice as such."""

import re
from typing import Final

from ricordo.adapters.builtin.extraction import verbs
from ricordo.adapters.builtin.extraction.clauses import has_verb
from ricordo.adapters.builtin.extraction.persons import Cast, retell
from ricordo.adapters.builtin.extraction.predicates import is_verb_before
from ricordo.adapters.builtin.extraction.tokens import lower_first, vocabulary, words_of

_ATTITUDES: Final = vocabulary(
    "love want need hope wish miss hate prefer think guess feel enjoy plan dislike recommend have gotta gonna wanna"
)
_STATES: Final = vocabulary(
    """
    exhausted tired excited scared worried bored thrilled stressed annoyed blessed relieved happy sad
    proud grateful busy sick nervous hungry stuck anxious obsessed hooked lucky interested keen swamped
    impressed surprised stoked
    """
)
_AFTER_STATE: Final = vocabulary("by but and about for with to that from of on in at as because today after right")
_DENIALS: Final = vocabulary("can't cannot couldn't didn't haven't won't wouldn't wasn't")
_DONT_FEEL: Final = re.compile(
    r"don't (?:really )?(?:like|know|think|want|have|feel|need|eat|drink|mind|remember|care)\b", re.IGNORECASE
)
_COMMANDS: Final = vocabulary("""
    add ask avoid be book bring build buy call change check choose clean click close come configure
    consider cook copy create delete deploy do download draft drink eat enable ensure enter explain
    explore find fix follow forget generate get give go have help implement include increase install keep
    leave let list look mail make migrate move never note open order pack pick plan practice prefer
    prepare put reduce refactor remember remind remove rename replace reply rerun research reset restart
    return rewrite run save schedule search see send set show sign skip speak spend start stay stick stop
    store summarize switch take talk tell test translate try turn type update upgrade use visit wait walk
    watch wear work wrap write always start cancel address treat bake visit set consult
    analyse analyze archive attach avoid bump comment commit compare convert describe double-check drop email
    extract feed fill focus format freeze grant install invite label lint list log lower merge mock move
    name paste ping print proofread push pull rate rebase recommend replace report rerun reschedule resend
    revert rollback round run schedule share shorten simplify split squash sum summarise tag text translate
    undo validate verify
    """)
_LETS: Final = re.compile(r"let's\s+(?:just |all |please )?(not )?(.+)", re.IGNORECASE)
_NEGATED: Final = re.compile(r"(?:don't|do not|never)\s+(.+)", re.IGNORECASE)
_ASKED: Final = re.compile(r"(?:can|could|would|will) you (?:please )?(.+)", re.IGNORECASE)
_POLITE: Final = re.compile(r"(?:please|pls|plz)\s+(?:(?:also|just|now)\s+)?", re.IGNORECASE)
_CLOSED: Final = re.compile(r",?\s+(?:then|please|pls|for me|now)(?=[.!]*$)", re.IGNORECASE)
_ADVICE: Final = re.compile(
    (
        r"you(?:'d better| could(?: also)?| should(?P<negation>n't| not)?| might want to|"
        r" may want to| ought to)(?: (?:definitely|really|also|probably))? (?!be\b|"
        r"have\b)(?P<deed>.+)"
    ),
    re.IGNORECASE,
)
_STEP: Final = re.compile(
    (
        r"(?:(?:first|then|next|second|third|finally|after that|lastly|so|if possible)|"
        r"(?P<manner>from now on|going forward|in future|in the future|next time)),?\s+"
    ),
    re.IGNORECASE,
)
_FIELD: Final = re.compile(
    (
        r"(name|full name|age|city|email|e-mail|phone|phone number|job|occupation|profession|"
        r"birthday|date of birth|address|country|height|weight|hometown|allergies|diet|"
        r"nationality|company|role|language)\s*[:=]\s+(.+)"
    ),
    re.IGNORECASE,
)
_UNSURE: Final = re.compile(
    (
        r"not (?:(?:really|so|too|quite|very|at all) )?(?:sure|happy|interested|ready|able|"
        r"hungry|a fan|into)\b"
    ),
    re.IGNORECASE,
)
_HERE: Final = re.compile(r"(?:here (?:are|is)|here's)\s+(.+:\s.+)", re.IGNORECASE)
_CLAUSE_END: Final = re.compile(r"[,;](?= (?:and |but )?(?:I|it|we|he|she|they)\b)")
_LOOK_AHEAD: Final = 12


def with_subject(core: str) -> str:
    """Put an "I" before a sentence that lacks its subject, as in "Moved to Lisbon last week"."""
    field = _FIELD.fullmatch(core)
    if field:
        return f"My {field[1].lower()} {'are' if field[1].lower() == 'allergies' else 'is'} {field[2]}"
    if _UNSURE.match(core):
        return f"I am {lower_first(core)}"
    spoken = words_of(_CLAUSE_END.split(core, maxsplit=1)[0])
    if len(spoken) < 2:  # noqa: PLR2004 (a single word is no sentence)
        return core
    at = 1 if verbs.is_adverb(spoken[0]) and spoken[0] not in ("not", "all", "then", "ever") else 0
    verb = spoken[at] if at < len(spoken) else ""
    prefix = _prefix(verb, spoken[at + 1 : at + 1 + _LOOK_AHEAD], core)
    return f"{prefix} {lower_first(core)}" if prefix else core


def _prefix(verb: str, following: list[str], core: str) -> str:
    if following[:1] in (["me"], ["us"]):
        return ""
    if verb == "been":
        return "I have"
    if verb in _STATES and (not following or following[0] in _AFTER_STATE):
        return "I am"
    return "I" if _is_attitude(verb, following, core) else _prefix_of_plain(verb, following)


def _prefix_of_plain(verb: str, following: list[str]) -> str:
    if any(verbs.is_unmistakably_finite(word) or word.endswith("'s") for word in following):
        return ""
    if _is_gerund(verb) and not any(map(_is_third, following)):
        return "I am"
    return "I" if (verbs.is_past(verb) or verb == "had") and verb not in verbs.BASES else ""


def _is_attitude(verb: str, following: list[str], core: str) -> bool:
    if verb in ("have", "plan"):
        return following[:1] not in (["a"], ["fun"])
    return verb in _ATTITUDES or verb in _DENIALS or _DONT_FEEL.match(core) is not None


def _is_gerund(word: str) -> bool:
    return word.endswith("ing") and verbs.is_base(_stem(word))


def _is_third(word: str) -> bool:
    return word.endswith("s") and verbs.is_finite(word) and not verbs.is_base(word)


def lacks_subject(core: str) -> bool:
    """Say whether a sentence begins with a verb whose subject was named before: "Gives me hope"."""
    spoken = words_of(core)
    return len(spoken) > 1 and _is_third(spoken[0]) and not is_noun_start(spoken)


def is_noun_start(spoken: list[str]) -> bool:
    """Say whether a word like "works" is a plural noun here: a verb follows."""
    return any(verbs.is_finite(word) for word in spoken[1:3])


def _stem(gerund: str) -> str:
    root = gerund[:-3]
    for candidate in (root, f"{root}e", root[:-1]):
        if verbs.is_base(candidate):
            return candidate
    return root


def reported(core: str, cast: Cast, *, to_assistant: bool) -> str | None:
    """Report a command, a proposal or a list as what the speaker did; None for an ordinary statement."""
    core, manner = _without_step(core)
    report = _reported(core, cast, to_assistant=to_assistant)
    return f"{report.rstrip('.!')} {manner}".strip() if report else None


def _without_step(core: str) -> tuple[str, str]:
    """Part "first," or "from now on," from the command that follows it; only the latter says something."""
    match = _STEP.match(core)
    if not match:
        return core, ""
    return core[match.end() :], (match["manner"] or "").lower()


def _reported(core: str, cast: Cast, *, to_assistant: bool) -> str | None:
    listing = _HERE.fullmatch(core)
    if listing:
        return f"{cast.speaker} listed {retell(listing[1], cast)}"
    proposal = _LETS.fullmatch(core)
    if proposal:
        return (
            f"{cast.speaker} proposed {'not ' if proposal[1] else ''}to "
            f"{retell(proposal[2], cast, subject=cast.speaker)}"
        )
    advice = _ADVICE.fullmatch(core)
    if advice and cast.addressee and not to_assistant:
        negation = "not " if advice["negation"] else ""
        return (
            f"{cast.speaker} advised {cast.addressee} {negation}to "
            f"{retell(advice['deed'], cast, subject=cast.addressee)}"
        )
    return _reported_command(core, cast, to_assistant=to_assistant)


def _reported_command(core: str, cast: Cast, *, to_assistant: bool) -> str | None:
    asked = _ASKED.fullmatch(core)
    polite = _POLITE.match(core)
    command = _CLOSED.sub("", asked[1] if asked else core[polite.end() :] if polite else core)
    spoken = words_of(command)
    is_polite = polite is not None and verbs.is_base(spoken[0] if spoken else "")
    is_advice = not to_assistant and _is_plain_advice(spoken, command)
    if not spoken or not (asked or is_polite or is_advice or _is_command(spoken)):
        return None
    verb = "asked" if to_assistant else "advised"
    whom = f" {cast.addressee}" if cast.addressee else ""
    negated = _NEGATED.fullmatch(command)
    if negated:
        return (
            f"{cast.speaker} {verb}{whom} {'never' if spoken[0] == 'never' else 'not'} to "
            f"{_told(negated[1], cast, to_assistant=to_assistant)}"
        )
    return f"{cast.speaker} {verb}{whom} to {_told(command, cast, to_assistant=to_assistant)}"


def _is_command(spoken: list[str]) -> bool:
    if spoken[0] in ("don't", "never", "always") or spoken[:2] == ["do", "not"]:
        return len(spoken) > 1 and (spoken[0] == "don't" or spoken[1] in verbs.BASES or spoken[1] in ("not", "be"))
    return spoken[0] in _COMMANDS and len(spoken) > 1 and not _is_noun_here(spoken)


def _is_plain_advice(spoken: list[str], command: str) -> bool:
    """Said to a person, a sentence that begins with any verb and has no other advises: "Taste the dal first"."""
    if len(spoken) < 2 or not verbs.is_base(spoken[0]) or spoken[0] in _ATTITUDES:  # noqa: PLR2004
        return False
    clause = words_of(_CLAUSE_END.split(command, maxsplit=1)[0])
    return is_verb_before(spoken[0], spoken[1]) and not any(map(verbs.is_unmistakably_finite, clause[1:]))


def _is_noun_here(spoken: list[str]) -> bool:
    """A verb form followed by the real verb was a noun: "Work was hard"."""
    return spoken[1] in verbs.AUXILIARIES or spoken[1] in ("at", "of") or spoken[1].endswith("'s")


def _told(command: str, cast: Cast, *, to_assistant: bool) -> str:
    return retell(lower_first(command), cast, subject=cast.speaker if to_assistant else cast.addressee)


def is_fragment(core: str) -> bool:
    """Say whether a sentence has no verb to carry a statement."""
    return not has_verb(core)
