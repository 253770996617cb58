"""Batches of the table's stream, projected: what can be done is done, what cannot ever be is set aside.

A part that is down fails the records it concerns, so that they come again; a record that is refused for what it is
goes to the dead letters, so that it holds up nobody. What was projected is announced, so that who is told of a
memory can find it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from ricordo.domain.errors import ProjectionError, UnavailableError
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.ports.announcements import Announcements
from ricordo.ports.dead_letters import DeadLetters
from ricordo.ports.projection_feed import ProjectionFeed
from ricordo.runtime.observability import log_fault, logger
from ricordo.runtime.streams import Change, newest_versions, read_change

Project = Callable[[ProjectId, Mapping[MemoryId, int]], None]


def project_batch(
    records: Sequence[Mapping[str, Any]],
    project: Project,
    *,
    dead_letters: DeadLetters,
    feed: ProjectionFeed | None = None,
    announcements: Announcements | None = None,
) -> dict[str, Any]:
    """Project what a batch tells of; return Lambda's answer for partial batches.

    With a feed, what is left of memories whose rows the table removed after their time is removed first. With
    announcements, what need not come again is announced at last.

    Raises:
        UnavailableError: the store is down.
    """
    failed: set[str] = set()
    changes = list(_readable(records, dead_letters))
    if feed is not None:
        _remove_remains(changes, feed, dead_letters)
    by_project = sorted(changes, key=lambda change: change.project_id)
    for project_id, some in groupby(by_project, key=lambda change: change.project_id):
        failed |= _failed(project_id, list(some), project, dead_letters)
    if announcements is not None:
        done = [change for change in changes if change.sequence_number not in failed]
        failed |= _unannounced(done, announcements, dead_letters)
    if changes:
        logger.info("projected", extra={"records": len(records), "changes": len(changes), "failed": len(failed)})
    return {"batchItemFailures": [{"itemIdentifier": number} for number in sorted(failed, key=int)]}


def _remove_remains(changes: Sequence[Change], feed: ProjectionFeed, dead_letters: DeadLetters) -> None:
    for change in changes:
        if change.ended is None:
            continue
        try:
            feed.remove_remains(change.project_id, change.ended)
        except UnavailableError:
            raise
        except Exception as fault:
            log_fault("remains stay", fault, project_id=change.project_id)
            dead_letters.put("remains", _letter(change.project_id, change.memory_id, change.version))


def _readable(records: Sequence[Mapping[str, Any]], dead_letters: DeadLetters) -> Iterator[Change]:
    for record in records:
        try:
            change = read_change(record)
        except (KeyError, ValueError, TypeError) as fault:
            log_fault("record unreadable", fault, event_id=str(record.get("eventID")))
            dead_letters.put("unreadable", {"record": str(record.get("eventID"))})
            continue
        if change is not None:
            yield change


def _failed(
    project_id: ProjectId, changes: Sequence[Change], project: Project, dead_letters: DeadLetters
) -> frozenset[str]:
    """Project the changes of one project; return the records that must come again."""
    try:
        project(project_id, newest_versions(changes))
    except UnavailableError as error:
        logger.warning("projection down", extra={"project_id": project_id, "code": error.code})
        return frozenset(change.sequence_number for change in changes)
    except ProjectionError as error:
        _set_aside(project_id, [change for change in changes if change.memory_id in error.memory_ids], dead_letters)
    except Exception as fault:
        log_fault("projection failed", fault, project_id=project_id)
        if len(changes) > 1:
            return frozenset().union(*(_failed(project_id, [change], project, dead_letters) for change in changes))
        _set_aside(project_id, changes, dead_letters)
    return frozenset()


def _set_aside(project_id: ProjectId, changes: Sequence[Change], dead_letters: DeadLetters) -> None:
    for memory_id, version in newest_versions(changes).items():
        letter = _letter(project_id, memory_id, version)
        logger.error("projection refused", extra=letter)
        dead_letters.put("refused", letter)


def _letter(project_id: ProjectId, memory_id: MemoryId, version: int) -> dict[str, str]:
    return {"project_id": project_id, "memory_id": memory_id, "version": str(version)}


def _unannounced(changes: Sequence[Change], announcements: Announcements, dead_letters: DeadLetters) -> frozenset[str]:
    """Announce what changes mean to the outside; return the records that must come again."""
    told = {change.sequence_number: change.announcement for change in changes if change.announcement is not None}
    try:
        announcements.announce(list(told.values()))
    except UnavailableError as error:
        logger.warning("announcing down", extra={"code": error.code})
        return frozenset(told)
    except Exception as fault:
        log_fault("announcing failed", fault)
        for change in changes:
            if change.announcement is not None:
                dead_letters.put("unannounced", _letter(change.project_id, change.memory_id, change.version))
    return frozenset()
