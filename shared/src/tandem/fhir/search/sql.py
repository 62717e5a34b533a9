"""The statements of a search: a page of matches, their number, and what is included with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tandem.database.connection import Dialect
from tandem.fhir.search.control import Include
from tandem.fhir.search.ordering import KeyValue, beyond_sql, columns, order_sql, sort_sql
from tandem.fhir.search.predicates import Params
from tandem.fhir.search.query import SearchQuery
from tandem.fhir.search.where import Access, select

Statement = tuple[str, list[Any]]
_COLUMNS = "r.type, r.id, r.version, r.updated, r.patient, r.log_id"
_RESULT = "p.key, p.type, p.id, p.version, p.updated, p.patient, l.body"


def page_sql(
    query: SearchQuery, access: Access, dialect: Dialect, *, limit: int,
    place: Sequence[KeyValue] | None = None, backward: bool = False,
) -> Statement:  # fmt: skip
    """Up to `limit` matches from the start, or strictly after (`backward`: before) a place in the order.

    Rows: key, type, id, version, updated, patient, body, and `s0`, `s1`... for the sort keys; read from the end when
    `backward`.
    """
    params = Params(dialect)
    order = columns(query.sort)
    chosen = select(query.type_name, query.conditions, access, params)
    values = "".join(f", {sort_sql(key, params, chosen.updated)} AS s{index}" for index, key in enumerate(query.sort))
    found = f"SELECT {chosen.key}, {_COLUMNS}{values} FROM {chosen.source} WHERE {chosen.condition}"
    beyond = f" WHERE {beyond_sql(order, place, params, backward=backward)}" if place is not None else ""
    by = order_sql(order, backward=backward)
    # Bodies are fetched for the page alone, not for everything that is sorted.
    # With the limit in the text, PostgreSQL keeps one plan for all persons; where the values decide the plan, it plans
    # for each.
    rows = str(limit) if chosen.rare else params.add(limit)
    page = f"SELECT * FROM ({found}) q{beyond} ORDER BY {by} LIMIT {rows}"
    names = _RESULT + "".join(f", p.s{index}" for index in range(len(query.sort)))
    return f"SELECT {names} FROM ({page}) p JOIN log l ON l.id = p.log_id ORDER BY {by}", params.values


def count_sql(query: SearchQuery, access: Access, dialect: Dialect) -> Statement:
    """How many resources match and may be seen."""
    params = Params(dialect)
    chosen = select(query.type_name, query.conditions, access, params)
    return f"SELECT count(*) FROM {chosen.source} WHERE {chosen.condition}", params.values


def references_sql(include: Include, keys: Sequence[int], dialect: Dialect) -> Statement:
    """The codes (`Type/id`) that the resources with these keys refer to by the include's parameter."""
    params = Params(dialect)
    plus = "+" if dialect == "sqlite" else ""
    among = any_integer("t.key", keys, params)
    return (
        f"SELECT DISTINCT t.code FROM search_token t WHERE {among} AND {plus}t.param = {include.parameter.number}",
        params.values,
    )


def resources_sql(type_name: str, ids: Sequence[str], access: Access, dialect: Dialect, limit: int) -> Statement:
    """Current resources of a type by id, as far as they may be seen."""
    params = Params(dialect)
    among = any_text("r.id", ids, params)
    return _with_bodies(f"r.type = '{type_name}' AND r.deleted = 0 AND {among}", access, params, limit)


def referring_sql(include: Include, codes: Sequence[str], access: Access, dialect: Dialect, limit: int) -> Statement:
    """Current resources that refer to one of the codes by the include's parameter, as far as they may be seen."""
    params = Params(dialect)
    among = any_text("t.code", codes, params)
    source = f"SELECT t.key FROM search_token t WHERE t.param = {include.parameter.number} AND {among}"
    return _with_bodies(f"r.deleted = 0 AND r.key IN ({source})", access, params, limit)


def _with_bodies(condition: str, access: Access, params: Params, limit: int) -> Statement:
    found = f"SELECT r.key, {_COLUMNS} FROM resource r WHERE {condition} AND ({access('r', params)}) ORDER BY r.key"
    page = f"{found} LIMIT {params.add(limit)}"
    return f"SELECT {_RESULT} FROM ({page}) p JOIN log l ON l.id = p.log_id ORDER BY p.key", params.values


def any_text(column: str, values: Sequence[str], params: Params) -> str:
    """That the column is one of many texts, in a form that does not change with their number."""
    if params.dialect == "postgresql":
        return f"{column} = ANY({params.add(list(values))}::text[])"
    return f"{column} IN ({', '.join(params.add(value) for value in values)})"


def any_integer(column: str, values: Sequence[int], params: Params) -> str:
    """That the column is one of many integers."""
    if params.dialect == "postgresql":
        return f"{column} = ANY({params.add(list(values))}::bigint[])"
    return f"{column} IN ({', '.join(params.add(value) for value in values)})"
