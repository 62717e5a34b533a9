"""The rows of extracts and of their parts."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass

from tandem.database.connection import Connection
from tandem.fhir.body import decode, encode

KEPT_FOR = 7 * 24 * 3600 * 1_000_000
"""Microseconds for which the parts of an extract can be fetched."""


@dataclass(frozen=True, slots=True)
class Extract:
    """An extract as it is kept; see the table `extract`."""

    id: str
    owner: str
    recipient: str
    organisation: str | None
    as_of: int
    format: str
    smallest: int
    key_number: int
    started: int


@dataclass(frozen=True, slots=True)
class ExtractPart:
    """A part without its rows."""

    number: int
    people: int


async def begin(connection: Connection, extract: Extract, large: Collection[Hashable]) -> None:
    """Keep an extract that begins, with the groups that it will give."""
    await connection.execute(
        "INSERT INTO extract (id, owner, recipient, organisation, as_of, format, smallest, key_number, started,"
        " large_json) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING",
        extract.id, extract.owner, extract.recipient, extract.organisation, extract.as_of, extract.format,
        extract.smallest, extract.key_number, extract.started, encode([list(each) for each in _tuples(large)]),
    )  # fmt: skip


def _tuples(large: Collection[Hashable]) -> list[tuple[object, ...]]:
    return sorted((each for each in large if isinstance(each, tuple)), key=repr)


async def find(connection: Connection, extract: str) -> Extract | None:
    """The extract of this id."""
    row = await connection.fetchrow("SELECT * FROM extract WHERE id = $1", extract)
    if row is None:
        return None
    return Extract(
        row["id"], row["owner"], row["recipient"], row["organisation"], row["as_of"], row["format"], row["smallest"],
        row["key_number"], row["started"],
    )  # fmt: skip


async def large_groups(connection: Connection, extract: str) -> frozenset[Hashable]:
    """The groups that an extract gives, as it found them when it began."""
    kept = await connection.fetchval("SELECT large_json FROM extract WHERE id = $1", extract)
    return frozenset(tuple(each) for each in decode(bytes(kept)))


async def keep_part(
    connection: Connection, extract: str, number: int, people: int, made: int, body: bytes
) -> None:
    """Keep a part; the same again takes its place."""
    await connection.execute(
        "INSERT INTO extract_part (extract, number, people, made, body) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (extract, number) DO UPDATE SET people = excluded.people, made = excluded.made,"
        " body = excluded.body", extract, number, people, made, body,
    )  # fmt: skip


async def end(connection: Connection, extract: str, finished: int) -> list[ExtractPart]:
    """Say that an extract is complete: its parts in their order."""
    rows = await connection.fetch(
        "SELECT number, people FROM extract_part WHERE extract = $1 ORDER BY number", extract
    )
    parts = [ExtractPart(row["number"], row["people"]) for row in rows]
    await connection.execute(
        "UPDATE extract SET finished = $2, people = $3, large_json = NULL WHERE id = $1",
        extract, finished, sum(part.people for part in parts),
    )  # fmt: skip
    return parts


async def part_body(connection: Connection, extract: str, number: int, now: int) -> bytes | None:
    """The rows of a part of a complete extract that can still be fetched."""
    body = await connection.fetchval(
        "SELECT p.body FROM extract_part p JOIN extract e ON e.id = p.extract"
        " WHERE p.extract = $1 AND p.number = $2 AND p.made > $3 AND e.finished IS NOT NULL",
        extract, number, now - KEPT_FOR,
    )  # fmt: skip
    return bytes(body) if body is not None else None


async def forget_old_parts(connection: Connection, now: int) -> None:
    """Delete the parts that can be fetched no more."""
    await connection.execute("DELETE FROM extract_part WHERE made <= $1", now - KEPT_FOR)


async def forget(connection: Connection, extract: str) -> None:
    """Delete an extract that was given up."""
    await connection.execute("DELETE FROM extract_part WHERE extract = $1", extract)
    await connection.execute("DELETE FROM extract WHERE id = $1", extract)
