"""Flags that say somebody has a legal right to a personal health budget (PC-009).

cohort-service keeps them; here is what their events say. Such a Flag has the code LEGAL_RIGHT
of `tandem.canonical.FLAG_KIND`.
"""

from __future__ import annotations

from tandem.canonical import FLAG_KIND
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.identity.periods import BEGINNING, FOREVER, bounds
from tandem.service import Work

LEGAL_RIGHT = "legal-right-to-personal-health-budget"


async def keep_legal_right(event: Event, work: Work) -> None:
    """Keep from when until when the right holds, or that the Flag says it no more."""
    await work.connection.execute("DELETE FROM budget_right WHERE flag = $1", event.resource_id)
    flag = event.data
    if flag is None or event.patient is None or not event.granted or not _says_right(flag):
        return
    starts, ends = _period(flag)
    await work.connection.execute(
        "INSERT INTO budget_right (flag, patient, starts, ends) VALUES ($1, $2, $3, $4)",
        event.resource_id, event.patient, starts, ends,
    )  # fmt: skip


def _says_right(flag: Resource) -> bool:
    codings = (flag.get("code") or {}).get("coding") or ()
    return flag.get("status") != "entered-in-error" and any(
        (coding.get("system"), coding.get("code")) == (FLAG_KIND, LEGAL_RIGHT) for coding in codings
    )


def _period(flag: Resource) -> tuple[int, int]:
    """An inactive Flag without an end says nothing of when the right held, so that it never does."""
    period = flag.get("period") or {}
    start, end = period.get("start"), period.get("end")
    starts = bounds(str(start))[0] if start else BEGINNING
    if end:
        return starts, bounds(str(end))[1]
    return starts, FOREVER if flag.get("status") == "active" else starts
