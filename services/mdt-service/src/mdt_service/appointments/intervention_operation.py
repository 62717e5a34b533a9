"""`Appointment/$intervention-activity`: how many visits and consultations an intervention had (PCPC-038)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import only, optional_day, required_text
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, parts
from tandem.fhir.request import FhirResponse
from tandem.identity.access import visible
from tandem.london_days import beginning_of, day_number

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def intervention_activity(call: OperationCall) -> FhirResponse:
    """Parameters `total` and an `activity` for each kind and status, with its `count`.

    Appointments that the caller may see and whose `serviceCategory` names the `intervention`, by `from` and `to`
    (days). Raises FhirError 400.
    """
    only(call, ("intervention", "from", "to"))
    intervention, now = required_text(call, "intervention"), to_micros(call.kernel.clock.now())
    first, last = optional_day(call, "from"), optional_day(call, "to")
    if first is not None and last is not None and last < first:
        raise FhirError(Kind.BAD_REQUEST, "to lies before from", expression="to")
    params: list[Any] = [intervention]
    conditions = ["b.intervention = $1"]
    for day, comparison, more in ((first, ">=", 0), (last, "<", 1)):
        if day is not None:
            params.append(beginning_of(day_number(day) + more))
            conditions.append(f"b.starts {comparison} ${len(params)}")
    seen = visible(
        call.request.caller, "r", params, now, resource_type="Appointment",
        registered_only=call.kernel.registered_only(),
    )  # fmt: skip
    async with call.kernel.database.read() as connection:
        rows = await connection.fetch(
            "SELECT b.kind, b.status, COUNT(*) AS n FROM appointment_booked b JOIN resource r"
            " ON r.type = 'Appointment' AND r.id = b.appointment AND r.deleted = 0"
            f" WHERE {' AND '.join(conditions)} AND {seen} GROUP BY b.kind, b.status ORDER BY b.kind, b.status",
            *params,
        )  # fmt: skip
    await audit_reads(call.kernel.database, call.request, "$intervention-activity", "Appointment", set(), now)
    return answer([number("total", sum(row["n"] for row in rows)), *map(_shown, rows)])


def _shown(row: Any) -> Parameter:
    return parts("activity", [
        coded("kind", row["kind"]), coded("status", row["status"]),
        number("count", row["n"]),
    ])  # fmt: skip
