"""FHIR datatypes as plain JSON, in the forms that the synthetic records need."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from tandem import canonical
from tandem.clock import LONDON

Json = dict[str, Any]

TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
UCUM = "http://unitsofmeasure.org"
_UK_CORE = "https://fhir.hl7.org.uk/StructureDefinition"


def profiled(resource_type: str) -> Json:
    """`meta` that claims the UK Core profile of the type."""
    return {"profile": [f"{_UK_CORE}/UKCore-{resource_type}"]}


def uk_core_extension(name: str) -> str:
    """The address of a UK Core extension, e.g. `EthnicCategory`."""
    return f"{_UK_CORE}/Extension-UKCore-{name}"


def concept(system: str, code: str, display: str) -> Json:
    """A CodeableConcept of one coding."""
    return {"coding": [{"system": system, "code": code, "display": display}]}


def snomed(code: str, display: str) -> Json:
    """A SNOMED CT CodeableConcept."""
    return concept(canonical.SNOMED_CT, code, display)


def hl7(name: str, code: str, display: str) -> Json:
    """A CodeableConcept of an HL7 terminology code system, e.g. `condition-clinical`."""
    return concept(f"{TERMINOLOGY}/{name}", code, display)


def reference(to: str, display: str | None = None) -> Json:
    """A Reference to `Type/id`."""
    return {"reference": to} if display is None else {"reference": to, "display": display}


def quantity(value: Decimal | int, unit: str, code: str) -> Json:
    """A Quantity in UCUM."""
    return {"value": value, "unit": unit, "system": UCUM, "code": code}


def ods_identifier(code: str) -> Json:
    """The identifier of an organisation with an ODS code."""
    return {"system": canonical.ODS_CODE, "value": code}


@lru_cache(maxsize=4096)
def _offset(day: date) -> str:
    # Noon tells the offset of the working day: clocks change at one in the morning.
    return "+01:00" if datetime.combine(day, time(12), tzinfo=LONDON).utcoffset() else "+00:00"


def moment(day: date, hour: int, minute: int) -> str:
    """A dateTime in London on `day`, with the offset of that day."""
    return f"{day.isoformat()}T{hour:02d}:{minute:02d}:00{_offset(day)}"


def years_before(day: date, years: int) -> date:
    """The same day `years` earlier; 28 February for a leap day without fellow."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def age_on(born: date, day: date) -> int:
    """Full years lived on `day`."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def days_before(day: date, days: int) -> date:
    return day - timedelta(days=days)
