"""The statements of the inbox: what a consumer has taken, which version of what it has, how far it is in each log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tandem.database.connection import Connection

_RECORD_VERSION = """
INSERT INTO inbox_version (consumer, subject, version) VALUES ($1, $2, $3)
ON CONFLICT (consumer, subject) DO UPDATE SET version = excluded.version
WHERE inbox_version.version < excluded.version
"""
_ADVANCE = """
INSERT INTO cursor (name, position, at) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET position = excluded.position, at = excluded.at
WHERE cursor.position < excluded.position
"""


def places(first: int, count: int) -> str:
    """`$3, $4, $5` for a list of three parameters that begins at 3."""
    return ", ".join(f"${number}" for number in range(first, first + count))


def rounded(values: Sequence[str]) -> list[str]:
    """The values with the last repeated up to the next power of two, so that few different statements are prepared."""
    return [*values, *[values[-1]] * ((1 << (len(values) - 1).bit_length()) - len(values))]


async def claim(connection: Connection, consumer: str, event_ids: Sequence[str], at: int) -> set[str]:
    """Insert these ids and answer those that were not there: the caller has them for itself until it commits."""
    if not event_ids:
        return set()
    # Sorted, so that two transactions that claim the same events wait for each other instead of deadlocking.
    ordered = rounded(sorted(set(event_ids)))
    rows = ", ".join(f"($1, ${number}, $2)" for number in range(3, 3 + len(ordered)))
    taken = await connection.fetch(
        f"INSERT INTO inbox (consumer, event_id, at) VALUES {rows} ON CONFLICT DO NOTHING RETURNING event_id",
        consumer, at, *ordered,
    )  # fmt: skip
    return {row["event_id"] for row in taken}


async def versions(connection: Connection, consumer: str, subjects: Sequence[str]) -> dict[str, int]:
    """The newest version applied of each of these resources (`Type/id`); those unknown are left out."""
    if not subjects:
        return {}
    asked = rounded(subjects)
    rows = await connection.fetch(
        f"SELECT subject, version FROM inbox_version WHERE consumer = $1 AND subject IN ({places(2, len(asked))})",
        consumer, *asked,
    )  # fmt: skip
    return {row["subject"]: row["version"] for row in rows}


async def record_versions(connection: Connection, consumer: str, applied: Mapping[str, int]) -> None:
    """Write down the newest versions; an older one than is there changes nothing."""
    if applied:
        rows = [(consumer, subject, version) for subject, version in sorted(applied.items())]
        await connection.executemany(_RECORD_VERSION, rows)


async def advance(connection: Connection, reached: Mapping[str, int], at: int) -> None:
    """Write down how far the consumer is in the log of each source; it never goes back."""
    if reached:
        rows = [(cursor_name(source), position, at) for source, position in sorted(reached.items())]
        await connection.executemany(_ADVANCE, rows)


def cursor_name(source: str) -> str:
    """The name of the cursor of this consumer in the log of a source."""
    return f"from:{source}"
