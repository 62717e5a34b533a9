"""Rows of ordered pairs (tandem.fhir.search.ordered_pairs) for what was stored before there were any.

A migration of data, for the service that keeps the types with pairs; a second run changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from tandem.fhir.search.index_rows import IndexRows
from tandem.fhir.search.ordered_pairs import PAIRS, with_pairs
from tandem.fhir.search.parameters import PARAMETERS

_AT_ONCE = 5_000


def fill_ordered_pairs(bind: sa.Connection) -> None:
    """Write the rows of every resource that is not deleted, of all types with a pair."""
    for type_name in PAIRS:
        named = {"type": type_name}
        bind.execute(
            sa.text("DELETE FROM search_date WHERE param < 0 AND key IN (SELECT key FROM resource WHERE type = :type)"),
            named,
        )
        after = 0
        while keys := _keys(bind, type_name, after):
            rows = list(_rows(bind, type_name, keys))
            if rows:
                bind.execute(
                    sa.text("INSERT INTO search_date (key, param, low, high) VALUES (:key, :param, :low, :high)"), rows
                )
            after = max(keys)


def _keys(bind: sa.Connection, type_name: str, after: int) -> dict[int, int]:
    """The next resources by key, with the time of their version in microseconds."""
    found = bind.execute(
        sa.text(
            "SELECT key, updated FROM resource WHERE type = :type AND deleted = 0 AND key > :after"
            " ORDER BY key LIMIT :most"
        ),
        {"type": type_name, "after": after, "most": _AT_ONCE},
    )
    return {row.key: row.updated for row in found}


def _rows(bind: sa.Connection, type_name: str, keys: dict[int, int]) -> Iterator[dict[str, int]]:
    first, second = (PARAMETERS[type_name][name] for name in PAIRS[type_name])
    numbers = (first.number, first.companion, second.number)
    found = bind.execute(
        sa.text(
            "SELECT key, param, system, code FROM search_token WHERE key BETWEEN :low AND :high AND param IN :params"
        ).bindparams(sa.bindparam("params", expanding=True)),
        {"low": min(keys), "high": max(keys), "params": numbers},
    )
    tokens: dict[int, list[tuple[int, str | None, str]]] = {}
    for row in found:
        if row.key in keys:
            tokens.setdefault(row.key, []).append((row.param, row.system, row.code))
    for key, named in tokens.items():
        for param, low, high in with_pairs(type_name, IndexRows(named, [], [], []), keys[key]).dates:
            yield {"key": key, "param": param, "low": low, "high": high}
