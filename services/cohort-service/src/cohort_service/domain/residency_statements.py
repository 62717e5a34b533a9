"""What single records say of where a person lives: Observation, Condition, EpisodeOfCare, and Patient for a death.

Only what stands counts: a record entered in error, cancelled, refuted or resolved says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cohort_service.domain.residency_codes import Meaning, ResidencyCodes
from tandem.fhir.body import Resource
from tandem.fhir.codings import codes_in
from tandem.identity.periods import bounds
from tandem.record_facts.conditions import NOT_HELD, PAST

READ_TYPES = ("Observation", "Condition", "EpisodeOfCare", "Patient")
"""The types that may say something."""

_VOID = {"entered-in-error", "cancelled", "registered"}


@dataclass(frozen=True, slots=True)
class Statement:
    """One record's word. `recorded` is the FHIR date it gives, `starts` and `ends` are microseconds.

    `ends` is set when the record itself says until when it held: the beginning of that day.
    """

    reference: str
    meaning: Meaning
    code: str
    display: str
    recorded: str
    starts: int
    ends: int | None = None


def statement_of(resource: Resource | None, codes: ResidencyCodes) -> Statement | None:
    """What a record says by these codes, or None."""
    match (resource or {}).get("resourceType"):
        case "Observation":
            return _observation(resource or {}, codes)
        case "Condition":
            return _condition(resource or {}, codes)
        case "EpisodeOfCare":
            return _episode(resource or {}, codes)
        case "Patient":
            return _death(resource or {})
    return None


def _observation(resource: Resource, codes: ResidencyCodes) -> Statement | None:
    if resource.get("status") in _VOID or resource.get("valueBoolean") is False:
        return None
    found = codes.meaning(resource.get("code")) or codes.meaning(resource.get("valueCodeableConcept"))
    period = resource.get("effectivePeriod") or {}
    given = (resource.get(f"effective{form}") for form in ("DateTime", "Instant"))
    dates = (*given, period.get("start"), resource.get("issued"))
    return _statement(resource, found, dates, period.get("end"))


def _condition(resource: Resource, codes: ResidencyCodes) -> Statement | None:
    if codes_in(resource.get("verificationStatus")) & NOT_HELD or codes_in(resource.get("clinicalStatus")) & PAST:
        return None
    period = resource.get("onsetPeriod") or {}
    dates = (resource.get("onsetDateTime"), period.get("start"), resource.get("recordedDate"))
    return _statement(resource, codes.meaning(resource.get("code")), dates, resource.get("abatementDateTime"))


def _episode(resource: Resource, codes: ResidencyCodes) -> Statement | None:
    if resource.get("status") not in ("active", "onhold", "finished"):
        return None
    found = next(filter(None, map(codes.meaning, resource.get("type") or ())), None)
    period = resource.get("period") or {}
    if resource["status"] == "finished" and not period.get("end"):
        return None
    return _statement(resource, found, (period.get("start"),), period.get("end"))


def _death(resource: Resource) -> Statement | None:
    """Patient.deceased[x]; a death without its date counts from the version that says so."""
    when = resource.get("deceasedDateTime")
    if not when and resource.get("deceasedBoolean") is not True:
        return None
    return _statement(resource, (Meaning.DIED, "deceased", "Deceased"), (when,), None)


def _statement(
    resource: Resource, found: tuple[Meaning, str, str] | None, dates: Iterable[Any], end: Any
) -> Statement | None:
    if found is None:
        return None
    recorded = next((str(each) for each in dates if each), None) or str(resource["meta"]["lastUpdated"])
    ends = bounds(str(end))[0] if end else None
    return Statement(f"{resource['resourceType']}/{resource['id']}", *found, recorded, bounds(recorded)[0], ends)
