"""Recognise sentences that say nothing worth remembering."""

import re
from typing import Final

from ricordo.adapters.builtin.extraction.tokens import vocabulary, words_of
from ricordo.domain.episode import Role

_GREETING: Final = re.compile(
    (
        r"(?:welcome (?:to|back)|hi|hello|hey|hiya|howdy|yo|good (?:morning|afternoon|evening|"
        r"night)|greetings|hallo|hola|bonjour|salut|ciao|olá|ola|moin|servus|guten (?:tag|morgen|"
        r"abend)|buenos días|buenas(?: tardes| noches)?|bye|goodbye|good bye|see (?:you|ya)|"
        r"later|take care|talk (?:to you )?(?:soon|later|tomorrow)|catch you|tschüss|adiós|"
        r"have a (?:great|good|nice|lovely|wonderful|safe)|enjoy your (?:day|evening|weekend)|"
        r"sweet dreams|(?:it's |it is )?(?:so |really |very )?(?:nice|great|good|"
        r"lovely) to (?:see|hear from|meet|talk to|chat with) you|great (?:seeing|hearing|"
        r"chatting)|(?:nice|great|good) (?:chatting|talking|catching up)|long time no)\b"
    ),
    re.IGNORECASE,
)
_THANKS: Final = re.compile(
    (
        r"(?:many thanks|thanks|thank you|thank u|thx|ty|cheers|much appreciated|i (?:really |"
        r"so )?appreciate (?:it|that|you|your)|danke|vielen dank|gracias|muchas gracias|merci|"
        r"obrigad[oa]|grazie|you're (?:very |most )?welcome|you are welcome|my pleasure|"
        r"your (?:\w+ ){0,2}(?:support|help|words|advice|encouragement|kindness|"
        r"backing)\b[^.]* means?\b|that means a lot|it means (?:a lot|so much|the world)|(?:i'm|"
        r"i am) (?:so |really |very )?(?:thankful|grateful) (?:for (?:you|your|that)|"
        r"to have you))\b"
    ),
    re.IGNORECASE,
)
_OFFER: Final = re.compile(
    (
        r"(?:(?:just |please )?let me know|(?:please )?feel free|(?:please )?don't hesitate|"
        r"(?:i'm|i am|i'd be|i'll be|i would be|always)? ?(?:more than )?(?:here|happy|glad|"
        r"ready|available|delighted) to (?:help|assist|discuss|walk|chat|explain)|i(?:'m|"
        r" am) here (?:for you|if)|(?:i can|i could|i'm able to|i'll|i will) (?:also )?(?:help|"
        r"assist)\b|(?:i can|i could) also\b|would you like (?:me|some|any|help|more)|"
        r"do you want me|shall i|should i|want me to|can i (?:help|assist|get)|may i help|"
        r"how (?:can|may|could) i|what can i (?:do|help)|is there anything|anything else|"
        r"need (?:any|more) help|if you (?:need|want|have|would like|'d like) (?:any |more |me |"
        r"help|further|to know more)|hit me up|reach out)"
    ),
    re.IGNORECASE,
)
_ANYBODYS_OFFER: Final = re.compile(
    (
        r"(?:just )?(?:let me know|feel free|hit me up|reach out|i'm here if|"
        r"if you (?:ever )?(?:need|want) (?:me\b|any|help|advice|anything|someone|to talk))"
    ),
    re.IGNORECASE,
)
_BOILERPLATE: Final = re.compile(
    (
        r"(?:as an ai\b|(?:i'm|i am) (?:just |only )?(?:an? )?(?:ai|language model|"
        r"virtual assistant|chatbot)|i (?:don't|do not|can't|cannot) (?:have (?:personal|"
        r"feelings|access to real|real-time)|browse|access the internet|feel)|i(?:'m|"
        r" am) sorry,? but i|(?:please )?(?:consult|see) (?:a|your) (?:doctor|professional|"
        r"lawyer))"
    ),
    re.IGNORECASE,
)
_ACKNOWLEDGEMENT: Final = re.compile(
    (
        r"(?:i(?:'ll| will) (?:remember|keep|note|make a note|bear|get (?:right )?on|do (?:that|"
        r"it)|let you know|check it out|give it a (?:try|shot|go)|be (?:there|right back)|"
        r"try that)\b|i(?:'ve| have) (?:noted|made a note)|duly noted|(?:i(?:'m| am) )?(?:so |"
        r"really |very )?(?:glad|happy|sorry|sad|excited|thrilled|pleased|delighted) (?:to hear|"
        r"for you|about that|that helped|you (?:liked?|enjoyed|asked|found))|glad (?:it|that|"
        r"you)|hope (?:this|that|it|you)|i (?:really )?hope (?:this|that|it|you)\b|(?:congrats|"
        r"congratulations|good luck|best of luck|all the best|keep (?:it up|up|going|me|us|"
        r"pushing|at it|on|shining|spreading|doing)\b|have fun|stay (?:safe|strong|positive|"
        r"healthy|in touch|true|tuned)|take it easy|believe in|never give up|don't (?:give up|"
        r"worry|mention it|forget to (?:smile|have fun))|enjoy (?:it|the|every|your)|"
        r"hang in there|must (?:be|have been)\b|(?:so |really |very )?(?:glad|happy|awesome|"
        r"great|good|nice|cool|lovely|amazing|excited|proud) (?:to (?:hear|see|know|be|help|"
        r"cheer|have)|i|we|you|that you|of you|for you)\b|(?:i'm |i am )(?:so |really |"
        r"very )?(?:proud of you|(?:always )?here for you|rooting for you)|(?:i'm |"
        r"i am )?wishing you|way to go|well done|bravo|go for it|you (?:got this|can do it|rock)|"
        r"we got this|here you go|here it is|(?:take a )?look at (?:this|that|it)|check (?:this|"
        r"it|that) out|tell me (?:more|about)|i(?:'d| would) love to (?:hear|know|see (?:it|them|"
        r"that))|i can(?:'t)? (?:imagine|wait to (?:see|hear)|relate|see (?:that|why|how))|"
        r"i (?:totally |completely |really )?(?:agree|understand|know|see|think so|get it|"
        r"hear you)(?:$|[,.!]| (?:with you|what you mean|how you feel|that))|(?:that|it|this|"
        r"they)(?:'s| is| are|'re)? (?:sounds?|looks?|seems?|must)\b|sounds (?:like|good|great|"
        r"fun|amazing|awesome|lovely|perfect)|what an?\b|how (?:cool|nice|exciting|lovely|"
        r"wonderful|awesome|fun|sweet|amazing)|no (?:problem|worries)|happy to help|one (?:sec|"
        r"moment|minute)|just a (?:sec|moment|minute)|hang on|hold on|give me a|let me (?:check|"
        r"see|think|look|take|run|read|start|pull)|i hope so|"
        r"(?:i'm |i am )?(?:so |really |very )?sorry about|it(?:'s| has) been a while|"
        r"i feel you|quick question|(?:i think )?that's (?:all|it)\b|"
        r"(?:i )?can't wait to (?:hear|see) (?:it|them|that|you|about)|let me (?:send|show|share|tell)|"
        r"that(?:'s| is) (?:\w+ )?(?:\w+ news|a bummer)|"
        r"(?:that|the|your|this) (?:[\w-]+ ){1,3}(?:sounds?|looks?) (?:so |really |pretty )?"
        r"(?:great|good|nice|amazing|awesome|lovely|fun|delicious|cool|fancy)[.!]*$|"
        r"that (?:fixed|worked|works|helped|"
        r"helps|did the trick)\b|go \w+[.!]*$|(?:that|this|it)(?:'s| is) (?:\w+ ){0,2}(?:to hear|"
        r"for you|of you)\b|i hear (?:you|ya)|check (?:out )?this|i(?:'ll|"
        r" will) keep you (?:posted|updated)|i(?:'d| would) love to (?:see|hear|know)[.!]*$|"
        r"i(?:'ll| will) (?:definitely )?reach out|fingers crossed|ttyl|missed (?:you|chatting|"
        r"talking)|you(?:'ll| will|'re going to| are going to) (?:love|do great|be great|enjoy)|"
        r"me (?:too|neither)|same here|that makes sense|makes sense|fair enough|not (?:yet|"
        r"really|at all)$|can't wait[.!]*$))"
    ),
    re.IGNORECASE,
)
# What an assistant says to be kind: "Tennis is fun!", "I'm sorry you're in pain".
_COURTESY: Final = re.compile(
    r"(?:[\w'-]+ ){1,4}(?:is|are|sounds?|looks?)(?: (?:so|such|always|really|a|an|truly))* (?:fun|great|"
    r"delicious|lovely|beautiful|wonderful|amazing|fantastic|exciting|awesome|adorable|cute|gorgeous|"
    r"good|nice)(?: (?:choice|idea|hobby|city|place|dish|goal|plan|start|one))?[.!]*$|"
    r"happy (?:belated |early )?(?:birthday|anniversary|new year|holidays|travels|cooking|coding|baking)|"
    r"(?:i'm|i am) (?:so |really |very |truly )?sorry (?:you|you're|your|that you|to)\b|take your time|"
    r"i(?:'ll| will) (?:follow|stick to|respect|keep to|adjust|be careful|use that|do so|avoid that|"
    r"make sure to (?:follow|respect|use that))\b|(?:enjoy|safe travels|get well|viel|bon|buen)\b(?: \w+){0,3}[.!]*$",
    re.IGNORECASE,
)
_REACTION: Final = re.compile(
    r"(?:go ahead|please (?:do|don't)|(?:happy|glad) to|with pleasure|sit down)(?:$|[.,!])|"
    r"(?:too|so|not|very|really|that|way too|bit|a bit) (?:\w+ ){1,3}(?:for me|to me|though)[.!]*$|"
    r"(?:brb|afk|gtg|k back|back|one sec)[.!]*$",
    re.IGNORECASE,
)
_FILLERS: Final = vocabulary("""
    a absolutely again ah ahh aha all alright amazing and are as aw awesome aww awww beautiful best bet
    big bit brilliant btw but can certainly cool do correct cute damn definitely done dude everyone
    excellent exactly exciting fair fantastic fine for fun funny gosh got gotcha god good great guess guys
    ha haha hahaha heck hehe here hey hm hmm hmmm i idea impressive incredible indeed inspiring
    interesting is it it's its just k kidding kind know lol looks hi hello bye nothing saying say love
    lovely luck man maybe mean me much my neat never nice no noted nope not of oh ok okay omg one only ooh
    oops perfect please point pretty probably quite really right same see seriously sick so sorry sounds
    stuff such super sure sweet thank thanks that that's thats the thing think this thoughtful too totally
    true truly ugh uh um understood very way welcome well what whatever whoa will wonderful wow ya yay
    simple clever brave yeah yep yes you you're yup alles gut genau klar si sí claro vale
    """)
