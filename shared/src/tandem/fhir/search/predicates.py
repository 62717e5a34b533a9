"""SQL conditions for the values of a criterion, over the row `t` of a search table.

Type names and parameter numbers come from our own tables and stand in the text; every value of a client is a
placeholder. The one exception are plain lower-case codes of elements with a required value set: as literals they let
PostgreSQL see how common the code is.
"""

from __future__ import annotations

import re
from typing import Any

from tandem.database.connection import Dialect
from tandem.fhir.search.criteria import Criterion
from tandem.fhir.search.folding import LONGEST_STRING
from tandem.fhir.search.values import DateValue, NumberValue, StringValue, TokenValue

_LITERAL = re.compile(r"[a-z][a-z-]{0,39}", re.ASCII)
_TABLES = {"date": "search_date", "string": "search_string", "number": "search_number", "quantity": "search_number"}
_HIGHEST = "\U0010ffff"


class Params:
    """The values of a statement in the order of their placeholders."""

    __slots__ = ("dialect", "values")

    def __init__(self, dialect: Dialect) -> None:
        self.dialect: Dialect = dialect
        self.values: list[Any] = []

    def add(self, value: Any) -> str:
        """The placeholder, `$n`, of one more value."""
        self.values.append(value)
        return f"${len(self.values)}"


def table_of(criterion: Criterion) -> str:
    """The search table that holds what the criterion looks at."""
    if criterion.modifier == "text":
        return "search_string"
    return _TABLES.get(criterion.parameter.kind, "search_token")


def tables_with(criterion: Criterion) -> list[tuple[str, int]]:
    """Every table and number under which the parameter may have rows, for `:missing`."""
    parameter = criterion.parameter
    found = [(table_of(criterion), parameter.number)]
    if parameter.kind == "reference":
        found.append(("search_token", parameter.companion))
    if parameter.kind == "token":
        found.append(("search_string", parameter.number))
    return found


def number_of(criterion: Criterion) -> int:
    """The stored number that the criterion's rows have."""
    return criterion.parameter.companion if criterion.modifier == "identifier" else criterion.parameter.number


def values_sql(criterion: Criterion, params: Params) -> str:
    """The condition on `t` that one of the values holds."""
    values = criterion.values
    if isinstance(values[0], TokenValue):
        tokens = [value for value in values if isinstance(value, TokenValue)]
        return tokens_sql(tokens, params, literal=criterion.parameter.kind == "code")
    parts = [_value_sql(value, criterion.modifier, params) for value in values]
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"


def tokens_sql(tokens: list[TokenValue], params: Params, *, literal: bool = False) -> str:
    """The condition on `t` that it is one of the tokens."""
    codes = [token.code for token in tokens if token.code is not None]
    placed = {code: _code_sql(code, params, literal) for code in dict.fromkeys(codes)}
    listed = ", ".join(placed.values())
    # Named apart from the systems, so that the index on (param, code) is used.
    among = f"t.code = {listed}" if len(placed) == 1 else f"t.code IN ({listed})"
    if all(token.system is None for token in tokens):
        return among
    parts = [_token_sql(token, placed, params) for token in tokens]
    either = parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"
    return either if len(codes) < len(tokens) or len(parts) == 1 else f"{among} AND {either}"


def _code_sql(code: str, params: Params, literal: bool) -> str:
    if literal and _LITERAL.fullmatch(code):
        return f"'{code}'"
    return params.add(code)


def _token_sql(token: TokenValue, placed: dict[str, str], params: Params) -> str:
    parts = [f"t.code = {placed[token.code]}"] if token.code is not None else []
    if token.system is not None:
        parts.append(f"t.system = {params.add(token.system)}" if token.system else "t.system IS NULL")
    return f"({' AND '.join(parts)})"


def _value_sql(value: TokenValue | DateValue | StringValue | NumberValue, modifier: str, params: Params) -> str:
    if isinstance(value, DateValue):
        return _date_sql(value, params)
    if isinstance(value, StringValue):
        return _string_sql(value, modifier, params)
    assert isinstance(value, NumberValue)
    return _number_sql(value, params)


def _string_sql(value: StringValue, modifier: str, params: Params) -> str:
    if modifier == "contains":
        found = "instr" if params.dialect == "sqlite" else "strpos"
        return f"{found}(t.folded, {params.add(value.folded)}) > 0"
    if modifier == "exact":
        first = params.add(value.folded[:LONGEST_STRING])
        return f"(t.folded = {first} AND t.value = {params.add(value.text)})"
    low, high = params.add(value.folded), params.add(value.folded + _HIGHEST)
    return f"(t.folded >= {low} AND t.folded < {high})"


def _date_sql(value: DateValue, params: Params) -> str:
    if value.prefix in ("gt", "lt", "sa", "eb"):
        column, sign, end = _DATE_EDGES[value.prefix]
        return f"t.{column} {sign} {params.add(value.high if end else value.low)}"
    if value.prefix == "ap":
        # As wide again on either side as the date was written.
        width = value.high - value.low
        low, high = params.add(value.low - width), params.add(value.high + width)
        return f"(t.low < {high} AND t.high > {low})"
    low, high = params.add(value.low), params.add(value.high)
    within = f"(t.low >= {low} AND t.low < {high} AND t.high <= {high})"
    match value.prefix:
        case "eq":
            return within
        case "ne":
            return f"(t.low < {low} OR t.high > {high})"
        case "ge":
            return f"(t.high > {high} OR {within})"
        case _:
            return f"(t.low < {low} OR {within})"


# prefix: (column, comparison, whether with the end of the range asked for)
_DATE_EDGES = {
    "gt": ("high", ">", True), "lt": ("low", "<", False), "sa": ("low", ">=", True), "eb": ("high", "<=", False),
}  # fmt: skip


def updated_sql(value: DateValue, alias: str, params: Params) -> str:
    """`_lastUpdated`, which is a point in time."""
    column, low, high = f"{alias}.updated", value.low, value.high
    if value.prefix == "ap":
        low, high = low - (high - low), high + (high - low)
    match value.prefix:
        case "eq" | "ap":
            return f"({column} >= {params.add(low)} AND {column} < {params.add(high)})"
        case "ne":
            return f"({column} < {params.add(low)} OR {column} >= {params.add(high)})"
        case "gt" | "sa":
            return f"{column} >= {params.add(high)}"
        case "ge":
            return f"{column} >= {params.add(low)}"
        case "le":
            return f"{column} < {params.add(high)}"
        case _:
            return f"{column} < {params.add(low)}"


_NUMBER_EDGES = {
    "gt": ("high", ">"), "ge": ("high", ">="), "lt": ("low", "<"), "le": ("low", "<="), "sa": ("low", ">"),
    "eb": ("high", "<"),
}  # fmt: skip


def _number_sql(value: NumberValue, params: Params) -> str:
    if value.prefix in _NUMBER_EDGES:
        column, sign = _NUMBER_EDGES[value.prefix]
        parts = [f"t.{column} {sign} {params.add(value.exact)}"]
    else:
        low, high = params.add(value.low), params.add(value.high)
        parts = {
            "eq": [f"t.low >= {low}", f"t.high < {high}"],
            "ne": [f"(t.low < {low} OR t.high >= {high})"],
            "ap": [f"t.low <= {high}", f"t.high >= {low}"],
        }[value.prefix]
    if value.unit is not None:
        parts.append(f"t.unit = {params.add(value.unit)}")
    if value.system is not None:
        parts.append(f"t.system = {params.add(value.system)}")
    return f"({' AND '.join(parts)})"
