"""The fence: whether a lease still holds, as a condition of the write it protects."""

from boto3.dynamodb.conditions import Attr, ConditionBase

from ricordo.domain.errors import LeaseLostError
from ricordo.domain.event import EventStatus, Lease


def holds(lease: Lease) -> ConditionBase:
    """Ask of an event's row that no other claim raised the epoch, and that the event is not final."""
    return Attr("epoch").eq(lease.epoch) & Attr("status").eq(EventStatus.RUNNING.value)


def lost(lease: Lease) -> LeaseLostError:
    """Return what to raise when it does not hold."""
    return LeaseLostError(f"The lease {lease.epoch} on event {lease.event_id} was taken over.")
