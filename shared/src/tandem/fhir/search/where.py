"""Which resources a query selects: a FROM list and its condition.

Every statement goes through the access clause, so what a caller may not see is neither found, nor counted, nor
reached by a chain. The most selective condition drives, the others probe resource by resource: on SQLite because it
keeps to what is written, on PostgreSQL because an unseen parameter hides from its planner that one person has few
resources and one status has many.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tandem.fhir.search.criteria import Chained, Condition, Criterion, NhsNumber, Reverse
from tandem.fhir.search.ordered_pairs import asked_pair
from tandem.fhir.search.predicates import (
    Params,
    number_of,
    table_of,
    tables_with,
    tokens_sql,
    updated_sql,
    values_sql,
)  # fmt: skip
from tandem.fhir.search.values import DateValue, TokenValue

Access = Callable[[str, Params], str]
"""Given the alias of a `resource` row and the statement's parameters: the SQL condition that the caller may see it."""

_RARE, _REFERENCE = 2, 3


def everything(alias: str, params: Params) -> str:
    """Access without bounds, for the service's own work and operators."""
    return "1 = 1"


class Selection(NamedTuple):
    """Resources as SQL: what stands after FROM and after WHERE, the column that holds their key, and whether what
    drives leaves few of them. `updated` is the column with the time of the version."""

    source: str
    condition: str
    key: str
    rare: bool
    updated: str = "r.updated"


def select(
    type_name: str, conditions: Sequence[Condition], access: Access, params: Params, alias: str = "r"
) -> Selection:
    """The current resources of the type for which all conditions hold and that may be seen."""
    numbers, beside = asked_pair(type_name, conditions)
    if numbers and all(_rank(condition) > _REFERENCE for condition in beside):
        return _by_pair(numbers, type_name, conditions, access, params, alias)
    ranked = sorted(conditions, key=_rank)
    driver = ranked[0] if ranked and _rank(ranked[0]) < _NEVER else None
    rest = ranked[1:] if driver is not None else ranked
    forced = driver is not None and _rank(driver) <= _RARE
    source, key, parts = f"resource {alias}", f"{alias}.key", [f"{alias}.deleted = 0"]
    if driver is None or not _implies_type(driver):
        parts.insert(0, f"{alias}.type = '{type_name}'")
    if isinstance(driver, Criterion) and _once_each(driver):
        # Joined, the rows come in the order of the index: a page of a common code reads no more than itself.
        source, key = f"search_token t CROSS JOIN resource {alias}", "t.key"
        rows = f"t.param = {number_of(driver)} AND {values_sql(driver, params)}"
        parts.insert(0, f"{rows} AND {alias}.key = t.key")
    elif driver is not None:
        parts.append(_driving(driver, type_name, access, params, alias))
    parts += [_probing(condition, type_name, access, params, alias, forced) for condition in rest]
    parts.append(f"({access(alias, params)})")
    return Selection(source, " AND ".join(parts), key, forced, f"{alias}.updated")


def _by_pair(
    numbers: Sequence[int], type_name: str, conditions: Sequence[Condition], access: Access, params: Params, alias: str
) -> Selection:
    parts = [f"{alias}.deleted = 0"]
    parts += [_probing(condition, type_name, access, params, alias, True) for condition in conditions]
    parts.append(f"({access(alias, params)})")
    placed = ", ".join(params.add(number) for number in numbers)
    if len(numbers) > 1:
        # A resource can have several of the rows.
        parts.insert(0, f"{alias}.key IN (SELECT t.key FROM search_date t WHERE t.param IN ({placed}))")
        return Selection(f"resource {alias}", " AND ".join(parts), f"{alias}.key", True, f"{alias}.updated")
    parts.insert(0, f"t.param = {placed} AND {alias}.key = t.key")
    source = f"search_date t CROSS JOIN resource {alias}"
    return Selection(source, " AND ".join(parts), "t.key", True, "t.low")


def _once_each(condition: Criterion) -> bool:
    """Whether no resource has two index rows for what is asked."""
    if len(condition.values) != 1 or condition.modifier not in ("", "identifier") or condition.parameter.number == 0:
        return False
    value = condition.values[0]
    if not isinstance(value, TokenValue) or value.code is None:
        return False
    return value.system is not None or (
        condition.parameter.kind in ("code", "deceased", "reference", "uri") and not condition.modifier
    )


_NEVER = 9


def _rank(condition: Condition) -> int:
    """How few resources a condition leaves, guessed from its kind; _NEVER when it cannot drive."""
    if isinstance(condition, NhsNumber):
        return 1
    if isinstance(condition, Reverse | Chained):
        return 4
    if condition.modifier in ("not", "missing", "contains"):
        return _NEVER
    parameter = condition.parameter
    if any(isinstance(value, TokenValue) and value.code is None for value in condition.values):
        return 8
    match parameter.kind:
        case "id":
            return 0
        case "updated":
            return _NEVER
        case "reference":
            return 1 if parameter.name in ("patient", "subject") else 2 if condition.modifier == "identifier" else 3
        case "token" | "contact" if parameter.name in ("identifier", "telecom", "phone", "email"):
            return 2
        case "token" | "uri":
            return 5 if condition.modifier != "text" else 6
        case "string":
            return 6
        case "code" | "deceased":
            return 7
        case _:
            return 8


