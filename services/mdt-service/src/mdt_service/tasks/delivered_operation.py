"""`Task/$delivered`: who did what for a person or in a network, and how much each partner did (PCN-061)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tandem.clock import from_micros, to_micros
from tandem.database.connection import Connection
from tandem.directory.queries import organisation_named, staff_member
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import only, optional_day, page
from tandem.fhir.organisation_parameter import code_parameter
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, on_day, parts, reference, text
from tandem.fhir.person_parameter import person_named
from tandem.fhir.request import FhirResponse
from tandem.identity.access import visible_of_person
from tandem.london_days import beginning_of, date_of, day_at, day_number, london_date
from tandem.nhs.staff_kinds import kind_names, staff_kinds

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_NETWORK = (
    "EXISTS (SELECT 1 FROM patient p JOIN membership s ON s.member = p.practice WHERE p.id = c.patient"
    " AND s.holder = {network} AND s.starts <= {now} AND s.ends > {now})"
)


async def delivered(call: OperationCall) -> FhirResponse:
    """Parameters `total`, a `partner` for each organisation with its `count`, and an `action` for each completed Task.

    An action has `task`, `patient`, `date`, `organisation` (code), `organisationName`, `organisationKind` and `role` (a
    kind of staff), as far as they are known. Parameters `patient` or `network`, `from`, `to` (days), `_count`,
    `_offset` of the actions; totals are of all. Raises FhirError 400.
    """
    only(call, ("patient", "network", "from", "to", "_count", "_offset"))
    count, offset = page(call)
    now = to_micros(call.kernel.clock.now())
    async with call.kernel.database.read() as connection:
        rows = await _rows(call, connection, now)
        owners = {row["owner"]: await _partner(connection, row["owner"], row["ended"]) for row in rows}
    shown = rows[offset : offset + count]
    told: set[str | None] = {row["patient"] for row in shown}
    await audit_reads(call.kernel.database, call.request, "$delivered", "Task", told, now)
    totals = sorted(Counter(owners[row["owner"]]["organisation"] for row in rows).items())
    return answer([
        number("total", len(rows)),
        *(parts("partner", [text("organisation", code), number("count", total)]) for code, total in totals),
        *(_action(row, owners[row["owner"]]) for row in shown),
    ])  # fmt: skip


async def _rows(call: OperationCall, connection: Connection, now: int) -> list[Any]:
    params: list[Any] = [now]
    conditions = ["c.status = 'completed' AND c.ended <= $1 AND c.owner IS NOT NULL"]
    named, network = call.one("patient"), code_parameter(call, "network")
    if (named is None) == (network is None):
        raise FhirError(Kind.BAD_REQUEST, "Give patient or network", expression="patient")
    if named is not None:
        params.append(await person_named(connection, named) or "")
        conditions.append(f"c.patient = ${len(params)}")
    else:
        params.append(network)
        conditions.append(_NETWORK.format(network=f"${len(params)}", now="$1"))
    for day, comparison, more in ((optional_day(call, "from"), ">=", 0), (optional_day(call, "to"), "<", 1)):
        if day is not None:
            params.append(beginning_of(day_number(day) + more))
            conditions.append(f"c.ended {comparison} ${len(params)}")
    conditions.append(
        visible_of_person(
            call.request.caller, "c", params, now, resource_type="Task", registered_only=call.kernel.registered_only()
        )
    )
    sql = f"SELECT c.* FROM task_clock c WHERE {' AND '.join(conditions)} ORDER BY c.ended DESC, c.task"
    return list(await connection.fetch(sql, *params))


async def _partner(connection: Connection, owner: str, ended: int) -> dict[str, Any]:
    """The organisation of an owner with its code, name and kind, and the kinds of staff when it is one of the staff."""
    if owner.startswith(("Practitioner/", "PractitionerRole/")):
        member = await staff_member(connection, owner, date_of(day_at(ended)))
        roles = member.roles if member is not None else ()
        employer = next((role.organisation for role in roles if role.organisation is not None), None)
        kinds = sorted(kind for role in roles for kind in staff_kinds(role.codes))
    else:
        employer, kinds = await organisation_named(connection, owner), []
    if employer is None:
        return {"organisation": owner, "name": None, "kind": None, "kinds": kinds}
    return {"organisation": employer.code, "name": employer.name, "kind": employer.kind, "kinds": kinds}


def _action(row: Any, partner: dict[str, Any]) -> Parameter:
    inner: list[Parameter] = [
        reference("task", f"Task/{row['task']}"),
        reference("patient", f"Patient/{row['patient']}"),
        on_day("date", london_date(from_micros(row["ended"]))),
        text("organisation", partner["organisation"]),
    ]  # fmt: skip
    if partner["name"] is not None:
        inner.append(text("organisationName", partner["name"]))
    if partner["kind"] is not None:
        inner.append(coded("organisationKind", partner["kind"]))
    for role in [row["performer"]] if row["performer"] is not None else partner["kinds"]:
        inner.append(text("role", kind_names().get(role, role)))
    return parts("action", inner)
