"""Every key of the one table, and what is asked of it.

| row | pk | sk | asked for by |
| --- | --- | --- | --- |
| memory | `P#<project>#M#<memory>` | `CURRENT` | get; a tombstone stays here until it is purged |
| version | same | `V#<version>` | history; written once, never updated |
| link | `P#<project>#E#<type>#<owner>[#<shard>]` | `M#<accepted>#<sequence>#<memory>` | list by owner, newest first |
| project link | `P#<project>#A#<shard>` | same | list a project, or by a wildcard; archive |
| pending | `P#<project>#W` | `<changed>#<memory>#<version>` | what a search must add until the index shows it |
| cuts | same | `~CUTS` | what `delete_all` has hidden; read with the pending rows, or with memories |
| uniqueness | `P#<project>#H#<scope digest>` | `<text digest>` | which memories hold a text |
| sequence | `P#<project>#T#<thread>` | `SEQUENCE` | the next places in a thread |
| owner | `P#<project>#E#<type>#<owner>` | `OWNER` | one owner; who speaks there |
| event | `P#<project>#J#<event>` | `EVENT` | one event, its lease |
| episode | same | `EPISODE` | what was said; large ones lie in S3 |
| facts | same | `FACTS` | what was extracted, once |
| idempotency | `P#<project>#I#<key>` | `ANSWER` | answers of writes with an `Idempotency-Key` |
| usage | `P#<project>#U` | `<day>#<kind>#<model>` | tokens used |
| consolidated | `P#<project>#C` | `THROUGH` | since when scopes have changed |
| scope | same | `S#<type>#<owner>` | who consolidates an owner's memories, and what was taken in |
| run | `RUN#<run>` | `RUN` | a nightly run |
| run, project | same | `P#<project>` | what it did there |
| project | `PROJECT#<project>` | `PROJECT` | one project |
| key | `KEY#<key id>` | `KEY` | one API key |

| index | pk | sk | asked for by |
| --- | --- | --- | --- |
| `gsi1` | `P#<project>#J#<event>` | `<memory>` | memories of an event: may its episode go? |
| | `P#<project>#EVENTS#<type>` | `<created>#<event>` | list events |
| | `P#<project>#OWNERS#<type>` | `<changed>#<type>#<owner>` | list and count owners |
| | `PROJECTS`, `KEYS` | `<created>#<id>` | list projects, keys |
| `gsi2` | `P#<project>#ENDS` | `<end>#<memory>` | tombstones and expired memories to purge |
| | `DUE#<shard>` | `<due>` | events whose work is due, over all projects |

Times in keys are microseconds since 1970 in 17 digits, so that text sorts as time does. Indexes hold keys only and may
lag: whoever reads them asks the row itself before acting. The other reads are consistent.
"""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from ricordo.domain.event import EventType
from ricordo.domain.ids import EventId, KeyId, MemoryId, ProjectId
from ricordo.domain.memory import Memory
from ricordo.domain.moments import to_micros
from ricordo.domain.scope import Owner, OwnerType
from ricordo.domain.usage import UsageKind

SHARDS = 4
DUE_SHARDS = 4
PROJECTS = "PROJECTS"
API_KEYS = "KEYS"
CURRENT = "CURRENT"
LINKS = "M#"
VERSIONS = "V#"
_MAX_COMPONENT_BYTES = 200
_SHARDED = frozenset({OwnerType.AGENT, OwnerType.APP})  # one of them may own most of a project


class Key(NamedTuple):
    """The primary key of a row."""

    pk: str
    sk: str


def component(text: str) -> str:
    """Encode an id for use within a key: unambiguous whatever it holds, and of bounded length."""
    encoded = text.replace("%", "%25").replace("#", "%23").replace("~", "%7E")
    if len(encoded.encode()) <= _MAX_COMPONENT_BYTES:
        return encoded
    return "~" + hashlib.blake2b(text.encode(), digest_size=32).hexdigest()


def at(moment: datetime) -> str:
    """Spell a time so that it sorts; before 1970 counts as 1970."""
    return micros(to_micros(moment))


def micros(value: int) -> str:
    """Spell microseconds so that they sort."""
    return f"{max(value, 0):017d}"


def shard_of(text: str, shards: int = SHARDS) -> int:
    """Spread ids evenly and always alike."""
    return hashlib.blake2b(text.encode(), digest_size=2).digest()[0] % shards


def _project(project_id: ProjectId) -> str:
    return f"P#{component(project_id)}"


def memory(project_id: ProjectId, memory_id: MemoryId) -> Key:
    """Name a memory's current row."""
    return Key(f"{_project(project_id)}#M#{component(memory_id)}", CURRENT)


def version(project_id: ProjectId, memory_id: MemoryId, number: int) -> Key:
    """Name one version of a memory."""
    return Key(memory(project_id, memory_id).pk, version_place(number))


def version_place(number: int) -> str:
    """Return where a version stands beside its memory."""
    return f"{VERSIONS}{number:09d}"


def link_partitions(project_id: ProjectId, owner: Owner | None) -> list[str]:
    """Name the partitions that list an owner's memories, or a project's."""
    if owner is None:
        return [f"{_project(project_id)}#A#{shard}" for shard in range(SHARDS)]
    one = owner_partition(project_id, owner)
    return [f"{one}#{shard}" for shard in range(SHARDS)] if owner.type in _SHARDED else [one]


def link_place(accepted_us: int, sequence: int, memory_id: MemoryId) -> str:
    """Return where a memory stands among the links of each partition that lists it."""
    return f"{LINKS}{micros(accepted_us)}#{sequence:012d}#{component(memory_id)}"


