"""What a Patient says of the person: http://hl7.org/fhir/R4/patient.html, with the UK Core extensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from metrics_service.domain.london_days import Day, first_day
from tandem.fhir.body import Resource

ETHNIC_CATEGORY: Final = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory"
DEPRIVATION: Final = "https://tandem.example/fhir/StructureDefinition/deprivation-decile"
"""Extension of a Patient, an integer: the decile of deprivation of where the person lives; 1 is the most deprived."""


@dataclass(frozen=True, slots=True)
class Person:
    """Days are London's ordinals; a year of birth alone stands for its first day. `ethnicity` is the NHS code."""

    born: Day | None = None
    died: Day | None = None
    sex: str | None = None
    ethnicity: str | None = None
    deprivation: int | None = None


def person_told(patient: Resource) -> Person:
    """The person; what the record does not say, or says oddly, is None."""
    return Person(
        born=_day(patient.get("birthDate")),
        died=_day(patient.get("deceasedDateTime")),
        sex=patient.get("gender") if isinstance(patient.get("gender"), str) else None,
        ethnicity=_ethnicity(patient),
        deprivation=_decile(patient),
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


def _day(text: Any) -> Day | None:
    if not isinstance(text, str):
        return None
    try:
        return first_day(text)
    except ValueError:
        return None
