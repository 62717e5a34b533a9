"""When a practice joins a network, it is asked to sign the agreements that the network holds (AC-031)."""

from __future__ import annotations

from cohort_service.agreements.document_rows import agreements_of
from cohort_service.agreements.parties import known_as, named_or_coded
from cohort_service.domain.agreements.agreement import agreement_of, signatures, state_of
from cohort_service.domain.agreements.joining import asked_too
from cohort_service.networks.organisations import code_named, is_network, kind_of_code
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.identity.affiliations import MEMBER, roles_of
from tandem.identity.organisations import PRACTICE, reference_code
from tandem.identity.periods import period_of
from tandem.london_days import london_date
from tandem.service import Change, Work


async def ask_new_member(change: Change, work: Work) -> None:
    """Name a practice that joins, now or on a day to come, as a party of each agreement that has not ended."""
    joined = change.after
    if joined is None or MEMBER not in roles_of(joined) or joined.get("active") is False:
        return
    if period_of(joined.get("period"))[1] <= to_micros(change.now):
        return
    connection, today = work.connection, london_date(change.now)
    network = await code_named(connection, reference_code(joined.get("organization")))
    practice = await code_named(connection, reference_code(joined.get("participatingOrganization")))
    if network is None or practice is None or not await _joins(connection, network, practice):
        return
    own = await known_as(connection, practice)
    party = await named_or_coded(connection, practice)
    for agreement in await agreements_of(connection, [network]):
        # Reading takes the row: of two practices that join at once, the second adds to what the first wrote.
        held = await work.read("OrganizationAffiliation", agreement["id"])
        if held is not None and state_of(agreement_of(held), today) != "ended" and not _is_party(held, own):
            await work.put(asked_too(held, party, today))


async def _joins(connection: Connection, network: str, practice: str) -> bool:
    return await is_network(connection, network) and await kind_of_code(connection, practice) == PRACTICE


def _is_party(affiliation: Resource, own: set[str]) -> bool:
    return any(reference_code(each.party) in own for each in signatures(affiliation))
