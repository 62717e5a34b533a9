"""In which care home a person lives, kept from EpisodesOfCare in the transaction of the write."""

from __future__ import annotations

from cohort_service.domain.networks.postcode import sector_of
from cohort_service.domain.networks.residence import stay_of
from cohort_service.networks.offer_rows import foresee, lapse, reconsider_person
from cohort_service.networks.organisations import code_named
from tandem.identity.derivation import hold
from tandem.service import Change, Work


async def keep_stay(change: Change, work: Work) -> None:
    """Keep the stay that an EpisodeOfCare records, and weigh the offers that rest on it."""
    connection, reference = work.connection, f"{change.type}/{change.id}"
    stay = stay_of(change.after)
    held = await connection.fetchrow("SELECT patient, home FROM care_home_stay WHERE reference = $1", reference)
    if (stay is None or change.patient is None) and held is None:
        return
    people = {change.patient, held["patient"] if held is not None else None} - {None}
    # The home's Organization, or its alignment, may be written at this moment: whoever is second sees the first.
    await hold(connection, sorted(filter(None, people)))
    home = await code_named(connection, stay.home) if stay is not None else None
    homes = {home, held["home"] if held is not None else None} - {None}
    await hold(connection, sorted(f"care-home/{each}" for each in homes))
    await connection.execute("DELETE FROM care_home_stay WHERE reference = $1", reference)
    if stay is not None and change.patient is not None:
        await connection.execute(
            "INSERT INTO care_home_stay (reference, patient, home_reference, home, first_day, last_day)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            reference, change.patient, stay.home, home, stay.days.first, stay.days.last,
        )  # fmt: skip
    if held is not None and (stay is None or home != held["home"] or held["patient"] != change.patient):
        await lapse(work, "stay = $1", reference)
    if stay is not None and home is not None:
        await foresee(work, home, stay.days)
    if change.patient is not None:
        await reconsider_person(work, change.patient)


async def follow_person(change: Change, work: Work) -> None:
    """A person who changes practice, moves house or dies: their sector, and the offers that rest on them."""
    connection = work.connection
    sector, before = sector_of(change.after), sector_of(change.before)
    if sector is None and before is not None:
        await connection.execute("DELETE FROM person_sector WHERE patient = $1", change.id)
    elif sector is not None and sector != before:
        await connection.execute(
            "INSERT INTO person_sector (patient, sector) VALUES ($1, $2)"
            " ON CONFLICT (patient) DO UPDATE SET sector = excluded.sector",
            change.id, sector,
        )  # fmt: skip
    if change.before is None:
        return
    # Its alignment may be changed at this moment: whoever is second sees the first.
    homes = await connection.fetch(
        "SELECT DISTINCT home FROM care_home_stay WHERE patient = $1 AND home IS NOT NULL ORDER BY home", change.id
    )
    if not homes:
        return
    await hold(connection, [f"care-home/{row['home']}" for row in homes])
    after = change.after or {}
    if change.after is None or after.get("deceasedDateTime") or after.get("deceasedBoolean") is True:
        await lapse(work, "patient = $1", change.id)
    else:
        await reconsider_person(work, change.id)
