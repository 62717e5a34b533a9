"""Which status of a Consent may follow which: http://hl7.org/fhir/R4/valueset-consent-state-codes.html (003 §2.5 SCR).

It binds a Consent of our categories alone: to the enriched summary, and to a carer's part. The person is asked
(`proposed`), answers (`active`, with permit or deny, or `rejected`) and may take it back (`inactive`). Whoever is asked
again answers with a Consent of its own, so that it stays known what was said when.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tandem.fhir.outcome import Issue
from tandem.fhir.status_transitions import StatusTransitions
from tandem.identity.carers import categories_of
from tandem.service import Change

ERROR: Final = "entered-in-error"

TRANSITIONS: Final[dict[str, tuple[str, ...]]] = {
    # written down, the person not asked yet
    "draft": ("proposed", "active", "rejected", "inactive", ERROR),
    # asked, and not answered; one that is never answered lapses
    "proposed": ("active", "rejected", "inactive", ERROR),
    # answered: its provision says yes (permit) or no (deny)
    "active": ("inactive", ERROR),
    # at an end: refused, or taken back
    "rejected": (ERROR,),
    "inactive": (ERROR,),
    ERROR: (),
}
"""From each status to those that may follow, besides itself."""

_STATES: Final = StatusTransitions(TRANSITIONS)


def consent_moves_by_the_table(change: Change) -> Iterator[Issue]:
    """Refuses an update of a Consent of our categories to a status that may not follow."""
    if any(categories_of(version) for version in (change.before, change.after) if version is not None):
        yield from _STATES.moves_by_the_table(change)
