"""What has come of an import so far."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

MAX_REFUSALS = 1000  # of lines that are told one by one
MAX_UNTAKEN = 100


@dataclass(slots=True)
class IntakeTally:
    """What has become of the lines so far.

    Attributes:
        lines: Lines read, blank ones not counted.
        conversations: Conversations taken in for the first time.
        memories: Memories that are new: stated or restored.
        known: Lines that had been taken in before, or state what is already known.
        bad: Lines that were refused.
    """

    lines: int = 0
    conversations: int = 0
    memories: int = 0
    known: int = 0
    bad: int = 0

    def add(self, other: "IntakeTally") -> None:
        """Count what another has counted."""
        for count in fields(IntakeTally):
            setattr(self, count.name, getattr(self, count.name) + getattr(other, count.name))


@dataclass(slots=True)
class ImportProgress:
    """What has come of the chunks of a file so far, small enough to be handed from step to step.

    Attributes:
        refusals: Where the chunks start whose refused lines are told one by one.
        untaken: Numbers of the first lines of chunks that could not be taken in, each with the error's name.
        untaken_chunks: How many there are, told or not.
    """

    tally: IntakeTally = field(default_factory=IntakeTally)
    refusals: list[int] = field(default_factory=list)
    untaken: list[dict[str, Any]] = field(default_factory=list)
    untaken_chunks: int = 0

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "ImportProgress":
        """Read what `as_state` wrote; nothing at all is the beginning."""
        return cls(**{**state, "tally": IntakeTally(**state["tally"])}) if state else cls()

    def as_state(self) -> dict[str, Any]:
        """Write it as JSON has it."""
        return asdict(self)

    def count(self, outcomes: Sequence[Mapping[str, Any]]) -> None:
        """Count chunks: each has a `tally`, or an `error`."""
        for outcome in outcomes:
            if "error" in outcome:
                self.untaken_chunks += 1
                if len(self.untaken) < MAX_UNTAKEN:
                    self.untaken.append({"from_line": outcome["line"], "error": outcome["error"]})
                continue
            tally = IntakeTally(**outcome["tally"])
            if tally.bad and self.tally.bad < MAX_REFUSALS:
                self.refusals.append(outcome["start"])
            self.tally.add(tally)
