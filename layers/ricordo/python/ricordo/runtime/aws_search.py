"""The search index of the AWS profile, imported by what searches or projects only."""

from ricordo.adapters.opensearch.client import open_client
from ricordo.adapters.opensearch.index_builder import OpenSearchIndexBuilder
from ricordo.adapters.opensearch.indices import Indices
from ricordo.adapters.opensearch.projection_listing import OpenSearchListing
from ricordo.adapters.opensearch.search_index import OpenSearchSearchIndex
from ricordo.adapters.opensearch.target import TARGETS
from ricordo.ports.embedder import Embedder
from ricordo.runtime.aws_clients import region
from ricordo.runtime.settings import Settings


class SearchEngine:
    """One endpoint of OpenSearch, and what the index of one embedder's model needs of it."""

    def __init__(self, settings: Settings, embedder: Embedder) -> None:
        self._target = TARGETS[settings.opensearch_target]
        signing = (region(), self._target.service) if settings.opensearch_url.startswith("https://") else None
        self._client = open_client(settings.opensearch_url, signing=signing)
        self._embedder = embedder

    def index(self) -> OpenSearchSearchIndex:
        """Return the index that serves."""
        return OpenSearchSearchIndex(self._client, self._target, self._embedder.model_id)

    def listing(self) -> OpenSearchListing:
        """Return what lists it."""
        return OpenSearchListing(self._client, self._target, self._embedder.model_id)

    def builder(self) -> OpenSearchIndexBuilder:
        """Return what builds the index anew."""
        return OpenSearchIndexBuilder(self._client, self._target, self._embedder.model_id, self._indices())

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _indices(self) -> Indices:
        return Indices(self._client, self._target, self._embedder.model_id, self._embedder.dimensions)
