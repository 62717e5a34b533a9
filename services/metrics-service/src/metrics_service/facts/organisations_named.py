"""Organisations in facts: a literal reference is resolved when its Organization has been heard of, else later."""

from __future__ import annotations

from collections.abc import Iterable

from metrics_service.facts.changes import PEOPLE, note_changes
from tandem.database.connection import Connection
from tandem.events.event import Event
from tandem.identity.references import PREFIX, resolve
from tandem.service import Work

_SETTLED = (
    ("told_fact", "organisation"),
    ("told_fact", "place"),
    ("told_fact", "practice"),
    ("told_person", "practice"),
)


async def codes_of(connection: Connection, names: Iterable[str]) -> dict[str, str]:
    """The code behind each name that is a reference; those that are not known yet are remembered, and left as is."""
    references = sorted(name for name in names if name.startswith(PREFIX))
    if not references:
        return {}
    resolved = await resolve(connection, references)
    unknown = [(name,) for name, code in resolved.items() if code is None]
    if unknown:
        sql = "INSERT INTO unsettled_organisation (reference) VALUES ($1) ON CONFLICT DO NOTHING"
        await connection.executemany(sql, unknown)
    return {name: code for name, code in resolved.items() if code is not None}


async def settle_facts(event: Event, work: Work) -> None:
    """An Organization was heard of: facts that name it get its code, once."""
    reference = f"{PREFIX}{event.resource_id}"
    connection = work.connection
    held = await connection.fetchval("SELECT 1 FROM unsettled_organisation WHERE reference = $1", reference)
    code = (await resolve(connection, [reference]))[reference]
    if held is None or code is None:
        return
    for table, column in _SETTLED:
        await connection.execute(f"UPDATE {table} SET {column} = $1 WHERE {column} = $2", code, reference)
    await note_changes(connection, [(PEOPLE, 0)])
    await connection.execute("DELETE FROM unsettled_organisation WHERE reference = $1", reference)
