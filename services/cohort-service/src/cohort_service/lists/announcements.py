"""The events that say who entered and who left a cohort."""

from __future__ import annotations

from typing import Any

from cohort_service.domain.membership import Ending
from tandem.london_days import date_of
from tandem.service import Work

ENTERED = "tandem.cohort.entered"
LEFT = "tandem.cohort.left"


async def say_entered(
    work: Work, *, cohort: str, patient: str, residency: str, revision: int, since: int, definition: str,
    group: str | None, evidence: list[dict[str, Any]], origin: str,
) -> None:  # fmt: skip
    """A person entered, or (a higher revision of the same `residency`) did so on another day; `since` is a day."""
    data = {
        "cohort": cohort, "group": f"Group/{group}" if group is not None else None, "patient": f"Patient/{patient}",
        "residency": residency, "revision": revision, "since": date_of(since).isoformat(), "definition": definition,
        "evidence": evidence, "origin": origin,
    }  # fmt: skip
    await work.emit(ENTERED, data, key=f"{residency}/{revision}", patient=patient)


async def say_left(
    work: Work, *, cohort: str, patient: str, residency: str, revision: int, since: int, end: Ending, definition: str,
    evidence: list[dict[str, Any]],
) -> None:  # fmt: skip
    """A person left who was on it `since` a day.

    `reason` : evidence-withdrawn, ended, no-longer-selected, judgement, definition, died or left.
    """
    data = {
        "cohort": cohort, "patient": f"Patient/{patient}", "residency": residency, "revision": revision,
        "since": date_of(since).isoformat(), "until": date_of(end.until).isoformat(), "definition": definition,
        "evidence": evidence, "reason": end.reason,
    }  # fmt: skip
    await work.emit(LEFT, data, key=f"{residency}/{revision}", patient=patient)
