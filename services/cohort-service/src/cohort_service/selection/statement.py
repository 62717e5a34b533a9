"""A statement in the making: named relations, each written once, over everybody's rows or those of some people.

Some people are a list of numbers, whose rows are read once for all relations, or all numbers in a range, whose rows
each relation reads by the index of concepts and people: many people cost little more than their share of everybody.

What is computed for two cohorts stands once: relations of the same text share their name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

from cohort_service.domain.definition_language.days import back
from cohort_service.domain.definition_language.nodes import Span
from cohort_service.selection.query import Query, Relation
from cohort_service.selection.selection import Selection
from tandem.london_days import day_number

Dialect = Literal["sqlite", "postgresql", "duckdb", "spark"]
Scope = Literal["everybody", "people", "range"]

_PEOPLE = {
    "sqlite": "SELECT CAST(value AS INTEGER) AS person FROM json_each($1)",
    "postgresql": "SELECT unnest($1::BIGINT[]) AS person",
    "duckdb": "SELECT unnest($1::BIGINT[]) AS person",
}
AMONG = "p.number IN (SELECT person FROM "
"""The beginning of the condition that a row `p` is among the people of a relation."""
_TABLES = (("person", "number"), ("fact", "person"), ("medicine", "person"))
_SCOPED = "SELECT * FROM {table} WHERE {column} IN (SELECT person FROM scope)"
_RANGED = "SELECT * FROM {table} WHERE {column} BETWEEN CAST($1 AS BIGINT) AND CAST($2 AS BIGINT)"


def among(condition: str) -> str | None:
    """The name of the one relation that a row `p` must be among for the condition to hold, if it is of that form."""
    single = condition.startswith(AMONG) and condition.count("(") == 1
    return condition[len(AMONG) : -1] if single else None


class Statement:
    """`person`, `fact` and `medicine` are the names to read rows from: the tables, or what the scope leaves of them."""

    def __init__(self, selection: Selection, as_of: date, dialect: Dialect, scope: Scope) -> None:
        if scope != "everybody" and dialect not in _PEOPLE:
            raise ValueError(f"{dialect} evaluates everybody only")
        self.selection, self.as_of, self.dialect, self.scope = selection, as_of, dialect, scope
        self.today = day_number(as_of)
        self._names: dict[str, str] = {}
        self._columns: dict[str, str] = {}
        self.person, self.fact, self.medicine = "person", "fact", "medicine"
        if scope == "people":
            self._names[_PEOPLE[dialect]] = "scope"
        if scope != "everybody":
            rows = _SCOPED if scope == "people" else _RANGED
            self._names |= {rows.format(table=table, column=column): f"scoped_{table}" for table, column in _TABLES}
            self.person, self.fact, self.medicine = "scoped_person", "scoped_fact", "scoped_medicine"

    def relation(self, stem: str, body: str, columns: str = "") -> str:
        """The name of the relation that `body` selects; `stem` tells a reader what it is. `columns` renames them."""
        known = self._names.get(body)
        if known is None:
            known = self._names[body] = f"{stem}_{len(self._names) + 1}"
            self._columns[known] = columns
        return known

    def text(self, final: str) -> str:
        """The whole statement, ending in `final`."""
        return self.query(final).text()

    def query(self, final: str) -> Query:
        """The statement in its parts, ending in `final`."""
        relations = (
            Relation(name, self._columns.get(name, ""), body, self._kept(name)) for body, name in self._names.items()
        )
        return Query(tuple(relations), final)

    def _kept(self, name: str) -> Literal["", "MATERIALIZED", "NOT MATERIALIZED"]:
        # the few rows of some people are read from their table once, those of a range by index for each criterion
        if self.scope == "people":
            return "MATERIALIZED"
        return "NOT MATERIALIZED" if name in (self.person, self.fact, self.medicine) and self.scope == "range" else ""

    def concepts(self, value_sets: Iterable[str]) -> str:
        """The concepts of the value sets as a list in brackets; NULL, which equals nothing, when there are none."""
        numbers = sorted({number for name in value_sets for number in self.selection.value_sets[name]})
        return f"({', '.join(map(str, numbers)) or 'NULL'})"

    def day(self, span: Span) -> int:
        """The number of the day that lies the span before as-of."""
        return day_number(back(self.as_of, span))

    def absent(self, column: str, relation: str) -> str:
        """That `column` is not among the people of a relation, in the form that the engine answers by one join."""
        if self.dialect == "sqlite":
            return f"{column} NOT IN (SELECT person FROM {relation})"
        return f"NOT EXISTS (SELECT 1 FROM {relation} x WHERE x.person = {column})"

    def meeting(self, relations: Iterable[str]) -> str:
        """The people who are in all relations, each once."""
        return " INTERSECT ".join(f"SELECT person FROM {name}" for name in dict.fromkeys(relations))

    def every(self, conditions: Sequence[str]) -> str:
        """That all conditions on `p` hold.

        PostgreSQL guesses relations that are grouped far too small, and would go through one again for each row of
        another: it is given their intersection, which it finds by hashing or sorting.
        """
        relations = [found for each in conditions if (found := among(each))]
        if self.dialect != "postgresql" or self.scope == "people" or len(relations) < 2:
            return " AND ".join(conditions)
        others = [each for each in conditions if not among(each)]
        return " AND ".join([*others, f"p.number IN ({self.meeting(relations)})"])

    def literal(self, text: str) -> str:
        """A text in quotes, in which no driver finds a placeholder."""
        quoted = text.replace("'", "''").replace("$", "$' || '")
        if self.dialect == "spark":
            quoted = quoted.replace("\\", "\\\\")
        return f"('{quoted}')" if "$" in text else f"'{quoted}'"
