"""What a review is recorded with, read from the parameters of the call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from careplan_service.domain.plans.review import ACHIEVEMENTS, Progress
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import Part, refuse_faults, rows_asked

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_REFERENCE = re.compile(r"(Practitioner|PractitionerRole|Organization|CareTeam)/[A-Za-z0-9\-.]{1,64}")
_GOAL = re.compile(r"(Goal/)?[A-Za-z0-9\-.]{1,64}")
_LONGEST = 2000


def clinical_reason(call: OperationCall) -> dict[str, Any]:
    """`reason` as a CodeableConcept. Raises FhirError 400."""
    match call.one("reason"):
        case str(text) if text.strip() and len(text) <= _LONGEST:
            return {"text": text.strip()}
        case {"coding": [_, *_]} | {"text": str()}:
            return dict(call.one("reason"))
        case {"code": str()}:
            return {"coding": [call.one("reason")]}
    text = "A review has a clinical reason (EHCH-041): give reason as CodeableConcept, Coding or text"
    raise FhirError(Kind.BAD_REQUEST, text, expression="reason")


def reviewer(call: OperationCall) -> dict[str, Any]:
    """`reviewer` as a Reference, else the user of the token. Raises FhirError 400."""
    given = call.one("reviewer")
    if isinstance(given, str):
        given = {"reference": given}
    named = given if given is not None else {"reference": call.request.caller.user}
    if not isinstance(named, dict) or _REFERENCE.fullmatch(str(named.get("reference") or "")) is None:
        text = "Give reviewer: a Reference such as PractitionerRole/1, who is responsible for the review"
        raise FhirError(Kind.BAD_REQUEST, text, expression="reviewer")
    return named


def progress_asked(call: OperationCall) -> tuple[Progress, ...]:
    """Every `goal` with its parts `goal`, `achievement` and `note`. Raises FhirError 422 with all faults."""
    rows = rows_asked(call, "goal", least=0)
    found = [_progress(row) for row in rows]
    refuse_faults(rows)
    return tuple(each for each in found if each is not None)


def _progress(row: Part) -> Progress | None:
    given = row.one("goal", "a Reference such as Goal/1")
    text = given.get("reference") if isinstance(given, dict) else given
    achievement = row.one("achievement", f"one of {', '.join(ACHIEVEMENTS)}")
    note = row.one("note", "a text", required=False)
    if not isinstance(text, str) or _GOAL.fullmatch(text) is None:
        row.fault("goal", "goal is a Reference such as Goal/1")
    if achievement not in ACHIEVEMENTS:
        row.fault("achievement", f"achievement is one of {', '.join(ACHIEVEMENTS)}")
    if note is not None and (not isinstance(note, str) or not 0 < len(note.strip()) <= _LONGEST):
        row.fault("note", f"note is a text of 1 to {_LONGEST} characters")
    return None if row.issues else Progress(str(text).removeprefix("Goal/"), str(achievement), note)


def short_note(value: Any, name: str) -> str | None:
    """A text of some length; None when there is none. Raises FhirError 400."""
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST:
        raise FhirError(Kind.BAD_REQUEST, f"{name} is a text of 1 to {_LONGEST} characters", expression=name)
    return value.strip()
