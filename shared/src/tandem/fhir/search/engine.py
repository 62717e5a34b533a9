"""Runs a search: a page of matches, what goes with them, and the total when it is asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tandem.database.connection import Connection, Row
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.search.control import Include
from tandem.fhir.search.ordering import KeyValue
from tandem.fhir.search.paging import PageToken
from tandem.fhir.search.query import SearchQuery
from tandem.fhir.search.sql import count_sql, page_sql, references_sql, referring_sql, resources_sql
from tandem.fhir.search.where import Access

MOST_INCLUDED = 5000


@dataclass(frozen=True, slots=True)
class Found:
    """A resource of the result; `body` is its stored JSON."""

    key: int
    type: str
    id: str
    version: int
    updated: int
    patient: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page. `next` and `previous` are the places that links start from, None at the end of the result."""

    matches: tuple[Found, ...]
    included: tuple[Found, ...]
    total: int | None
    next: PageToken | None
    previous: PageToken | None


async def search(
    connection: Connection, query: SearchQuery, access: Access, *, page: PageToken | None = None
) -> SearchPage:
    """Run the query from its start, or from the place of `page`.

    Raises FhirError(BAD_REQUEST) for a place of another order, FhirError(TOO_COSTLY) for more than 5,000 included.
    """
    total = await count(connection, query, access) if query.counts_only or query.total != "none" else None
    if query.counts_only:
        return SearchPage((), (), total, None, None)
    if page is not None and len(page.place) != len(query.sort) + 1:
        raise FhirError(Kind.BAD_REQUEST, "The page link does not belong to this order")
    backward = page is not None and page.direction == "previous"
    sql, params = page_sql(
        query, access, connection.dialect, limit=query.count + 1, place=page.place if page else None, backward=backward
    )
    rows = list(await connection.fetch(sql, *params))
    more = len(rows) > query.count
    rows = rows[: query.count]
    if backward:
        rows.reverse()
    matches = tuple(_found(row) for row in rows)
    after, before = _places(query, rows, page, more)
    return SearchPage(matches, await _included(connection, query, access, matches), total, after, before)


async def count(connection: Connection, query: SearchQuery, access: Access) -> int:
    """How many resources match and may be seen, exactly."""
    sql, params = count_sql(query, access, connection.dialect)
    number: int = await connection.fetchval(sql, *params)
    return number


def _found(row: Row) -> Found:
    return Found(row["key"], row["type"], row["id"], row["version"], row["updated"], row["patient"], bytes(row["body"]))


def _place(query: SearchQuery, row: Row) -> tuple[KeyValue, ...]:
    return (*(row[f"s{index}"] for index in range(len(query.sort))), row["key"])


def _places(
    query: SearchQuery, rows: Sequence[Row], page: PageToken | None, more: bool
) -> tuple[PageToken | None, PageToken | None]:
    if not rows:
        return (None, None) if page is None else _turned(query, page)
    backward = page is not None and page.direction == "previous"
    after = PageToken("next", _place(query, rows[-1])) if more or backward else None
    before = PageToken("previous", _place(query, rows[0])) if (more if backward else page is not None) else None
    return after, before


def _turned(query: SearchQuery, page: PageToken) -> tuple[PageToken | None, PageToken | None]:
    # All that was there has gone since: the way back begins at the place itself, which may be one row aside of it.
    descending = bool(query.sort) and query.sort[-1].descending
    key = page.place[-1]
    assert isinstance(key, int)
    if page.direction == "next":
        return None, PageToken("previous", (*page.place[:-1], key + (-1 if descending else 1)))
    return PageToken("next", (*page.place[:-1], key + (1 if descending else -1))), None


async def _included(
    connection: Connection, query: SearchQuery, access: Access, matches: Sequence[Found]
) -> tuple[Found, ...]:
    if not matches or not (query.includes or query.revincludes):
        return ()
    wanted = await _referred(connection, query.includes, [match.key for match in matches])
    seen = {match.key for match in matches}
    included: dict[int, Found] = {}
    statements = [
        resources_sql(name, sorted(ids), access, connection.dialect, MOST_INCLUDED + 1) for name, ids in wanted.items()
    ]
    codes = [f"{match.type}/{match.id}" for match in matches]
    statements += [
        referring_sql(include, codes, access, connection.dialect, MOST_INCLUDED + 1) for include in query.revincludes
    ]
    for sql, params in statements:
        for row in await connection.fetch(sql, *params):
            if row["key"] not in seen:
                included[row["key"]] = _found(row)
        if len(included) > MOST_INCLUDED:
            raise _too_many()
    return tuple(included[key] for key in sorted(included))


async def _referred(connection: Connection, includes: Sequence[Include], keys: Sequence[int]) -> dict[str, set[str]]:
    wanted: dict[str, set[str]] = defaultdict(set)
    for include in includes:
        sql, params = references_sql(include, keys, connection.dialect)
        for row in await connection.fetch(sql, *params):
            type_name, _, resource_id = str(row["code"]).partition("/")
            if type_name in include.targets:
                wanted[type_name].add(resource_id)
    if sum(map(len, wanted.values())) > MOST_INCLUDED:
        raise _too_many()
    return wanted


def _too_many() -> FhirError:
    return FhirError(
        Kind.TOO_COSTLY, f"More than {MOST_INCLUDED} resources would be included: ask for a smaller _count"
    )
