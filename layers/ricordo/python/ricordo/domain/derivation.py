"""How an episode's facts become memories."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from ricordo.domain.episode import Episode, Role
from ricordo.domain.fact import Extraction, Fact
from ricordo.domain.ids import memory_id_for
from ricordo.domain.memory import Embedding, Memory, MemoryKind, Source
from ricordo.domain.moments import parse_moment
from ricordo.domain.scope import Scope

_STEP = timedelta(microseconds=1)  # keeps the order of one add's memories in lists


def verbatim_facts(episode: Episode) -> Extraction:
    """Take each message of a user or an assistant as one fact, word for word; system messages are dropped."""
    facts = []
    dropped: Counter[str] = Counter()
    for index, message in enumerate(episode.messages):
        if message.role is Role.SYSTEM:
            dropped["system"] += 1
        elif not message.content.strip():
            dropped["empty"] += 1
        else:
            facts.append(Fact(message.content, message.role, index, speaker=message.name))
    return Extraction(tuple(facts), dropped)


def attributed_scope(scope: Scope, role: Role) -> Scope:
    """Return whose memory an inferred fact is when both a user and an agent are named.

    What the user said is the user's, what the assistant said the agent's; app and run stay, as on mem0's
    Platform.
    """
    if scope.user_id is None or scope.agent_id is None:
        return scope
    return replace(scope, user_id=None) if role is Role.ASSISTANT else replace(scope, agent_id=None)


def thread_of(scope: Scope) -> str:
    """Name the conversation an episode belongs to: its run within its owners, else the owners alone."""
    return scope.digest()


def speakers_of(memories: Iterable[Memory]) -> dict[Scope, frozenset[str]]:
    """Return by scope, in the order of the first memory of each, the names of those who speak in it."""
    names: dict[Scope, frozenset[str]] = {}
    for memory in memories:
        spoken = frozenset({memory.speaker} if memory.speaker else ())
        names[memory.scope] = names.get(memory.scope, frozenset()) | spoken
    return names


def memory_from_fact(episode: Episode, fact: Fact, ordinal: int, embedding: Embedding | None) -> Memory:
    """Build the memory of one fact; the same call always builds the same memory."""
    options = episode.options
    is_verbatim = options.get("infer") is False
    metadata, categories, expiration = (options.get(name) for name in ("metadata", "categories", "expiration_date"))
    return Memory(
        memory_id=memory_id_for(episode.event_id, ordinal),
        project_id=episode.project_id,
        scope=episode.scope if is_verbatim else attributed_scope(episode.scope, fact.attributed_to),
        text=fact.text,
        source=Source(episode.event_id, episode.episode_id, ordinal, fact.message_index),
        created_at=episode.said_at,
        updated_at=episode.accepted_at,
        accepted_at=episode.accepted_at + ordinal * _STEP,
        thread=thread_of(episode.scope),
        kind=MemoryKind.VERBATIM if is_verbatim else MemoryKind.FACT,
        metadata=metadata if isinstance(metadata, dict) else {},
        categories=tuple(categories) if isinstance(categories, list) else (),
        attributed_to=fact.attributed_to,
        speaker=fact.speaker,
        expiration=parse_moment(expiration, "expiration_date") if expiration is not None else None,
        valid_from=fact.valid_from,
        valid_to=fact.valid_to,
        immutable=options.get("immutable") is True,
        entities=fact.entities,
        relations=fact.relations,
        embedding=embedding,
    )
