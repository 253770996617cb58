"""The fence: whether a lease still holds, asked inside the transaction it protects."""

from ricordo.adapters.sqlite.database import Connection
from ricordo.domain.errors import LeaseLostError
from ricordo.domain.event import Lease


def require_lease(connection: Connection, lease: Lease) -> int:
    """Return the place of the event in the order of acceptance.

    Raises:
        LeaseLostError: another claim raised the epoch, or the event is final.
    """
    row = connection.execute(
        "SELECT place FROM events WHERE project_id = ? AND event_id = ? AND epoch = ? AND status = 'RUNNING'",
        (lease.project_id, lease.event_id, lease.epoch),
    ).fetchone()
    if row is None:
        raise LeaseLostError(f"The lease {lease.epoch} on event {lease.event_id} was taken over.")
    return int(row["place"])
