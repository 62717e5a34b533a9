"""`Group/{id}/$members` and `Group/{id}/$explain`: who is in a cohort, and why. Members are rows, rendered here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.domain.definition import definition
from tandem.clock import LONDON, from_micros, to_micros
from tandem.database.connection import Connection, Row
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import Resource, decode, encode
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.person_parameter import person_named
from tandem.fhir.request import FhirResponse
from tandem.fhir.visibility import visible_resource
from tandem.identity.access import has_access, visible

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_PAGE = 100
_LARGEST_PAGE = 1000


async def members(call: OperationCall) -> FhirResponse:
    """The Group with one page of its members, as far as the caller may see them; `quantity` counts all of these.

    Parameters `_count` (at most 1000) and `_offset`; the header Link gives the next page. Raises FhirError 400, 404.
    """
    count = min(_number(call, "_count", _PAGE), _LARGEST_PAGE)
    offset = _number(call, "_offset", 0)
    kernel, now = call.kernel, to_micros(call.kernel.clock.now())
    async with kernel.database.read() as connection:
        cohort, practice, body = await _group(call, connection)
        params: list[Any] = [cohort, practice]
        seen = visible(
            call.request.caller, "m", params, now, resource_type="Patient", registered_only=kernel.registered_only()
        )
        source = (
            "FROM group_member m JOIN patient p ON p.id = m.patient"
            f" WHERE m.cohort = $1 AND p.practice = $2 AND p.deleted = 0 AND {seen}"
        )
        total = await connection.fetchval(f"SELECT COUNT(*) {source}", *params)
        rows = await connection.fetch(
            f"SELECT m.patient, m.since_date, m.until {source} ORDER BY m.patient, m.number"
            f" LIMIT ${len(params) + 1} OFFSET ${len(params) + 2}",
            *params, count, offset,
        )  # fmt: skip
    await audit_reads(kernel.database, call.request, "$members", "Group", {row["patient"] for row in rows}, now)
    body["quantity"] = total
    if rows:
        body["member"] = [_member(row) for row in rows]
    headers = {}
    if offset + len(rows) < total and rows:
        following = f"{kernel.base}/Group/{call.id}/$members?_count={count}&_offset={offset + len(rows)}"
        headers["Link"] = f'<{following}>; rel="next"'
    return FhirResponse(200, encode(body), headers)


async def explain(call: OperationCall) -> FhirResponse:
    """Parameters that say whether, since when and by which records a person is in the cohort.

    Parameter `patient`: `Patient/1`, the bare id, or NHS number as `system|value`. Raises FhirError 400, 404.
    """
    kernel, now = call.kernel, to_micros(call.kernel.clock.now())
    async with kernel.database.read() as connection:
        cohort, practice, _ = await _group(call, connection)
        patient = await person_named(connection, call.one("patient"))
        row = None
        if patient is not None and await has_access(
            connection, call.request.caller, patient, now, registered_only=kernel.registered_only()
        ):
            row = await connection.fetchrow(
                "SELECT m.* FROM group_member m JOIN patient p ON p.id = m.patient WHERE m.cohort = $1"
                " AND p.practice = $2 AND m.patient = $3 ORDER BY m.number DESC LIMIT 1", cohort, practice, patient,
            )  # fmt: skip
    if row is None:
        raise FhirError(Kind.NOT_FOUND, "No such person is or was in this group")
    await audit_reads(kernel.database, call.request, "$explain", "Group", {patient}, now)
    return FhirResponse(200, encode(_explanation(row)))


async def _group(call: OperationCall, connection: Connection) -> tuple[str, str, Resource]:
    """Cohort, practice and body of the Group, if the caller may see it."""
    assert call.id is not None, "declared on the instance"
    held = await visible_resource(call.kernel, connection, call.request, "Group", call.id)
    row = await connection.fetchrow("SELECT cohort, practice FROM cohort_group WHERE id = $1", call.id)
    if held is None or held.body is None or row is None:
        raise FhirError(Kind.NOT_FOUND, "There is no such cohort group")
    return row["cohort"], row["practice"], decode(held.body)


def _number(call: OperationCall, name: str, default: int) -> int:
    text = str(call.one(name) if call.one(name) is not None else default)
    if not text.isdecimal() or len(text) > 9:
        raise FhirError(Kind.BAD_REQUEST, f"{name} is a whole number")
    return int(text)


def _member(row: Row) -> dict[str, Any]:
    return {
        "entity": {"reference": f"Patient/{row['patient']}"},
        "period": _period(row),
        "inactive": row["until"] is not None,
    }


def _period(row: Row) -> dict[str, str]:
    period = {"start": str(row["since_date"])}
    if row["until"] is not None:
        period["end"] = from_micros(row["until"]).astimezone(LONDON).date().isoformat()
    return period


def _explanation(row: Row) -> Resource:
    rules = definition(row["cohort"])
    parameters: list[dict[str, Any]] = [
        {"name": "member", "valueBoolean": row["until"] is None},
        {"name": "definition", "valueString": row["definition"]},
        {"name": "source", "valueString": rules.source},
        {"name": "patient", "valueReference": {"reference": f"Patient/{row['patient']}"}},
        {"name": "since", "valueDate": row["since_date"]},
        {"name": "period", "valuePeriod": _period(row)},
    ]
    for entry in decode(bytes(row["evidence"])):
        coding = {"system": rules.system, "code": entry["code"], "display": entry["display"]}
        part = [
            {"name": "reference", "valueReference": {"reference": entry["reference"]}},
            {"name": "code", "valueCoding": coding},
            {"name": "date", "valueDateTime": entry["date"]},
        ]
        parameters.append({"name": "evidence", "part": part})
    return {"resourceType": "Parameters", "parameter": parameters}
