"""Peel off what surrounds a statement: exclamations, fillers and the names of those addressed."""

import re
from typing import Final

from ricordo.adapters.builtin.extraction.tokens import upper_first

_OPENER: Final = re.compile(
    r"(?:(?:oh|haha|wow|ah),? (?:yeah|yes|no|wow|cool|nice|right|ok|okay|man|great)|"
    r"speaking of [^,]{3,40}(?=,)|wow|mm+|oo+h?|woah|woohoo|whoa|oh my gosh|oh my god|omg|oh no|oh|ah|"
    r"aw+|ooh|haha+|hehe|lol|hmm+|um+|uh|well|hey(?: there)?|hi(?: there)?|hello|yeah|yep|"
    r"yup|yes|no|nope|nah|"
    r"ok(?:ay)?|sure(?: thing)?|right|alright|so|anyway|anyways|btw|by the way|fyi|honestly|"
    r"actually|basically|no wait|wait|hold on|oops|scratch that|correction|my bad|my mistake|sorry|update|"
    r"fun fact|quick update|side note|quick note|heads up|so basically|frankly|"
    r"here(?:'s| is) what i (?:found|know|have)|"
    r"seriously|of course|absolutely|"
    r"definitely|totally|exactly|"
    r"great|cool|nice|awesome|perfect|got it|i see|sorry|thanks(?: so much| a lot| again)?|"
    r"thank you(?: so much| very much)?|thx|congrats|congratulations|you know|you know what|"
    r"guess what|"
    r"sounds good|good (?:morning|afternoon|evening)|for sure|i mean|in fact|also|plus|"
    r"speaking of which|true|agreed|please|certainly|great question|good question|man|dude|"
    r"ugh|phew|yay|well done|good point|understood|noted|i agree|no problem|no worries|and|"
    r"but|just so you know|to be honest|tbh|by the by)"
    r"(?:\s*[,!.:…]+\s*|\s+[-\u2013—]+\s+|\s*$)",
    re.IGNORECASE,
)  # fmt: skip
_FOREIGN_GREETING: Final = re.compile(
    r"(?:hallo|hola|bonjour|salut|ciao|moin|servus|buenos días|guten (?:tag|morgen|abend))"
    r"\s*[,!]\s*(?=\S)",
    re.IGNORECASE,
)
# What is to be remembered is what follows.
_REMEMBER: Final = re.compile(
    r"(?:please )?(?:can you |could you )?(?:please )?"
    r"(?:remember|note|keep in mind|bear in mind|don't forget)(?: that|:)\s+(?=\S)",
    re.IGNORECASE,
)
_BARE_OPENER: Final = re.compile(
    (
        r"(?:and|but|also|plus)\s+(?=\S)|(?:wow|whoa|oh|haha+|hehe|lol|hmm+|yeah|yep|yup|omg|"
        r"well|so basically|so|anyway|btw|plus|aw+|ah|ugh|ok|okay|actually|basically|honestly|frankly|"
        r"hey|hi|hello|wait|oops|sorry|"
        r"thx|thanks|cool|great|nah|nope)\s+(?=(?:actually\b|sorry\b|no\b|please\b)|(?:I|I'm|I've|I'd|I'll|i|i'm|my|My|we|"
        r"We|you|You|You're|you're|it's|It's|it|that|that's|the|he|he's|she|she's|they|this|there|in fact)\b)"
    ),
    re.IGNORECASE,
)
_TAIL: Final = re.compile(
    (
        r"(?:,\s*(?:haha+|lol|though|tho|you know|right|man|dude|thanks|thank you|please|too bad|"
        r"by the way|btw|actually|honestly|hehe|great|awesome|cool|nice|wonderful|buddy|mate|"
        r"guys|everyone|folks)|,?\s+(?:definitely|for sure)$|\s+(?:though|"
        r"please|pls|plz|lol|haha+|tho|btw))\s*(?=[.!?…]*$)"
    ),
    re.IGNORECASE,
)
_NAME: Final = r"([^\W\d_][\w'-]*(?: [\w'-]+){0,2}?)"
_CALLED: Final = re.compile(
    rf"(?:^|,\s*|\b(?:hey|hi|hello|thanks)\s*|@)(?:(?:hey|hi|hello)\s+)?{_NAME}\s*(?:[,!.?]|$)", re.IGNORECASE
)
_LEADING_NAME: Final = re.compile(
    rf"(?:(?:hey|hi|hello|thanks|oh|wow|yes|yeah)\s*|@)?{_NAME}\s*(?:[,!]+|\s[-\u2013\u2014]\s|$)\s*",
    re.IGNORECASE,
)
_TRAILING_NAME: Final = re.compile(rf",\s*{_NAME}\s*([.!?…]*)$", re.IGNORECASE)
_MOST_OPENERS: Final = 6
_MOST_TAILS: Final = 3


def bare_statement(sentence: str, names: frozenset[str]) -> str:
    """Return `sentence` without what surrounds it; empty where nothing else was said.

    `names` are those by which speakers may be called, in lower case.
    """
    text = sentence.strip()
    for _ in range(_MOST_OPENERS):
        shorter = _without_opener(_without_vocative(text, names))
        if shorter == text:
            break
        text = shorter
    for _ in range(_MOST_TAILS):
        text = _TAIL.sub("", _without_trailing_name(text, names))
    return upper_first(text.strip(" -\u2013—,"))


def vocative(sentence: str, names: frozenset[str]) -> str | None:
    """Return the only one of `names` that `sentence` calls, as in "Thanks, Ana!"; None for several."""
    called = {match[1].lower() for match in _CALLED.finditer(sentence)}
    found = [name for name in names if name.lower() in called]
    return found[0] if len(found) == 1 else None


def _without_opener(text: str) -> str:
    wish = _REMEMBER.match(text)
    if wish:
        return text[wish.end() :].rstrip("?")
    openers = (_OPENER, _BARE_OPENER, _FOREIGN_GREETING)
    match = next((match for opener in openers if (match := opener.match(text))), None)
    return text[match.end() :] if match else text


def _without_vocative(text: str, names: frozenset[str]) -> str:
    match = _LEADING_NAME.match(text)
    return text[match.end() :] if match and match[1].lower() in names else text


def _without_trailing_name(text: str, names: frozenset[str]) -> str:
    match = _TRAILING_NAME.search(text)
    return text[: match.start()] + match[2] if match and match[1].lower() in names else text
