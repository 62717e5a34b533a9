"""Examples of people for each shipped definition, as rows of facts in SQLite.

An example is written `copd`, `estimated-gfr 44`, `falls, 2020-01-01` or `copd, 2010-01-01 to 2020-05-01`: a value set
(its first code; `copd#2` is its second), a value, the day it began and the day it ended; `copd, undated` has neither.
`9 others` are nine medicines of no value set. A medicine without dates was begun on 1 June 2020 and is still taken; the
day that is looked at is 1 July 2020 unless the example gives a `day`.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import MetaData
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from cohort_service.catalogue.shipped import shipped_texts, shipped_value_sets
from cohort_service.domain.definition_language.nodes import CohortDefinition
from cohort_service.domain.definition_language.parse import parse_definition
from cohort_service.facts import tables
from cohort_service.selection.compile import excluded_sql, members_sql
from cohort_service.selection.selection import Selection
from tandem.london_days import day_number
from tandem.nhs.value_set import ValueSet
from tandem.record_facts.fact import UNDATED

EXAMPLES = Path(__file__).with_name("examples")
AS_OF, BEGAN, BORN = date(2020, 7, 1), date(2020, 6, 1), date(1950, 1, 1)
_PRACTICE = "A81001"
_FACT = re.compile(
    r"(?P<set>[a-z0-9-]+)(#(?P<member>\d+))?( (?P<value>\d+(\.\d+)?))?"
    r"(, (?P<began>undated|\d{4}-\d\d-\d\d)( to (?P<ended>\d{4}-\d\d-\d\d))?)?"
)
_OTHERS = re.compile(r"(?P<count>\d+) others")


@cache
def definitions() -> dict[str, CohortDefinition]:
    """Every shipped definition by its id."""
    parsed = (parse_definition(text, name) for name, text in shipped_texts().items())
    return {definition.id: definition for definition in parsed}


@cache
def value_sets() -> dict[str, ValueSet]:
    """Every shipped value set by its id."""
    return {value_set.id: value_set for value_set in shipped_value_sets()}


@dataclass(slots=True)
class People:
    """A database of people, and who of them is selected."""

    database: sqlite3.Connection
    concepts: dict[tuple[str, str], int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    records: int = 0

    def number(self, system: str, code: str) -> int:
        """The number of a code, which is its own substance."""
        if (system, code) not in self.concepts:
            number = self.concepts[system, code] = len(self.concepts) + 1
            self.database.execute(
                "INSERT INTO concept (number, system, code, substance) VALUES (?, ?, ?, ?)",
                (number, system, code, number),
            )
        return self.concepts[system, code]

    def add(self, example: Mapping[str, Any]) -> None:
        """A person with the facts of an example; `who` is the name to tell people apart by."""
        person = len(self.names) + 1
        self.names[person] = str(example["who"])
        born = day_number(example.get("born", BORN))
        sex = example.get("sex", "female")
        self.database.execute(
            "INSERT INTO person (number, patient, born, sex) VALUES (?, ?, ?, ?)", (person, f"p{person}", born, sex)
        )
        self.database.execute("INSERT INTO patient (id, practice) VALUES (?, ?)", (f"p{person}", _PRACTICE))
        for text in example.get("said", ()):
            self._say(person, text)
        for text in example.get("takes", ()):
            self._take(person, text)

    def selection(self) -> Selection:
        """The shipped catalogue over this database, every optional cohort switched on."""
        sets = {
            name: tuple(self.number(member.system, member.code) for member in value_set.members)
            for name, value_set in value_sets().items()
        }
        groups: dict[str, tuple[str, ...]] = {}
        for name, value_set in value_sets().items():
            if value_set.group:
                groups[value_set.group] = (*groups.get(value_set.group, ()), name)
        return Selection(definitions(), sets, groups, switched_on=dict.fromkeys(definitions(), (_PRACTICE,)))

    def members(self, cohort: str, as_of: date = AS_OF) -> dict[str, int]:
        """Who is a member, with the points of the rank."""
        sql = members_sql(self.selection(), [cohort], as_of, "sqlite", scope="everybody")
        return {self.names[person]: rank for _, person, _, rank in self.database.execute(sql)}

    def excluded(self, cohort: str, as_of: date = AS_OF) -> set[tuple[str, str]]:
        """Who is kept out, and why."""
        sql = excluded_sql(self.selection(), [cohort], as_of, "sqlite", scope="everybody")
        reasons = definitions()[cohort].exclude
        return {(self.names[person], reasons[reason].text) for _, person, reason in self.database.execute(sql)}

    def _say(self, person: int, text: str) -> None:
        concept, starts, ends, value = self._fact(text)
        self.database.execute(
            "INSERT INTO fact (person, concept, starts, ends, record, value) VALUES (?, ?, ?, ?, ?, ?)",
            (person, concept, starts, ends, self._record(person), value),
        )

    def _take(self, person: int, text: str) -> None:
        others = _OTHERS.fullmatch(text)
        if others:
            for place in range(int(others["count"])):
                self._order(person, self.number("urn:other", str(place)), day_number(BEGAN), None)
        else:
            concept, starts, ends, _ = self._fact(text)
            self._order(person, concept, starts, ends)

    def _order(self, person: int, concept: int, starts: int, ends: int | None) -> None:
        self.database.execute(
            "INSERT INTO medicine (person, concept, starts, ends, record, product) VALUES (?, ?, ?, ?, ?, ?)",
            (person, concept, starts, ends, self._record(person), concept),
        )

    def _fact(self, text: str) -> tuple[int, int, int | None, float | None]:
        read = _FACT.fullmatch(text)
        assert read, f"this is no example of a fact: {text}"
        member = value_sets()[read["set"]].members[int(read["member"] or 1) - 1]
        began = UNDATED if read["began"] == "undated" else day_number(date.fromisoformat(read["began"] or str(BEGAN)))
        ended = day_number(date.fromisoformat(read["ended"])) if read["ended"] else None
        value = float(read["value"]) if read["value"] else None
        return self.number(member.system, member.code), began, ended, value

    def _record(self, person: int) -> int:
        self.records += 1
        self.database.execute(
            "INSERT INTO record (number, reference, person) VALUES (?, ?, ?)",
            (self.records, f"Observation/{self.records}", person),
        )
        return self.records


@pytest.fixture
def people() -> Iterator[People]:
    """A database without anybody."""
    database = sqlite3.connect(":memory:")
    metadata = MetaData()
    tables.declare(metadata)
    for table in metadata.sorted_tables:
        database.execute(str(CreateTable(table).compile(dialect=sqlite.dialect())))
    database.execute("CREATE TABLE patient (id TEXT PRIMARY KEY, practice TEXT)")
    yield People(database)
    database.close()


@pytest.fixture
def shipped() -> dict[str, CohortDefinition]:
    """Every shipped definition by its id."""
    return definitions()


@pytest.fixture
def shipped_sets() -> dict[str, ValueSet]:
    """Every shipped value set by its id."""
    return value_sets()


@pytest.fixture
def examples_of() -> Callable[[str], Mapping[str, list[dict[str, Any]]]]:
    """The examples of a cohort: `in` and `out`."""

    def read(cohort: str) -> Mapping[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = yaml.safe_load((EXAMPLES / f"{cohort}.yaml").read_text("utf-8"))
        return found

    return read
