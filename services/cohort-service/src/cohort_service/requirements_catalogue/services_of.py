"""Whose lists a lead works with: a service lead those of the service, a Clinical Director all (PCN-054)."""

from __future__ import annotations

from cohort_service.domain.networks.codes import CLINICAL_DIRECTOR
from cohort_service.networks.organisations import networks_of
from tandem.database.connection import Connection
from tandem.identity.caller import Caller


async def services_of(connection: Connection, caller: Caller, day: int) -> frozenset[str] | None:
    """The services whose views the caller's user reads and acts on, on a day; None when it is not limited to any.

    Only a user who leads services of the caller's network, and is not its Clinical Director, is limited. The token's
    fhirUser names the Practitioner, or the PractitionerRole that says so. What the organisation may see is decided
    elsewhere: this never opens anything.
    """
    if caller.sees_all or caller.user is None:
        return None
    reference = "/".join(caller.user.rsplit("/", 2)[-2:])
    networks = [caller.organisation, *await networks_of(connection, caller.organisation, day)]
    practitioner = reference
    if reference.startswith("PractitionerRole/"):
        practitioner = await connection.fetchval(
            "SELECT practitioner FROM service_lead WHERE id = $1 LIMIT 1", reference.partition("/")[2]
        )
    rows = await connection.fetch(
        "SELECT network, role, service FROM service_lead WHERE practitioner = $1"
        " AND first_day <= $2 AND last_day >= $2",
        practitioner, day,
    )  # fmt: skip
    led = [row for row in rows if row["network"] in networks]
    if not led or any(row["role"] == CLINICAL_DIRECTOR for row in led):
        return None
    return frozenset(row["service"] for row in led)