_SMALL_TALK: Final = re.compile(
    (
        r"(?:and )?(?:how are (?:you|things|ya)|how's (?:it|everything|life|things)|how is (?:it|"
        r"everything) going|how have you been|how('ve| have) things|how are you doing|"
        r"what's (?:up|new|good|happening)|how about you|and you|what about you|you\?|"
        r"anything new|wie geht'?s|¿?(?:qué tal|cómo estás)|ça va|come stai|tudo bem)"
    ),
    re.IGNORECASE,
)
_REQUEST: Final = re.compile(
    r"(?:can|could|would|will) you (?:please )?(?:remind me|remember|always|never|stop|call me|address me)\b",
    re.IGNORECASE,
)
_ASKS: Final = re.compile(
    (
        r"(?:what|where|when|who|whom|whose|why|how|which)(?:'s| (?:is|are|was|were|do|does|did|"
        r"can|could|will|would|should|about|kind|time|have|has|am)\b)|(?:do|does|did|are|is|was|"
        r"were|have|has|can|could|will|would|should|may|am|isn't|aren't|don't|didn't|"
        r"haven't) (?:i|you|we|they|he|she|it|your|there|that|this|the|my)\b"
    ),
    re.IGNORECASE,
)
_LEAD_IN: Final = re.compile(
    r"(?:here (?:are|is)|here's|some|a few|these|below|the following|consider|sure)\b[^.]*:$", re.IGNORECASE
)
_GREETING_WORDS: Final = 10  # a longer sentence only begins with a greeting
_OF_ANYBODY: Final = (
    ("greeting", _GREETING),
    ("thanks", _THANKS),
    ("filler", _ACKNOWLEDGEMENT),
    ("offer", _ANYBODYS_OFFER),
    ("filler", _LEAD_IN),
    ("filler", _REACTION),
)
# In the order in which they are tried.
_PATTERNS: Final = {
    Role.USER: _OF_ANYBODY,
    Role.ASSISTANT: (*_OF_ANYBODY, ("boilerplate", _BOILERPLATE), ("offer", _OFFER), ("filler", _COURTESY)),
    Role.SYSTEM: _OF_ANYBODY,
}


