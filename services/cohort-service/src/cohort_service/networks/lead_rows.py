"""Who leads which service of a network, kept from PractitionerRoles, and asked for by day (PCN-054)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cohort_service.domain.networks.codes import CLINICAL_DIRECTOR
from cohort_service.domain.networks.days import Days
from cohort_service.domain.networks.leads import Lead, leads_in
from cohort_service.networks.organisations import code_named
from tandem.database.connection import Connection, Row
from tandem.identity.derivation import hold
from tandem.london_days import day_number, day_of
from tandem.service import Change, Work


@dataclass(frozen=True, slots=True)
class HeldLead:
    """A lead, with the id of the PractitionerRole that says so."""

    practitioner_role: str
    lead: Lead


async def keep_leads(change: Change, work: Work) -> None:
    """Keep the rows of a PractitionerRole."""
    said = leads_in(change.after, day_of(change.now))
    if not said and not leads_in(change.before, day_of(change.now)):
        return
    await hold(work.connection, [change.id])
    await work.connection.execute("DELETE FROM service_lead WHERE id = $1", change.id)
    for each in said:
        if each.days.last < each.days.first:
            continue
        await work.connection.execute(
            "INSERT INTO service_lead (id, role, service, network_reference, network, practitioner, first_day,"
            " last_day) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            change.id, each.role, each.service, each.network, await code_named(work.connection, each.network),
            each.practitioner, each.days.first, each.days.last,
        )  # fmt: skip


async def leads_of(connection: Connection, network: str, service: str | None, on_day: date) -> list[HeldLead]:
    """The Clinical Directors of a network (a code) and the leads of a service on a day; without a service, of all."""
    rows = await connection.fetch(
        "SELECT * FROM service_lead WHERE network = $1 AND first_day <= $2 AND last_day >= $2"
        " ORDER BY role, service, first_day, id",
        network, day_number(on_day),
    )  # fmt: skip
    return [_held(row) for row in rows if service is None or row["role"] == CLINICAL_DIRECTOR
            or row["service"] == service]  # fmt: skip


async def leads_by(connection: Connection, network: str, practitioner: str, on_day: date) -> list[HeldLead]:
    """What a practitioner (`Practitioner/id`) leads in a network on a day."""
    return [each for each in await leads_of(connection, network, None, on_day)
            if each.lead.practitioner == practitioner]  # fmt: skip


def _held(row: Row) -> HeldLead:
    days = Days(row["first_day"], row["last_day"])
    return HeldLead(row["id"], Lead(row["role"], row["service"], row["network"], row["practitioner"], days))
