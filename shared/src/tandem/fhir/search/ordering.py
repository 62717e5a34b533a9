"""The order of a result and the place in it: keyset conditions for any `_sort`, in both directions.

A resource without a value for a key stands last, whichever way that key runs. Ties are broken by the resource's own
key, in the direction of the last sort key, so that every order is total.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tandem.fhir.search.control import SortKey
from tandem.fhir.search.predicates import Params

KeyValue = int | float | str | None
"""What one key of the order is for one resource."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the order: a name in the result, whether it descends, and whether it can be missing."""

    name: str
    descending: bool
    nullable: bool


def columns(sort: Sequence[SortKey]) -> list[Column]:
    """The columns of the order, the resource's key last."""
    found = [Column(f"s{place}", key.descending, key.parameter.number != 0) for place, key in enumerate(sort)]
    return [*found, Column("key", bool(sort) and sort[-1].descending, False)]


def sort_sql(key: SortKey, params: Params, updated: str = "r.updated") -> str:
    """The value of a resource `r` for a key: the least when ascending, the greatest when descending.

    `updated` is the column with the time of its version.
    """
    parameter = key.parameter
    if parameter.number == 0:
        return "r.id" if parameter.kind == "id" else updated
    table, column = _SORTED.get(parameter.kind, ("search_token", "code"))
    text = table in ("search_token", "search_string")
    value = f't.{column} COLLATE "C"' if text and params.dialect == "postgresql" else f"t.{column}"
    aggregate = "MAX" if key.descending else "MIN"
    # Later pieces of a long string begin with a control character; they are no values of their own.
    whole = " AND t.folded >= ' '" if table == "search_string" else ""
    plus = "+" if params.dialect == "sqlite" else ""
    rows = f"{table} t WHERE t.key = r.key AND {plus}t.param = {parameter.number}{whole}"
    return f"(SELECT {aggregate}({value}) FROM {rows})"


_SORTED = {
    "date": ("search_date", "low"), "string": ("search_string", "folded"), "number": ("search_number", "low"),
    "quantity": ("search_number", "low"),
}  # fmt: skip


def order_sql(order: Sequence[Column], *, backward: bool) -> str:
    """The ORDER BY list, or that of the same order read from its end."""
    parts = []
    for column in order:
        nulls = f" NULLS {'FIRST' if backward else 'LAST'}" if column.nullable else ""
        parts.append(f"{column.name}{' DESC' if column.descending != backward else ''}{nulls}")
    return ", ".join(parts)


def beyond_sql(order: Sequence[Column], values: Sequence[KeyValue], params: Params, *, backward: bool) -> str:
    """The condition that a row stands strictly after (or before) the place with these values."""
    if len(order) > 1 and not any(column.nullable for column in order) and len({c.descending for c in order}) == 1:
        names, places = ", ".join(c.name for c in order), ", ".join(params.add(value) for value in values)
        return f"({names}) {'<' if order[0].descending != backward else '>'} ({places})"
    placed = [None if value is None else params.add(value) for value in values]
    ways = []
    for place, column in enumerate(order):
        step = _step(column, placed[place], backward)
        if step is not None:
            ways.append(" AND ".join([*(_same(*pair) for pair in zip(order[:place], placed, strict=False)), step]))
    return f"({' OR '.join(ways)})"


def _same(column: Column, value: str | None) -> str:
    return f"{column.name} IS NULL" if value is None else f"{column.name} = {value}"


def _step(column: Column, value: str | None, backward: bool) -> str | None:
    if value is None:
        return f"{column.name} IS NOT NULL" if backward else None
    beyond = f"{column.name} {'<' if column.descending != backward else '>'} {value}"
    return f"({beyond} OR {column.name} IS NULL)" if column.nullable and not backward else beyond
