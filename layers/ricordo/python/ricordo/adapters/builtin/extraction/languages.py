"""Whether a sentence is English, the one language the rules rewrite."""

from typing import Final

from ricordo.adapters.builtin.extraction.tokens import vocabulary, words_of

_ENGLISH: Final = vocabulary("""
    the i i'm i've i'll i'd my you your is are was were and of to it that this have has had with for on at
    by from not don't but she his her they we our what when where who how do does did can will would be
    been there a an he him it no yes none's that's in please need want know think always like just really
    very going got out up about after before because some more time day new good great work live them then
    too also or by into than all get as if am me so now back every only over last next week year years
    month using use should make take see go did its
    """)
_OTHERS: Final = (
    vocabulary(
        """
    ich du er sie in am so was an also all wir ihr der das dem des ein eine einen einem einer und ist
    nicht mein meine meinen meiner mit für auf von zu zum zur habe hat haben bin sind wohne auch aber wie
    wo wann seit nach bei im ja nein
    """
    ),
    vocabulary(
        """
    el la los a las un una unos y es de del que en con mi mis por para no su está estoy tengo vivo soy
    pero como muy gusta yo mi hermana donde dónde cuando qué también desde trabajo
    """
    ),
    vocabulary(
        """
    le la les des un une et est de du que en avec je j'ai mon ma mes pour pas ne sa dans suis mais sur
    c'est nous vous très où depuis chez
    """
    ),
    vocabulary(
        """
    o os as um a uma e é de do da que em com meu minha para não na no eu moro sou mas estou tenho também
    muito desde onde trabalho gosto
    """
    ),
    vocabulary(
        """
    il lo gli in a le un una e è di del della che in con mio mia non si sono ho ma abito anche molto dove
    da
    """
    ),
    vocabulary(
        """
    de het een en in was is niet mijn met voor op van ik jij wij heb woon maar ook naar waar bij
    """
    ),
)
# "In", "is", "so": words that tell nothing.
_SHARED: Final = _ENGLISH & frozenset().union(*_OTHERS)
_LATIN_END: Final = "\u0250"


def is_english(text: str, *, context: str = "") -> bool:
    """Judge `text` by its function words, and where it has none by those of `context`."""
    if _is_other_script(text):
        return False
    for sample in (text, context):
        english, other = _counts(sample)
        if english != other:
            return english > other
    return True


def _counts(text: str) -> tuple[int, int]:
    spoken = words_of(text)
    english = sum(word in _ENGLISH and word not in _SHARED for word in spoken)
    other = max(sum(word in language and word not in _SHARED for word in spoken) for language in _OTHERS)
    accented = sum(not word.isascii() for word in spoken)
    return english, other + (accented if other else 0)


def _is_other_script(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    foreign = sum(letter >= _LATIN_END for letter in letters)
    return foreign * 2 > len(letters)
