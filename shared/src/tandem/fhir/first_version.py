"""Patient and right of a new record in one look, and on PostgreSQL what its parts in care rest on with it.

Most writes are first versions about a person known here by someone with access to them. For these one statement stands
for three; whatever it does not find is decided by those, with their own refusals.
"""

from __future__ import annotations

from tandem.database.connection import Connection
from tandem.fhir.compartments import PatientName
from tandem.fhir.store import NextVersion
from tandem.identity.access import SHARED_TYPES
from tandem.identity.agreement_terms import covered
from tandem.identity.caller import Caller
from tandem.identity.derivation import derive, holding
from tandem.identity.employers import ROLE
from tandem.identity.parts import PART_TYPES, first_parts


async def accessible_patient(
    connection: Connection, resource_type: str, caller: Caller, named: PatientName, now_us: int, *,
    registered_only: bool,
) -> str | None:  # fmt: skip
    """The Patient.id, when the person is known here and the caller may write about them; None leaves it open.

    On PostgreSQL it is held, as `derivation.hold` does, for a type that gives parts in care: what follows in this
    transaction sees every agreement that is signed.
    """
    if resource_type in SHARED_TYPES or resource_type == "Patient" or caller.person is not None:
        return None
    column, value = ("id", named.id) if named.id is not None else ("nhs_number", named.nhs_number)
    held = f", {holding('p.id')}" if parts_go_along(connection, resource_type) else ""
    params: list[object] = [value]
    access = ""
    if not caller.sees_all:
        params += [caller.organisation, now_us]
        reason = "a.reason = 'registered'"
        if not registered_only:
            reason = covered("a.reason", caller, params, named=resource_type)
        access = (
            " AND EXISTS (SELECT 1 FROM access a WHERE a.patient = p.id AND a.organisation = $2"
            f" AND a.starts <= $3 AND a.ends > $3 AND {reason})"
        )
    found: str | None = await connection.fetchval(
        f"SELECT p.id{held} FROM patient p WHERE p.{column} = $1 AND p.deleted = 0{access}", *params
    )
    return found


def parts_go_along(connection: Connection, resource_type: str) -> bool:
    """Whether the first version's parts in care are written in its own statement."""
    return connection.dialect == "postgresql" and resource_type in PART_TYPES


async def take_parts_along(connection: Connection, version: NextVersion, after: dict[str, object]) -> None:
    """Have the writer put down the parts of this first version."""
    version.parts = await first_parts(connection, after, version.author or "")


async def derive_parts(connection: Connection, version: NextVersion) -> None:
    """Derive the access that the parts make, now that they are written."""
    by_role = any(code is not None and code.startswith(ROLE) for _, _, code, _, _ in version.parts)
    if version.parts_matter or by_role:
        await derive(connection, "p.id = $1", version.patient, shared_only=True)
