"""Who speaks with an owner, which DynamoDB keeps beside the memories, however these came to be."""

from support.builders import ANA, PROJECT, a_memory
from support.clocks import FrozenClock
from support.dynamodb_stores import moto_stores
from support.histories import with_history

from ricordo.adapters.builtin.hashing_embedder import HashingEmbedder
from ricordo.domain.episode import Message, Role
from ricordo.usecases.accept_add import AddRequest
from ricordo.usecases.import_statements import Statement, import_statements
from ricordo.usecases.restore_memories import restore_memories


def test_imported_and_restored_speakers_are_known() -> None:
    """Statements and archives name their speakers as an add does, so that a search can ask for one of them."""
    said = AddRequest(ANA, (Message(Role.USER, "I live in Porto.", "Rita"),), options={"infer": False})
    archived = [with_history(a_memory(text, speaker=name), 1) for text, name in (("1", "Paulo"), ("2", None))]
    with moto_stores() as stores:
        needed = {
            "project_id": PROJECT,
            "archive": stores.archive,
            "owners": stores.owners,
            "embedder": HashingEmbedder(),
            "clock": FrozenClock(),
        }
        import_statements([Statement("1", said)], memories=stores.memories, **needed)
        restore_memories(archived, **needed)
        assert stores.owners.speakers(PROJECT, list(ANA.owners())) == {"Rita", "Paulo"}
