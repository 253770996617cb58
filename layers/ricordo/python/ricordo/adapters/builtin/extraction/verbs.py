"""English verbs, as far as agreement with a subject needs them."""

import re
from collections.abc import Sequence
from typing import Final

from ricordo.adapters.builtin.extraction.tokens import vocabulary

# base past participle; the participle only where it differs from the past
_IRREGULAR_ROWS: Final = """
    arise arose arisen,awake awoke awoken,beat beat beaten,become became become,begin began begun,bend
    bent,bet bet, bind bound,bite bit bitten,bleed bled,blow blew blown,break broke broken,breed
    bred,bring brought,build built, burn burnt,burst burst,buy bought,cast cast,catch caught,choose chose
    chosen,cling clung,come came come,cost cost, creep crept,cut cut,deal dealt,dig dug,draw drew
    drawn,dream dreamt,drink drank drunk,drive drove driven, eat ate eaten,fall fell fallen,feed fed,feel
    felt,fight fought,find found,fit fit,flee fled,fly flew flown, forbid forbade forbidden,forget forgot
    forgotten,forgive forgave forgiven,freeze froze frozen,get got gotten, give gave given,go went
    gone,grow grew grown,hang hung,hear heard,hide hid hidden,hit hit,hold held,hurt hurt, keep kept,kneel
    knelt,know knew known,lay laid,lead led,learn learnt,leave left,lend lent,let let,lie lay lain, light
    lit,lose lost,make made,mean meant,meet met,misunderstand misunderstood,overcome overcame overcome,pay
    paid, put put,quit quit,read read,ride rode ridden,ring rang rung,rise rose risen,run ran run,say
    said,see saw seen, seek sought,sell sold,send sent,set set,sew sewed sewn,shake shook shaken,shine
    shone,shoot shot, show showed shown,shrink shrank shrunk,shut shut,sing sang sung,sink sank sunk,sit
    sat,sleep slept,slide slid, speak spoke spoken,spend spent,spill spilt,spin spun,split split,spread
    spread,stand stood,steal stole stolen, stick stuck,sting stung,strike struck,swear swore sworn,sweep
    swept,swim swam swum,swing swung,take took taken, teach taught,tear tore torn,tell told,think
    thought,throw threw thrown,understand understood,undergo underwent undergone,wake woke woken,wear wore
    worn,weave wove woven,weep wept,win won,wind wound,withdraw withdrew withdrawn, write wrote
    written,rewrite rewrote rewritten,rebuild rebuilt,have had,do did done,be was been
    """
_REGULAR: Final = """
    accept ache achieve add admire admit adopt adore advise afford agree aim allow annoy answer apologize
    appear apply appreciate argue arrange arrive ask assume attend avoid bake bark believe belong bike
    boil book borrow bother brew call camp cancel care carry celebrate change chat check clean climb close
    coach code collect commute compare compete complain complete configure consider contact contain
    continue convert cook count cover crave create cry cycle dance debug decide decorate delay delete
    deliver depend deploy describe deserve design develop die disagree discover discuss dislike donate
    download drop earn email embrace enable encourage end enjoy enter escape exercise exist expect
    experience explain explore express fail finish fix focus follow gain garden graduate handle happen
    hate help hike hope hug hurry ignore imagine improve include increase inspire install intend introduce
    invest invite jog join juggle jump kiss knit lack laugh launch like listen live look love maintain
    manage marry matter meditate mention merge message migrate mind miss move name need notice offer open
    order organize own pack paint pass perform phone pick plan plant play practice practise pray prefer
    prepare print promise propose protect prove pull push raise reach realize receive recommend record
    recover reduce refactor refuse register regret relate relax release rely remember remind remove rent
    repair repeat replace reply report require research resolve respect rest retire return review run sail
    save schedule scuba search seem serve share shop ski skate sketch smell smile smoke snore snowboard
    solve sort sound spell sprint start stay stop store stream struggle study subscribe suck suffer
    suggest support suppose surf surprise suspect switch talk taste tend test thank tidy track trade train
    transfer translate travel treat trust try turn type update upgrade upload use value visit volunteer
    vote wait walk want warn wash watch water weigh wish wonder work work-out worry backup bump commit edit
    email format ignore knit lint lose merge mock monitor park patch ping podcast push rebase recycle refer
    request resign revert rollback rotate skip squash stretch target text toggle toast train verify volunteer
    wrap approve assign attach combine connect correct detect evaluate examine fill grill hire identify impress
    indicate inform inherit insist investigate itch judge mix motivate obtain occur operate owe peel pour
    predict produce provide purchase reject remain reset retry scan select settle slice swap tackle tease
    touch trigger unpack vary
    """
_NOT_PAST: Final = vocabulary(
    "need feed bleed breed proceed succeed exceed speed heed seed weed shed wed embed bed red indeed hundred"
)

