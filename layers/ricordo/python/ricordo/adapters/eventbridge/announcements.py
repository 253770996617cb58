import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from ricordo.adapters.eventbridge.errors import CODES, PASSING, translated
from ricordo.domain.announcement import Announcement
from ricordo.domain.errors import RicordoError, UnavailableError
from ricordo.domain.moments import iso

SOURCE = "ricordo"
# Entries of a request. Ten are under 100 KB together, however long their owners' ids; 256 KB are allowed
# (docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html).
_MAX_ENTRIES = 10
_PAUSES_S = (0.1, 0.4)


class EventBridgeAnnouncements:
    """`ports.announcements.Announcements` over an event bus: the type is the event's `detail-type`."""

    def __init__(self, client: Any, bus: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._bus = bus
        self._sleep = sleep

    def announce(self, announcements: Sequence[Announcement]) -> None:
        entries = [self._entry(announcement) for announcement in announcements]
        for start in range(0, len(entries), _MAX_ENTRIES):
            self._put(entries[start : start + _MAX_ENTRIES])

    def _entry(self, announcement: Announcement) -> dict[str, Any]:
        return {
            "EventBusName": self._bus,
            "Source": SOURCE,
            "DetailType": announcement.type.value,
            "Time": announcement.at,
            "Detail": json.dumps(_detail(announcement), ensure_ascii=False),
        }

    def _put(self, entries: Sequence[dict[str, Any]]) -> None:
        """Put a batch; what the bus did not take for the moment is put again, a few times."""
        entries = self._left(entries)
        for pause in _PAUSES_S:
            if not entries:
                return
            self._sleep(pause)
            entries = self._left(entries)
        if entries:
            raise UnavailableError("The event bus did not take every announcement; try again.")

    def _left(self, entries: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
        """Put entries once; return those worth another try.

        Raises:
            UnavailableError: the bus takes none, or not from us.
            RicordoError: an entry is refused for what it is.
        """
        with translated():
            answer = self._client.put_events(Entries=entries)
        if not answer["FailedEntryCount"]:
            return ()
        codes = [one.get("ErrorCode") for one in answer["Entries"]]
        for code in codes:
            if code is not None and code not in PASSING:
                raise CODES.get(code, RicordoError)(f"The event bus refused an announcement: {code}.")
        return [entry for entry, code in zip(entries, codes, strict=True) if code is not None]


def _detail(announcement: Announcement) -> dict[str, Any]:
    told = {
        "id": announcement.announcement_id,
        "project_id": announcement.project_id,
        "event_id": announcement.event_id,
        "at": iso(announcement.at),
        "memory_id": announcement.memory_id,
        "version": announcement.version,
        "reason": announcement.reason,
        **{owner.type.field: owner.id for owner in announcement.scope.owners()},
    }
    return {name: value for name, value in told.items() if value is not None}
