"""Read an episode message by message, sentence by sentence."""

import re
from collections import Counter
from dataclasses import replace
from typing import Final

from ricordo.adapters.builtin.extraction.clauses import is_full, split_fragment, split_question
from ricordo.adapters.builtin.extraction.completions import is_fragment_answer
from ricordo.adapters.builtin.extraction.confirmations import after_yes_or_no, detailed, is_yes_or_no
from ricordo.adapters.builtin.extraction.drafts import Drafts, Turn
from ricordo.adapters.builtin.extraction.interjections import bare_statement
from ricordo.adapters.builtin.extraction.languages import is_english
from ricordo.adapters.builtin.extraction.noise import is_question, is_small_talk, noise_in
from ricordo.adapters.builtin.extraction.persons import company_in, retell
from ricordo.adapters.builtin.extraction.questions import OpenQuestions
from ricordo.adapters.builtin.extraction.referents import Referents
from ricordo.adapters.builtin.extraction.sentences import split_sentences
from ricordo.adapters.builtin.extraction.speakers import Speakers
from ricordo.adapters.builtin.extraction.spelling import spelled
from ricordo.adapters.builtin.extraction.statements import Statement, statements_of
from ricordo.domain.episode import Episode, Message, Role, bare_utterance
from ricordo.domain.fact import Extraction

_CONTEXT_CHARS: Final = 1000
_QUOTED_WORDS: Final = 10
_ASKS_FAVOUR: Final = re.compile(r"(?:can|could|would|will) you\b", re.IGNORECASE)


class Reading:
    """What is known while an episode is read; used once."""

    def __init__(self, episode: Episode) -> None:
        self._episode = episode
        self._speakers = Speakers(episode.messages)
        self._referents = Referents()
        self._dropped: Counter[str] = Counter()
        self._drafts = Drafts(self._dropped)
        self._company = "others"
        self._asked: OpenQuestions | None = None

    def extraction(self) -> Extraction:
        """Return what was found, after the last message."""
        if self._asked:
            self._asked.close(self._dropped)
        return Extraction(self._drafts.facts(self._episode.said_at), self._dropped)

    def hear(self, index: int, message: Message) -> None:
        """Take in the next message."""
        if message.role is Role.SYSTEM:
            self._dropped["system"] += 1
            return
        sentences = split_sentences(bare_utterance(message.content, message.name))
        self._count("code", sentences.code_blocks)
        self._count("too_long", sentences.oversized)
        if not (sentences.texts or sentences.code_blocks or sentences.oversized):
            self._dropped["empty"] += 1
        self._company = "others"
        turn = Turn(index, message, self._speakers.cast(message))
        answering = self._questions_for(turn)
        context = message.content[:_CONTEXT_CHARS]
        for text in (spelled(sentence, context=context) for sentence in sentences.texts):
            for part in split_question(text) or (text,):
                turn = replace(turn, is_opening=self._asked is None)
                if self._hear_sentence(turn, part, answering):
                    self._close(answering)
                    answering = None
        self._close(answering)

    def _questions_for(self, turn: Turn) -> OpenQuestions | None:
        """Take over the questions that this message may answer."""
        asked = self._asked
        if asked is None or asked.asker == turn.cast.speaker:
            return None
        self._asked = None
        return asked

    def _close(self, questions: OpenQuestions | None) -> None:
        if questions:
            questions.close(self._dropped)

    def _hear_sentence(self, turn: Turn, text: str, answering: OpenQuestions | None) -> bool:
        """Take in a sentence; say whether it settles the questions asked before."""
        core = bare_statement(text, self._speakers.callable_names)
        if answering and self._answer(turn, text, core, answering):
            return True
        reason = noise_in(text, core, turn.message.role)
        if reason in (None, "offer", "filler") and is_question(core or text):
            self._ask(turn, core or text)
            return False
        if reason:
            self._dropped[reason] += 1
            return False
        self._state(turn, core)
        return True

    def _answer(self, turn: Turn, text: str, core: str, asked: OpenQuestions) -> bool:
        """Take in an answer that needs its question; False where the sentence is none or stands alone."""
        if all(map(is_small_talk, asked.texts)):
            return False
        answering = replace(turn, is_answer=True, cast=replace(turn.cast, addressee=asked.asker))
        is_yes = is_yes_or_no(text)
        is_favour = turn.message.role is Role.ASSISTANT and _ASKS_FAVOUR.match(asked.texts[-1])
        if is_yes is not None and asked.can_be_confirmed and not is_favour:
            self._answer_yes_or_no(answering, text, asked, is_yes=is_yes)
            return True
        if not core or is_question(core) or noise_in(text, text, turn.message.role) in ("thanks", "greeting"):
            return False
        core, rest = split_fragment(core)
        question, claim = asked.completed(core)
        if claim is None and not self._needs_question(turn, text, core, asked):
            return False
        asked.answered.add(question)
        self._state_or_quote(answering, claim, question, core if claim else text)
        if rest:
            self._hear_sentence(turn, rest, None)
        return True

    def _needs_question(self, turn: Turn, text: str, core: str, asked: OpenQuestions) -> bool:
        if asked.is_all_offers or noise_in(text, core, turn.message.role):
            return False
        if len(core.split()) > _QUOTED_WORDS:
            return False
        return is_fragment_answer(core) or not is_english(core, context=turn.message.content[:_CONTEXT_CHARS])

    def _answer_yes_or_no(self, turn: Turn, text: str, asked: OpenQuestions, *, is_yes: bool) -> None:
        rest = after_yes_or_no(text)
        question, claim = asked.confirmed(is_yes=is_yes)
        core = bare_statement(rest, self._speakers.callable_names)
        is_said_in_full = is_full(core)
        if claim and core and not is_said_in_full and not noise_in(rest, core, turn.message.role):
            claim = detailed(claim, core)
        if claim is not None or not is_said_in_full:
            asked.answered.add(question)
            self._state_or_quote(turn, claim, question, text)
        if is_said_in_full:
            self._hear_sentence(turn, rest, None)

    def _state_or_quote(self, turn: Turn, claim: str | None, question: str, answer: str) -> None:
        if claim is None:
            quoted = question.replace('"', "'")
            self._drafts.add(turn, Statement(f'Asked "{quoted}", {turn.cast.speaker} answered: {answer}'))
        else:
            self._state(turn, claim)

    def _state(self, turn: Turn, core: str) -> None:
        self._company = company_in(core) or self._company
        cast = replace(turn.cast, company=self._company)
        context = turn.message.content[:_CONTEXT_CHARS]
        is_kept = False
        to_assistant = turn.cast.addressee == "Assistant"
        for statement in statements_of(core, cast, self._referents, context=context, to_assistant=to_assistant):
            self._drafts.add(turn, statement)
            is_kept = True
        if not is_kept:
            self._dropped["filler"] += 1

    def _ask(self, turn: Turn, question: str) -> None:
        asked = self._asked
        if asked is None or asked.asker != turn.cast.speaker:
            self._close(asked)
            self._asked = asked = OpenQuestions(turn.cast.speaker, turn.message.role)
        asked.texts.append(question)
        if is_english(question):
            self._referents.note(retell(question, turn.cast), speakers=self._speakers.names)

    def _count(self, reason: str, times: int) -> None:
        if times:
            self._dropped[reason] += times
