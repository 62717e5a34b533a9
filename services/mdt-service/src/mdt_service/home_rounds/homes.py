"""By which names a care home is known here, and who lives in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.events.inbox_tables import among
from tandem.identity.access import visible_of_person
from tandem.identity.agreement_terms import ANY_RECORD
from tandem.identity.references import PREFIX, resolve

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def names_of_home(connection: Connection, home: str) -> list[str]:
    """A home (a code or `Organization/id`) with every other name of it, so that records with either are found."""
    code = (await resolve(connection, [home]))[home]
    if code is None:
        return [home]
    rows = await connection.fetch("SELECT id FROM organisation WHERE code = $1 ORDER BY id", code)
    return [code, *(PREFIX + row["id"] for row in rows)]


async def code_of_home(connection: Connection, home: str) -> str | None:
    """The code of a home; None as long as its Organization is not known here."""
    return (await resolve(connection, [home]))[home]


async def lives_in(connection: Connection, patient: str, home_code: str, day: int) -> bool:
    """Whether somebody lives on a day in the home of this code."""
    names = await names_of_home(connection, home_code)
    condition, values = among(connection.dialect, "home", 3, names)
    found = await connection.fetchval(
        "SELECT 1 FROM home_resident WHERE patient = $1 AND first_day <= $2 AND last_day >= $2"
        f" AND {condition} LIMIT 1",
        patient, day, *values,
    )  # fmt: skip
    return found is not None


async def numbers_of(connection: Connection, patients: Sequence[str]) -> dict[str, str]:
    """Patient.id by NHS number of these people, as far as they have one."""
    if not patients:
        return {}
    condition, values = among(connection.dialect, "id", 1, patients)
    rows = await connection.fetch(f"SELECT id, nhs_number FROM patient WHERE {condition}", *values)
    return {row["nhs_number"]: row["id"] for row in rows if row["nhs_number"]}


async def seen_residents(call: OperationCall, connection: Connection, home: str, day: int) -> list[str]:
    """Patient.id of everybody who lives in a home on a day and whose whole record the caller may see."""
    params: list[Any] = [day]
    condition, values = among(connection.dialect, "m.home", 2, await names_of_home(connection, home))
    params += values
    seen = visible_of_person(
        call.request.caller, "m", params, to_micros(call.kernel.clock.now()), resource_type=ANY_RECORD,
        registered_only=call.kernel.registered_only(),
    )  # fmt: skip
    rows = await connection.fetch(
        "SELECT DISTINCT m.patient FROM home_resident m WHERE m.first_day <= $1 AND m.last_day >= $1"
        f" AND {condition} AND {seen} ORDER BY m.patient", *params,
    )  # fmt: skip
    return [row["patient"] for row in rows]
