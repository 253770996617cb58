"""Recognise when one speaker only repeats what another has just said."""

from collections import deque
from typing import Final

from ricordo.adapters.builtin.extraction.tokens import vocabulary, words_of
from ricordo.domain.stemming import stem
from ricordo.domain.word_lists import STOP_WORDS

_REMEMBERED: Final = 12
_SHARE: Final = 0.8
_FEWEST_WORDS: Final = 1
_COLOURLESS: Final = vocabulary(
    "user assistant great exciting nice wonderful good awesome cool sounds congratulations "
    "said mentioned noted really "
    "amazing lovely got it's that's happy glad well sure okay asked"
)


class Echoes:
    """What was last stated, by speaker, as sets of stems."""

    def __init__(self) -> None:
        self._recent: deque[tuple[str, frozenset[str]]] = deque(maxlen=_REMEMBERED)

    def note(self, speaker: str, statement: str) -> None:
        """Remember a statement."""
        self._recent.append((speaker, _stems(statement)))

    def is_echo(self, speaker: str, statement: str) -> bool:
        """Say whether others have just said nearly all of `statement`."""
        stems = _stems(statement)
        said = frozenset[str]().union(*(other for name, other in self._recent if name != speaker))
        if len(stems) < _FEWEST_WORDS or not said:
            return False
        if any(stem[0].isdigit() for stem in stems - said):
            return False
        return len(stems & said) >= _SHARE * len(stems)


def _stems(statement: str) -> frozenset[str]:
    spoken = (word.removesuffix("'s") for word in words_of(statement))
    return frozenset(stem(word) for word in spoken if word not in STOP_WORDS and word not in _COLOURLESS)
