"""Offers to re-register, kept in step with stays, alignments, registrations and memberships (EHCH-020).

An offer belongs to a stay and a network. Weighing it again any number of times gives the same; one that is closed
stays closed.
"""

from __future__ import annotations

from datetime import timedelta

from cohort_service.domain.networks.days import FOREVER, Days, last_moment
from cohort_service.domain.networks.registration_offer import is_due
from cohort_service.networks.alignments import aligned_network_sql
from cohort_service.networks.organisations import networks_of
from tandem.clock import from_micros, to_micros
from tandem.database.connection import Row
from tandem.events.event import Event
from tandem.ids import deterministic_id
from tandem.london_days import day_of
from tandem.service import Work

TURN_OF_DAY = "cohort.alignment.turned"
"""A timed event: on this day a stay or an alignment of a home begins or has ended."""


async def reconsider_home(work: Work, home: str) -> None:
    """Weigh the offers of everybody who lives or lived in a home, now and on the days on which something changes."""
    days = await work.connection.fetch(
        "SELECT first_day, last_day FROM network_affiliation WHERE role = 'care-home-alignment' AND member = $1"
        " UNION SELECT first_day, last_day FROM care_home_stay WHERE home = $1",
        home,
    )  # fmt: skip
    for row in days:
        await foresee(work, home, Days(row["first_day"], row["last_day"]))
    await _reconsider(work, "s.home = $2", home)


async def reconsider_person(work: Work, patient: str) -> None:
    """Weigh the offers of one person."""
    await _reconsider(work, "s.patient = $2", patient)


async def reconsider_practice(work: Work, practice: str) -> None:
    """Weigh the offers of all residents who are registered with a practice."""
    await _reconsider(work, "p.practice = $2", practice)


async def turn_of_day(event: Event, work: Work) -> None:
    """What was foreseen for a home begins or has ended."""
    await reconsider_home(work, str((event.data or {})["home"]))


async def _reconsider(work: Work, condition: str, value: str) -> None:
    today = day_of(work.now)
    rows = await work.connection.fetch(
        f"SELECT s.reference, s.patient, s.home, s.first_day, s.last_day, p.practice, p.deleted,"
        f" {aligned_network_sql('s.home', '$1')} AS network,"
        " (SELECT d.died FROM person d WHERE d.patient = s.patient) AS died"
        f" FROM care_home_stay s JOIN patient p ON p.id = s.patient WHERE s.home IS NOT NULL AND {condition}"
        " ORDER BY s.patient, s.reference",
        today, value,
    )  # fmt: skip
    networks: dict[str, frozenset[str]] = {}
    for row in rows:
        practice = row["practice"] or ""
        if practice not in networks:
            networks[practice] = frozenset(await networks_of(work.connection, practice, today))
        await _weigh(work, row, networks[practice], today)


async def _weigh(work: Work, row: Row, networks: frozenset[str], today: int) -> None:
    lives_there = not row["deleted"] and today in Days(row["first_day"], row["last_day"])
    lives_there = lives_there and (row["died"] is None or row["died"] > today)
    due = lives_there and row["practice"] is not None and is_due(row["network"], networks)
    identity = deterministic_id("registration-offer", row["reference"], row["network"] or "") if due else ""
    await work.connection.execute(
        "UPDATE registration_offer SET status = 'lapsed' WHERE patient = $1 AND stay = $2 AND status = 'open'"
        " AND id <> $3",
        row["patient"], row["reference"], identity,
    )  # fmt: skip
    if due:
        await work.connection.execute(
            "INSERT INTO registration_offer (id, patient, stay, home, network, since_day, status, opened)"
            " VALUES ($1, $2, $3, $4, $5, $6, 'open', $7) ON CONFLICT (id) DO UPDATE SET"
            " status = CASE WHEN registration_offer.status = 'closed' THEN 'closed' ELSE 'open' END,"
            " since_day = excluded.since_day",
            identity, row["patient"], row["reference"], row["home"], row["network"], row["first_day"],
            to_micros(work.now),
        )  # fmt: skip


async def lapse(work: Work, condition: str, value: str) -> None:
    """End open offers that rest on what is no longer there; `condition` is over the row, `$1` the value."""
    await work.connection.execute(
        f"UPDATE registration_offer SET status = 'lapsed' WHERE status = 'open' AND {condition}", value
    )


async def foresee(work: Work, home: str, days: Days) -> None:
    """Weigh the offers of a home's residents again when these days begin and when they are over."""
    for day in (days.first, days.last + 1):
        if day_of(work.now) < day <= FOREVER:
            at = from_micros(last_moment(day - 1)) + timedelta(microseconds=1)
            await work.schedule(TURN_OF_DAY, f"{home}/{day}", at, {"home": home})
