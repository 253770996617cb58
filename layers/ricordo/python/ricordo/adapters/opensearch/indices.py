"""Create the indexes of a model, tell them apart, and let another one serve."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from opensearchpy import OpenSearch
from opensearchpy.exceptions import RequestError

from ricordo.adapters.opensearch.errors import translated
from ricordo.adapters.opensearch.index_names import IndexNames
from ricordo.adapters.opensearch.mapping import describe, index_body
from ricordo.adapters.opensearch.target import Target
from ricordo.domain.errors import IndexMissingError, StoreFormatError

_EXISTS: Final = "resource_already_exists_exception"


class Indices:
    """The indexes of one embedding model: one serves under an alias, another one may be built meanwhile."""

    def __init__(
        self,
        client: OpenSearch,
        target: Target,
        model_id: str,
        dimensions: int,
        *,
        prefix: str = "ricordo",
        shards: int = 1,
        replicas: int | None = None,
    ) -> None:
        self._client = client
        self._target = target
        self._description = describe(model_id, dimensions)
        self._body = index_body(target, model_id, dimensions, shards=shards, replicas=replicas)
        self.names = IndexNames.of_model(prefix, model_id)

    def ensure(self) -> None:
        """Let an index serve if none does; any number of callers may at once.

        Raises:
            StoreFormatError: the one that serves is of another mapping or dimension, so it has to be built anew.
            UnavailableError: the engine cannot be reached.
        """
        serving = self._behind(self.names.serving)
        if not serving:
            first = self.names.generation(1)
            self.create(first)
            self.point([{"add": {"index": first, "alias": self.names.serving}}])
            serving = self._behind(self.names.serving)
        for index, body in serving.items():
            if body["mappings"].get("_meta", {}).get("ricordo") != self._description:
                raise StoreFormatError(
                    f"The search index {index} was made for another version, model or dimension; run `ricordo reindex`."
                )

    def create(self, index: str) -> bool:
        """Create an index; say whether it was not there yet."""
        with translated():
            try:
                self._client.indices.create(index=index, body=self._body)
            except RequestError as error:
                if error.error != _EXISTS:
                    raise
                return False
        return True

    def point(self, actions: Sequence[Mapping[str, Mapping[str, object]]]) -> None:
        """Change aliases, all at once.

        Raises:
            IndexMissingError: one of the indexes is gone; no alias has changed.
        """
        with translated():
            self._client.indices.update_aliases(body={"actions": actions})

    def generations(self) -> dict[str, frozenset[str]]:
        """Return all indexes of the model, with their aliases."""
        return {index: frozenset(body["aliases"]) for index, body in self._behind(self.names.generations).items()}

    def drop(self, index: str) -> None:
        """Delete an index; one that is gone is no error."""
        with translated():
            self._client.indices.delete(index=index, params={"ignore_unavailable": "true"})

    def _behind(self, name: str) -> dict[str, Any]:
        try:
            with translated():
                behind: dict[str, Any] = self._client.indices.get(index=name)
        except IndexMissingError:
            return {}
        return behind
