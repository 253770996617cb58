"""Measure `ricordo.domain.ranking` and, with `--fit`, refit its weights; no server, no language model.

    PYTHONPATH=layers/ricordo/python python benchmarks/quality/fit_weights.py [--locomo PATH] [--fit]

One turn is one memory, one question one search. Prints recall, nDCG and MRR by category beside plain dense
retrieval and BM25, what a threshold of 0.1 costs, and the time `rank` takes. With `--fit` it prints the
weights that each source asks for, and the recall of weights fitted without the conversation they are judged
on.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from listwise_fit import Example, Matrix, fit
from measures import measure, recall, table
from nomination import Index, WordIndex
from numpy.typing import NDArray
from question_sets import (
    LOCOMO,
    RESULTS,
    Asked,
    Conversation,
    embedded,
    read_locomo,
    read_own_sets,
    texts_of,
)
from vector_cache import cached_vectors

from ricordo.adapters.builtin.embedder import MiniLMEmbedder
from ricordo.domain.memory import Memory
from ricordo.domain.pool import lay_out
from ricordo.domain.question import Question, read_question
from ricordo.domain.ranking import WEIGHTS, rank
from ricordo.domain.signals import signals_of

THRESHOLD: Final = 0.1
OWN_QUESTION_WEIGHT: Final = (
    6.0  # a question of our sets counts as much as six of LoCoMo's, which are twelve times as many
)
# No source tells about these: our benchmarks have no graph. Their weights are set by judgement.
UNFITTED: Final = frozenset({"entity"})


@dataclass(frozen=True, slots=True)
class Case:
    """One question with all that a search would know."""

    asked: Asked
    question: Question
    vector: NDArray[np.float32]
    index: Index
    pool: Sequence[Memory]


def main() -> None:
    """Measure both sources, and fit on demand."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--locomo", type=Path, default=LOCOMO, help="locomo10.json; not part of this repository")
    parser.add_argument("--fit", action="store_true", help="also fit weights, leaving conversations out")
    options = parser.parse_args()
    sources: dict[str, list[Case]] = {}
    if options.locomo.exists():
        sources["LoCoMo"] = cases_of(read_locomo(options.locomo))
    else:
        print(f"LoCoMo is absent ({options.locomo}): only the project's own sets are measured. Get it from")
        print("https://github.com/snap-research/LoCoMo (data/locomo10.json) and pass --locomo PATH.")
    sources["own sets"] = cases_of(read_own_sets())
    for name, cases in sources.items():
        report(name, cases)
    if options.fit:
        report_fit(sources)


def cases_of(conversations: Sequence[Conversation]) -> list[Case]:
    """Read and embed every question, and nominate its pool."""
    read = [
        (place, asked, read_question(asked.text, speakers=conversation.speakers))
        for place, conversation in enumerate(conversations)
        for asked in conversation.questions
    ]
    embedder = MiniLMEmbedder(threads=2)
    texts = [*texts_of(conversations), *(question.embedding_text for _, _, question in read)]
    vectors = cached_vectors(texts, embedder, RESULTS)
    conversations = [embedded(one, vectors, embedder.model_id) for one in conversations]
    words = WordIndex(conversations)
    indexes = [Index(one, words) for one in conversations]
    cases = []
    for place, asked, question in read:
        vector = vectors[question.embedding_text]
        cases.append(Case(asked, question, vector, indexes[place], indexes[place].pool(question, vector)))
    return cases


def report(name: str, cases: Sequence[Case]) -> None:
    """Print the tables of one source."""
    pool_size = statistics.mean(len(one.pool) for one in cases)
    print(f"\n## {name}: {len(cases)} questions, {pool_size:.0f} in a pool")
    for system, order in (("dense only", by_meaning), ("BM25 only", by_words), ("ranking", ranked)):
        rows = ((one.asked.category, measure(order(one), one.asked.evidence)) for one in cases)
        print(f"\n{system}\n\n{table(rows)}")
    cut = statistics.mean(recall(above_threshold(one), one.asked.evidence, 10) for one in cases)
    print(f"\nranking, only scores >= {THRESHOLD}: R@10 {cut:.3f}")
    print_latency(cases)


def by_meaning(case: Case) -> list[str]:
    """Order by cosine alone."""
    return [case.index.conversation.memories[place].memory_id for place in case.index.by_meaning(case.vector)]