def _implies_type(condition: Condition) -> bool:
    if isinstance(condition, Reverse):
        return False
    return not isinstance(condition, Criterion) or condition.parameter.number != 0


def _driving(condition: Condition, type_name: str, access: Access, params: Params, alias: str) -> str:
    match condition:
        case NhsNumber():
            return _nhs_number(condition, params, alias)
        case Reverse():
            return _reverse(condition, type_name, access, params, alias)
        case Chained():
            return _chained(condition, access, params, alias)
    if condition.parameter.number == 0:
        return _kept(condition, params, alias)
    return f"{alias}.key IN (SELECT t.key FROM {_rows(condition, params)})"


def _probing(condition: Condition, type_name: str, access: Access, params: Params, alias: str, forced: bool) -> str:
    if not isinstance(condition, Criterion) or condition.parameter.number == 0:
        return _driving(condition, type_name, access, params, alias)
    if condition.modifier == "missing":
        return _missing(condition, params, alias)
    probe = f"EXISTS (SELECT 1 FROM {_rows(condition, params, probed=True)} AND t.key = {alias}.key"
    # With OFFSET, PostgreSQL leaves the subquery where it stands instead of joining from it.
    probe += " LIMIT 1 OFFSET 0)" if forced and params.dialect == "postgresql" else ")"
    return f"NOT {probe}" if condition.modifier == "not" else probe


def _rows(condition: Criterion, params: Params, *, probed: bool = False) -> str:
    table, holds = table_of(condition), values_sql(condition, params)
    by_key = probed and not holds.startswith("t.code")
    return f"{table} t WHERE {_param(number_of(condition), params, by_key)} AND {holds}"


def _param(number: int, params: Params, by_key: bool) -> str:
    # The plus keeps SQLite, which has no statistics, from an index on `param` where the one on `key` is meant.
    return f"{'+' if by_key and params.dialect == 'sqlite' else ''}t.param = {number}"


def _missing(condition: Criterion, params: Params, alias: str) -> str:
    found = [
        f"EXISTS (SELECT 1 FROM {table} t WHERE {_param(number, params, True)} AND t.key = {alias}.key)"
        for table, number in tables_with(condition)
    ]
    either = found[0] if len(found) == 1 else f"({' OR '.join(found)})"
    return f"NOT {either}" if condition.wanted else either


def _kept(condition: Criterion, params: Params, alias: str) -> str:
    if condition.parameter.kind == "id":
        ids = [params.add(value.code or "") for value in condition.values if isinstance(value, TokenValue)]
        return f"{alias}.id IN ({', '.join(ids)})"
    parts = [updated_sql(value, alias, params) for value in condition.values if isinstance(value, DateValue)]
    return f"({' OR '.join(parts)})"


def _nhs_number(condition: NhsNumber, params: Params, alias: str) -> str:
    number, named = condition.parameter.number, tokens_sql(list(condition.values), params)
    by_name = f"SELECT t.key FROM search_token t WHERE t.param = {condition.parameter.companion} AND {named}"
    numbers = ", ".join(params.add(value.code) for value in condition.values)
    known = f"SELECT 'Patient/' || p.id FROM patient p WHERE p.nhs_number IN ({numbers}) AND p.deleted = 0"
    by_id = f"SELECT t.key FROM search_token t WHERE t.param = {number} AND t.code IN ({known})"
    # Who sent a record about someone it may not see must not learn that person's NHS number by asking.
    told = f"({alias}.received_from IS NULL OR {alias}.key IN ({by_name}))"
    return f"{alias}.key IN ({by_name} UNION ALL {by_id}) AND {told}"


def _chained(condition: Chained, access: Access, params: Params, alias: str) -> str:
    inner = select(condition.target, [condition.inner], access, params, "c")
    return (
        f"{alias}.key IN (SELECT link.key FROM {inner.source} CROSS JOIN search_token link WHERE {inner.condition} "
        f"AND link.param = {condition.parameter.number} AND link.code = '{condition.target}/' || c.id)"
    )


def _reverse(condition: Reverse, type_name: str, access: Access, params: Params, alias: str) -> str:
    inner = select(condition.parameter.type_name, [condition.inner], access, params, "c")
    start, plus = f"{type_name}/", "+" if params.dialect == "sqlite" else ""
    return (
        f"{alias}.id IN (SELECT substr(link.code, {len(start) + 1}) "
        f"FROM {inner.source} CROSS JOIN search_token link WHERE {inner.condition} AND link.key = c.key "
        f"AND {plus}link.param = {condition.parameter.number} AND substr(link.code, 1, {len(start)}) = '{start}')"
    )