def noise_in(sentence: str, core: str, role: Role) -> str | None:
    """Name the reason for which `sentence` is dropped, or None; `core` is it without interjections."""
    if not any(mark.isalnum() for mark in sentence):
        return "empty"
    if not core:
        return _reason_without_core(sentence)
    if _is_filler(core) and not _GREETING.match(core) and not _THANKS.match(core):
        return "filler"
    reason = next((reason for reason, pattern in _PATTERNS[role] if pattern.match(core)), None)
    return None if reason == "greeting" and len(core.split()) > _GREETING_WORDS else reason


def is_small_talk(question: str) -> bool:
    """Say whether a question only asks how somebody is."""
    return _SMALL_TALK.match(question) is not None


def is_offer(question: str) -> bool:
    """Say whether a question offers help in general."""
    return _OFFER.match(question) is not None


def is_question(sentence: str) -> bool:
    """Say whether `sentence` asks something; a lasting request put as a question does not."""
    if _REQUEST.match(sentence):
        return False
    return sentence.rstrip("\"')” ").endswith(("?", "\uff1f", "؟", "?!")) or _ASKS.match(sentence) is not None


def _reason_without_core(sentence: str) -> str:
    if _THANKS.match(sentence):
        return "thanks"
    first = sentence.lower()
    if _GREETING.match(sentence) or first.startswith(("hey", "hi", "hello", "good m", "good e", "good a")):
        return "greeting"
    return "thanks" if first.startswith(("thank", "thx")) else "filler"


def _is_filler(core: str) -> bool:
    spoken = words_of(core)
    return all(word in _FILLERS for word in spoken)
