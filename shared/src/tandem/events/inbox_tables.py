"""The statements of the inbox: what a consumer has taken, which version of what it has, how far it is in each log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tandem.database.connection import Connection, Dialect
from tandem.events.event import Event

_CLAIM = """
INSERT INTO inbox (consumer, event_id, at, source, kind, position) VALUES ($1, $3, $2, $4, $5, $6)
"""
_CLAIM_ALL = """
INSERT INTO inbox (consumer, event_id, at, source, kind, position)
SELECT $1, given.event_id, $2, given.source, given.kind, given.position
FROM unnest($3::text[], $4::text[], $5::text[], $6::bigint[]) AS given (event_id, source, kind, position)
ON CONFLICT DO NOTHING RETURNING event_id
"""
_IF_NEWER = """
ON CONFLICT (consumer, subject) DO UPDATE SET version = excluded.version
WHERE inbox_version.version < excluded.version
"""
_RECORD_VERSION = f"INSERT INTO inbox_version (consumer, subject, version) VALUES ($1, $2, $3) {_IF_NEWER}"
_RECORD_ALL_VERSIONS = f"""
INSERT INTO inbox_version (consumer, subject, version)
SELECT $1, given.* FROM unnest($2::text[], $3::int[]) AS given {_IF_NEWER}
"""
_ADVANCE = """
INSERT INTO cursor (name, position, at) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET position = excluded.position, at = excluded.at
WHERE cursor.position < excluded.position
"""


def among(dialect: Dialect, column: str, first: int, values: Sequence[str]) -> tuple[str, list[Any]]:
    """The condition that `column` is one of `values`, with its parameters, which are numbered from `first`."""
    if dialect == "postgresql":
        return f"{column} = ANY(${first}::text[])", [list(values)]
    # The last value is repeated up to a power of two, so that few different statements are prepared.
    padded = [*values, *[values[-1]] * ((1 << (len(values) - 1).bit_length()) - len(values))]
    places = ", ".join(f"${number}" for number in range(first, first + len(padded)))
    return f"{column} IN ({places})", padded


async def claim(connection: Connection, consumer: str, events: Sequence[Event], at: int) -> set[str]:
    """Insert the ids of these events and answer those that were not there: the caller has them for itself until it
    commits."""
    if not events:
        return set()
    # Sorted, so that two transactions that claim the same events wait for each other instead of deadlocking.
    by_id = {event.id: event for event in events}
    ordered = [by_id[each] for each in sorted(by_id)]
    if connection.dialect == "postgresql":
        taken = await connection.fetch(
            _CLAIM_ALL, consumer, at, [each.id for each in ordered], [each.source for each in ordered],
            [each.kind for each in ordered], [each.position for each in ordered],
        )  # fmt: skip
        return {row["event_id"] for row in taken}
    # There is one writer, so nobody takes one of them in between.
    condition, values = among(connection.dialect, "event_id", 2, [each.id for each in ordered])
    rows = await connection.fetch(f"SELECT event_id FROM inbox WHERE consumer = $1 AND {condition}", consumer, *values)
    known = {row["event_id"] for row in rows}
    fresh = [each for each in ordered if each.id not in known]
    claims = [(consumer, at, each.id, each.source, each.kind, each.position) for each in fresh]
    await connection.executemany(_CLAIM, claims)
    return {each.id for each in fresh}


async def pruned_up_to(connection: Connection, consumer: str) -> dict[tuple[str, str], int]:
    """By source and kind of domain event the position up to which all were taken and are no longer in `inbox`."""
    rows = await connection.fetch("SELECT source, kind, position FROM inbox_pruned WHERE consumer = $1", consumer)
    return {(row["source"], row["kind"]): row["position"] for row in rows}


async def versions(connection: Connection, consumer: str, subjects: Sequence[str]) -> dict[str, int]:
    """The newest version applied of each of these resources (`Type/id`); those unknown are left out."""
    if not subjects:
        return {}
    condition, values = among(connection.dialect, "subject", 2, subjects)
    sql = f"SELECT subject, version FROM inbox_version WHERE consumer = $1 AND {condition}"
    return {row["subject"]: row["version"] for row in await connection.fetch(sql, consumer, *values)}


async def record_versions(connection: Connection, consumer: str, applied: Mapping[str, int]) -> None:
    """Write down the newest versions; an older one than is there changes nothing."""
    if not applied:
        return
    subjects = sorted(applied)
    reached = [applied[subject] for subject in subjects]
    if connection.dialect == "postgresql":
        await connection.execute(_RECORD_ALL_VERSIONS, consumer, subjects, reached)
    else:
        rows = [(consumer, subject, version) for subject, version in zip(subjects, reached, strict=True)]
        await connection.executemany(_RECORD_VERSION, rows)


async def advance(connection: Connection, reached: Mapping[str, int], at: int) -> None:
    """Write down how far the consumer is in the log of each source; it never goes back."""
    if reached:
        rows = [(cursor_name(source), position, at) for source, position in sorted(reached.items())]
        await connection.executemany(_ADVANCE, rows)


async def move_cursor(connection: Connection, name: str, position: int, at: int) -> None:
    """Write down that the cursor of this name has come so far; it never goes back."""
    await connection.execute(_ADVANCE, name, position, at)


def cursor_name(source: str) -> str:
    """The name of the cursor of this consumer in the log of a source."""
    return f"from:{source}"
