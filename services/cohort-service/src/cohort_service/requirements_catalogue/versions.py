"""The versions of requirements: those that ship, those published since, and local ones of commissioners."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from cohort_service.domain.requirements.requirement import Requirement, StaffCohort
from cohort_service.requirements_catalogue.shipped_requirements import shipped_requirements
from tandem.database.connection import Connection
from tandem.fhir.body import decode, encode
from tandem.london_days import date_of


async def versions_of(connection: Connection, requirement: str) -> list[Requirement]:
    """All versions of a requirement, the first one first; [] when there is none of that id."""
    rows = await connection.fetch(
        "SELECT content FROM requirement_version WHERE requirement = $1 ORDER BY version", requirement
    )
    first = shipped_requirements().get(requirement)
    return [*([first] if first else []), *(_requirement(decode(bytes(row["content"]))) for row in rows)]


def version_on(versions: list[Requirement], day: int) -> Requirement:
    """The version in force on a day: the last one that has begun, else the first. `versions` is not empty."""
    on = date_of(day)
    begun = [each for each in versions if each.starts is None or each.starts <= on]
    return begun[-1] if begun else versions[0]


async def canonical_in_force(connection: Connection, requirement: str, day: int) -> str | None:
    """How a record written on a day cites a requirement: `url|version`; None when there is no such requirement."""
    versions = await versions_of(connection, requirement)
    return version_on(versions, day).canonical if versions else None


async def newest_of(connection: Connection, requirement: str) -> Requirement | None:
    """The newest version of a requirement, begun or not; None when there is none of that id."""
    versions = await versions_of(connection, requirement)
    return versions[-1] if versions else None


async def published_since(connection: Connection) -> dict[str, list[Requirement]]:
    """The versions that were published after the shipped ones, by requirement; local ones are not among them."""
    rows = await connection.fetch(
        "SELECT requirement, content FROM requirement_version WHERE holder IS NULL ORDER BY requirement, version"
    )
    found: dict[str, list[Requirement]] = {}
    for row in rows:
        found.setdefault(row["requirement"], []).append(_requirement(decode(bytes(row["content"]))))
    return found


async def local_of(connection: Connection, holders: list[str]) -> list[list[Requirement]]:
    """The local requirements of these commissioners, each with all its versions."""
    found: list[list[Requirement]] = []
    for holder in sorted(set(holders)):
        rows = await connection.fetch(
            "SELECT DISTINCT requirement FROM requirement_version WHERE holder = $1 ORDER BY requirement", holder
        )
        found += [await versions_of(connection, row["requirement"]) for row in rows]
    return found


async def keep_version(connection: Connection, requirement: Requirement, made: int, made_by: str) -> None:
    """Insert a version. Raises UniqueViolation when another one got its number first."""
    content = asdict(requirement) | {"starts": requirement.starts.isoformat() if requirement.starts else None}
    await connection.execute(
        "INSERT INTO requirement_version (requirement, version, holder, content, made, made_by)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        requirement.id, requirement.version, requirement.holder, encode(content), made, made_by,
    )  # fmt: skip


def _requirement(content: dict[str, Any]) -> Requirement:
    return Requirement(**content | {
        "evidence": tuple(content["evidence"]), "staff": tuple(StaffCohort(**each) for each in content["staff"]),
        "starts": date.fromisoformat(content["starts"]) if content["starts"] else None,
    })  # fmt: skip
