"""The episodes and processes of medication review, as rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from careplan_service.domain.medication_review.codes import FOLLOWING, INITIAL
from careplan_service.domain.medication_review.medicines import Key
from tandem.database.connection import Connection, Row
from tandem.fhir.body import decode, encode


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    """An episode that was opened here; times in microseconds, `looked_up` an ISO date."""

    id: str
    process: str
    patient: str
    kind: str
    status: str
    role: str
    opened: int
    completed: int | None
    looked_up: str | None


async def episode_row(connection: Connection, composition: str) -> EpisodeRow | None:
    """The episode with this Composition's id."""
    return _episode(await connection.fetchrow("SELECT * FROM medication_review_episode WHERE id = $1", composition))


async def open_process(connection: Connection, patient: str) -> str | None:
    """The CarePlan id of the person's open process."""
    found: str | None = await connection.fetchval(
        "SELECT id FROM medication_review_process WHERE patient = $1 AND open = 1", patient
    )
    return found


async def open_episode(connection: Connection, process: str) -> EpisodeRow | None:
    """The episode of a process that is not completed."""
    return _episode(
        await connection.fetchrow(
            "SELECT * FROM medication_review_episode WHERE process = $1 AND status = 'preliminary'", process
        )
    )


async def episodes_of(connection: Connection, process: str) -> list[EpisodeRow]:
    """All episodes of a process, the first opened first."""
    rows = await connection.fetch(
        "SELECT * FROM medication_review_episode WHERE process = $1 ORDER BY opened, id", process
    )
    return [found for row in rows if (found := _episode(row)) is not None]


async def kind_of_next(connection: Connection, process: str) -> str:
    """Whether the next episode of a process is its first."""
    held = await connection.fetchval(
        "SELECT 1 FROM medication_review_episode WHERE process = $1 AND status IN ('final', 'amended') LIMIT 1", process
    )
    return INITIAL if held is None else FOLLOWING


async def keep_decisions(
    connection: Connection, episode: EpisodeRow, rows: Iterable[tuple[Key, str, str | None]], known: Iterable[str]
) -> None:
    """Keep what a completed episode decided, (medicine, decision, statement), in place of what it had decided."""
    await connection.execute("DELETE FROM medication_review_decision WHERE episode = $1", episode.id)
    versions = encode(sorted(known)).decode()
    await connection.executemany(
        "INSERT INTO medication_review_decision (episode, system, code, patient, decision, statement, known)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [(episode.id, key[0], key[1], episode.patient, said, statement, versions) for key, said, statement in rows],
    )


async def known_when_decided(connection: Connection, patient: str) -> dict[Key, set[str]]:
    """Of each medicine that was ever decided: which versions of records from hospital were known then."""
    rows = await connection.fetch(
        "SELECT system, code, known FROM medication_review_decision WHERE patient = $1", patient
    )
    found: dict[Key, set[str]] = {}
    for row in rows:
        found.setdefault((row["system"], row["code"]), set()).update(decode(row["known"].encode()))
    return found


async def statements_made(connection: Connection, episode: str) -> list[str]:
    """The ids of the MedicationStatements that a completed episode made."""
    rows = await connection.fetch(
        "SELECT statement FROM medication_review_decision WHERE episode = $1 AND statement IS NOT NULL", episode
    )
    return [each for row in rows for each in str(row["statement"]).split()]


async def keep_references(connection: Connection, episode: str, references: Iterable[str]) -> None:
    """Keep which shared decisions and referrals belong to a completed episode."""
    await connection.execute("DELETE FROM medication_review_reference WHERE episode = $1", episode)
    await connection.executemany(
        "INSERT INTO medication_review_reference (episode, reference) VALUES ($1, $2)",
        [(episode, each) for each in sorted(set(references))],
    )


async def references_of_others(connection: Connection, episode: EpisodeRow) -> set[str]:
    """The shared decisions and referrals that belong to other episodes of the process."""
    rows = await connection.fetch(
        "SELECT r.reference FROM medication_review_reference r JOIN medication_review_episode e ON e.id = r.episode"
        " WHERE e.process = $1 AND e.id <> $2", episode.process, episode.id,
    )  # fmt: skip
    return {str(row["reference"]) for row in rows}


def _episode(row: Row | None) -> EpisodeRow | None:
    if row is None:
        return None
    return EpisodeRow(
        row["id"], row["process"], row["patient"], row["kind"], row["status"], row["role"], row["opened"],
        row["completed"], row["looked_up"],
    )  # fmt: skip
