"""What is said of duties to other services, and the names of the timed events."""

from __future__ import annotations

from typing import Any, Final

from mdt_service.duties.duty_rows import DutyRow
from tandem.london_days import date_of

GIVEN: Final = "tandem.duty.given"
DUE: Final = "tandem.duty.due"
OVERDUE: Final = "tandem.duty.overdue"
ESCALATED: Final = "tandem.duty.escalated"
MET: Final = "tandem.duty.met"
LAPSED: Final = "tandem.duty.lapsed"
REQUESTED: Final = "tandem.duty.requested"
NEW_YEAR: Final = "tandem.duty.new-year"
JOINED: Final = "tandem.duty.joined"

EMITS: Final = {
    GIVEN: "An organisation was given a duty.",
    DUE: "A duty is due in so many days, and its owner was told.",
    OVERDUE: "A duty was not met by its day.",
    ESCALATED: "Another organisation was asked to chase an overdue duty.",
    MET: "A duty was met, with evidence.",
    LAPSED: "The evidence of a duty holds no longer; its owner is given it anew.",
}


def said(row: DutyRow, **more: Any) -> dict[str, Any]:
    """The data of an event about a duty."""
    return {
        "task": row.task, "organisation": row.owner, "network": row.network, "requirement": row.requirement,
        "service": row.service, "due": date_of(row.days.due).isoformat(), **more,
    }  # fmt: skip
