"""`POST ServiceRequest/$assess-urgent-response`: is this person eligible for urgent community response?

EHCH-062, EHCH-063, EHCH-067. Whoever is, is referred at once; of whoever is not, the reason is kept.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from referral_service.domain.suspected_cancer.criteria import age_on
from referral_service.domain.urgent_response.eligibility import Assessed, eligible, faults, judge
from referral_service.suspected_cancer.person_rows import person
from referral_service.urgent_response.assessment_answer import assessment_shown
from referral_service.urgent_response.assessment_rows import Assessment, assessment, keep_assessment
from referral_service.urgent_response.opened_referral import open_referral
from referral_service.urgent_response.shipped_urgent_policies import eligibility_policy
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.directory.queries import staff_member
from tandem.fhir.asked_person import person_in_care
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import moment_or_now, only, optional_text, short_text, texts
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.reference_parameter import STAFF, literal_given
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.organisations import COMMISSIONER, NATIONAL_BODY, PROVIDER
from tandem.identity.reference_rights import kind_of_caller
from tandem.ids import deterministic_id
from tandem.london_days import london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

ASSESSED: Final = "tandem.urgent-response.assessed"
_PARAMETERS: Final = (
    "patient", "kind", "purpose", "place", "need", "source", "performer", "assessor", "assessed", "note",
)  # fmt: skip
_PROVIDERS: Final = frozenset((PROVIDER, "mental-health", "acute-trust"))


async def assess_urgent_response(call: OperationCall) -> FhirResponse:
    """`patient`, `purpose` (repeated, or `none`), `kind` (crisis-response unless given, or reablement), and as far as
    known `place`, `need` (repeated), `source`; `performer` (who responds, for the referral), `assessor` (a
    PractitionerRole or Practitioner), `assessed` (else now), `note`.

    Answers 201 with `eligible`, every `criterion` and its result, the `reason` for each that is not met, and the
    `request` that was opened. The same X-Request-ID again answers what it answered.
    Raises FhirError 400, 403, 404, 422.
    """
    only(call, _PARAMETERS)
    now, policy = call.kernel.clock.now(), eligibility_policy()
    asked, moment, note = _asked(call), _past(call, now), optional_text(call, "note")
    if issues := faults(asked, policy):
        raise FhirError(Kind.UNPROCESSABLE, issues=issues)
    async with call.kernel.database.transaction() as connection:
        patient = await person_in_care(call, connection, "ServiceRequest")
        identity = deterministic_id(
            "urgent-assessment", call.request.caller.organisation, patient, call.request.request_id
        )
        before = await assessment(connection, identity)
        if before is not None:
            return answer(assessment_shown(before))
        assessed_by, assessor = await _who(call, connection, moment)
        found = await _with_age(connection, patient, asked, moment)
        criteria = judge(found, policy)
        request = deterministic_id("urgent-referral", identity) if eligible(criteria) else None
        if request is not None:
            await open_referral(call, connection, patient, found, policy, request, now)
        held = Assessment(
            identity, patient, moment, call.request.caller.organisation, assessed_by, assessor, policy.name, found,
            criteria, request is not None, note, request,
        )  # fmt: skip
        await keep_assessment(connection, held)
        await work_of(call, connection, now).emit(ASSESSED, _said(held), key=identity, patient=patient)
        entry = audit_entry(
            call.request, "$assess-urgent-response", to_micros(now), resource_type="ServiceRequest",
            resource_id=request, patient=patient, status=201,
        )  # fmt: skip
        await record(connection, [entry])
    return answer(assessment_shown(held), 201)


def _asked(call: OperationCall) -> Assessed:
    purposes, needs = (tuple(dict.fromkeys(texts(call, name))) for name in ("purpose", "need"))
    return Assessed(
        short_text(call, "kind") or "crisis-response", purposes, short_text(call, "place"), needs,
        short_text(call, "source"),
    )  # fmt: skip


def _past(call: OperationCall, now: datetime) -> datetime:
    moment = moment_or_now(call, "assessed")
    if moment > now:
        raise FhirError(Kind.BUSINESS_RULE, "An assessment is not made in the future", expression="assessed")
    return moment


async def _who(call: OperationCall, connection: Connection, moment: datetime) -> tuple[str, str | None]:
    """As what the caller's organisation assesses, and who did it there."""
    kind = await kind_of_caller(connection, call.request.caller.organisation)
    if kind in (COMMISSIONER, NATIONAL_BODY):
        text = "Members of a multidisciplinary team and community providers assess (000 §3.16 r9)"
        raise FhirError(Kind.FORBIDDEN, text)
    return ("community-provider" if kind in _PROVIDERS else "mdt-member"), await _assessor(call, connection, moment)


async def _assessor(call: OperationCall, connection: Connection, moment: datetime) -> str | None:
    """Who assessed: whom `assessor` names, else the user of the token, if that is one of the staff known here."""
    given, user = call.one("assessor"), "/".join((call.request.caller.user or "").split("/")[-2:])
    literal = literal_given(given, "assessor", STAFF) if given is not None else user
    if await staff_member(connection, literal, london_date(moment)) is not None:
        return literal
    if given is not None:
        text = "assessor names nobody of the staff that is known here (docs/urgent-response.md)"
        raise FhirError(Kind.UNPROCESSABLE, text, expression="assessor")
    return None


async def _with_age(connection: Connection, patient: str, asked: Assessed, moment: datetime) -> Assessed:
    known = await person(connection, patient)
    age = age_on(known.birth, london_date(moment)) if known is not None else None
    return Assessed(asked.referral, asked.purposes, asked.place, asked.needs, asked.source, age)


def _said(held: Assessment) -> dict[str, Any]:
    said: dict[str, Any] = {
        "assessment": held.id, "patient": f"Patient/{held.patient}", "kind": held.found.referral,
        "eligible": held.eligible, "organisation": held.organisation, "policy": held.policy,
    }  # fmt: skip
    return said | ({"request": f"ServiceRequest/{held.request}"} if held.request is not None else {})