def links(memory: Memory) -> Iterator[Key]:
    """Name the rows that list a memory: one for each owner, and the project's."""
    sk = link_place(to_micros(memory.accepted_at), memory.sequence, memory.memory_id)
    shard = shard_of(memory.memory_id)
    for owner in (*memory.scope.owners(), None):
        partitions = link_partitions(memory.project_id, owner)
        yield Key(partitions[shard % len(partitions)], sk)


def pending_partition(project_id: ProjectId) -> str:
    """Name the partition of what the index may not show yet, and of the cuts."""
    return f"{_project(project_id)}#W"


def pending(memory: Memory) -> Key:
    """Name the row that says a memory came to this version."""
    changed_at = max(memory.accepted_at, memory.updated_at)
    return Key(pending_partition(memory.project_id), f"{at(changed_at)}#{component(memory.memory_id)}#{memory.version}")


def cuts(project_id: ProjectId) -> Key:
    """Name the row of the cuts; it sorts behind all pending rows."""
    return Key(pending_partition(project_id), "~CUTS")


def uniqueness(memory: Memory) -> Key:
    """Name the row that says who holds this text in exactly this scope."""
    digest = hashlib.blake2b(memory.text.encode(), digest_size=16).hexdigest()
    return Key(f"{_project(memory.project_id)}#H#{memory.scope.digest()}", digest)


def sequence(project_id: ProjectId, thread: str) -> Key:
    """Name the counter of a thread."""
    return Key(f"{_project(project_id)}#T#{component(thread)}", "SEQUENCE")


def owner_partition(project_id: ProjectId, owner: Owner) -> str:
    """Name an owner's partition."""
    return f"{_project(project_id)}#E#{owner.type.value}#{component(owner.id)}"


def owner(project_id: ProjectId, owner: Owner) -> Key:
    """Name an owner's row."""
    return Key(owner_partition(project_id, owner), "OWNER")


def events_prefix(project_id: ProjectId) -> str:
    """Return what the partitions of a project's events begin with, and no others do."""
    return f"{_project(project_id)}#J#"


def event(project_id: ProjectId, event_id: EventId) -> Key:
    """Name an event's row; its episode and facts lie beside it."""
    return Key(f"{events_prefix(project_id)}{component(event_id)}", "EVENT")


def episode(project_id: ProjectId, event_id: EventId) -> Key:
    """Name what was said."""
    return Key(event(project_id, event_id).pk, "EPISODE")


def episode_beside(event_key: Key) -> Key:
    """Name what was said, by the key of its event."""
    return Key(event_key.pk, "EPISODE")


def facts(project_id: ProjectId, event_id: EventId) -> Key:
    """Name what was extracted."""
    return Key(event(project_id, event_id).pk, "FACTS")


def idempotency(project_id: ProjectId, key: str) -> Key:
    """Name the answer kept under an `Idempotency-Key`."""
    return Key(f"{_project(project_id)}#I#{component(key)}", "ANSWER")


def usage_partition(project_id: ProjectId) -> str:
    """Name the partition of a project's token counts."""
    return f"{_project(project_id)}#U"


def usage(project_id: ProjectId, day: date, kind: UsageKind, model_id: str) -> Key:
    """Name the counts of one model on one day."""
    return Key(usage_partition(project_id), f"{day.isoformat()}#{kind.value}#{component(model_id)}")


def consolidated(project_id: ProjectId) -> Key:
    """Name the row that says up to when changes of a project's scopes were taken in."""
    return Key(f"{_project(project_id)}#C", "THROUGH")


def consolidated_scope(project_id: ProjectId, owner: Owner) -> Key:
    """Name the row that says who consolidates an owner's memories."""
    return Key(consolidated(project_id).pk, f"S#{owner.type.value}#{component(owner.id)}")


def run(run_id: str) -> Key:
    """Name the row of a nightly run; what it did in each project lies beside it."""
    return Key(f"RUN#{component(run_id)}", "RUN")


def run_report(run_id: str, project_id: ProjectId) -> Key:
    """Name what a run did in a project."""
    return Key(run(run_id).pk, _project(project_id))


def project(project_id: ProjectId) -> Key:
    """Name a project's row."""
    return Key(f"PROJECT#{component(project_id)}", "PROJECT")


def api_key(key_id: KeyId) -> Key:
    """Name an API key's row."""
    return Key(f"KEY#{component(key_id)}", "KEY")


def listed(since: datetime, name: str) -> str:
    """Name a place in a `gsi1` partition that lists what is named so, by time."""
    return f"{at(since)}#{component(name)}"


def events_listed(project_id: ProjectId, event_type: EventType) -> str:
    """Name the `gsi1` partition that lists events of a type."""
    return f"{_project(project_id)}#EVENTS#{event_type.value}"


def owners_listed(project_id: ProjectId, owner_type: OwnerType) -> str:
    """Name the `gsi1` partition that lists owners of a type."""
    return f"{_project(project_id)}#OWNERS#{owner_type.value}"


def owner_listed(changed: datetime, owner: Owner) -> str:
    """Name an owner's place there; no two owners of a project share one."""
    return f"{at(changed)}#{owner.type.value}#{component(owner.id)}"


def ends(project_id: ProjectId) -> str:
    """Name the `gsi2` partition of memories that end."""
    return f"{_project(project_id)}#ENDS"


def due(shard: int) -> str:
    """Name a `gsi2` partition of events that are due."""
    return f"DUE#{shard}"
