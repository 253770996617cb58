"""Recognise a predicate that goes on without its subject, as in "I love pizza but hate olives"."""

from collections.abc import Sequence
from typing import Final

from ricordo.adapters.builtin.extraction import verbs
from ricordo.adapters.builtin.extraction.tokens import vocabulary

_FIRST_ONLY: Final = vocabulary("am have do don't haven't")
_THIRD_ONLY: Final = vocabulary("is has does isn't hasn't doesn't")
# What commonly follows a verb and hardly ever a noun that ends a list.
_AFTER_VERB: Final = vocabulary("""
    a an the my your his our their this that these those it me him her us them some any every each no
    in at on to from with by for about into as around through until since without under over up out off down
    away back one two three four five six seven eight nine ten twice once daily hard well late early myself
    everyone someone something everything nothing anything only also really too mostly because when if where
    how what home there here online alone
    """)
# Verbs so often said with an object that any word may follow.
_TRANSITIVE: Final = vocabulary("love like hate need use play watch drive study drink read own crave run work")
_INFINITIVE_AFTER: Final = verbs.MODALS | vocabulary(
    "to don't didn't doesn't do did does let let's make makes help helps"
)
# Before one of these a verb is no second infinitive: "I don't smoke and never drink".
_OWN_ADVERBS: Final = vocabulary("never now currently usually sometimes rarely")
_ATTITUDES: Final = vocabulary("hate love need like prefer dislike miss own crave know")


def verb_of_predicate(words: Sequence[str], *, is_third: bool) -> str | None:
    """Return the present or auxiliary verb with which `words` go on, None where they begin with no verb.

    `words` are those behind an "and" or "but"; `is_third` where the verb has to agree with he, she or a name.
    """
    at = verbs.after_adverbs(words)
    verb = words[at] if at < len(words) else ""
    following = words[at + 1] if at + 1 < len(words) else ""
    if verb in verbs.AUXILIARIES:
        return None if verb in (_FIRST_ONLY if is_third else _THIRD_ONLY) else verb
    if not (verbs.is_third(verb) if is_third else verbs.is_base(verb)):
        return None
    is_verb = is_verb_before(verb, following, has_adverb=at > 0) or not _OWN_ADVERBS.isdisjoint(words[:at])
    return verb if is_verb else None


def is_verb_before(verb: str, following: str, *, has_adverb: bool = False) -> bool:
    """Say whether a present form that is often a noun is a verb, judged by the word behind it."""
    base = verb if verbs.is_base(verb) else verbs.base_of_third(verb)
    if base not in verbs.NOUN_LIKE:
        return True
    if not following:
        return False
    return (
        has_adverb or following in _AFTER_VERB or following[0].isdigit() or (base in _TRANSITIVE and following != "of")
    )


def may_be_noun(verb: str, words: Sequence[str]) -> bool:
    """Say whether `verb`, with which `words` go on behind nothing but a comma, might be one more noun."""
    base = verbs.base_of_third(verb)
    following = "".join(words[words.index(verb) + 1 :][:1])
    is_noun_like = base in verbs.NOUN_LIKE and base not in _ATTITUDES and following not in _AFTER_VERB
    return base == "like" or is_noun_like


def past_of_predicate(words: Sequence[str]) -> str | None:
    """Return the past form with which `words` go on; not an adjective such as "baked" in "baked beans"."""
    at = verbs.after_adverbs(words)
    verb = words[at] if at < len(words) else ""
    if not verbs.is_past(verb):
        return None
    following = words[at + 1] if at + 1 < len(words) else ""
    return verb if following in _AFTER_VERB - {"by"} or not verbs.is_participle(verb) else None


def shares_infinitive(left: Sequence[str], right: Sequence[str], *, is_contrast: bool) -> bool:
    """Say whether the verb of `right` may be one more infinitive of `left`: "I want to stop and rest"."""
    verb = right[verbs.after_adverbs(right)]
    if verb in verbs.AUXILIARIES and verb not in ("have", "do"):
        return False
    if right[0] in _OWN_ADVERBS or (is_contrast and verb in _ATTITUDES):
        return False
    return any(
        (word in _INFINITIVE_AFTER or word.endswith(("'d", "'ll"))) and _is_infinitive(left, at + 1)
        for at, word in enumerate(left)
    )


def _is_infinitive(words: Sequence[str], start: int) -> bool:
    at = verbs.after_adverbs(words, start)
    return at < len(words) and (words[at] == "be" or verbs.is_base(words[at]))
