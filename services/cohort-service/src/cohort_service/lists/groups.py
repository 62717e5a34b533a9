"""The Group resource that stands for a cohort at a practice; its body lists no members.

There is one for every cohort in force at every practice whose people are known, also while nobody is on the list: a
clinician may add the first. A Group stays when its cohort is no longer in force, with the history of its members.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cohort_service.domain.definition_language.nodes import CohortDefinition
from tandem.canonical import BASE, ODS_CODE
from tandem.database.array_parameters import among, array
from tandem.ids import deterministic_id
from tandem.service import Work

COHORT_SYSTEM = f"{BASE}/CodeSystem/cohort"


def group_id(cohort: str, practice: str) -> str:
    """The id of the Group of a cohort at a practice."""
    return deterministic_id("Group", cohort, practice)


async def ensure_groups(work: Work, wanted: Iterable[tuple[CohortDefinition, str]]) -> None:
    """Make the Groups of these cohorts at these practices that are not there yet."""
    by_id = {group_id(definition.id, practice): (definition, practice) for definition, practice in wanted}
    rows = await work.connection.fetch(
        f"SELECT id FROM cohort_group WHERE id {among(work.connection.dialect, '$1', 'text')}",
        array(work.connection.dialect, by_id),
    )
    for identity in sorted(by_id.keys() - {row["id"] for row in rows}):
        definition, practice = by_id[identity]
        # Two people of one practice may enter at once: the second insert waits for the first and then does nothing.
        made = await work.connection.execute(
            "INSERT INTO cohort_group (id, cohort, practice) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            identity, definition.id, practice,
        )  # fmt: skip
        if made:
            await work.put(_group(identity, definition, practice))


def _group(identity: str, definition: CohortDefinition, practice: str) -> dict[str, Any]:
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
