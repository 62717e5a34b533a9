"""Keeping to which network a care home is aligned in step with the affiliations of cohort-service (000 §3.16 r3)."""

from __future__ import annotations

from tandem.canonical import AFFILIATION_ROLE, CARE_HOME_ALIGNMENT
from tandem.clock import to_micros
from tandem.events.event import Event
from tandem.identity.organisations import reference_code
from tandem.identity.periods import period_of
from tandem.service import Work


async def keep_alignment(event: Event, work: Work) -> None:
    """An OrganizationAffiliation was written: the alignment that it tells of now, or none."""
    connection, affiliation = work.connection, event.data or {}
    await connection.execute("DELETE FROM home_alignment WHERE affiliation = $1", event.resource_id)
    roles = [coding for concept in affiliation.get("code") or () for coding in concept.get("coding") or ()]
    if not any(
        each.get("system") == AFFILIATION_ROLE and each.get("code") == CARE_HOME_ALIGNMENT for each in roles
    ):  # fmt: skip
        return
    network = reference_code(affiliation.get("organization"))
    home = reference_code(affiliation.get("participatingOrganization"))
    if network is None or home is None:
        return
    starts, ends = period_of(affiliation.get("period"))
    if affiliation.get("active") is False:
        ends = min(ends, to_micros(event.time))
    await connection.execute(
        "INSERT INTO home_alignment (affiliation, home, network, starts, ends) VALUES ($1, $2, $3, $4, $5)",
        event.resource_id, home, network, starts, ends,
    )  # fmt: skip
