"""Keep the questions just asked, until the next speaker has answered them or not."""

from collections import Counter
from dataclasses import dataclass, field

from ricordo.adapters.builtin.extraction.completions import completed
from ricordo.adapters.builtin.extraction.confirmations import can_be_confirmed, confirmed
from ricordo.adapters.builtin.extraction.noise import is_offer, is_small_talk
from ricordo.domain.episode import Role


@dataclass(slots=True)
class OpenQuestions:
    """Questions of one speaker, in the order in which they were asked."""

    asker: str
    role: Role
    texts: list[str] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)

    @property
    def is_all_offers(self) -> bool:
        """Nothing was asked but whether help is wanted."""
        return self.role is Role.ASSISTANT and all(map(is_offer, self.texts))

    @property
    def can_be_confirmed(self) -> bool:
        """A yes or no would answer one of them."""
        return any(map(can_be_confirmed, self.texts))

    def confirmed(self, *, is_yes: bool) -> tuple[str, str | None]:
        """Return the question a yes or no answers, and what it then states if a rule reads it."""
        for text in reversed(self.texts):
            claim = confirmed(text, is_yes=is_yes)
            if claim is not None:
                return text, claim
        return self.texts[-1], None

    def completed(self, answer: str) -> tuple[str, str | None]:
        """Return the question a fragment answers, and what both state together if a rule reads it."""
        for text in reversed(self.texts):
            claim = completed(text, answer)
            if claim is not None:
                return text, claim
        return self.texts[-1], None

    def close(self, dropped: Counter[str]) -> None:
        """Count the questions that no statement was made of."""
        for text in self.texts:
            if text not in self.answered:
                dropped[self._reason(text)] += 1

    def _reason(self, text: str) -> str:
        if is_small_talk(text):
            return "greeting"
        return "offer" if self.role is Role.ASSISTANT and is_offer(text) else "question"
