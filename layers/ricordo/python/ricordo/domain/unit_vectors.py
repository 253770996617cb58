"""Make unit vectors of what a model's server answers."""

import numpy as np

from ricordo.domain.memory import Vector


def unit_vector(numbers: object) -> Vector:
    """Return `numbers` as a vector of length one; only zeros give `vector_of_nothing`.

    Raises:
        ValueError: they are no list of finite numbers.
    """
    try:
        raw = np.asarray(numbers, np.float64)
    except (TypeError, OverflowError) as error:
        raise ValueError("not a list of numbers") from error
    if raw.ndim != 1 or raw.size == 0 or not np.isfinite(raw).all():
        raise ValueError("not a list of finite numbers")
    largest = np.abs(raw).max()
    if largest == 0:
        return vector_of_nothing(raw.size)
    scaled = raw / largest  # else the squares of extreme numbers leave the range of floats
    unit: Vector = (scaled / np.linalg.norm(scaled)).astype(np.float32)
    return unit


def vector_of_nothing(dimensions: int) -> Vector:
    """Return the vector that stands for a blank text, which no server embeds."""
    vector = np.zeros(dimensions, np.float32)
    vector[0] = 1
    return vector
