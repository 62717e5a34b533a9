"""What a Patient says of the person: http://hl7.org/fhir/R4/patient.html, with the UK Core extensions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from metrics_service.domain.london_days import Day, first_day, last_day
from tandem.fhir.body import Resource

ETHNIC_CATEGORY: Final = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory"
DEPRIVATION: Final = "https://tandem.example/fhir/StructureDefinition/deprivation-decile"
"""Extension of a Patient, an integer: the decile of deprivation of where the person lives; 1 is the most deprived."""


@dataclass(frozen=True, slots=True)
class Person:
    """Days are London's ordinals. Of a birth date without a day or month the last day counts: nobody is old before they
    surely are. `ethnicity` is the NHS code. A record that is not active, or that another one replaces, is not
    `registered`.
    """

    born: Day | None = None
    died: Day | None = None
    sex: str | None = None
    ethnicity: str | None = None
    deprivation: int | None = None
    registered: bool = True


def person_told(patient: Resource, written: Day) -> Person:
    """The person; what the record does not say, or says oddly, is None. A death without a day is of that of writing."""
    died = _day(patient.get("deceasedDateTime"))
    if died is None and patient.get("deceasedBoolean") is True:
        died = written
    replaced = any(link.get("type") == "replaced-by" for link in patient.get("link") or ())
    return Person(
        born=_day(patient.get("birthDate"), last_day),
        died=died,
        sex=patient.get("gender") if isinstance(patient.get("gender"), str) else None,
        ethnicity=_ethnicity(patient),
        deprivation=_decile(patient),
        registered=patient.get("active") is not False and not replaced,
    )


def _extension(patient: Resource, url: str) -> dict[str, Any]:
    found = [each for each in patient.get("extension") or [] if each.get("url") == url]
    return found[0] if found else {}


def _ethnicity(patient: Resource) -> str | None:
    codings = (_extension(patient, ETHNIC_CATEGORY).get("valueCodeableConcept") or {}).get("coding") or []
    return next((str(each["code"]) for each in codings if each.get("code")), None)


def _decile(patient: Resource) -> int | None:
    value = _extension(patient, DEPRIVATION).get("valueInteger")
    return value if isinstance(value, int) and 1 <= value <= 10 else None


def _day(text: Any, read: Callable[[str], Day] = first_day) -> Day | None:
    if not isinstance(text, str):
        return None
    try:
        return read(text)
    except ValueError:
        return None
