"""Fit the weights of a linear ranking: evidence is to win a softmax over its pool (ListNet, Cao 2007)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

_RIDGE: Final = 2.0
_MOST_STEPS: Final = 40
_SMALLEST_STEP: Final = 1e-3
_SMALLEST_GAIN: Final = 0.05


@dataclass(frozen=True, slots=True)
class Example:
    """One question's pool: signals of shape (candidates, signals), which are evidence, and what it counts."""

    signals: Matrix
    is_evidence: NDArray[np.bool_]
    weight: float = 1.0


def fit(examples: Sequence[Example]) -> Matrix:
    """Return the weights, of shape (signals,), by Newton's method with step halving; ridge-regularised."""
    lists = _Lists([one for one in examples if one.is_evidence.any()])
    weights = np.zeros(lists.signals.shape[1])
    gain = lists.log_likelihood(weights)
    for _ in range(_MOST_STEPS):
        direction = lists.newton_direction(weights)
        size, reached = 1.0, lists.log_likelihood(weights + direction)
        while reached <= gain and size > _SMALLEST_STEP:
            size /= 2
            reached = lists.log_likelihood(weights + size * direction)
        if reached <= gain + _SMALLEST_GAIN:
            break
        weights, gain = weights + size * direction, reached
    return weights


class _Lists:
    """All pools one after another, so that sums over a pool are `reduceat`."""

    def __init__(self, examples: Sequence[Example]) -> None:
        lengths = [len(one.is_evidence) for one in examples]
        self.signals = np.concatenate([one.signals for one in examples])
        self._lengths = np.array(lengths)
        self._starts = np.cumsum([0, *lengths[:-1]])
        self._targets = np.concatenate([one.is_evidence / one.is_evidence.sum() for one in examples])
        self._importance = np.repeat([one.weight for one in examples], lengths)

    def _over_pool(self, values: Matrix) -> Matrix:
        return np.repeat(values, self._lengths, axis=0)

    def _log_shares(self, weights: Matrix) -> Matrix:
        scores = self.signals @ weights
        scores -= self._over_pool(np.maximum.reduceat(scores, self._starts))
        shares: Matrix = scores - self._over_pool(np.log(np.add.reduceat(np.exp(scores), self._starts)))
        return shares

    def log_likelihood(self, weights: Matrix) -> float:
        """Return the regularised log likelihood of the evidence."""
        likelihood = self._importance * self._targets * self._log_shares(weights)
        return float(likelihood.sum() - _RIDGE / 2 * weights @ weights)

    def newton_direction(self, weights: Matrix) -> Matrix:
        """Return the inverse Hessian times the gradient."""
        shares = np.exp(self._log_shares(weights))
        gradient = self.signals.T @ (self._importance * (self._targets - shares)) - _RIDGE * weights
        means = self._over_pool(np.add.reduceat(self.signals * shares[:, None], self._starts))
        spread = self.signals - means
        hessian = (spread * (shares * self._importance)[:, None]).T @ spread + _RIDGE * np.eye(len(weights))
        direction: Matrix = np.linalg.solve(hessian, gradient)
        return direction
