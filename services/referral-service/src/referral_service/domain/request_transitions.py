"""Which status of a ServiceRequest may follow which: http://hl7.org/fhir/R4/valueset-request-status.html

What has ended stays ended; `unknown` says nothing and binds nobody. A withdrawn request is not taken up again: the need
is asked for anew, one active request at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tandem.fhir.outcome import Issue
from tandem.fhir.status_transitions import StatusTransitions
from tandem.service import Change

ERROR: Final = "entered-in-error"

TRANSITIONS: Final[dict[str, tuple[str, ...]]] = {
    "draft": ("active", "on-hold", "revoked", "completed", ERROR, "unknown"),
    "active": ("on-hold", "revoked", "completed", ERROR, "unknown"),
    "on-hold": ("active", "revoked", "completed", ERROR, "unknown"),
    "completed": (ERROR,),
    "revoked": (ERROR,),
    ERROR: (),
    "unknown": ("draft", "active", "on-hold", "revoked", "completed", ERROR),
}

_STATES: Final = StatusTransitions(TRANSITIONS)
may_follow = _STATES.may_follow
"""Whether a ServiceRequest in one status may be given another."""
_SOURCE: Final = "http://hl7.org/fhir/R4/valueset-request-status.html; docs/states/request.md"


def status_moves_by_the_table(change: Change) -> Iterator[Issue]:
    """Refuses an update to a status that may not follow; says from, to, what is allowed, and by which rule."""
    for issue in _STATES.moves_by_the_table(change):
        ended = change.before is not None and change.before.get("status") in ("completed", "revoked")
        rule = ": what has ended stays ended, and the need is asked for by another request" if ended else ""
        yield Issue(f"{issue.text}{rule} ({_SOURCE})", issue.expression)
