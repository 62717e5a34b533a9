"""What an organisation may be sent now: the rule of a read, asked at the moment of sending."""

from __future__ import annotations

from typing import Any

from tandem.database.connection import Connection, Row
from tandem.fhir.history import about_the_same
from tandem.identity.access import visible
from tandem.identity.caller import Caller


async def permitted(connection: Connection, caller: Caller, resource_type: str, log_id: int, now_us: int) -> Row | None:
    """A version (`body`, `patient`, `resource_id`, `correlation`) if the caller may see the resource now, and the
    version too where that was about somebody else; None also when the resource is deleted. `now_us` is the domain
    clock in microseconds."""
    params: list[Any] = [log_id]
    seen = visible(caller, "r", params, now_us, resource_type=resource_type)
    same = about_the_same(caller, params, now_us)
    return await connection.fetchrow(
        "SELECT l.body, l.patient, l.resource_id, l.correlation, l.event_id FROM log l"
        " JOIN resource r ON r.type = l.type AND r.id = l.resource_id"
        f" WHERE l.id = $1 AND r.deleted = 0 AND ({seen}) AND {same}",
        *params,
    )
