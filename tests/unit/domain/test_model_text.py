"""Text fitted to models, and the vectors that come back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ricordo.domain.model_text import cut_text, estimate_tokens, sendable, utf8_bytes
from ricordo.domain.unit_vectors import unit_vector, vector_of_nothing

SCRIPTS = {
    "The cat sat on the mat and looked at the moon. " * 20: 220,  # about 11 tokens a sentence
    "Кошка сидела на ковре и смотрела на луну. " * 20: 260,
    "猫はマットの上に座って月を見ていました。" * 20: 300,
}


@pytest.mark.parametrize("text", SCRIPTS)
def test_tokens_are_guessed_on_the_high_side(text: str) -> None:
    """Prose of any script has fewer tokens than the guess, and not so few that the guess is useless."""
    assert SCRIPTS[text] <= estimate_tokens(text) <= 3 * SCRIPTS[text]


@given(st.text(max_size=300), st.integers(1, 60))
def test_a_cut_text_is_a_beginning_that_fits(text: str, most: int) -> None:
    """What is left fits and is where the text began; a text that fits is left as it is."""
    cut = cut_text(text, most)

    assert text.startswith(cut)
    assert estimate_tokens(cut) <= most
    assert cut == text or estimate_tokens(text) > most


def test_a_text_is_cut_between_words() -> None:
    """No word is halved, and little is lost."""
    cut = cut_text("one two three " * 1_000, 100)

    assert cut.endswith(("one", "two", "three"))
    assert estimate_tokens(cut) > 95
    assert cut_text("one two three", 3) == "one two"


def test_a_text_without_spaces_is_cut_anywhere() -> None:
    """Scripts without spaces, and one endless word, keep all that fits."""
    assert cut_text("猫" * 100, 9) == "猫" * 6
    assert cut_text("a " + "x" * 100, 10) == "a " + "x" * 28


def test_a_text_can_be_cut_by_its_bytes() -> None:
    """The measure is the caller's."""
    assert cut_text("ñandú y más", 6, weigh=utf8_bytes) == "ñand"


def test_half_a_surrogate_pair_is_replaced() -> None:
    """JSON can carry what UTF-8 cannot; everything else stays as it is."""
    assert sendable("half: \ud83d, whole: 🙂") == "half: ?, whole: 🙂"


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=8))
def test_any_finite_numbers_become_a_unit_vector(numbers: list[float]) -> None:
    """Neither the largest nor the smallest of floats break the length."""
    assert np.linalg.norm(unit_vector(numbers)) == pytest.approx(1.0, abs=1e-6)


def test_the_direction_stays() -> None:
    """Only the length changes."""
    assert unit_vector([3.0, 4.0]) == pytest.approx([0.6, 0.8])
    assert np.array_equal(unit_vector([0, 0]), vector_of_nothing(2))


@pytest.mark.parametrize("numbers", [
    None, [], {}, {"a": 1}, "abc", ["a"], [None], [float("nan")], [float("inf")], [[1, 2]], [[1], [1, 2]], 3, [10**400],
])  # fmt: skip
def test_what_is_no_vector_is_refused(numbers: object) -> None:
    """Whatever a server may send in place of numbers is one kind of error."""
    with pytest.raises(ValueError, match=r"."):
        unit_vector(numbers)
