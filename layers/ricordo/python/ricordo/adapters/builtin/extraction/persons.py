"""Retell a sentence in the third person: "I" becomes the speaker, "you" the one spoken to."""

import re
from dataclasses import dataclass
from typing import Final

from ricordo.adapters.builtin.extraction import verbs
from ricordo.adapters.builtin.extraction.predicates import verb_of_predicate
from ricordo.adapters.builtin.extraction.tokens import is_word, outside_quotes, pieces_of, vocabulary

_CONTRACTION: Final = re.compile(
    r"\b(I|you|we|they)'(m|re|ve|ll|d)\b(?:(\s+(?:\w+ly\s+|just\s+|never\s+)?)(\w+))?", re.IGNORECASE
)
_SLOPPY: Final = re.compile(r"\b(?:(I)(m|ve)|(i))\b(?![./'])")
_EXPANSION: Final = {"m": "am", "re": "are", "ve": "have", "ll": "will"}
_TOGETHER: Final = re.compile(
    r"(^|[,;] |\band |\bwhen |\bthat |\bwhere |\bbecause )((?:[Mm]y|[Oo]ur|"
    r"[Tt]he) (?:[^\W\d_]+ )?[^\W\d_]+|[A-Z][^\W\d_]+) and I\b"
)
_SPOKEN_FORMS: Final = tuple(
    (re.compile(pattern), written)
    for pattern, written in (
        (r"\bI gonna\b", "I am going to"),
        (r"\bgonna\b", "going to"),
        (r"\b(have|has) (?:gotta|got to)\b", r"\1 to"),
        (r"\bgotta\b", "have to"),
        (r"\bwanna\b", "want to"),
    )
)
# After "my goal is to" whatever is "my" is still the speaker's.
_OWN_PURPOSE: Final = re.compile(
    r"[Mm]y (?:\w+ )?(?:goal|plan|dream|hobby|hobbies|passion|idea|hope|wish|job|favou?rite|"
    r"routine|diet|budget|birthday)\b"
)
_NUMBERED: Final = vocabulary("war type part phase class chapter level volume act grade section world elizabeth")
_STARTERS: Final = vocabulary("""
    and but or so if when while that because since where how what who why which as than before after until
    unless though although whether think thinks hope hopes know knows glad sure see like once then say
    says said believe
    """)
_GENERIC_AFTER: Final = vocabulary("if when where what how as that while than until once whenever")
_OTHER_SUBJECTS: Final = vocabulary("it he she they we you that this who which there what because when if")
_RIVALS: Final = vocabulary("""
    they them their friends kids children parents people guys colleagues students boys girls sons
    daughters neighbours neighbors everyone sisters brothers
    """)
_JOINTS: Final = vocabulary("and but or")
_ENDS_AGREEMENT: Final = vocabulary("to i that when because if we you my who which")
# With one of these "I read" is told of the present: "I read every night".
_HABIT: Final = vocabulary("every always usually often daily weekly sometimes never")
_ADVERBS_WITHIN: Final = 6
_PREPOSITIONS: Final = vocabulary("in at for with on as to from by the a an my")


@dataclass(frozen=True, slots=True)
class Cast:
    """Who speaks, and to whom; `addressee` is None where several people might be meant."""

    speaker: str
    addressee: str | None = None
    names: frozenset[str] = frozenset()
    company: str = "others"  # who else "we" are


def possessive(name: str) -> str:
    """Return `name` with its ending 's."""
    return f"{name}'" if name.endswith("s'") else f"{name}'s"


def retell(sentence: str, cast: Cast, *, subject: str | None = None) -> str:
    """Rewrite `sentence` so that it names the persons of `cast` and its verbs agree with them.

    `subject` is the person of whom the words before `sentence` spoke; they are not named again.
    """
    paired = _TOGETHER.sub(r"\1\0 and \2", outside_quotes(sentence, _in_full))
    return _Retelling(paired, cast, subject).text()


def _in_full(text: str) -> str:
    """Write contractions and "gonna" out, so that each word can be told of another person."""
    text = _SLOPPY.sub(_tidied, _CONTRACTION.sub(_expanded, text))
    for pattern, written in _SPOKEN_FORMS:
        text = pattern.sub(written, text)
    return text


def company_in(sentence: str) -> str | None:
    """Return whom "we" means after a sentence such as "My wife and I are ..."; None where it names nobody."""
    match = _TOGETHER.search(sentence)
    return re.sub(r"^[Mm]y\b", "their", match[2]) if match else None


