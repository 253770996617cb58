"""Rank a pool of memories for a question: engines nominate, this decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ricordo.domain.memory import Memory
from ricordo.domain.pool import lay_out
from ricordo.domain.question import Question
from ricordo.domain.signals import signals_of

# Chosen by benchmarks/quality/fit_weights.py on two unlike sources, and rounded. Weights fitted to one source
# alone lose two to three points of recall@10 on the other, these lose none on either.
WEIGHTS: Final[Mapping[str, float]] = {
    "semantic": 6.0,  # cosine of question and bare statement
    "semantic_nearby": 4.5,  # best cosine around it in its conversation, fading over eight places
    "bm25": 1.0,  # BM25 over the most a memory could get
    "bm25_nearby": 4.0,  # the same of the surroundings
    "words_with_previous": 3.0,  # idf share of the question's words held together with the statement before
    "answers_question": 3.0,  # it follows a question that matches
    "speaker": 1.2,  # it is by, or of, the one person asked about
    "date": 3.0,  # it was told, or holds from, near a date named in the question
    "says_when": 1.6,  # a time where a time is asked for
    "says_name": 1.0,  # a name where somebody, a place or a title is asked for
    "says_number": 1.0,  # a number where a number is asked for
    "recency": 1.0,  # told late where the present state is asked for
    "entity": 1.0,  # the graph knows it speaks of something the question names; by judgement
    "is_question": -1.2,  # it asks instead of telling
}
# The score is logistic: 0.5 at a sum of 6.5, 0.1 at 2.5. All evidence that the two sources rank among the
# first twenty scores above 0.1; of a pool that cannot answer, seven in ten score below it, 97 % below 0.3.
_EVEN_SUM: Final = 6.5
_SPREAD: Final = 1.8


@dataclass(frozen=True, slots=True)
class Scored:
    """A memory with its score in [0, 1] and the signals it was made of, each in [0, 1]."""

    memory: Memory
    score: float
    breakdown: Mapping[str, float]


def rank(question: Question, candidates: Sequence[Memory], query_vector: NDArray[np.float32] | None) -> list[Scored]:
    """Score `candidates` and return them best first, equal ones newest first.

    Args:
        question: From `read_question`.
        candidates: Nominated memories and their neighbours, in any order, each once; none with a vector of
            another model than the query's.
        query_vector: Unit vector of `question.embedding_text`; None where the embedder is down.
    """
    if not candidates:
        return []
    pool = lay_out(candidates)
    signals = signals_of(question, pool, query_vector)
    names = tuple(WEIGHTS)
    matrix = np.stack([signals[name] for name in names], axis=1)
    total = matrix @ np.array([WEIGHTS[name] for name in names])
    scores = (1 / (1 + np.exp((_EVEN_SUM - total) / _SPREAD))).tolist()
    ranked = [
        Scored(memory, score, dict(zip(names, row, strict=True)))
        for memory, score, row in zip(pool.memories, scores, matrix.tolist(), strict=True)
    ]
    ranked.sort(key=lambda one: (one.memory.created_at, one.memory.memory_id), reverse=True)
    ranked.sort(key=lambda one: one.score, reverse=True)
    return ranked
