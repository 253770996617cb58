from collections.abc import Mapping


class KeptDeadLetters:
    """`ports.dead_letters.DeadLetters` in this process's memory, the last thousand of them."""

    def __init__(self) -> None:
        self.letters: list[Mapping[str, str]] = []

    def put(self, reason: str, letter: Mapping[str, str]) -> None:
        self.letters = [*self.letters[-999:], {"reason": reason, **letter}]