def _tidied(match: re.Match[str]) -> str:
    if match.group(3):
        return "I"
    return f"I {_EXPANSION[match.group(2)]}"


def _expanded(match: re.Match[str]) -> str:
    pronoun, ending, gap, following = match.groups()
    ending = ending.lower()
    verb = _EXPANSION.get(ending) or ("had" if following in ("been", "better", "had", "gone", "seen") else "would")
    return f"{pronoun} {verb}{gap or ''}{following or ''}"


class _Retelling:
    """One pass over the pieces of a sentence."""

    def __init__(self, sentence: str, cast: Cast, subject: str | None) -> None:
        self._cast = cast
        self._pieces = pieces_of(sentence.replace("\0", "\x01"))
        self._spoken = [
            (at, piece.lower()) for at, piece in enumerate(self._pieces) if is_word(piece) or piece == "\x01"
        ]
        self._is_acting = False  # the verbs being read are the speaker's
        self._speaks_of_own_purpose = _OWN_PURPOSE.match(sentence) is not None
        self._subject = subject  # the last person named as subject, where nobody else came between

    def text(self) -> str:
        """Return the sentence retold."""
        for order, (at, word) in enumerate(self._spoken):
            self._visit(order, at, word)
        return " ".join("".join(self._pieces).split())

    def _visit(self, order: int, at: int, word: str) -> None:
        speaker, addressee = self._cast.speaker, self._cast.addressee
        if word in _OTHER_SUBJECTS:
            self._is_acting = False
        if word in ("i", "\x01"):
            self._tell_subject(order, at, speaker, is_pair=word == "\x01")
        elif word == "we":
            self._tell_group(at)
        elif word in _FIRST_PERSON:
            self._tell_oblique(at, speaker, _FIRST_PERSON[word])
        elif word in ("you", "u") and addressee and not self._is_generic(order):
            self._tell_addressee(order, at, addressee)
        elif word in _SECOND_PERSON and addressee:
            self._tell_oblique(at, addressee, _SECOND_PERSON[word])
        elif word in _RIVALS or (self._pieces[at] in self._cast.names and self._pieces[at] != self._subject):
            self._subject = None

    def _tell_subject(self, order: int, at: int, speaker: str, *, is_pair: bool) -> None:
        if not is_pair and (self._pieces[at] != "I" or self._is_numeral(order, at)):
            return
        is_again = self._subject == speaker and not is_pair
        if is_again and self._is_acting and self._previous(order) in _JOINTS and order > 1:
            self._pieces[at] = ""
            self._agree(order)
        elif is_again:
            self._pieces[at] = "they"
            self._agree_with_they(order)
        else:
            self._pieces[at] = speaker
            if not is_pair:
                self._agree(order)
        self._subject = speaker
        self._is_acting = True

    def _tell_group(self, at: int) -> None:
        is_again = self._subject == f"{self._cast.speaker} and {self._cast.company}"
        self._subject = f"{self._cast.speaker} and {self._cast.company}"
        self._pieces[at] = "they" if is_again else self._subject

    def _tell_addressee(self, order: int, at: int, addressee: str) -> None:
        is_subject = order == 0 or self._previous(order) in _STARTERS or self._follows_comma(at)
        is_subject = is_subject or self._may_begin_relative(order)
        following = self._following(order)
        verb = self._pieces[following].lower() if following is not None else ""
        begins = order == 0 and verb not in _NO_VERBS
        if verb in verbs.AUXILIARIES or begins or (is_subject and verbs.is_finite(verb)):
            is_again = self._subject == addressee
            self._pieces[at] = "they" if is_again else addressee
            if not is_again:
                self._agree(order)
            self._subject = addressee
        else:
            self._pieces[at] = "them" if self._subject == addressee else addressee

    def _tell_oblique(self, at: int, person: str, forms: tuple[str, str]) -> None:
        named, again = forms
        is_again = self._subject is not None and self._is_same(person, named)
        self._pieces[at] = (
            again if is_again else named.format(person=person, of=possessive(person), company=self._cast.company)
        )
        is_owner = "{of}" in named
        if not is_owner or (at == 0 and self._speaks_of_own_purpose):
            self._subject = person

    def _is_same(self, person: str, named: str) -> bool:
        """What is "ours" may be theirs of whom "we" spoke; what is "mine" is one person's."""
        is_groups = "{company}" in named or named == _OF_GROUP
        return self._subject == person or (is_groups and (self._subject or "").partition(" and ")[0] == person)

    def _agree(self, order: int) -> None:
        """Bring the verb behind the subject, and those joined to it, into the third person."""
        following = self._following(order)
        if following is None or not self._pieces[following].islower():
            return
        verb = self._pieces[following]
        is_habit = verb in verbs.UNCHANGING and not _HABIT.isdisjoint(word for _, word in self._spoken)
        agreeing = f"{verb}s" if is_habit else verbs.third_person(verb)
        if (
            verb in _NO_VERBS
            or (verb == "were" and self._previous(order) in ("if", "wish"))
            or not verb.replace("'", "").isalpha()
        ):
            return
        self._pieces[following] = agreeing
        if verb not in verbs.MODALS and agreeing not in ("doesn't", "does"):
            self._agree_joined(following, is_past=verbs.is_past(verb))

    def _agree_with_they(self, order: int) -> None:
        following = self._following(order)
        if following is not None:
            verb = self._pieces[following]
            self._pieces[following] = {"am": "are", "was": "were", "wasn't": "weren't"}.get(verb, verb)

    def _agree_joined(self, start: int, *, is_past: bool) -> None:
        """Bring verbs joined by "and" or "but" into agreement, as far as the subject certainly is the same."""
        end = self._pieces.index(":", start) if ":" in self._pieces[start:] else len(self._pieces)
        rest = [(at, word) for at, word in self._spoken if start < at < end]
        words = [word for _, word in rest]
        for order, (_, word) in enumerate(rest):
            if word in _ENDS_AGREEMENT:
                return
            verb = verb_of_predicate(words[order + 1 :], is_third=False) if word in _JOINTS else None
            if verb is not None and (not is_past or verb in verbs.AUXILIARIES):
                self._pieces[rest[words.index(verb, order)][0]] = verbs.third_person(verb)

    def _following(self, order: int) -> int | None:
        """Return the piece that holds the verb after a subject: adverbs in between are skipped."""
        words = [word for _, word in self._spoken[order + 1 : order + _ADVERBS_WITHIN]]
        verb = order + 1 + verbs.after_adverbs(words)
        if verb > order + len(words):
            return None
        at = self._spoken[verb][0]
        between = "".join(self._pieces[self._spoken[order][0] + 1 : at])
        return None if "," in between else at

    def _may_begin_relative(self, order: int) -> bool:
        """As in "someone you love": neither a verb nor a preposition makes "you" its object."""
        before = self._previous(order)
        return not (
            before.endswith("ing")
            or verbs.is_finite(before)
            or before in _PREPOSITIONS
            or before in ("of", "about", "than", "and", "or")
        )

    def _previous(self, order: int) -> str:
        return self._spoken[order - 1][1] if order else ""

    def _follows_comma(self, at: int) -> bool:
        return "".join(self._pieces[max(at - 2, 0) : at]).strip() in (",", ";", ":", "-", "\u2013", "—")

    def _is_numeral(self, order: int, at: int) -> bool:
        return self._previous(order) in _NUMBERED or self._pieces[at + 1 : at + 2] == ["/"]

    def _is_generic(self, order: int) -> bool:
        """Said to the assistant, "you" often means anyone."""
        following = self._following(order)
        verb = self._pieces[following].lower() if following is not None else ""
        if self._cast.addressee != "Assistant":
            return verb == "know"
        if self._previous(order) == "if" and verb in ("could", "would"):
            return False
        return self._previous(order) in _GENERIC_AFTER or verb in (
            "know",
            "see",
            "get",
            "can",
            "need",
            "have",
        )


_OF_GROUP: Final = "{of} "  # "our" is told as the speaker's, yet may be of all who were named
_FIRST_PERSON: Final = {
    "my": ("{of}", "their"), "mine": ("{of}", "theirs"), "me": ("{person}", "them"), "our": (_OF_GROUP, "their"),
    "ours": (_OF_GROUP, "theirs"), "us": ("{person} and {company}", "them"),
    "myself": ("{person}", "themselves"),
    "ourselves": ("{person} and {company}", "themselves"),
}  # fmt: skip
_SECOND_PERSON: Final = {
    "your": ("{of}", "their"), "yours": ("{of}", "theirs"), "yourself": ("{person}", "themselves"),
    "ur": ("{of}", "their"),
}  # fmt: skip
_NO_VERBS: Final = vocabulary(
    "and or but in on at to of for with from the a an who which that is has was less more none neither nor"
)
