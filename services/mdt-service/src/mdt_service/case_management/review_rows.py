"""Contacts with hospital that a review is about, and what was decided of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from mdt_service.case_management.contact_rows import contact_in, contacts_of
from mdt_service.case_management.shipped_policies import hospital_policy_on
from mdt_service.domain.case_management.arrangement import REGISTER_REVIEW
from mdt_service.domain.case_management.hospital_contact import UNPLANNED, HospitalContact
from mdt_service.home_rounds.homes import names_of_home
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.events.inbox_tables import among
from tandem.identity.access import visible_of_person
from tandem.london_days import beginning_of, date_of, day_at

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


@dataclass(frozen=True, slots=True)
class Listed:
    """One contact in a review; `decision` is None until somebody decided."""

    contact: HospitalContact
    patient: str
    readmission: bool
    decision: str | None


async def of_practice(
    call: OperationCall, connection: Connection, practice: str, first: int, until: int
) -> list[Listed]:  # fmt: skip
    """Of the people registered with a practice (a code), what began on the days from `first` to before `until`."""
    now = to_micros(call.kernel.clock.now())
    params: list[Any] = [beginning_of(first), beginning_of(until), practice, now]
    condition = (
        "EXISTS (SELECT 1 FROM access p WHERE p.patient = h.patient AND p.organisation = $3 AND p.reason = 'registered'"
        " AND p.starts <= $4 AND p.ends > $4)"
    )
    return await _listed(call, connection, condition, params)


async def of_home(call: OperationCall, connection: Connection, home: str, first: int, until: int) -> list[Listed]:
    """Of the people who lived in a home (a code) on the day, what began on these days and nobody has reviewed."""
    condition, names = among(connection.dialect, "r.home", 3, await names_of_home(connection, home))
    lived = (
        "EXISTS (SELECT 1 FROM home_resident r WHERE r.patient = h.patient AND r.first_day <= h.day"
        f" AND r.last_day >= h.day AND {condition})"
    )
    found = await _listed(call, connection, lived, [beginning_of(first), beginning_of(until), *names])
    return [each for each in found if each.decision is None]


async def practices_with_undecided(connection: Connection, first: int, until: int, at: int) -> list[str]:
    """Codes of the practices that manage cases and have an unplanned contact on the days from `first` to before
    `until` of which nobody decided; `at` (microseconds) says where people are registered."""
    kinds = ", ".join(f"'{each}'" for each in UNPLANNED)
    registered = "a.reason = 'registered' AND a.starts <= $3 AND a.ends > $3"
    rows = await connection.fetch(
        "SELECT DISTINCT a.organisation FROM hospital_contact h"
        f" JOIN access a ON a.patient = h.patient AND {registered}"
        f" WHERE h.starts >= $1 AND h.starts < $2 AND h.kind IN ({kinds})"
        " AND NOT EXISTS (SELECT 1 FROM admission_review v WHERE v.encounter = h.encounter)"
        " AND EXISTS (SELECT 1 FROM task_clock c JOIN access b ON b.patient = c.patient AND b.reason = 'registered'"
        " AND b.starts <= $3 AND b.ends > $3 AND b.organisation = a.organisation"
        f" WHERE c.kind = '{REGISTER_REVIEW}' AND c.ended IS NULL) ORDER BY a.organisation",
        beginning_of(first), beginning_of(until), at,
    )  # fmt: skip
    return [row["organisation"] for row in rows]


async def last_review(connection: Connection, scope: str) -> date | None:
    """The day on which a whole was last reviewed."""
    day = await connection.fetchval("SELECT MAX(day) FROM admission_review WHERE scope = $1", scope)
    return date_of(day) if day is not None else None


async def _listed(
    call: OperationCall, connection: Connection, condition: str, params: list[Any]
) -> list[Listed]:  # fmt: skip
    now = to_micros(call.kernel.clock.now())
    kinds = ", ".join(f"'{each}'" for each in UNPLANNED)
    seen = visible_of_person(
        call.request.caller, "h", params, now, resource_type="Encounter",
        registered_only=call.kernel.registered_only(),
    )  # fmt: skip
    rows = await connection.fetch(
        "SELECT h.*, (SELECT MAX(v.decision) FROM admission_review v WHERE v.encounter = h.encounter) AS decision"
        f" FROM hospital_contact h WHERE h.starts >= $1 AND h.starts < $2 AND h.kind IN ({kinds})"
        f" AND {condition} AND {seen} ORDER BY h.starts, h.encounter", *params,
    )  # fmt: skip
    again: dict[str, set[str]] = {}
    for patient in sorted({row["patient"] for row in rows}):
        held = [contact for contact, _ in await contacts_of(connection, patient)]
        policy = hospital_policy_on(date_of(day_at(params[0])))
        again[patient] = policy.readmissions(held)
    return [
        Listed(contact_in(row), row["patient"], row["encounter"] in again[row["patient"]], row["decision"])
        for row in rows
    ]  # fmt: skip
