"""Rows of what OrganizationAffiliations say of networks, kept in the transaction of the write."""

from __future__ import annotations

from collections.abc import Sequence

from cohort_service.domain.networks.affiliation import Affiliation, affiliations_of, today_of
from cohort_service.domain.networks.days import ALWAYS, Days, days_of
from cohort_service.networks.alignment_check import check_alignment
from cohort_service.networks.offer_rows import reconsider_home, reconsider_practice
from cohort_service.networks.organisations import code_named
from tandem.canonical import CARE_HOME_ALIGNMENT
from tandem.database.connection import Connection, Row
from tandem.fhir.body import Resource, encode
from tandem.identity.affiliations import MEMBER, roles_of
from tandem.identity.derivation import hold
from tandem.identity.organisations import reference_code
from tandem.service import Change, Work

_INSERT = """INSERT INTO network_affiliation (id, role, service, holder_reference, holder, member_reference, member,
 first_day, last_day, team, agreed, responsibilities) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"""


async def keep_affiliations(change: Change, work: Work) -> None:
    """Keep the rows of an affiliation. Raises FhirError 409 for a home that is aligned already, 422."""
    connection, today = work.connection, today_of(change)
    said = affiliations_of(change.after, today)
    held = await connection.fetch("SELECT * FROM network_affiliation WHERE id = $1", change.id)
    if not said and not held:
        return
    await hold(connection, [change.id])
    resolved = [(each, await code_named(connection, each.holder), await code_named(connection, each.member))
                for each in said]  # fmt: skip
    homes = {row["member"] for row in held if row["role"] == CARE_HOME_ALIGNMENT}
    homes |= {member for each, _, member in resolved if each.role == CARE_HOME_ALIGNMENT}
    homes -= {None}
    # Two networks may be given one home at once: the second waits here, and then sees the first one's row.
    await hold(connection, sorted(f"care-home/{home}" for home in homes))
    await connection.execute("DELETE FROM network_affiliation WHERE id = $1", change.id)
    for each, holder, member in resolved:
        days = _days(change, each, held)
        if days.last < days.first:
            continue
        if each.role == CARE_HOME_ALIGNMENT:
            await check_alignment(work, change.id, holder, member, days, each.team)
        await _insert(connection, change.id, each, holder, member, days)
    for home in sorted(homes):
        await reconsider_home(work, home)


async def follow_membership(change: Change, work: Work) -> None:
    """A practice that joins or leaves a network moves its residents into or out of the network of their homes."""
    for version in (change.before, change.after):
        if version is None or MEMBER not in roles_of(version):
            continue
        practice = await code_named(work.connection, reference_code(version.get("participatingOrganization")))
        if practice is not None:
            await reconsider_practice(work, practice)


def _days(change: Change, said: Affiliation, held: Sequence[Row]) -> Days:
    """What is not said anew stays: the beginning of an alignment that names none, the end of what had ended."""
    rows = [row for row in held if (row["role"], row["service"]) == (said.role, said.service)]
    if not rows:
        return said.days
    first, last = said.days.first, said.days.last
    if said.role == CARE_HOME_ALIGNMENT and _named(change.after).first == ALWAYS:
        first = int(rows[0]["first_day"])
    if _inactive(change.before) and _inactive(change.after):
        last = min(last, int(rows[0]["last_day"]))
    return Days(first, last)


def _named(affiliation: Resource | None) -> Days:
    return days_of((affiliation or {}).get("period"))


def _inactive(affiliation: Resource | None) -> bool:
    return (affiliation or {}).get("active") is False


async def _insert(
    connection: Connection, identity: str, said: Affiliation, holder: str | None, member: str | None, days: Days
) -> None:
    responsibilities = encode(list(said.responsibilities)) if said.responsibilities else None
    await connection.execute(
        _INSERT, identity, said.role, said.service, said.holder, holder, said.member, member, days.first, days.last,
        said.team, said.agreed, responsibilities,
    )  # fmt: skip
