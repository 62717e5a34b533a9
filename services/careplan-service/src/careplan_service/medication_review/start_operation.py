"""`CarePlan/$start-medication-review`: an appointment of the review begins, or goes on (SMR-019, SMR-021, SMR-039)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from careplan_service.domain.medication_review.codes import MODES, coded_reasons
from careplan_service.domain.medication_review.completion import NO_REASON
from careplan_service.domain.medication_review.composition import (
    new_composition,
    with_medicines,
    with_mode,
    with_process,
    with_reasons,
    with_requests,
)
from careplan_service.medication_review.clinician_check import check_clinician, refusal
from careplan_service.medication_review.episode_rows import (
    EpisodeRow,
    episode_row,
    kind_of_next,
    open_episode,
    open_process,
)
from careplan_service.medication_review.prescriptions import (
    keep_prescriptions,
    medications_named,
    prescribed_now,
    statements_of,
)
from careplan_service.medication_review.request_handler import open_requests
from careplan_service.medication_review.review_facts import ReviewFacts, facts_of
from careplan_service.medication_review.review_parameters import reasons_given
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.asked_person import asked_person
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import Resource, encode
from tandem.fhir.etag import version_headers
from tandem.fhir.operation_parameters import only, optional_text
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.reference_parameter import STAFF, literal_given, reference_given
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.derivation import hold
from tandem.london_days import london_date
from tandem.service import Work

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_NAME = "$start-medication-review"
_PARAMETERS = ("patient", "clinician", "reason", "mode", "appointment", "request")


@dataclass(frozen=True, slots=True)
class _Asked:
    patient: str
    clinician: dict[str, Any]
    reasons: list[dict[str, Any]]
    mode: str | None
    appointment: str | None
    request: str | None


async def start_medication_review(call: OperationCall) -> FhirResponse:
    """The Composition of the episode, 201 when it is new, 200 when the one under way goes on.

    Parameters `patient`; `clinician` (a Reference, else the token's user); `reason` (SNOMED CT: CodeableConcept, Coding
    or `system|code`, repeated); `mode` (In-person, Telephone, Video), `appointment`, `request` (a Task or
    ServiceRequest). What is prescribed is looked up each time. Raises FhirError 400, 404, 422, 503.
    """
    only(call, _PARAMETERS)
    asked = await _asked(call)
    await _check_clinician(call, asked)
    async with call.kernel.database.read() as connection:
        named = medications_named(await statements_of(connection, asked.patient))
    prescribed = await prescribed_now(call, asked.patient, named)
    now = call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        await hold(connection, [f"medication-review/{asked.patient}"])
        work = work_of(call, connection, now)
        row, opened = await _opened(call, work, asked)
        await keep_prescriptions(connection, row.id, prescribed, london_date(now))
        composition = await _filled(work, row, asked)
        entry = audit_entry(
            call.request, _NAME, to_micros(now), resource_type="Composition", resource_id=row.id, patient=asked.patient,
            status=201 if opened else 200,
        )  # fmt: skip
        await record(connection, [entry])
    headers = version_headers(int(composition["meta"]["versionId"]), to_micros(now))
    if opened:
        headers["Location"] = f"{call.kernel.base}/Composition/{row.id}"
    return FhirResponse(201 if opened else 200, encode(composition), headers)


async def _asked(call: OperationCall) -> _Asked:
    caller = call.request.caller
    patient = await asked_person(call, "MedicationStatement")
    mode = optional_text(call, "mode")
    if mode is not None and mode not in MODES:
        raise FhirError(Kind.BAD_REQUEST, f"mode is one of {', '.join(MODES)}", expression="mode")
    clinician = call.one("clinician") or caller.user
    if clinician is None:
        raise FhirError(Kind.BAD_REQUEST, "Give the clinician, or a token with a user", expression="clinician")
    return _Asked(
        patient, reference_given(clinician, "clinician", STAFF), reasons_given(call),
        mode, _reference(call, "appointment", ("Appointment",)),
        _reference(call, "request", ("Task", "ServiceRequest")),
    )  # fmt: skip


def _reference(call: OperationCall, name: str, types: tuple[str, ...]) -> str | None:
    value = call.one(name)
    return literal_given(value, name, types) if value is not None else None


async def _check_clinician(call: OperationCall, asked: _Asked) -> None:
    """A refusal stays in the audit, for the practice to find (SMR-019)."""
    now, request = call.kernel.clock.now(), call.request
    async with call.kernel.database.read() as connection:
        checked = await check_clinician(connection, str(asked.clinician["reference"]), asked.patient, now)
    if checked.judgement.role is None:
        entry = audit_entry(request, _NAME, to_micros(now), resource_type="CarePlan", patient=asked.patient, status=422)
        async with call.kernel.database.transaction() as connection:
            await record(connection, [entry])
        raise refusal(checked)


async def _opened(call: OperationCall, work: Work, asked: _Asked) -> tuple[EpisodeRow, bool]:
    process = await open_process(work.connection, asked.patient)
    row = await open_episode(work.connection, process) if process is not None else None
    if row is not None:
        return row, False
    if not coded_reasons(asked.reasons):
        raise FhirError(Kind.BUSINESS_RULE, issues=[NO_REASON])
    kind = await kind_of_next(work.connection, process or "")
    identity = call.kernel.ids.new()
    await work.put(new_composition(identity, asked.patient, asked.clinician, kind, asked.reasons, work.now))
    made = await episode_row(work.connection, identity)
    assert made is not None, "the reaction of the write opened it"
    return made, True


async def _filled(work: Work, row: EpisodeRow, asked: _Asked) -> Resource:
    held = await work.read("Composition", row.id)
    assert held is not None, "it is held open by its row"
    facts = await facts_of(work.connection, row, held, work.now)
    composition = with_process(with_mode(held, asked.mode), row.process, asked.appointment)
    composition = with_requests(composition, await _requests(work.connection, asked))
    return await work.put(with_all_medicines(with_reasons(composition, asked.reasons), facts))


def with_all_medicines(composition: Resource, facts: ReviewFacts) -> Resource:
    """The episode with a section for each medicine to be looked at."""
    contacts = {
        key: [f"QuestionnaireResponse/{each.id}" for each in responses] for key, responses in facts.contacts.items()
    }
    return with_medicines(composition, facts.standing.medicines, contacts, facts.high_carbon)


async def _requests(connection: Connection, asked: _Asked) -> list[str]:
    known = [each.reference for each in await open_requests(connection, asked.patient)]
    return [*known, asked.request] if asked.request is not None and asked.request not in known else known
