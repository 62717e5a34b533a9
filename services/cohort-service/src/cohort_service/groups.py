"""The Group resource of a cohort at a practice: made when the first person enters; its body lists no members."""

from __future__ import annotations

from typing import Any

from cohort_service.domain.definition import Definition
from tandem.canonical import BASE, ODS_CODE
from tandem.database.connection import Connection
from tandem.identity.derivation import hold
from tandem.ids import deterministic_id
from tandem.service import Work

COHORT_SYSTEM = f"{BASE}/CodeSystem/cohort"


async def practice_of(connection: Connection, patient: str) -> str | None:
    """The code of the practice where the person is registered; None while it is not known."""
    practice: str | None = await connection.fetchval("SELECT practice FROM patient WHERE id = $1", patient)
    return practice


def group_id(cohort: str, practice: str) -> str:
    """The id of the Group of a cohort at a practice."""
    return deterministic_id("Group", cohort, practice)


async def ensure_group(work: Work, definition: Definition, practice: str) -> str:
    """The id of the Group, which exists then."""
    identity = group_id(definition.id, practice)
    known = "SELECT 1 FROM cohort_group WHERE id = $1"
    if await work.connection.fetchval(known, identity) is not None:
        return identity
    # Two people of one practice may enter at once: the second waits here and then sees the first one's Group.
    await hold(work.connection, [identity])
    if await work.connection.fetchval(known, identity) is None:
        await work.connection.execute(
            "INSERT INTO cohort_group (id, cohort, practice) VALUES ($1, $2, $3)", identity, definition.id, practice
        )
        await work.put(_group(identity, definition, practice))
    return identity


def _group(identity: str, definition: Definition, practice: str) -> dict[str, Any]:
    system, separator, value = practice.rpartition("|")
    identifier = {"system": system, "value": value} if separator else {"system": ODS_CODE, "value": practice}
    coding = {"system": COHORT_SYSTEM, "code": definition.id, "display": definition.title}
    return {
        "resourceType": "Group",
        "id": identity,
        "active": True,
        "type": "person",
        "actual": True,
        "code": {"coding": [coding], "text": definition.title},
        "name": f"{definition.title} of {practice}",
        "managingEntity": {"type": "Organization", "identifier": identifier},
    }
