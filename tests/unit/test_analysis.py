"""How texts are taken apart for ranking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ricordo.domain.analysis import analyse, analyse_utterance, query_terms, words
from ricordo.domain.stemming import stem


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ana's dog isn't here", ["ana", "dog", "isn", "here"]),
        ("l'école d'été", ["l", "ecole", "d", "ete"]),
        ("snake_case, v2.0!", ["snake", "case", "v2", "0"]),
        ("猫が好き", ["猫か", "か好", "好き"]),
        ("猫", ["猫"]),
        ("चाय पसंद", ["चाय", "पसंद"]),
        ("Где кот?", ["где", "кот"]),
        ("...", []),
    ],
)
def test_words_are_folded_and_split(text: str, expected: list[str]) -> None:
    """Case, accents and English endings go; unspaced scripts become pairs of letters."""
    assert words(text) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("caresses", "caress"),
        ("ponies", "poni"),
        ("agreed", "agre"),
        ("plastered", "plaster"),
        ("hopping", "hop"),
        ("filing", "file"),
        ("falling", "fall"),
        ("sing", "sing"),
        ("sky", "sky"),
        ("happy", "happi"),
        ("relational", "relat"),
        ("hopefulness", "hope"),
        ("adjustment", "adjust"),
        ("adoption", "adopt"),
        ("probate", "probat"),
        ("rate", "rate"),
        ("controll", "control"),
        ("oscillators", "oscil"),
        ("go", "go"),
        ("café", "café"),
        ("кошки", "кошки"),
    ],
)
def test_words_are_cut_as_porter_cuts_them(word: str, expected: str) -> None:
    """The examples are those of Porter's paper; other scripts stay whole."""
    assert stem(word) == expected


def test_forms_of_a_word_count_together() -> None:
    """Inflections meet in one stem and stop words are left out."""
    analysis = analyse("She paints, he painted, they were painting")

    assert dict(analysis.counts) == {"paint": 3}
    assert analysis.length == 3


@pytest.mark.parametrize("text", ["Really?", "本当ですか？", "حقا؟", "Is it? "])  # noqa: RUF001
def test_a_question_is_seen_by_its_mark(text: str) -> None:
    """Question marks of other scripts count as well."""
    assert analyse(text).is_question


@pytest.mark.parametrize("text", ["last Friday", "in 2021", "on the 3rd", "two weeks ago", "in March"])
def test_words_of_time_are_seen(text: str) -> None:
    """Weekdays, years, ordinals and the like say when."""
    assert analyse(text).has_time_word


def test_a_name_is_a_capital_inside_a_sentence() -> None:
    """The first word of a sentence and "I" are no names."""
    assert analyse("we met Olek").has_name
    assert not analyse("Then I slept. It rained").has_name


def test_numbers_are_seen_in_words_and_digits() -> None:
    """Both "three" and "3" say how many."""
    assert analyse("three cats").has_number
    assert analyse("3 cats").has_number
    assert not analyse("some cats").has_number


def test_decoration_is_left_out_of_an_utterance() -> None:
    """The date and the speaker before a turn are no words of it."""
    assert analyse_utterance("[8 May 2023] Ana: I paint", "Ana").counts == {"paint": 1}


def test_query_terms_are_the_content_words() -> None:
    """Each once, in order, unstemmed: the index stems for itself."""
    assert query_terms("What did the cats of the cats' shelter eat?") == ("cats", "shelter", "eat")


def test_a_query_of_stop_words_keeps_them() -> None:
    """A question such as "who was it?" can still nominate."""
    assert query_terms("Who was it?") == ("who", "was", "it")


def test_a_long_query_nominates_with_a_bounded_number_of_terms() -> None:
    """A pasted page does not become a thousand clauses."""
    assert len(query_terms(" ".join(f"word{number}" for number in range(1_000)))) == 64


@given(st.text())
def test_any_text_can_be_analysed(text: str) -> None:
    """Nothing is refused, terms are distinct, and the counts add up."""
    analysis = analyse(text)
    terms = query_terms(text)

    assert sum(analysis.counts.values()) == analysis.length
    assert len(set(terms)) == len(terms)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1))
def test_a_stem_is_never_empty_and_never_longer(word: str) -> None:
    """Stemming only cuts, or replaces an ending by one no longer than a letter more."""
    assert 0 < len(stem(word)) <= len(word) + 1
