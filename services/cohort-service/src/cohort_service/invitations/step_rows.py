"""The rows of steps, and of where each offer stands, which follows from them in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cohort_service.domain.invitations.progress import Step, progress_of
from tandem.database.connection import Connection
from tandem.identity.derivation import hold


@dataclass(frozen=True, slots=True)
class Author:
    """Whose word a step is (a user, else the organisation), the organisation's code, and what was said with it."""

    name: str
    organisation: str
    text: str | None = None


async def steps_of(connection: Connection, service: str, patient: str) -> list[Step]:
    """Every step of the offer of a service to a person."""
    rows = await connection.fetch(
        "SELECT id, kind, day, number, communication FROM offer_step WHERE patient = $1 AND service = $2"
        " ORDER BY day, number",
        patient, service,
    )  # fmt: skip
    return [Step(row["id"], row["kind"], row["day"], row["number"], row["communication"]) for row in rows]


async def hold_offers(connection: Connection, patient: str) -> None:
    """Two requests may offer a person something at once: the second waits here, and then sees the first one's steps."""
    await hold(connection, [patient])


def next_number(steps: Iterable[Step]) -> int:
    """The number of the next step of a person."""
    return 1 + max((each.number for each in steps), default=0)


async def keep_step(
    connection: Connection, service: str, patient: str, step: Step, author: Author, at: int
) -> None:
    """Write a step, or what has become of it, and where the offer stands now. Hold the person's offers first."""
    await connection.execute(
        "INSERT INTO offer_step (id, service, patient, kind, day, number, communication, author, organisation,"
        " text, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        " ON CONFLICT (id) DO UPDATE SET service = excluded.service, patient = excluded.patient,"
        " kind = excluded.kind, day = excluded.day, number = excluded.number",
        step.id, service, patient, step.kind, step.day, step.number, step.communication, author.name,
        author.organisation, author.text, at,
    )  # fmt: skip
    await settle(connection, service, patient)


async def settle(connection: Connection, service: str, patient: str) -> None:
    """Derive where the offer stands."""
    progress = progress_of(await steps_of(connection, service, patient))
    if progress is None:
        await connection.execute("DELETE FROM offer_progress WHERE service = $1 AND patient = $2", service, patient)
        return
    await connection.execute(
        "INSERT INTO offer_progress (service, patient, status, day, offered_day, communication)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (service, patient) DO UPDATE SET status = excluded.status,"
        " day = excluded.day, offered_day = excluded.offered_day, communication = excluded.communication",
        service, patient, progress.status, progress.day, progress.offered_day, progress.communication,
    )  # fmt: skip
