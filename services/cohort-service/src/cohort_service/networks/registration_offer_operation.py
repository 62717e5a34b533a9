"""`Patient/{id}/$registration-offer`: the offer to re-register with the network of the home (EHCH-020)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.domain.networks.registration_offer import faults_of_closing
from cohort_service.networks.offer_reading import close_offer, offers_to, open_offer
from cohort_service.networks.organisations import reference_of
from cohort_service.networks.people import must_see_person
from tandem.clock import from_micros, to_instant, to_micros
from tandem.database.connection import Connection, Row
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.operation_parameters import optional_day, optional_text, today_number
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.london_days import date_of, day_number

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_NAME = "$registration-offer"


async def registration_offer(call: OperationCall) -> FhirResponse:
    """GET shows the person's offers, the newest stay first; POST closes the open one.

    To close: `choice` (register-with-aligned-network or stay-with-own-practice) and `benefits-explained` (date).
    Raises FhirError 404 when the person may not be seen or has no open offer, 409 when it was closed meanwhile, 422.
    """
    return await (_close(call) if call.request.method == "POST" else _read(call))


async def _read(call: OperationCall) -> FhirResponse:
    async with call.kernel.database.read() as connection:
        patient = await must_see_person(call, connection)
        rows = await offers_to(connection, patient)
        shown = [await _offer(connection, row) for row in rows]
    now = to_micros(call.kernel.clock.now())
    await audit_reads(call.kernel.database, call.request, _NAME, "Patient", {patient}, now)
    return answer(shown)


async def _close(call: OperationCall) -> FhirResponse:
    choice, explained = optional_text(call, "choice"), optional_day(call, "benefits-explained")
    day = day_number(explained) if explained is not None else None
    caller, now = call.request.caller, to_micros(call.kernel.clock.now())
    async with call.kernel.database.transaction() as connection:
        patient = await must_see_person(call, connection)
        row = await open_offer(connection, patient)
        if row is None:
            raise FhirError(Kind.NOT_FOUND, "There is no open offer for this person")
        faults = list(faults_of_closing(choice, day, row["since_day"], today_number(call)))
        if faults:
            raise FhirError(Kind.BUSINESS_RULE, issues=faults)
        kept = await close_offer(connection, row["id"], str(choice), day, caller, now)
        if kept is None:
            raise FhirError(Kind.CONFLICT, "The offer was closed by someone else meanwhile")
        await record(connection, [audit_entry(call.request, _NAME, now, resource_type="Patient", resource_id=patient,
                                              patient=patient)])  # fmt: skip
        shown = await _offer(connection, kept)
    return answer([shown])


async def _offer(connection: Connection, row: Row) -> dict[str, Any]:
    part: list[dict[str, Any]] = [
        {"name": "status", "valueCode": row["status"]},
        {"name": "care-home", "valueReference": await reference_of(connection, row["home"])},
        {"name": "aligned-network", "valueReference": await reference_of(connection, row["network"])},
        {"name": "stay", "valueReference": {"reference": row["stay"]}},
        {"name": "since", "valueDate": date_of(row["since_day"]).isoformat()},
        {"name": "opened", "valueInstant": to_instant(from_micros(row["opened"]))},
    ]
    if row["status"] == "closed":
        part += [
            {"name": "choice", "valueCode": row["choice"]},
            {"name": "benefits-explained", "valueDate": date_of(row["benefits_explained"]).isoformat()},
            {"name": "closed", "valueInstant": to_instant(from_micros(row["closed"]))},
            {"name": "closed-by", "valueReference": await reference_of(connection, row["closed_by"])},
        ]
    return {"name": "offer", "part": part}