def by_words(case: Case) -> list[str]:
    """Order by the full-text index alone."""
    return [case.index.conversation.memories[place].memory_id for place in case.index.by_words(case.question)]


def ranked(case: Case) -> list[str]:
    """Order by the product's ranking."""
    return [one.memory.memory_id for one in rank(case.question, case.pool, case.vector)]


def above_threshold(case: Case) -> list[str]:
    """Order by the product's ranking and drop what a default search would."""
    return [one.memory.memory_id for one in rank(case.question, case.pool, case.vector) if one.score >= THRESHOLD]


def print_latency(cases: Sequence[Case]) -> None:
    """Print how long `rank` takes with warm caches."""
    times_ms = []
    for case in cases:
        started = time.perf_counter()
        rank(case.question, case.pool, case.vector)
        times_ms.append((time.perf_counter() - started) * 1000)
    p50, p95 = np.percentile(times_ms, [50, 95])
    print(f"rank(): p50 {p50:.2f} ms, p95 {p95:.2f} ms")


@dataclass(frozen=True, slots=True)
class Fitted:
    """A case as the fit sees it."""

    conversation: str
    ids: Sequence[str]
    asked: Asked
    example: Example


def report_fit(sources: dict[str, list[Case]]) -> None:
    """Print the weights by source, and the recall of weights judged on what they were not fitted on."""
    names = [name for name in WEIGHTS if name not in UNFITTED]
    fitted = {source: [as_example(one, names, source) for one in cases] for source, cases in sources.items()}
    everything = [one for group in fitted.values() for one in group]
    groups = {**fitted, "all": everything} if len(fitted) > 1 else fitted
    columns = {source: fit([one.example for one in group]) for source, group in groups.items()}
    print(f"\n## Weights\n\n| signal | shipped | {' | '.join(columns)} |")
    print(f"| --- | --- |{' --- |' * len(columns)}")
    for row, name in enumerate(names):
        cells = " | ".join(f"{column[row]:.2f}" for column in columns.values())
        print(f"| {name} | {WEIGHTS[name]} | {cells} |")
    print("\n| judged on | weights | R@5 | R@10 | R@20 |\n| --- | --- | --- | --- | --- |")
    shipped = np.array([WEIGHTS[name] for name in names])
    for source, group in fitted.items():
        print_recall(source, "shipped", group, always(shipped))
        for other, column in columns.items():
            if other not in (source, "all"):
                print_recall(source, f"fitted on {other}", group, always(column))
        print_recall(source, "fitted on all other conversations", group, left_out(everything))


def as_example(case: Case, names: Sequence[str], source: str) -> Fitted:
    """Compute the signals of a case."""
    pool = lay_out(case.pool)
    signals = signals_of(case.question, pool, case.vector)
    ids = [memory.memory_id for memory in pool.memories]
    example = Example(
        signals=np.stack([signals[name] for name in names], axis=1),
        is_evidence=np.array([one in case.asked.evidence for one in ids]),
        weight=1.0 if source == "LoCoMo" else OWN_QUESTION_WEIGHT,
    )
    return Fitted(case.index.conversation.name, ids, case.asked, example)


def always(weights: Matrix) -> Callable[[str], Matrix]:
    """Return a function that gives every conversation the same weights."""
    return lambda _: weights


def left_out(everything: Sequence[Fitted]) -> Callable[[str], Matrix]:
    """Return a function that fits on all conversations but one."""
    known: dict[str, Matrix] = {}

    def weights_without(conversation: str) -> Matrix:
        if conversation not in known:
            known[conversation] = fit([one.example for one in everything if one.conversation != conversation])
        return known[conversation]

    return weights_without


def print_recall(source: str, label: str, group: Sequence[Fitted], weights_for: Callable[[str], Matrix]) -> None:
    """Print one row of the table of judged weights."""
    rows = []
    for one in group:
        order = np.argsort(-(one.example.signals @ weights_for(one.conversation)), kind="stable")
        ids = [one.ids[place] for place in order]
        rows.append([recall(ids, one.asked.evidence, k) for k in (5, 10, 20)])
    print(f"| {source} | {label} | {' | '.join(f'{mean:.3f}' for mean in np.mean(rows, axis=0))} |", flush=True)


if __name__ == "__main__":
    main()
