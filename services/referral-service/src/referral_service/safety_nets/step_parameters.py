"""What the operations that record something of a net were called with."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from referral_service.domain.safety_nets.codes import DIAGNOSIS
from referral_service.domain.safety_nets.diagnosis import Diagnosis, diagnosis_faults
from referral_service.domain.safety_nets.step_checks import StepAsked
from referral_service.suspected_cancer.person_rows import person
from tandem.clock import from_micros
from tandem.database.connection import Connection
from tandem.directory.queries import staff_member
from tandem.fhir.operation_parameters import (
    flag,
    long_text,
    moment_or_now,
    optional_day,
    optional_text,
    required_text,
    short_text,
    texts,
    today,
    whole_number,
)
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.reference_parameter import STAFF, literal_given
from tandem.identity.periods import bounds
from tandem.london_days import london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

WHO_AND_WHEN = ("when", "by", "note")
DIAGNOSIS_PARAMETERS = ("route", "type", "stage", "detection", "presentations", "first-presentation", "treated")


def step_asked(call: OperationCall, step: str) -> StepAsked:
    """The step as it is asked for; of a diagnosis with its parts. Raises FhirError 400."""
    result = call.one("result")
    asked = diagnosis_asked(call) if step == DIAGNOSIS else None
    return StepAsked(
        step, moment_or_now(call, "when"), optional_text(call, "reason"), long_text(call, "note"),
        None if result is None else literal_given(result, "result", ("DiagnosticReport",)),
        optional_day(call, "next"), flag(call, "patient-initiated"), tuple(dict.fromkeys(texts(call, "trigger"))),
        asked.told() if asked is not None else None,
    )  # fmt: skip


def diagnosis_asked(call: OperationCall) -> Diagnosis:
    """A diagnosis as it is given. Raises FhirError 400."""
    presented = whole_number(call, "presentations", 0) if call.one("presentations") is not None else None
    return Diagnosis(
        london_date(moment_or_now(call, "when")), required_text(call, "route"), short_text(call, "type") or "",
        optional_text(call, "stage") or "not-staged", optional_text(call, "detection"), presented,
        optional_day(call, "first-presentation"), optional_day(call, "treated"),
    )  # fmt: skip


async def diagnosis_issues(
    call: OperationCall, connection: Connection, asked: Diagnosis, patient: str
) -> list[Issue]:  # fmt: skip
    """What is wrong with it, also against the birth date where that is known here."""
    known = await person(connection, patient)
    return diagnosis_faults(asked, today(call), _birth(known.birth) if known is not None else None)


def _birth(text: str | None) -> date | None:
    """The first day that a birth date, be it a year alone, may stand for."""
    try:
        return london_date(from_micros(bounds(str(text))[0]))
    except (ValueError, OverflowError):
        return None


async def recorder(call: OperationCall, connection: Connection) -> tuple[str, list[Issue]]:
    """Who did it: `by`, or the user of the token; with an Issue for who is not known here. Raises FhirError 400."""
    given = call.one("by") or call.request.caller.user
    if given is None:
        raise FhirError(Kind.BAD_REQUEST, "Give by: a Reference to who did it, PractitionerRole/[id]", expression="by")
    who = literal_given(given, "by", STAFF)
    if call.one("by") is not None and await staff_member(connection, who, today(call)) is None:
        return who, [Issue("by names nobody who is known here (000 §6.2 fn13: who did it is recorded)", "by")]
    return who, []


def day_text(day: date | None) -> str | None:
    """A day as it is kept."""
    return None if day is None else day.isoformat()


def detail_of(asked: StepAsked, by: str, author: str) -> dict[str, Any]:
    """What is kept of a step; what was not given is left out."""
    raw: dict[str, Any] = {
        "by": by, "author": author, "reason": asked.reason, "note": asked.note, "result": asked.result,
        "next": day_text(asked.next), "patient_initiated": asked.patient_initiated or None,
        "trigger": list(asked.triggers) or None, **(asked.diagnosis or {}),
    }  # fmt: skip
    return {name: value for name, value in raw.items() if value is not None}
