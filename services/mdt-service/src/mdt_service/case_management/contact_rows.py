"""The rows of contacts with hospital and of their reviews."""

from __future__ import annotations

from mdt_service.domain.case_management.hospital_contact import HospitalContact
from tandem.database.connection import Connection, Row
from tandem.london_days import day_at


async def keep_contact(connection: Connection, contact: HospitalContact, patient: str, source: str) -> None:
    """Keep what an Encounter says now; `source` is the code of who recorded it."""
    await connection.execute(
        "INSERT INTO hospital_contact (encounter, patient, kind, starts, ends, day, place, source)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (encounter) DO UPDATE SET patient = excluded.patient,"
        " kind = excluded.kind, starts = excluded.starts, ends = excluded.ends, day = excluded.day,"
        " place = excluded.place, source = excluded.source",
        contact.encounter, patient, contact.kind, contact.starts, contact.ends, day_at(contact.starts),
        contact.place, source,
    )  # fmt: skip


async def forget_contact(connection: Connection, encounter: str) -> None:
    """The Encounter tells of no contact any more."""
    await connection.execute("DELETE FROM hospital_contact WHERE encounter = $1", encounter)


async def contacts_of(connection: Connection, patient: str) -> list[tuple[HospitalContact, str]]:
    """Everything that is known of a person, the oldest first, each with who recorded it."""
    rows = await connection.fetch(
        "SELECT * FROM hospital_contact WHERE patient = $1 ORDER BY starts, encounter", patient
    )
    return [(contact_in(row), row["source"]) for row in rows]


def contact_in(row: Row) -> HospitalContact:
    """The contact of a row."""
    return HospitalContact(row["encounter"], row["kind"], row["starts"], row["ends"], row["place"])


async def team_members(connection: Connection, patient: str, role: str, at: int) -> list[str]:
    """References of those who have a role in a person's CareTeams at a moment (microseconds)."""
    rows = await connection.fetch(
        "SELECT DISTINCT member FROM care_team_member WHERE patient = $1 AND role = $2 AND starts <= $3 AND ends > $3"
        " ORDER BY member", patient, role, at,
    )  # fmt: skip
    return [row["member"] for row in rows]
