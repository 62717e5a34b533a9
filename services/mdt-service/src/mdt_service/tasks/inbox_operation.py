"""`Task/$inbox`: what an organisation, or a kind of staff, has to do, what is due, and what is overdue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mdt_service.domain.tasks.due import standing
from tandem.clock import from_micros, to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import moment_or_now, one_of, only, page, short_text
from tandem.fhir.organisation_parameter import code_parameter
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, instant, parts, reference, text
from tandem.fhir.request import FhirResponse
from tandem.identity.access import visible_of_person
from tandem.nhs.staff_kinds import kind_names

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_STATES = {
    "all": "", "overdue": " AND c.due < {at}", "due": " AND c.due >= {at}", "open": " AND c.due IS NULL",
}  # fmt: skip

_NAMES = (
    "SELECT CAST({value} AS TEXT) UNION ALL SELECT 'Organization/' || o.id FROM directory_organisation o"
    " WHERE o.code = {value}"
)
_OWNED = (
    f"c.owner IN ({_NAMES} UNION ALL SELECT 'PractitionerRole/' || r.id FROM directory_role r"
    f" WHERE r.organisation IN ({_NAMES}) AND r.active = 1 AND r.starts <= $1 AND r.ends > $1)"
)
"""A Task names an organisation by its code, by the id of its Organization, or by the role of one of its staff."""


async def inbox(call: OperationCall) -> FhirResponse:
    """Parameters `as-of` and a `task` for each that waits, the first due first.

    Each has `task`, `patient`, `kind`, `owner`, `performer`, `status`, `due` and `standing` (open, due, overdue).
    Parameters `owner` (an organisation, with the staff that it employs at `as-of`, or `PractitionerRole/id`;
    `performer` alone asks of any), `performer` (a kind of staff), `kind`, `state` (all, overdue, due, open), `as-of`,
    `_count`, `_offset`. Raises FhirError 400.
    """
    only(call, ("owner", "performer", "kind", "state", "as-of", "_count", "_offset"))
    at, (count, offset) = to_micros(moment_or_now(call, "as-of")), page(call)
    owner, performer, kind = _owner(call), short_text(call, "performer"), short_text(call, "kind")
    if performer is not None and performer not in kind_names():
        raise FhirError(Kind.BAD_REQUEST, f"performer is one of {', '.join(kind_names())}", expression="performer")
    if owner is None and performer is None:
        owner = call.request.caller.organisation
    params: list[Any] = [at]
    conditions = ["c.made <= $1"]
    for condition, value in ((_OWNED, owner), ("c.performer = {value}", performer), ("c.kind = {value}", kind)):
        if value is not None:
            params.append(value)
            conditions.append(condition.format(value=f"${len(params)}"))
    state = _STATES[one_of(call, "state", tuple(_STATES), "all")].format(at="$1")
    now = to_micros(call.kernel.clock.now())
    seen = visible_of_person(
        call.request.caller, "c", params, now, resource_type="Task", registered_only=call.kernel.registered_only()
    )
    params += (count, offset)
    async with call.kernel.database.read() as connection:
        rows = await connection.fetch(
            f"SELECT c.* FROM ({_waiting(' AND '.join(conditions) + state)}) c WHERE {seen}"
            f" ORDER BY c.late, c.due, c.task LIMIT ${len(params) - 1} OFFSET ${len(params)}", *params,
        )  # fmt: skip
    told: set[str | None] = {row["patient"] for row in rows}
    await audit_reads(call.kernel.database, call.request, "$inbox", "Task", told, now)
    moment = instant("as-of", from_micros(at))
    return answer([moment, *(_shown(row, at) for row in rows)])


def _waiting(condition: str) -> str:
    """What had not ended at $1, in order, so that who may see it is asked for one page and not for all."""
    # Apart, both kinds are found by the index; in one condition, all that an owner ever had is read.
    either = " UNION ALL ".join(
        f"SELECT c.*, CASE WHEN c.due IS NULL THEN 1 ELSE 0 END AS late FROM task_clock c WHERE {ended} AND {condition}"
        for ended in ("c.ended IS NULL", "c.ended > $1")
    )
    return f"SELECT * FROM ({either}) w ORDER BY late, due, task"


def _owner(call: OperationCall) -> str | None:
    """The code of an organisation, or the reference of one of the staff, as a Task names its owner."""
    given = short_text(call, "owner")
    staff = given is not None and given.startswith(("PractitionerRole/", "Practitioner/"))
    return given if staff else code_parameter(call, "owner")


def _shown(row: Any, at: int) -> Parameter:
    inner: list[Parameter] = [
        reference("task", f"Task/{row['task']}"),
        reference("patient", f"Patient/{row['patient']}"),
        coded("status", row["status"]),
        coded("standing", standing(row["due"], None, at).value),
    ]  # fmt: skip
    inner += [text(name, row[name]) for name in ("kind", "owner", "performer") if row[name] is not None]
    if row["due"] is not None:
        inner.append(instant("due", from_micros(row["due"])))
    return parts("task", inner)
