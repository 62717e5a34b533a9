"""From a PractitionerRole to its employer, for whom a member of a CareTeam takes part in someone's care.

The employer stands among the parts, of no patient (`ANYBODY`) and with the role as its source, beside the organisation
that the role named first (source `.../first`). A role that names another one later stands for nobody: whoever put it on
a team meant the first, and neither that employer nor one that takes the id of a deleted role hands the part on.
"""

from __future__ import annotations

from typing import Any, Final

from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_id
from tandem.identity.derivation import ANYBODY, FIRST_EMPLOYER, derive, hold
from tandem.identity.organisations import reference_code
from tandem.identity.periods import ALWAYS, Period, period_of
from tandem.identity.references import resolve

ROLE: Final = "PractitionerRole/"

_ON_TEAMS = "p.id IN (SELECT t.patient FROM part t WHERE t.organisation = $1)"


def role_reference(reference: dict[str, Any] | None) -> str | None:
    """`PractitionerRole/id` when a Reference names a role by id, without its version; None for anything else."""
    identity = target_id(reference, "PractitionerRole")
    return f"{ROLE}{identity}" if identity is not None else None


async def project_role(connection: Connection, role_id: str, role: Resource | None) -> None:
    """Keep the employer of a role, and the access that follows from the teams it is on.

    One that is deleted, not active, out of its period or without an organisation stands for nobody.
    """
    source, body = f"{ROLE}{role_id}", role or {}
    employer = reference_code(body.get("organization"))
    active = employer is not None and body.get("active") is not False
    after = (employer, *period_of(body.get("period"))) if active else None
    row = await connection.fetchrow("SELECT organisation_reference, starts, ends FROM part WHERE source = $1", source)
    before = (row["organisation_reference"], row["starts"], row["ends"]) if row is not None else None
    first = await connection.fetchval("SELECT 1 FROM part WHERE source = $1", source + FIRST_EMPLOYER)
    if before == after and (first is not None or employer is None):
        return
    await hold(connection)
    if employer is not None and first is None:
        await _keep(connection, source + FIRST_EMPLOYER, employer, ALWAYS)
    await connection.execute("DELETE FROM part WHERE source = $1", source)
    if employer is not None and after is not None:
        await _keep(connection, source, employer, (after[1], after[2]))
    await derive(connection, _ON_TEAMS, source, shared_only=True)


async def _keep(connection: Connection, source: str, employer: str, span: Period) -> None:
    code = (await resolve(connection, [employer]))[employer]
    await connection.execute(
        "INSERT INTO part (source, patient, organisation_reference, giver, organisation, starts, ends)"
        " VALUES ($1, $2, $3, $1, $4, $5, $6)", source, ANYBODY, employer, code, *span,
    )  # fmt: skip
