"""One line a request: method, route template, status, duration and organisation. No path, no query, no body."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

from tandem.fhir.ownership import KERNEL_TYPES, OWNER

_log = logging.getLogger("tandem.requests")
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_KERNEL_NAMES = (
    "validate", "events", "event-heads", "events-taken", "registration", "load", "job", "state", "status", "caught-up",
    "ingest", "everything", "timeline",
)  # fmt: skip
_FIXED = frozenset(("metadata", "_history", "_search"))
_NUMBER = re.compile(r"\d{1,9}")


class RouteTemplates:
    """Names the route of a request without anything that a client chose. `operations` are the declared names."""

    def __init__(self, operations: Iterable[str] = ()) -> None:
        self._operations = frozenset((*_KERNEL_NAMES, *operations))

    def of(self, path: str) -> str:
        """`Task/[id]/_history/[version]`; `[other]` stands for what nobody declared."""
        segments = path.split("/")
        named = [self._segment(place, segment) for place, segment in enumerate(segments[:4])]
        return "/" + "/".join(named) + ("/[other]" if len(segments) > 4 else "")

    def _segment(self, place: int, segment: str) -> str:
        if segment.startswith("$"):
            return segment if segment[1:] in self._operations else "$[other]"
        if not segment or segment in _FIXED:
            return segment
        if place == 0:
            return segment if segment in OWNER or segment in KERNEL_TYPES else "[other]"
        if place == 3 and _NUMBER.fullmatch(segment):
            return "[version]"
        return "[id]" if place == 1 else "[other]"


def log_request(method: str, route: str, status: int, seconds: float, organisation: str) -> None:
    """The line of a request that was answered."""
    if not _log.isEnabledFor(logging.INFO):
        return
    verb = method if method in _METHODS else "OTHER"
    milliseconds = round(seconds * 1000, 1)
    _log.info(
        "%s %s %d %s ms %s", verb, route, status, milliseconds, organisation or "-",
        extra={"fields": {
            "method": verb, "route": route, "status": status, "ms": milliseconds, "organisation": organisation,
        }},
    )  # fmt: skip
