"""Measures of a ranking against the memories known to answer the question (binary relevance).

recall@k and MRR as usual; nDCG@k after Järvelin & Kekäläinen, 2002.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

CUTOFFS = (5, 10, 20)


def recall(ranked: Sequence[str], evidence: Collection[str], k: int) -> float:
    """Return the share of the evidence among the first `k`."""
    return sum(memory_id in evidence for memory_id in ranked[:k]) / len(evidence)


def ndcg(ranked: Sequence[str], evidence: Collection[str], k: int) -> float:
    """Return the discounted gain of the first `k` over that of the best order."""
    gain = sum(1 / math.log2(place + 2) for place, one in enumerate(ranked[:k]) if one in evidence)
    return gain / sum(1 / math.log2(place + 2) for place in range(min(k, len(evidence))))


def reciprocal_rank(ranked: Sequence[str], evidence: Collection[str]) -> float:
    """Return one over the place of the first piece of evidence, 0 where none was found."""
    return next((1 / place for place, one in enumerate(ranked, 1) if one in evidence), 0.0)


def measure(ranked: Sequence[str], evidence: Collection[str]) -> dict[str, float]:
    """Return all measures of one question, in the order of the tables."""
    return {
        **{f"R@{k}": recall(ranked, evidence, k) for k in CUTOFFS},
        "nDCG@10": ndcg(ranked, evidence, 10),
        "MRR": reciprocal_rank(ranked, evidence),
    }


def table(rows: Iterable[tuple[str, Mapping[str, float]]]) -> str:
    """Format the means by category, and over all, as a Markdown table."""
    by_category: dict[str, list[Mapping[str, float]]] = {}
    for category, measured in rows:
        by_category.setdefault(category, []).append(measured)
    by_category = dict(sorted(by_category.items()))
    by_category["all"] = [measured for group in list(by_category.values()) for measured in group]
    names = list(by_category["all"][0])
    lines = [f"| category | n | {' | '.join(names)} |", f"| --- | --- |{' --- |' * len(names)}"]
    for category, group in by_category.items():
        means = [f"{sum(one[name] for one in group) / len(group):.3f}" for name in names]
        lines.append(f"| {category} | {len(group)} | {' | '.join(means)} |")
    return "\n".join(lines)
