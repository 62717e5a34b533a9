"""What referred to an Organization before it was heard of, or by a code it no longer has, is resolved when it comes."""

from __future__ import annotations

from itertools import pairwise

from cohort_service.domain.networks.alignment import overlap
from cohort_service.domain.networks.days import Days
from cohort_service.networks.offer_rows import reconsider_home
from tandem.canonical import CARE_HOME_ALIGNMENT
from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisations import code_of
from tandem.identity.references import PREFIX
from tandem.service import Change, Work

_NAMED = (
    ("network_affiliation", "holder_reference", "holder"),
    ("network_affiliation", "member_reference", "member"),
    ("service_lead", "network_reference", "network"),
    ("care_home_stay", "home_reference", "home"),
)


async def settle_organisation(change: Change, work: Work) -> None:
    """Write the code wherever the Organization is named. Raises FhirError 409 if a home would have two networks."""
    before, after = _code(change.before, change.id), _code(change.after, change.id)
    if before == after:
        return
    touched = 0
    for table, reference, code in _NAMED:
        touched += await work.connection.execute(
            f"UPDATE {table} SET {code} = $1 WHERE {reference} = $2", after, f"{PREFIX}{change.id}"
        )
    if touched:
        for home in filter(None, (before, after)):
            await _check_home(work.connection, home)
            await reconsider_home(work, home)


def _code(organization: Resource | None, identity: str) -> str | None:
    return code_of({**organization, "id": identity}) if organization is not None else None


async def _check_home(connection: Connection, home: str) -> None:
    rows = await connection.fetch(
        "SELECT first_day, last_day FROM network_affiliation WHERE role = $1 AND member = $2 ORDER BY first_day",
        CARE_HOME_ALIGNMENT, home,
    )  # fmt: skip
    spans = [Days(row["first_day"], row["last_day"]) for row in rows]
    if any(overlap(one, following) for one, following in pairwise(spans)):
        raise FhirError(Kind.CONFLICT, "Under this identifier a care home would be aligned to two networks at once")
