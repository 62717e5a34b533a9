"""Hospital episodes as cohort-service holds them: what a return to the home is known by."""

from __future__ import annotations

from careplan_service.clocks.fact_rows import HOSPITAL, HOSPITAL_THEN_ELSEWHERE, Fact, replace
from careplan_service.clocks.keep_clocks import keep_clocks
from careplan_service.domain.clocks.hospital_stay import hospital_stay
from tandem.events.event import Event
from tandem.service import Work


async def hospital_stay_changed(event: Event, work: Work) -> None:
    """Keep an inpatient Encounter as it is now said to be. A new one of another kind costs no statement."""
    stay = hospital_stay(event.data) if event.data is not None and event.patient is not None else None
    if stay is None and event.version == 1:
        return
    source = f"Encounter/{event.resource_id}"
    fact = None
    if stay is not None and event.patient is not None:
        kind = HOSPITAL if stay.home else HOSPITAL_THEN_ELSEWHERE
        fact = Fact(source, kind, event.patient, stay.starts, stay.ends)
    for patient in sorted(await replace(work.connection, source, fact)):
        await keep_clocks(work, patient, f"{source}/_history/{event.version}")
