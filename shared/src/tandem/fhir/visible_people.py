"""Narrowing the rows of a worklist to people whose records the caller may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tandem.clock import to_micros
from tandem.identity.access import visible_of_person

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


def visible_people(call: OperationCall, params: list[Any], resource_type: str) -> list[str]:
    """The conditions on `m.patient` of people whose records of this type the caller may see; values go to `params`."""
    kernel, caller = call.kernel, call.request.caller
    now = to_micros(kernel.clock.now())
    conditions = [
        visible_of_person(
            caller, "m", params, now, resource_type=resource_type, registered_only=kernel.registered_only()
        )
    ]
    if not caller.sees_all and kernel.database.dialect == "sqlite":
        # Says again what visibility says, so that SQLite begins with the organisation's people and not with all rows.
        params.append(caller.organisation)
        conditions.append(f"m.patient IN (SELECT o.patient FROM access o WHERE o.organisation = ${len(params)})")
    return conditions
