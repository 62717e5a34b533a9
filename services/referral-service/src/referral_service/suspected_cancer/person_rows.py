"""Birth date and gender of people, as criteria need them."""

from __future__ import annotations

from dataclasses import dataclass

from tandem.database.connection import Connection
from tandem.fhir.body import Resource


@dataclass(frozen=True, slots=True)
class Person:
    """As the Patient has them; None for what it does not say."""

    birth: str | None
    gender: str | None


async def person(connection: Connection, patient: str) -> Person | None:
    """None when nothing has been heard of the Patient (an id) yet."""
    row = await connection.fetchrow("SELECT birth, gender FROM cancer_person WHERE patient = $1", patient)
    return Person(row["birth"], row["gender"]) if row is not None else None


async def keep_person(connection: Connection, patient: Resource, *, only_new: bool = False) -> None:
    """Keep what a Patient says; `only_new` leaves what is known from its events."""
    told = "DO NOTHING" if only_new else "DO UPDATE SET birth = excluded.birth, gender = excluded.gender"
    await connection.execute(
        f"INSERT INTO cancer_person (patient, birth, gender) VALUES ($1, $2, $3) ON CONFLICT (patient) {told}",
        patient["id"], patient.get("birthDate"), patient.get("gender"),
    )  # fmt: skip


async def keep_found_person(connection: Connection, patient: Resource) -> None:
    """Keep what a Patient says that was found at cohort-service; its events know better."""
    await keep_person(connection, patient, only_new=True)


async def forget_person(connection: Connection, patient: str) -> None:
    """The Patient was deleted."""
    await connection.execute("DELETE FROM cancer_person WHERE patient = $1", patient)
