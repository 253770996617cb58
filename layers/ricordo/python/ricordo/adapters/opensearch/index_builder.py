import time
from collections.abc import Callable, Mapping, Sequence

from opensearchpy import OpenSearch

from ricordo.adapters.opensearch.indices import Indices
from ricordo.adapters.opensearch.projections import projection_for
from ricordo.adapters.opensearch.target import Target
from ricordo.domain.errors import ConflictError, IndexMissingError
from ricordo.domain.memory import Memory
from ricordo.ports.index_builder import BuildId

_TAKEN_OVER = "Another build of the search index took over."


class OpenSearchIndexBuilder:
    """`ports.index_builder.IndexBuilder`: a second index behind an alias of its own, until the aliases change over."""

    def __init__(
        self,
        client: OpenSearch,
        target: Target,
        model_id: str,
        indices: Indices,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._target = target
        self._indices = indices
        self._names = indices.names
        self._projection = projection_for(client, target, model_id, sleep=sleep)
        self._sleep = sleep

    def ensure(self) -> None:
        self._indices.ensure()

    def begin(self) -> BuildId:
        generations = self._indices.generations()
        for index, aliases in generations.items():
            if self._names.serving not in aliases:
                self._indices.drop(index)
        build = self._names.generation(max(map(self._names.number, generations), default=0) + 1)
        if not self._indices.create(build):
            raise ConflictError(_TAKEN_OVER)
        self._point([{"add": {"index": build, "alias": self._names.next}}])
        return BuildId(build)

    def write(self, build: BuildId, memories: Sequence[Memory]) -> None:  # noqa: ARG002  it is what `next` stands for
        if not memories:
            return
        try:
            self._projection.put(self._names.next, memories)
        except IndexMissingError as error:
            raise ConflictError(_TAKEN_OVER) from error

    def finish(self, build: BuildId) -> None:
        serving = self._serving()
        if build not in serving:
            self._sleep(self._target.visible_after_s)  # else what was written last would be missing for a moment
            self._point(
                [
                    *({"remove": {"index": index, "alias": self._names.serving}} for index in serving),
                    {"add": {"index": build, "alias": self._names.serving}},
                    {"remove": {"index": build, "alias": self._names.next}},
                ]
            )
        for index, aliases in self._indices.generations().items():
            if not aliases:
                self._indices.drop(index)

    def _point(self, actions: Sequence[Mapping[str, Mapping[str, object]]]) -> None:
        """Change aliases; the index of a build that was taken over is gone, and then none of them changes."""
        try:
            self._indices.point(actions)
        except IndexMissingError as error:
            raise ConflictError(_TAKEN_OVER) from error

    def abandon(self, build: BuildId) -> None:
        if build not in self._serving():
            self._indices.drop(build)

    def _serving(self) -> list[str]:
        return [index for index, aliases in self._indices.generations().items() if self._names.serving in aliases]
