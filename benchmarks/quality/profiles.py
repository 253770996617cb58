"""How far the two profiles give the same answers: embedded, and AWS on the engines that the environment names.

    make bench-profiles

Two conversations of LoCoMo are stored in both, word for word, and every question is asked of both.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

sys.path.insert(0, str(Path(__file__).resolve().parent))

from measures import recall
from question_sets import LOCOMO, Asked, Conversation, read_locomo

from ricordo.domain.episode import Message
from ricordo.domain.filters import OwnedBy
from ricordo.domain.ids import ProjectId, event_id_for, memory_id_for
from ricordo.domain.memory import Memory
from ricordo.domain.project import Project
from ricordo.domain.scope import OwnerType
from ricordo.runtime.services import Services
from ricordo.runtime.settings import Settings, read_settings
from ricordo.runtime.wiring import wire
from ricordo.usecases.accept_add import AddRequest
from ricordo.usecases.import_statements import Statement, import_statements
from ricordo.usecases.search_memories import SearchRequest, search_memories

PROJECT = ProjectId("proj_profiles")
CONVERSATIONS = 2
CUTOFF = 10
DEFAULT_THRESHOLD = 0.1
_BATCH = 64


@dataclass(frozen=True, slots=True)
class Compared:
    """The ids that the two profiles answered to one question, best first, and those that were wanted."""

    asked: Asked
    evidence: frozenset[str]
    embedded: Sequence[str]
    aws: Sequence[str]

    @property
    def overlap(self) -> float:
        """The share of the first ten that both gave; 1 where neither gave any."""
        mine, theirs = set(self.embedded[:CUTOFF]), set(self.aws[:CUTOFF])
        return len(mine & theirs) / max(len(mine), len(theirs)) if mine or theirs else 1.0


@dataclass(frozen=True, slots=True)
class Agreement:
    """What came of all questions."""

    compared: Sequence[Compared]

    @property
    def overlap(self) -> float:
        """The mean overlap of the first ten."""
        return fmean(one.overlap for one in self.compared)

    @property
    def recalls(self) -> tuple[float, float]:
        """Mean recall@10 of the embedded profile and of AWS."""
        return (
            fmean(recall(one.embedded, one.evidence, CUTOFF) for one in self.compared),
            fmean(recall(one.aws, one.evidence, CUTOFF) for one in self.compared),
        )

    def __str__(self) -> str:
        """Tell the figures, and the three questions that differ most."""
        embedded, aws = self.recalls
        same = sum(list(one.embedded) == list(one.aws) for one in self.compared)
        figures = f"overlap@{CUTOFF} {self.overlap:.4f}, R@{CUTOFF} embedded {embedded:.4f}, aws {aws:.4f}"
        most = [one for one in sorted(self.compared, key=lambda one: one.overlap)[:3] if one.overlap < 1]
        told = [f"{len(self.compared)} questions, {same} answered the same in the same order; {figures}"]
        return "\n".join(told + [f"  {one.overlap:.2f}  {one.asked.text}" for one in most])


def store(conversations: Iterable[Conversation], wired: Services) -> None:
    """Make the project and add every turn to it; a turn has the same id in every profile."""
    now = wired.clock.now()
    wired.projects.create(Project(PROJECT, "org_profiles", "profiles", now, now))
    statements = [_statement(turn) for conversation in conversations for turn in conversation.memories]
    for start in range(0, len(statements), _BATCH):
        import_statements(
            statements[start : start + _BATCH],
            project_id=PROJECT,
            archive=wired.archive,
            memories=wired.memories,
            owners=wired.owners,
            embedder=wired.workbench.embedder,
            clock=wired.clock,
        )


def _statement(turn: Memory) -> Statement:
    assert turn.attributed_to is not None
    assert turn.scope.user_id is not None
    message = Message(turn.attributed_to, turn.text, turn.speaker)
    request = AddRequest(turn.scope, (message,), turn.created_at, {"infer": False})
    return Statement(_fingerprint(turn.scope.user_id, turn.memory_id), request)


def _fingerprint(user: str, turn: str) -> str:
    return f"{user}/{turn}"


def agreement(
    conversations: Iterable[Conversation], embedded: Services, aws: Services, *, top_k: int, threshold: float
) -> Agreement:
    """Ask every question of both profiles."""
    return Agreement(
        [
            Compared(
                asked,
                _evidence(asked, conversation.name),
                *(_ask(asked, conversation.name, wired, top_k, threshold) for wired in (embedded, aws)),
            )
            for conversation in conversations
            for asked in conversation.questions
        ]
    )


def _ask(asked: Asked, user: str, wired: Services, top_k: int, threshold: float) -> Sequence[str]:
    """Return the ids of what a search finds; nothing may be down meanwhile."""
    request = SearchRequest(
        asked.text, OwnedBy(OwnerType.USER, frozenset({user})), top_k, threshold, asked_at=wired.clock.now()
    )
    answer = search_memories(request, project_id=PROJECT, searching=wired.searching)
    assert answer.degraded == (), answer.degraded
    return [scored.memory.memory_id for scored in answer.results]


def _evidence(asked: Asked, user: str) -> frozenset[str]:
    events = (event_id_for(PROJECT, f"import:{_fingerprint(user, turn)}") for turn in asked.evidence)
    return frozenset(memory_id_for(event_id, 0) for event_id in events)


def main() -> None:
    """Store, project and ask."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--locomo", type=Path, default=LOCOMO, help="locomo10.json; never part of this repository")
    path = parser.parse_args().locomo
    if not path.exists():
        print(f"LoCoMo is absent ({path}): nothing is measured.")
        return
    conversations = read_locomo(path)[:CONVERSATIONS]
    with ExitStack() as stack:
        embedded = stack.enter_context(closing(wire(Settings(data_dir=Path(stack.enter_context(_folder()))))))
        aws = stack.enter_context(closing(_provisioned()))
        for wired in (embedded, aws):
            store(conversations, wired)
        _project()
        aws.clock.sleep(aws.visible_after_s)
        for top_k, threshold in ((10, DEFAULT_THRESHOLD), (20, 0.0)):
            print(f"top_k {top_k}, threshold {threshold}:", end=" ")
            print(agreement(conversations, embedded, aws, top_k=top_k, threshold=threshold))


def _folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="ricordo-profiles-")


def _provisioned() -> Services:
    """Wire the AWS profile over what it needs."""
    from ricordo.runtime.provisioning import provision  # noqa: PLC0415  takes boto3

    os.environ |= {"RICORDO_PROFILE": "aws", "RICORDO_LOG_LEVEL": "WARNING"}
    aws = wire(read_settings())
    list(provision(aws.settings, aws.workbench.embedder))
    return aws


def _project() -> None:
    """Hand all that the table's stream holds to the handler of the index."""
    from functions.project_changes import handler  # noqa: PLC0415  reads the environment
    from ricordo.local.stream_pump import StreamPump  # noqa: PLC0415  takes boto3
    from ricordo.runtime.aws_clients import client, stream_of  # noqa: PLC0415

    StreamPump(client("dynamodbstreams"), stream_of(read_settings().table), handler.index_handler).drain()


if __name__ == "__main__":
    main()
