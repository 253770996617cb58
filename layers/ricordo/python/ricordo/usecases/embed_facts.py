from collections.abc import Sequence

from ricordo.domain.fact import Fact
from ricordo.domain.ids import ProjectId
from ricordo.domain.memory import Embedding
from ricordo.domain.question import embedding_text
from ricordo.ports.embedder import Embedder


def embed_facts(facts: Sequence[Fact], *, project_id: ProjectId, embedder: Embedder) -> list[Embedding]:
    """Return the vector of each fact.

    Raises:
        EmbedderUnavailableError: the model is down. What is stored without a vector is found by its words, and gets
            one later.
    """
    texts = [embedding_text(fact.text, fact.speaker) for fact in facts]
    vectors = embedder.embed(texts, project_id=project_id)
    return [Embedding(embedder.model_id, vector) for vector in vectors]
