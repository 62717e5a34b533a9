"""Discharges from hospital: where to, and how long somebody waited for them.

http://hl7.org/fhir/R4/encounter.html; 003 §3 system b2 and b3, 004 §30 (PCPC-087, PCPC-088, PCN-105).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from metrics_service.domain.facts.codings import code_of, coding_texts
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.canonical import READY_FOR_DISCHARGE, SYSTEM_INDICATOR
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.identity.organisations import reference_code
from tandem.nhs.hospital_contact import is_inpatient


def read_discharge(encounter: Resource, event: Event) -> Iterable[Fact]:
    """A discharge: `value` the days from being ready to leaving, None where nobody says; `category` where to.

    The category is the first code of the disposition; `organisation` is the hospital.
    """
    day = given_day((encounter.get("period") or {}).get("end"))
    if encounter.get("status") != "finished" or day is None or not is_inpatient(encounter):
        return
    ready = given_day(_ready(encounter))
    went = (encounter.get("hospitalization") or {}).get("dischargeDisposition")
    yield Fact(
        "discharge", day, category=next(_codes(went), None), codings=coding_texts(went),
        value=None if ready is None or ready > day else float(day - ready),
        organisation=reference_code(encounter.get("serviceProvider")), group=f"Encounter/{encounter.get('id')}",
    )  # fmt: skip


def read_day_91_status(observation: Resource, event: Event) -> Iterable[Fact]:
    """Where somebody was 91 days after a discharge: `status` home or elsewhere, `group` the hospital stay."""
    stay, home = (observation.get("encounter") or {}).get("reference"), observation.get("valueBoolean")
    if code_of(SYSTEM_INDICATOR, observation.get("code")) == "at-home-91-days-after-discharge" and stay:
        day = given_day(observation.get("effectiveDateTime"))
        yield Fact("day-91-status", day, status="home" if home is True else "elsewhere", group=str(stay))


def _ready(encounter: Resource) -> Any:
    said = (each for each in encounter.get("extension") or () if each.get("url") == READY_FOR_DISCHARGE)
    return next((each.get("valueDate") or each.get("valueDateTime") for each in said), None)


def _codes(concept: Any) -> Iterator[str]:
    yield from (str(each["code"]) for each in (concept or {}).get("coding") or () if each.get("code"))
