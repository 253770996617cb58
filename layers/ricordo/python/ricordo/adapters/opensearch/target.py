"""What the services that speak OpenSearch's language can do, as far as we rely on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Target:
    """One service; a capability that no vendor's page states is taken as absent.

    Attributes:
        service: What requests to it are signed for.
        engine: Library that builds and searches the graphs of vectors, and filters while it walks them.
        takes_ids: A document stands under an id of ours and carries a version of ours; else the service names it.
        takes_routing: A project's documents can be kept on one shard.
        takes_msearch: Several searches go in one request.
        takes_settings: An index can be told its shards, its refresh and how long it remembers deletions.
        checks_aliases: A write can insist on an alias, so that a missing index is never made up; where it cannot,
            writers must not have the right to create indexes.
        visible_after_s: By when a search sees a write.
    """

    service: str
    engine: str
    takes_ids: bool
    takes_routing: bool
    takes_msearch: bool
    takes_settings: bool
    checks_aliases: bool
    visible_after_s: float


DOMAIN: Final = Target(
    service="es",
    engine="lucene",
    takes_ids=True,
    takes_routing=True,
    takes_msearch=True,
    takes_settings=True,
    checks_aliases=True,
    visible_after_s=2.0,
)
# A collection of type VECTORSEARCH. Faiss only and ids of its own:
# docs.aws.amazon.com/solutions/latest/migration-assistant-for-amazon-opensearch-service/mts-collection-types.html
# Operations: docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-genref.html (both read 2026-11)
SERVERLESS: Final = Target(
    service="aoss",
    engine="faiss",
    takes_ids=False,
    takes_routing=False,
    takes_msearch=False,
    takes_settings=False,
    checks_aliases=False,
    visible_after_s=60.0,
)
TARGETS: Final[Mapping[str, Target]] = {"domain": DOMAIN, "serverless": SERVERLESS}
