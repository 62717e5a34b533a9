"""The inbox search, `Task?owner=...&status=...&_sort=-_lastUpdated`, as one page of an index.

By each parameter alone a search reads all that an owner ever had, or all that is open anywhere. So for a pair of
parameters a resource has rows of its own in `search_date`: under a number made of both values, with `low` the time of
its version (microseconds). The index on (param, low, key) then holds what an owner has in a status in the order of
`_lastUpdated`. The number is a hash below zero, which no parameter has; what shares one by chance is kept out by the
criteria themselves, which hold for every match as ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Final
from zlib import crc32

from tandem.fhir.search.criteria import Condition, Criterion
from tandem.fhir.search.index_rows import Date, IndexRows
from tandem.fhir.search.parameters import PARAMETERS
from tandem.fhir.search.values import TokenValue

PAIRS: Final = {"Task": ("owner", "status")}
"""By type: a reference, and a code."""
_MOST: Final = 40
"""Numbers that one search looks under: an id without a type stands for eight references."""


def with_pairs(type_name: str, index: IndexRows, at: int) -> IndexRows:
    """The rows with those of the type's pair; `at` is the time of the version in microseconds."""
    pair = PAIRS.get(type_name)
    if pair is None:
        return index
    first, second = (PARAMETERS[type_name][name] for name in pair)
    references = [row for row in index.tokens if row[0] in (first.number, first.companion)]
    codes = [code for number, _, code in index.tokens if number == second.number]
    rows: Iterable[Date] = (
        (_number(number, system, code, status), at, at) for (number, system, code), status in product(references, codes)
    )
    return index._replace(dates=[*index.dates, *dict.fromkeys(rows)])


def asked_pair(type_name: str, conditions: Sequence[Condition]) -> tuple[list[int], list[Condition]]:
    """The numbers to look under, one of which a match has, and the conditions beside the pair; no numbers when the
    conditions do not name a whole pair."""
    pair = PAIRS.get(type_name)
    if pair is None:
        return [], list(conditions)
    first, second = (_named(conditions, name) for name in pair)
    beside = [each for each in conditions if each is not first and each is not second]
    if first is None or second is None or first.modifier not in ("", "identifier") or second.modifier:
        return [], list(conditions)
    numbers = [
        _number(number, value.system, value.code, status.code)
        for value, status in product(_tokens(first), _tokens(second))
        for number in [first.parameter.companion if first.modifier else first.parameter.number]
        if value.code is not None and status.code is not None and (value.system or not first.modifier)
    ]
    whole = len(numbers) == len(first.values) * len(second.values) <= _MOST
    return (list(dict.fromkeys(numbers)), beside) if whole else ([], list(conditions))


def _named(conditions: Sequence[Condition], name: str) -> Criterion | None:
    """The first criterion with this parameter: any further one only narrows the result."""
    return next((each for each in conditions if isinstance(each, Criterion) and each.parameter.name == name), None)


def _tokens(criterion: Criterion) -> list[TokenValue]:
    return [each for each in criterion.values if isinstance(each, TokenValue)]


def _number(number: int, system: str | None, code: str, status: str) -> int:
    return -1 - (crc32(f"{number}|{system or ''}|{code}|{status}".encode()) & 0x7FFFFFFF)
