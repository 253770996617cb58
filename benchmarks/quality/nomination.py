"""Nominate the pool that ranking sees, as the embedded engine does: by meaning, by words, and neighbours."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from question_sets import Conversation

from ricordo.domain.memory import Memory
from ricordo.domain.question import Question

PER_ENGINE = 50


class WordIndex:
    """One full-text index shared by all conversations, as all users of an engine share one."""

    def __init__(self, conversations: Sequence[Conversation]) -> None:
        self._connection = sqlite3.connect(":memory:")
        self._connection.execute(
            "CREATE VIRTUAL TABLE words USING fts5(text, owner UNINDEXED, place UNINDEXED,"
            " tokenize='porter unicode61 remove_diacritics 2')"
        )
        self._connection.executemany(
            "INSERT INTO words VALUES (?, ?, ?)",
            (
                (memory.text, conversation.name, place)
                for conversation in conversations
                for place, memory in enumerate(conversation.memories)
            ),
        )

    def best(self, owner: str, terms: Sequence[str], limit: int = PER_ENGINE) -> list[int]:
        """Return the places of the memories of `owner` that match any of `terms`, best first."""
        if not terms:
            return []
        rows = self._connection.execute(
            "SELECT place FROM words WHERE words MATCH ? AND owner = ? ORDER BY rank LIMIT ?",
            (" OR ".join(f'"{term}"' for term in terms), owner, limit),
        )
        return [int(place) for (place,) in rows]


@dataclass(frozen=True, slots=True)
class Index:
    """Both engines over one conversation."""

    conversation: Conversation
    words: WordIndex
    vectors: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        rows = [memory.embedding.vector for memory in self.conversation.memories if memory.embedding]
        object.__setattr__(self, "vectors", np.array(rows))

    def by_meaning(self, query_vector: NDArray[np.float32], limit: int = PER_ENGINE) -> list[int]:
        """Return the places of the nearest memories, best first."""
        order = np.argsort(-(self.vectors @ query_vector), kind="stable")
        return [int(place) for place in order[:limit]]

    def by_words(self, question: Question, limit: int = PER_ENGINE) -> list[int]:
        """Return the places of the memories with the best words, best first."""
        return self.words.best(self.conversation.name, question.terms, limit)

    def pool(self, question: Question, query_vector: NDArray[np.float32]) -> list[Memory]:
        """Nominate by meaning and by words, and add the turn before and after each."""
        nominated = {*self.by_meaning(query_vector), *self.by_words(question)}
        memories = self.conversation.memories
        places = set(nominated)
        for place in nominated:
            for neighbour in (place - 1, place + 1):
                if 0 <= neighbour < len(memories) and memories[neighbour].thread == memories[place].thread:
                    places.add(neighbour)
        return [memories[place] for place in sorted(places)]
