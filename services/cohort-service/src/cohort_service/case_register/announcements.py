"""What the case register tells the other services: decisions on versions, baseline returns, named professionals.

The first two name nobody who is on a register.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from cohort_service.case_register.professional_rows import Assignment
from tandem.clock import to_instant
from tandem.london_days import date_of
from tandem.service import Work

DECIDED: Final = "tandem.case-register.decided"
RETURNED: Final = "tandem.case-register.baseline-returned"
NAMED: Final = "tandem.case-register.professional-named"
EMITS: Final = {
    DECIDED: "A commissioner agreed or returned a version of a practice's case register.",
    RETURNED: "A practice made a baseline return of its case register, as it was on a day.",
    NAMED: "Somebody on a case register has a named professional, with those they had before.",
}


async def say_decided(work: Work, practice: str, version: int, state: str, day: int, by: str) -> None:
    """`state` is agreed or returned, `day` the number of the day of the decision."""
    data = {
        "practice": practice, "version": version, "state": state, "decided": date_of(day).isoformat(),
        "commissioner": by,
    }  # fmt: skip
    await work.emit(DECIDED, data, key=f"{practice}/{version}")


async def say_returned(work: Work, practice: str, number: int, day: int, fields: Sequence[dict[str, Any]]) -> None:
    """`fields` are the parameters of the return as `$case-register-baseline` answers them."""
    data = {
        "practice": practice, "number": number, "date": date_of(day).isoformat(), "made": to_instant(work.now),
        "fields": list(fields),
    }  # fmt: skip
    await work.emit(RETURNED, data, key=f"{practice}/{number}")


async def say_named(work: Work, practice: str, patient: str, history: Sequence[Assignment]) -> None:
    """`history` are all professionals of the person, the first one first: the newest event says everything."""
    assignments = [
        {
            "professional": each.professional, "from": date_of(each.first_day).isoformat(),
            "until": date_of(each.last_day).isoformat() if each.last_day is not None else None,
        }
        for each in history
    ]  # fmt: skip
    data = {"practice": practice, "revision": len(history), "assignments": assignments}
    await work.emit(NAMED, data, key=f"{practice}/{patient}/{len(history)}", patient=patient)
