"""`ServiceRequest/$refer-suspected-cancer`: a suspected cancer referral with all that has to stand on it.

ECD-003, ECD-011, ECD-015, ECD-021, ECD-040, ECD-047, ECD-049 to ECD-051.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from referral_service.domain.suspected_cancer.claim import RAPID_DIAGNOSTIC_CENTRE, URGENT
from referral_service.domain.suspected_cancer.judgement import Circumstances, Judgement, judge
from referral_service.domain.suspected_cancer.pathways import rapid_diagnostic_centre
from referral_service.domain.suspected_cancer.patient_information import with_information
from referral_service.domain.suspected_cancer.referral_resource import (
    reasons,
    told_routing,
    with_judgement,
    with_kind,
    with_said,
    with_support,
)
from referral_service.suspected_cancer.asked_person import asked_person
from referral_service.suspected_cancer.circumstances import circumstances_of
from referral_service.suspected_cancer.quality_answer import quality_of
from referral_service.suspected_cancer.refer_parameters import OWN_TOOL, Asked, refer_parameters, requester_of
from tandem.clock import to_instant, to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import Resource
from tandem.fhir.operation_work import put_as_caller
from tandem.fhir.organisation_parameter import resolved
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.reference_parameter import STAFF, reference_given
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.audit_event import organisation_reference

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def refer_suspected_cancer(call: OperationCall) -> FhirResponse:
    """Makes the ServiceRequest and answers 201 with `referral` and how it was judged.

    `patient`; `symptom` (codes of $suspected-cancer-criteria) and `reason` (words); `performer`, unless a pathway of
    the area names one; `requester` (else the caller's organisation); `justification` where no criterion is met;
    `step`s of the network's protocol that were done; `tool` that was used (else this service's advice, which judges
    it); `cancer-type`; `recurrence` with `previous-cancer` and `treated`; `pathway` to choose one, `elsewhere` why
    not the area's; `extra-support` with
    `extra-support-performer`; what the person was told (`why-referred`, `importance-of-attending`, `further-support`,
    `information-given`, `-format`, `-by`); `identifier`. Raises FhirError 400, 403, 404, 409, 422, 503.
    """
    asked = refer_parameters(call)
    patient, person = await asked_person(call)
    now = call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        bare = await _bare(call, connection, asked, patient)
        circumstances = await circumstances_of(
            connection, bare, patient, person, call.request.caller.organisation, now
        )  # fmt: skip
        request = await _whole(call, connection, asked, bare, circumstances)
        kept = await put_as_caller(call, connection, request)
        parameters = await quality_of(connection, kept, now)
        entry = audit_entry(
            call.request, "$refer-suspected-cancer", to_micros(now), resource_type="ServiceRequest",
            resource_id=str(kept["id"]), patient=patient, status=201,
        )  # fmt: skip
        await record(connection, [entry])
    made = answer(parameters, 201)
    made.headers["Location"] = f"{call.kernel.base}/ServiceRequest/{kept['id']}"
    return made


async def _bare(call: OperationCall, connection: Connection, asked: Asked, patient: str) -> Resource:
    """What can be told before it is judged."""
    requester = call.one("requester")
    if requester is not None:
        requester = reference_given(requester, "requester", (*STAFF, "Organization"))
    request: Resource = {
        "resourceType": "ServiceRequest", "id": call.kernel.ids.new(), "status": "active", "intent": "order",
        "priority": "urgent", "subject": {"reference": f"Patient/{patient}"},
        "authoredOn": to_instant(call.kernel.clock.now()), "requester": requester or requester_of(call),
    }  # fmt: skip
    if asked.identifier is not None:
        request["identifier"] = [asked.identifier]
    listed = reasons(asked.symptoms, {}, asked.reasons)
    return with_said(request | ({"reasonCode": listed} if listed else {}), asked.said)


async def _whole(
    call: OperationCall, connection: Connection, asked: Asked, bare: Resource, circumstances: Circumstances
) -> Resource:
    judgement = judge(bare, circumstances)
    kind = asked.pathway or (URGENT if asked.said.elsewhere is not None else judgement.routing.kind)
    centre = rapid_diagnostic_centre(circumstances.pathways, circumstances.day)
    by_area = judgement.routing.performer if asked.said.elsewhere is None else None
    if kind == RAPID_DIAGNOSTIC_CENTRE:
        by_area = centre.performer if centre is not None else None
    performer = await _organisation(call, connection, "performer")
    if performer is None and by_area is not None:
        performer = organisation_reference(by_area)
    if performer is None:
        raise FhirError(
            Kind.UNPROCESSABLE, f"Give the performer who is asked. {judgement.routing.explanation}",
            expression="performer",
        )  # fmt: skip
    criteria = circumstances.criteria
    if asked.said.tool is None and criteria is not None:
        asked.said.tool = f"{OWN_TOOL}, {criteria.version}"
    titles = criteria.symptoms if criteria else {}
    listed = reasons(asked.symptoms, titles, asked.reasons)
    request = with_kind(bare | ({"reasonCode": listed} if listed else {}), kind, performer)
    routing = told_routing(judgement, kind, centre, asked.said)
    request = with_judgement(request, asked.said, judgement, routing, _offered(judgement, kind))
    if asked.information is not None:
        told = asked.information
        request = with_information(request, told.texts, told.given, told.form, told.by)
    if asked.support is not None:
        request = with_support(request, asked.support, await _organisation(call, connection, "extra-support-performer"))
    return request


def _offered(judgement: Judgement, kind: str) -> dict[str, Any] | None:
    offered = judgement.offered if kind != RAPID_DIAGNOSTIC_CENTRE else None
    return organisation_reference(offered) if offered is not None else None


async def _organisation(call: OperationCall, connection: Connection, name: str) -> dict[str, Any] | None:
    value = call.one(name)
    return organisation_reference(await resolved(connection, value, name)) if value is not None else None