IRREGULAR: Final = {
    row[0]: (row[1], row[-1]) for row in (line.split() for line in " ".join(_IRREGULAR_ROWS.split()).split(","))
}
BASES: Final = frozenset(_REGULAR.split()) | frozenset(IRREGULAR) - {"be"}
_PASTS: Final = frozenset(past for past, _ in IRREGULAR.values())
PARTICIPLES: Final = frozenset(participle for _, participle in IRREGULAR.values())
# Equal in present and past; taken as past, the commoner case of "I put ..." in a conversation.
UNCHANGING: Final = frozenset(base for base, (past, _) in IRREGULAR.items() if base == past)
MODALS: Final = vocabulary(
    "can could will would shall should may might must cannot can't couldn't won't wouldn't shouldn't mustn't mightn't"
)
AUXILIARIES: Final = MODALS | vocabulary(
    "am are is was were be have has had do does did aren't isn't wasn't weren't haven't "
    "hasn't hadn't don't doesn't didn't"
)
_AGREEING: Final = {
    "am": "is", "are": "is", "were": "was",
    "have": "has", "do": "does", "don't": "doesn't", "aren't": "isn't",
    "weren't": "wasn't", "haven't": "hasn't",
    "dont": "doesn't", "didnt": "didn't", "cant": "can't", "havent": "hasn't",
    "ain't": "isn't",
}  # fmt: skip
_ADVERBS: Final = vocabulary("""
    really just also always never usually often still actually already only even kinda sorta rarely seldom
    sometimes probably definitely currently recently not now once ever too both almost maybe perhaps
    finally then all either first soon mostly so super very long absolutely totally simply barely hardly
    normally occasionally generally typically frequently constantly honestly sadly somehow somewhat rather
    quite instead
    """)
_ADVERB_PAIRS: Final = frozenset((("no", "longer"), ("kind", "of"), ("sort", "of"), ("pretty", "much"), ("a", "lot")))
_NOT_ADVERBS: Final = vocabulary("apply rely supply reply fly imply multiply comply ally rally")
_SIBILANT: Final = re.compile(r"(?:s|x|z|ch|sh|[^aeiou]o)$")


def is_adverb(word: str) -> bool:
    """Say whether `word` may stand between a subject and its verb."""
    return word in _ADVERBS or (word.endswith("ly") and word not in _NOT_ADVERBS)


def after_adverbs(words: Sequence[str], start: int = 0) -> int:
    """Return where the verb stands that `words` may have from `start` on: adverbs come before it."""
    at = start
    while at < len(words):
        if tuple(words[at : at + 2]) in _ADVERB_PAIRS:
            at += 2
        elif is_adverb(words[at]):
            at += 1
        else:
            break
    return at


def is_past(word: str) -> bool:
    """Say whether `word` reads as a past form."""
    if word in _PASTS:
        return True
    return word.endswith("ed") and len(word) > 3 and word not in _NOT_PAST  # noqa: PLR2004 (red, bed, fed)


def third_person(verb: str) -> str:
    """Return the form of `verb` that agrees with he, she or a name; past forms and modals stay."""
    if verb in _AGREEING:
        return _AGREEING[verb]
    if verb in AUXILIARIES or is_past(verb):
        return verb
    if verb.endswith("y") and len(verb) > 1 and verb[-2] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}es" if _SIBILANT.search(verb) else f"{verb}s"


def past_of(verb: str) -> str:
    """Return the simple past of a base form."""
    if verb in IRREGULAR:
        return IRREGULAR[verb][0]
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ied"
    return f"{verb}{verb[-1]}ed" if _doubles(verb) else f"{verb}ed"


def _doubles(verb: str) -> bool:
    return re.fullmatch(r"[^aeiou]+[aeiou][bdgmnprt]", verb) is not None


_BASE_OF_THIRD: Final = {third_person(base): base for base in sorted(BASES - UNCHANGING)} | {
    f"{base}s": base for base in sorted(UNCHANGING)
}


# Verbs that are as often nouns or adjectives: "and walks", "and work", "or clean".
NOUN_LIKE: Final = vocabulary("""
    ache aim answer bake bark bike bite book boil break brew bump call camp care catch change chat check
    clean climb close coach code commit commute complete contact cook count cover crave cry cut cycle
    dance deal debug decide delay design dig dive draw dream dress drink drive drop edit email end escape
    exercise experience fall feed feel fight finish fit fix focus format freeze garden gain group hang help
    hike hit hold hope hug hurt issue jog joke juggle jump kiss lack laugh launch lead leave light like look
    love matter mean mention message mind mock monitor mount move name need notice offer open order own
    pack paint park pass patch phone pick plan plant play practice present print promise pull push race
    rain raise reach read record refund release rent repair reply report request research respect rest
    return review ride ring rise run sail sample save schedule score scuba search sense set shake share
    shine shoot shop show shower sink ski skate sketch sleep slide smell smile smoke snore snow sort sound
    spell spin split sport spread sprint start stay step stick sting stop store stream stress stretch
    strike struggle study suit supply support surf surprise sweat swim switch talk target taste tear test
    text toast track trade train transfer travel treat trust try turn type update upgrade upload
    fill grill itch judge mix purchase reset retry scan slice swap touch trigger
    use value visit volunteer vote wait wake walk wash watch water wear wind wish wonder work worry wrap
    """)


def is_base(word: str) -> bool:
    """Say whether `word` is the base form of a verb we know."""
    return word in BASES


def is_finite(word: str) -> bool:
    """Say whether `word` can be the verb of a statement."""
    if word in AUXILIARIES or word in BASES or word in _BASE_OF_THIRD or word in _AGREEING:
        return True
    return is_past(word)


def is_third(word: str) -> bool:
    """Say whether `word` is a form that agrees with he, she or a name alone."""
    return word in ("is", "isn't", "hasn't", "doesn't") or word in _BASE_OF_THIRD


def base_of_third(word: str) -> str:
    """Return the base of a form such as "works"; any other word as it is."""
    return _BASE_OF_THIRD.get(word, word)


def is_unmistakably_finite(word: str) -> bool:
    """Say whether `word` is a verb that is hardly ever a noun or a bare infinitive."""
    return word in AUXILIARIES or is_past(word)


def is_participle(word: str) -> bool:
    """Say whether `word` can follow "has"."""
    return word in PARTICIPLES or (word.endswith("ed") and word not in _NOT_PAST)
