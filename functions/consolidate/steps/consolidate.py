"""Consolidate a few scopes."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from functions.consolidate.state import project_of
from ricordo.domain.consolidation import ChangedScope
from ricordo.domain.scope import Owner, OwnerType
from ricordo.runtime.wiring import services
from ricordo.usecases.consolidate_scope import consolidate_scopes
from ricordo.usecases.reindex import Truth


def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """Consolidate each scope that nobody else is at; count what was done."""
    wired = services()
    done = consolidate_scopes(
        project_of(event),
        [
            ChangedScope(Owner(OwnerType(one["type"]), one["id"]), datetime.fromisoformat(one["changed_at"]))
            for one in event["scopes"]
        ],
        holder=event["run"]["holder"],
        consolidations=wired.consolidations,
        truth=Truth(wired.memories, wired.feed, wired.workbench.embedder),
        index=wired.searching.index,
        clock=wired.clock,
    )
    return asdict(done)
