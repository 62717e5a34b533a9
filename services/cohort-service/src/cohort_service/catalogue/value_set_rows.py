"""Value sets in the database: every version stays, the newest active one of an id is in force."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from itertools import islice

from cohort_service.facts.concepts import concepts_of, give_displays
from tandem.canonical import DMD, SNOMED_CT
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection, Row
from tandem.nhs.value_set import Member, ValueSet
from tandem.versions import newest


async def in_force(connection: Connection) -> dict[str, str]:
    """Id -> newest active version."""
    rows = await connection.fetch("SELECT id, version FROM value_set WHERE active = 1")
    return _newest(rows)


async def groups_in_force(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Group -> the ids whose newest active version belongs to it, in order."""
    rows = await connection.fetch("SELECT id, version, grouping FROM value_set WHERE active = 1")
    versions = _newest(rows)
    found: dict[str, list[str]] = {}
    for row in rows:
        if row["grouping"] is not None and versions[row["id"]] == row["version"]:
            found.setdefault(row["grouping"], []).append(row["id"])
    return {group: tuple(sorted(ids)) for group, ids in sorted(found.items())}


async def titles_in_force(connection: Connection) -> dict[str, str]:
    """Id -> the title of the newest active version."""
    rows = await connection.fetch("SELECT id, version, title FROM value_set WHERE active = 1")
    versions = _newest(rows)
    return {row["id"]: row["title"] for row in rows if versions[row["id"]] == row["version"]}


async def held(connection: Connection, identity: str, version: str) -> ValueSet | None:
    """A version with its members, or None."""
    row = await connection.fetchrow("SELECT * FROM value_set WHERE id = $1 AND version = $2", identity, version)
    if row is None:
        return None
    members = await connection.fetch(
        "SELECT c.system, c.code, c.display, m.active, m.prefix, m.excepting FROM value_set_member m"
        " JOIN concept c ON c.number = m.concept WHERE m.value_set = $1 AND m.version = $2 ORDER BY c.system, c.code",
        identity, version,
    )  # fmt: skip
    return ValueSet(
        row["id"], row["version"], row["title"], row["source"], row["grouping"], tuple(map(_member, members))
    )


async def listed(connection: Connection, identity: str | None = None) -> list[Row]:
    """All versions with the counts of their members: `members` and of these `active_members`."""
    rows = await connection.fetch(
        "SELECT v.id, v.version, v.title, v.source, v.grouping, v.active, v.installed, v.installed_by,"
        " COUNT(m.concept) AS members, COALESCE(SUM(m.active), 0) AS active_members"
        " FROM value_set v LEFT JOIN value_set_member m ON m.value_set = v.id AND m.version = v.version"
        " WHERE v.id = COALESCE($1, v.id)"
        " GROUP BY v.id, v.version, v.title, v.source, v.grouping, v.active, v.installed, v.installed_by"
        " ORDER BY v.id, v.installed, v.version",
        identity,
    )  # fmt: skip
    return list(rows)


async def active_counts(connection: Connection) -> dict[str, int]:
    """Id -> how many active members the version in force has."""
    versions = await in_force(connection)
    rows = await listed(connection)
    return {row["id"]: int(row["active_members"]) for row in rows if versions.get(row["id"]) == row["version"]}


async def insert(connection: Connection, value_set: ValueSet, installed: int, by: str) -> None:
    """Write a version that is not there yet. Raises UniqueViolation when it is. `installed` is in microseconds."""
    await connection.execute(
        "INSERT INTO value_set (id, version, title, source, grouping, active, installed, installed_by)"
        " VALUES ($1, $2, $3, $4, $5, 1, $6, $7)",
        value_set.id, value_set.version, value_set.title, value_set.source, value_set.group, installed, by,
    )  # fmt: skip
    codes = [(each.system, each.code) for each in value_set.members]
    numbers = await concepts_of(connection).numbers(connection, codes)
    await give_displays(
        connection, {(each.system, each.code): each.display for each in value_set.members if each.display}
    )
    await connection.executemany(
        "INSERT INTO value_set_member (value_set, version, concept, active, prefix, excepting)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        [
            (value_set.id, value_set.version, numbers[each.system, each.code], int(each.active), int(each.prefix),
             ",".join(each.excepting) or None)
            for each in value_set.members
        ],
    )  # fmt: skip


async def resolved(
    connection: Connection, versions: Mapping[str, str], ids: Collection[str]
) -> dict[str, tuple[int, ...]]:
    """Id -> the numbers of the concepts it stands for: active members, and products by the prefixes of their BNF code.

    `versions` gives the version of each of the `ids`. Of products only those that records or value sets have named.
    A code of dm+d is one of SNOMED CT, so a member of either stands for the code of both.
    """
    pairs = [f"{identity}@{versions[identity]}" for identity in sorted(ids)]
    rows = await connection.fetch(
        "SELECT m.value_set, s.number, m.prefix, m.excepting, c.code FROM value_set_member m"
        " JOIN concept c ON c.number = m.concept JOIN concept s ON s.code = c.code"
        " AND s.system IN (c.system, CASE c.system WHEN $3 THEN $4 WHEN $4 THEN $3 ELSE c.system END)"
        f" WHERE m.active = 1 AND m.value_set {among(connection.dialect, '$1', 'text')}"
        f" AND m.value_set || '@' || m.version {among(connection.dialect, '$2', 'text')}",
        array(connection.dialect, sorted(ids)), array(connection.dialect, pairs), SNOMED_CT, DMD,
    )  # fmt: skip
    products = await _products(connection) if any(row["prefix"] for row in rows) else []
    found: dict[str, set[int]] = {identity: set() for identity in ids}
    for row in rows:
        of_set = found[row["value_set"]]
        of_set.add(row["number"])
        if row["prefix"]:
            of_set.update(_beginning(products, row["code"], _excepting(row)))
    return {identity: tuple(sorted(numbers)) for identity, numbers in sorted(found.items())}


async def _products(connection: Connection) -> list[tuple[str, int]]:
    rows = await connection.fetch("SELECT bnf, number FROM concept WHERE bnf IS NOT NULL")
    return sorted((row["bnf"], row["number"]) for row in rows)


def _beginning(products: list[tuple[str, int]], prefix: str, excepting: tuple[str, ...]) -> Iterator[int]:
    for bnf, number in islice(products, bisect_left(products, (prefix, 0)), None):
        if not bnf.startswith(prefix):
            break
        if not bnf.startswith(excepting):
            yield number


def _excepting(row: Row) -> tuple[str, ...]:
    return tuple(row["excepting"].split(",")) if row["excepting"] else ()


def _member(row: Row) -> Member:
    active, prefix = bool(row["active"]), bool(row["prefix"])
    return Member(row["system"], row["code"], row["display"], active, prefix, _excepting(row))


def _newest(rows: Collection[Row]) -> dict[str, str]:
    versions: dict[str, list[str]] = {}
    for row in rows:
        versions.setdefault(row["id"], []).append(row["version"])
    return {identity: newest(each) for identity, each in versions.items()}
