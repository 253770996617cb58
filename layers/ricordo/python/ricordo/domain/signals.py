"""The signals by which a memory answers a question, each in [0, 1], computed on the pool alone.

Signals of words take their statistics from the pool, so that no other tenant's words count.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ricordo.domain.analysis import fold, words
from ricordo.domain.memory import Memory
from ricordo.domain.pool import Pool, Signal
from ricordo.domain.question import Question

_K1: Final = 1.2  # BM25's usual constants (Robertson and Zaragoza 2009)
_B: Final = 0.75
_MEANING_OF_WORDS: Final = 0.6  # what a memory without a vector gets for holding all words of the question


@dataclass(frozen=True, slots=True)
class WordMatch:
    """How the words of the question meet those of each memory.

    Attributes:
        bm25: BM25 over the most that a memory could get.
        share: Share of the question's idf mass that the memory holds.
        share_with_previous: The same of the memory and the one directly before it together.
    """

    bm25: Signal
    share: Signal
    share_with_previous: Signal


def signals_of(question: Question, pool: Pool, query_vector: NDArray[np.float32] | None) -> dict[str, Signal]:
    """Compute every signal for every memory of the pool, by the names of `ranking.WEIGHTS`."""
    matched = match_words(question, pool)
    semantic = match_meaning(pool, query_vector, matched.share)
    is_question = _flags(analysis.is_question for analysis in pool.analyses)
    return {
        "semantic": semantic,
        "semantic_nearby": pool.nearby(semantic),
        "bm25": matched.bm25,
        "bm25_nearby": pool.nearby(matched.bm25),
        "words_with_previous": matched.share_with_previous,
        "entity": match_entities(question, pool),
        "speaker": match_speaker(question, pool),
        "date": match_dates(question, pool),
        "answers_question": pool.of_previous(is_question * (semantic + matched.bm25) / 2),
        "is_question": is_question,
        "says_when": _flags(question.asks_when and one.has_time_word for one in pool.analyses),
        "says_name": _flags(question.asks_name and one.has_name for one in pool.analyses),
        "says_number": _flags(question.asks_number and one.has_number for one in pool.analyses),
        "recency": match_recency(question, pool),
    }


def match_words(question: Question, pool: Pool) -> WordMatch:
    """Match words by BM25 and by the share of rare words."""
    stems = question.stems
    if not stems:
        nothing = np.zeros(len(pool.memories))
        return WordMatch(nothing, nothing, nothing)
    counts = np.array([[one.counts.get(stem, 0) for stem in stems] for one in pool.analyses], np.float64)
    lengths = np.array([one.length for one in pool.analyses], np.float64)
    present = (counts > 0).astype(np.float64)
    found = present.sum(axis=0)
    idf = np.log1p((len(lengths) - found + 0.5) / (found + 0.5))
    idf /= idf.sum()
    damping = _K1 * (1 - _B + _B * lengths / max(float(lengths.mean()), 1.0))
    return WordMatch(
        bm25=(counts / (counts + damping[:, None])) @ idf,
        share=present @ idf,
        share_with_previous=np.maximum(present, pool.of_previous(present)) @ idf,
    )


def match_meaning(pool: Pool, query_vector: NDArray[np.float32] | None, share: Signal) -> Signal:
    """Take the cosine of each memory's vector; a memory without one is judged by its words instead."""
    semantic = _MEANING_OF_WORDS * share
    if query_vector is None:
        return semantic
    vectors = [
        (row, memory.embedding.vector)
        for row, memory in enumerate(pool.memories)
        if memory.embedding is not None and memory.embedding.vector.shape == query_vector.shape
    ]
    if vectors:
        rows, matrix = zip(*vectors, strict=True)
        semantic[list(rows)] = np.clip(np.array(matrix) @ query_vector, 0.0, 1.0)
    return semantic


def match_entities(question: Question, pool: Pool) -> Signal:
    """Flag the memories of which the graph knows an entity, other than a speaker, that the question names."""
    asked = f" {' '.join(question.spoken)} "
    found: dict[str, bool] = {}
    for memory in pool.memories:
        for entity in memory.entities:
            if entity.key not in found:
                name = " ".join(words(entity.key))
                found[entity.key] = name not in question.speakers and f" {name} " in asked
    return _flags(any(found[entity.key] for entity in memory.entities) for memory in pool.memories)


def match_speaker(question: Question, pool: Pool) -> Signal:
    """Flag what the one person asked about says, or is said to be or do: the user for "I"."""
    if len(question.speakers) == 1:
        (name,) = question.speakers
        return _flags(_is_of(memory, name) for memory in pool.memories)
    role = None if question.speakers else question.role
    return _flags(role is not None and memory.attributed_to is role for memory in pool.memories)


def _is_of(memory: Memory, name: str) -> bool:
    if memory.speaker is not None:
        return fold(memory.speaker) == name
    return fold(memory.text).startswith((f"{name} ", f"{name}'"))


def match_dates(question: Question, pool: Pool) -> Signal:
    """Say how near to a date named in the question each memory was told, or holds from."""
    if not question.times:
        return np.zeros(len(pool.memories))
    known: dict[datetime, float] = {}
    for memory in pool.memories:
        for at in _times_of(memory):
            if at not in known:
                known[at] = max(time.nearness(at) for time in question.times)
    return np.array([max(known[at] for at in _times_of(memory)) for memory in pool.memories])


def _times_of(memory: Memory) -> list[datetime]:
    return [memory.created_at] if memory.valid_from is None else [memory.created_at, memory.valid_from]


def match_recency(question: Question, pool: Pool) -> Signal:
    """Rank the days of the pool from 0, the oldest, to 1, where the question asks how things stand now."""
    if not question.asks_present:
        return np.zeros(len(pool.memories))
    days = sorted({memory.created_at.date() for memory in pool.memories})
    ranks = {day: rank / max(len(days) - 1, 1) for rank, day in enumerate(days)}
    return np.array([ranks[memory.created_at.date()] for memory in pool.memories])


def _flags(claims: Iterable[bool]) -> Signal:
    return np.fromiter(claims, np.float64)
