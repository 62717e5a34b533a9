"""`ServiceRequest/$suspected-cancer-advice`: what the criteria recommend for symptoms (ECD-047)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from referral_service.domain.suspected_cancer.criteria import SEXES, URGENCIES, Criteria, Criterion, age_on
from referral_service.domain.suspected_cancer.pathways import Pathway, rapid_diagnostic_centre
from referral_service.suspected_cancer.area import area_of_organisation, area_of_practice
from referral_service.suspected_cancer.asked_person import asked_person
from referral_service.suspected_cancer.criteria_rows import criteria_on
from referral_service.suspected_cancer.pathway_rows import pathways_of
from referral_service.suspected_cancer.refer_parameters import OWN_TOOL
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import day_or_today, only, optional_text, texts, whole_number
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, on_day, parts, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.registered_practice import registered_practice

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_NOTHING: Final = (
    "No criterion is met. Review the person, agree what happens next, and refer with a justification when cancer is"
    " suspected all the same"
)
_OLDEST: Final = 130


async def suspected_cancer_advice(call: OperationCall) -> FhirResponse:
    """`recommendation`s, the most urgent first, by the criteria in force on `date` (today).

    `symptom`s are codes of $suspected-cancer-criteria. `patient`, or `age` in years and `sex`. Advice supports a
    clinician's judgement and refers nobody. Raises FhirError 400, 404, 422 for symptoms that the criteria do not have.
    """
    only(call, ("symptom", "patient", "age", "sex", "date"))
    symptoms, day = texts(call, "symptom"), day_or_today(call, "date")
    if not symptoms:
        raise FhirError(Kind.BAD_REQUEST, "Give each symptom as the parameter symptom", expression="symptom")
    patient, age, sex = await _who(call)
    at = to_micros(call.kernel.clock.now())
    async with call.kernel.database.read() as connection:
        area = await area_of_organisation(connection, call.request.caller.organisation, at)
        if patient is not None:
            area = await area_of_practice(connection, await registered_practice(connection, patient), at)
        criteria = await criteria_on(connection, area.commissioners, day)
        pathways = await pathways_of(connection, area.all)
    if criteria is None or set(symptoms) - set(criteria.symptoms):
        known = ", ".join(criteria.symptoms) if criteria is not None else "none: no criteria are in force on this day"
        raise FhirError(Kind.UNPROCESSABLE, f"symptom is one of {known}", expression="symptom")
    if patient is not None:
        await audit_reads(
            call.kernel.database, call.request, "$suspected-cancer-advice", "ServiceRequest", {patient}, at
        )  # fmt: skip
    met = criteria.met(symptoms, age, sex)
    centre = rapid_diagnostic_centre(pathways, day)
    return answer([
        text("guideline", criteria.version), text("source", criteria.source), on_day("date", day),
        parts("tool", [text("name", OWN_TOOL), text("version", criteria.version)]),
        *(_recommended(criteria, each) for each in met),
        *([] if met else [text("advice", _NOTHING)]),
        *([_told(centre)] if centre is not None else []),
    ])  # fmt: skip


async def _who(call: OperationCall) -> tuple[str | None, int | None, str | None]:
    if call.one("patient") is not None:
        if call.one("age") is not None or call.one("sex") is not None:
            raise FhirError(Kind.BAD_REQUEST, "Give patient, or age and sex", expression="patient")
        patient, known = await asked_person(call)
        age = age_on(known.birth, day_or_today(call, "date")) if known is not None else None
        return patient, age, known.gender if known is not None else None
    sex = optional_text(call, "sex")
    if sex is not None and sex not in SEXES:
        raise FhirError(Kind.BAD_REQUEST, f"sex is one of {', '.join(SEXES)}", expression="sex")
    if call.one("age") is None:
        raise FhirError(Kind.BAD_REQUEST, "Give patient, or age in whole years", expression="age")
    age = whole_number(call, "age", 0)
    if age > _OLDEST:
        raise FhirError(Kind.BAD_REQUEST, f"age is a whole number of years up to {_OLDEST}", expression="age")
    return None, age, sex


def _recommended(criteria: Criteria, each: Criterion) -> Parameter:
    return parts("recommendation", [
        coded("criterion", each.id), coded("site", each.site), text("siteName", criteria.sites[each.site]),
        coded("urgency", each.urgency), text("urgencyText", URGENCIES[each.urgency]), coded("pathway", each.pathway),
        text("text", each.text), text("recommendation", each.recommendation), yes("checked", each.checked),
    ])  # fmt: skip


def _told(centre: Pathway) -> Parameter:
    return parts("rapid-diagnostic-centre", [
        text("performer", centre.performer), text("area", centre.area), on_day("from", centre.first),
    ])  # fmt: skip
