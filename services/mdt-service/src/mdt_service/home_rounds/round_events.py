"""What is said of home rounds to other services, and the names of the timed events."""

from __future__ import annotations

from typing import Any, Final

from mdt_service.home_rounds.series_rows import SeriesRow

PLANNED: Final = "tandem.round.planned"
HELD: Final = "tandem.round.held"
WITHDRAWN: Final = "tandem.round.withdrawn"
MISSED: Final = "tandem.round.missed"
GP_DUE: Final = "tandem.round.gp-led-due"
GP_OVERDUE: Final = "tandem.round.gp-led-overdue"
WEEK_ENDED: Final = "tandem.round.week-ended"

EMITS: Final = {
    PLANNED: "A home round was planned, or moved.",
    HELD: "A home round was held; says whether it counts for its week and as led by a GP, by which policy;"
    " with its minutes and how many of the staff were there.",
    WITHDRAWN: "A round that was told as held was not held: its record was an error, or is gone.",
    MISSED: "A week went by in which a home had no round that counts.",
    GP_DUE: "The time in which a home's round has to be led by a GP runs out in a few days.",
    GP_OVERDUE: "A home had no round led by a GP for longer than the policy allows.",
}


def said(series: SeriesRow, **more: Any) -> dict[str, Any]:
    """The data of an event about a series."""
    return {"schedule": series.schedule, "home": series.home, "organisation": series.owner, **more}
