"""The pool that a search ranks, laid out in the order in which it was said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ricordo.domain.analysis import Analysis, analyse_utterance
from ricordo.domain.memory import Memory

Signal = NDArray[np.float64]

_PAUSE: Final = timedelta(hours=6)
_REACH: Final = 8


@dataclass(frozen=True, slots=True)
class Pool:
    """Candidates in the order they were said, with what ranking must know of their surroundings.

    Attributes:
        memories: By thread, place in it and id, so that the order of nomination decides nothing.
        analyses: Words of each memory.
        follows: Whether a memory stands directly after the one before it in the pool, in the same sitting.
        closeness: For each step from 1, how close each memory is to the one so many steps on: nearly 1 directly
            beside it, 0 eight places away and in another sitting. A step is at least a place, so seven are enough.
    """

    memories: tuple[Memory, ...]
    analyses: tuple[Analysis, ...]
    follows: NDArray[np.bool_]
    closeness: tuple[Signal, ...]

    def nearby(self, signal: Signal) -> Signal:
        """Give each memory the best `signal` of its surroundings, fading with distance."""
        best: Signal = signal.copy()
        for step, closeness in enumerate(self.closeness, start=1):
            np.maximum(best[step:], closeness * signal[:-step], out=best[step:])
            np.maximum(best[:-step], closeness * signal[step:], out=best[:-step])
        return best

    def of_previous(self, signal: Signal) -> Signal:
        """Give each memory the `signal` of the one directly before it, 0 where there is none."""
        shifted = np.zeros_like(signal)
        shifted[1:] = (signal[:-1].T * self.follows[1:]).T
        return shifted


def lay_out(candidates: Sequence[Memory]) -> Pool:
    """Order `candidates` and find their neighbours; a sitting is a thread without a pause of six hours."""
    memories = tuple(sorted(candidates, key=lambda one: (one.thread, one.sequence, one.memory_id)))
    sittings, follows = [0], [False]
    for before, after in pairwise(memories):
        together = before.thread == after.thread and abs(after.created_at - before.created_at) < _PAUSE
        sittings.append(sittings[-1] if together else sittings[-1] + 1)
        follows.append(together and after.sequence - before.sequence == 1)
    return Pool(
        memories=memories,
        analyses=tuple(analyse_utterance(memory.text, memory.speaker) for memory in memories),
        follows=np.array(follows[: len(memories)], np.bool_),
        closeness=_closeness(memories, sittings[: len(memories)]),
    )


def _closeness(memories: Sequence[Memory], sittings: Sequence[int]) -> tuple[Signal, ...]:
    places = np.array([memory.sequence for memory in memories], np.float64)
    rooms = np.array(sittings)
    return tuple(
        np.where(rooms[step:] == rooms[:-step], np.maximum(0.0, 1 - (places[step:] - places[:-step]) / _REACH), 0.0)
        for step in range(1, min(_REACH, len(memories)))
    )
