"""Which status of a ServiceRequest may follow which: http://hl7.org/fhir/R4/valueset-request-status.html

What has ended stays ended; `unknown` says nothing and binds nobody. A withdrawn request is not taken up again: the need
is asked for anew, one active request at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tandem.fhir.outcome import Issue
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


def may_follow(before: str, after: str) -> bool:
    """Whether a ServiceRequest in status `before` may be given status `after`."""
    return before == after or after in TRANSITIONS.get(before, ())


def status_moves_by_the_table(change: Change) -> Iterator[Issue]:
    """Refuses an update to a status that may not follow; says from, to and what is allowed."""
    if change.before is None or change.after is None:
        return
    before, after = str(change.before.get("status")), str(change.after.get("status"))
    if not may_follow(before, after):
        allowed = ", ".join(TRANSITIONS.get(before, ())) or "nothing"
        text = f"ServiceRequest.status cannot go from '{before}' to '{after}'; allowed: {allowed}"
        yield Issue(text, "ServiceRequest.status")
