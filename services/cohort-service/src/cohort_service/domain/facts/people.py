"""What a Patient says of the person besides facts: birth, sex, death, and whether somebody is still registered.

http://hl7.org/fhir/R4/patient.html
"""

from __future__ import annotations

from cohort_service.domain.facts.person import Person
from tandem.fhir.body import Resource
from tandem.record_facts.days import first_given, last_day_of, written_on
from tandem.record_facts.fact import UNDATED


def person_of(patient: Resource) -> Person:
    """The person. Of a birth date without a day or month the last day counts: nobody is old before they surely are.

    A death without a date is dated from the version that says so, as is the end of a registration (`active` false, or
    a record that another one replaces), for which FHIR has no date.
    """
    birth, gender = patient.get("birthDate"), patient.get("gender")
    died = first_given(patient.get("deceasedDateTime"))
    if died is None and patient.get("deceasedBoolean") is True:
        died = _since(patient)
    replaced = any(link.get("type") == "replaced-by" for link in patient.get("link") or ())
    return Person(
        born=last_day_of(str(birth)) if birth else None,
        sex=gender if gender in ("female", "male") else None,
        died=died,
        left=_since(patient) if patient.get("active") is False or replaced else None,
    )


def _since(patient: Resource) -> int:
    day = written_on(patient)
    return UNDATED if day is None else day
