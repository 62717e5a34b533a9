"""What people were offered: `POST Group/$offer` records it, and a run's list shows it (PCN-077; 004 paragraph 10)."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from cohort_service.lists.group_access import person_in_care
from tandem.clock import to_micros
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import optional_day, short_text
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, parts
from tandem.fhir.request import FhirResponse
from tandem.london_days import date_of, day_number, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

KINDS = ("physical-health", "mental-health")
ANSWERS = ("offered", "accepted", "declined")


async def offer(call: OperationCall) -> FhirResponse:
    """Record that support was offered: `patient`, `kind`, `text` (what was offered), `date` (else today), `answer`.

    Raises FhirError 400 for a kind or answer that is none, 404 for a person not in the caller's care, 422 for a date
    to come.
    """
    kind, text = short_text(call, "kind"), short_text(call, "text")
    reply = short_text(call, "answer") or ANSWERS[0]
    if kind not in KINDS or reply not in ANSWERS or text is None:
        raise FhirError(
            Kind.BAD_REQUEST,
            f"Give text, kind ({', '.join(KINDS)}) and, if known, answer ({', '.join(ANSWERS)})",
            expression="text",
        )
    now = call.kernel.clock.now()
    day = optional_day(call, "date") or london_date(now)
    if day > london_date(now):
        raise FhirError(Kind.UNPROCESSABLE, "date lies in the future", expression="date")
    caller = call.request.caller
    async with call.kernel.database.transaction() as connection:
        patient = await person_in_care(call, connection)
        await connection.execute(
            "INSERT INTO support_offer (id, patient, kind, day, text, answer, author, organisation, at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            call.kernel.ids.new(), patient, kind, day_number(day), text, reply, caller.user or caller.organisation,
            caller.organisation, to_micros(now),
        )  # fmt: skip
        offered = (await offers_to(connection, [patient]))[patient]
    await audit_reads(call.kernel.database, call.request, "$offer", "Group", {patient}, to_micros(now))
    return answer(offered)


async def offers_to(connection: Connection, patients: Collection[str]) -> dict[str, list[Parameter]]:
    """Patient -> every offer that was made, in order of the days."""
    found: dict[str, list[Parameter]] = {}
    rows = await connection.fetch(
        f"SELECT * FROM support_offer WHERE patient {among(connection.dialect, '$1', 'text')} ORDER BY day, at, id",
        array(connection.dialect, patients),
    )
    for row in rows:
        found.setdefault(row["patient"], []).append(parts("offer", [
            {"name": "kind", "valueCode": row["kind"]}, {"name": "text", "valueString": row["text"]},
            {"name": "date", "valueDate": date_of(row["day"]).isoformat()},
            {"name": "answer", "valueCode": row["answer"]},
            {"name": "organisation", "valueString": row["organisation"]},
        ]))  # fmt: skip
    return found
