"""What must hold of cohort-service's lists after any fault: they are those of a full evaluation, and the events of the
log, folded together, tell of them, each exactly once."""

from __future__ import annotations

from datetime import date
from typing import Any

from cohort_service.catalogue.current import current_selection
from cohort_service.lists.announcements import ENTERED, LEFT
from cohort_service.lists.in_force import definition_for
from cohort_service.selection.compile import members_sql
from tandem.database.connection import Connection
from tandem.fhir.body import decode

_GONE = "p.died IS NOT NULL OR p.left_on IS NOT NULL OR COALESCE(k.deleted, 0) = 1"


async def check_lists(connection: Connection, as_of: date) -> int:
    """Assert both, where nobody has judged and no departure lies ahead. Answers how many memberships there are."""
    listed = await _listed(connection)
    assert listed == await _selected(connection, as_of)
    await check_story(connection)
    return len(listed)


async def check_story(connection: Connection) -> None:
    """Assert that the events, each revision of a stay once and in order, say what the rows of stays say."""
    told: dict[str, dict[str, Any]] = {}
    rows = await connection.fetch("SELECT kind, body FROM log WHERE kind IN ($1, $2) ORDER BY id", ENTERED, LEFT)
    for row in rows:
        said = decode(bytes(row["body"]))
        known = told.setdefault(said["residency"], {"revision": 0})
        assert said["revision"] == known["revision"] + 1, "a revision was left out, or told twice"
        known.update(said, present=row["kind"] == ENTERED)
    held = {row["id"]: row for row in await connection.fetch("SELECT * FROM group_member")}
    assert told.keys() == held.keys()
    for identity, row in held.items():
        story = told[identity]
        assert (story["cohort"], story["patient"]) == (row["cohort"], f"Patient/{row['patient']}")
        assert (story["revision"], story["since"], story["present"]) == (
            row["revision"], row["since_date"], row["until"] is None,
        )  # fmt: skip


async def _listed(connection: Connection) -> list[tuple[str, str]]:
    rows = await connection.fetch("SELECT cohort, patient FROM group_member WHERE until IS NULL")
    return sorted((row["cohort"], row["patient"]) for row in rows)


async def _selected(connection: Connection, as_of: date) -> list[tuple[str, str]]:
    selection = await current_selection(connection, as_of)
    members = members_sql(selection, sorted(selection.definitions), as_of, connection.dialect, scope="everybody")
    rows = await connection.fetch(members)
    people = {
        row["number"]: (row["patient"], row["practice"])
        for row in await connection.fetch(
            "SELECT p.number, p.patient, k.practice FROM person p LEFT JOIN patient k ON k.id = p.patient"
            f" WHERE NOT ({_GONE})"
        )
    }
    return sorted(
        (row["cohort"], people[row["person"]][0])
        for row in rows
        if row["person"] in people
        and definition_for(selection, row["cohort"], people[row["person"]][1], as_of) is not None
    )
