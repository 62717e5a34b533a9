"""Why somebody is in a cohort or not: its definition as a tree in plain English, and the SQL that answers for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cohort_service.domain.definition_language.in_words import in_words
from cohort_service.domain.definition_language.nodes import (
    Because,
    Categories,
    CohortDefinition,
    Criterion,
    InCohort,
    Medicines,
    Not,
    Recorded,
)
from cohort_service.domain.definition_language.references import inner_criteria
from cohort_service.domain.definition_language.titles import Titles, titles_of_groups
from cohort_service.selection.cohorts import Cohorts, applies
from cohort_service.selection.evidence_rows import contrary_rows, evidence_rows
from cohort_service.selection.medicines import how_many
from cohort_service.selection.recorded import recorded_conditions
from cohort_service.selection.selection import DefinitionInForce, Selection
from cohort_service.selection.statement import Dialect, Statement


@dataclass(frozen=True, slots=True)
class Asked:
    """One node: `number` is its place in the statements, `counted` whether these count something for it.

    `negates`: the node holds when what is within it does not. `other_cohort` are the trees of the cohort that the node
    refers to.
    """

    number: int
    text: str
    children: tuple[Asked, ...] = ()
    counted: bool = False
    negates: bool = False
    other_cohort: tuple[Tree, ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """One definition of a cohort, in force for those for whom the node `in_force` holds; `root` for its members."""

    definition: CohortDefinition
    in_force: int
    root: Asked


@dataclass(frozen=True, slots=True)
class Explanation:
    """The trees of a cohort's definitions, one of which is in force for a person, and three statements over `$1`.

    `holds_sql` selects rows (node, person), one for each node that holds; `evidence_sql` rows (node, person, record,
    concept, starts, ends, value) of what makes a node hold or, where it does not, of the newest record that is to the
    contrary; `counts_sql` rows (node, person, counted).
    """

    trees: tuple[Tree, ...]
    holds_sql: str
    evidence_sql: str
    counts_sql: str


def explanation(selection: Selection, cohort: str, as_of: date, dialect: Dialect) -> Explanation:
    """The explanation of a cohort on a day. Raises KeyError for a cohort that is not in the selection."""
    writing = _Writing(Cohorts(Statement(selection, as_of, dialect, "people")))
    trees = writing.cohort(cohort)
    statement = writing.cohorts.statement
    return Explanation(
        trees, statement.text(_union(writing.holds)), statement.text(_union(writing.evidence, _NO_EVIDENCE)),
        statement.text(_union(writing.counts, _NO_COUNTS)),
    )  # fmt: skip


_NO_EVIDENCE = (
    "SELECT 0 AS node, 0 AS person, 0 AS record, 0 AS concept, 0 AS starts, 0 AS ends,"
    " CAST(NULL AS DOUBLE PRECISION) AS value WHERE 1 = 0"
)
_NO_COUNTS = "SELECT 0 AS node, 0 AS person, 0 AS counted WHERE 1 = 0"


def _union(parts: list[str], nothing: str = "") -> str:
    return "\nUNION ".join(parts) or nothing


class _Writing:
    def __init__(self, cohorts: Cohorts) -> None:
        self.cohorts = cohorts
        self.holds: list[str] = []
        self.evidence: list[str] = []
        self.counts: list[str] = []
        self._numbers = 0
        self._titles = _titles(cohorts.statement.selection)

    def cohort(self, cohort: str) -> tuple[Tree, ...]:
        """The trees of the definitions of a cohort."""
        return tuple(self._tree(force) for force in self.cohorts.statement.selection.in_force(cohort))

    def _tree(self, force: DefinitionInForce) -> Tree:
        definition, statement = force.definition, self.cohorts.statement
        root = self._next()
        relation = self.cohorts.relation(force)
        self.holds.append(f"SELECT {root} AS node, person FROM {relation}")
        practice = self._condition("The definition is in force for the practice", self.cohorts.practices(force))
        children = [
            *([practice] if force.only is not None or force.but else []),
            self._condition("Is alive and registered", self.cohorts.registered()),
            self._condition(_period(definition), "1 = 1" if applies(definition, statement.as_of) else "1 = 0"),
            self._criterion(definition.members, definition),
            *(self._kept_out(reason, definition) for reason in definition.exclude),
        ]
        asked = Asked(root, f"{definition.title} (version {definition.version})", tuple(children))
        return Tree(definition, practice.number, asked)

    def _condition(self, text: str, condition: str) -> Asked:
        number = self._next()
        person = self.cohorts.statement.person
        self.holds.append(f"SELECT {number} AS node, p.number AS person FROM {person} p WHERE {condition}")
        return Asked(number, text)

    def _kept_out(self, reason: Because, definition: CohortDefinition) -> Asked:
        criteria = self.cohorts.criteria(definition)
        asked = self._condition(f"Is not kept out: {reason.text}", criteria.condition(Not(reason.when)))
        return Asked(asked.number, asked.text, (self._criterion(reason.when, definition),), negates=True)

    def _criterion(self, criterion: Criterion, definition: CohortDefinition) -> Asked:
        """A criterion and what is within it."""
        criteria = self.cohorts.criteria(definition)
        text = in_words(criterion, definition.parameters, self._titles)
        number = self._condition(text, criteria.condition(criterion)).number
        self._show(number, criterion, definition)
        children = tuple(self._criterion(inner, definition) for inner in inner_criteria(criterion))
        other = self.cohort(criterion.cohort) if isinstance(criterion, InCohort) else ()
        counted = self._count(number, criterion, definition)
        return Asked(number, text, children, counted, isinstance(criterion, Not), other)

    def _show(self, number: int, criterion: Criterion, definition: CohortDefinition) -> None:
        statement = self.cohorts.statement
        held = self.cohorts.criteria(definition).people(criterion)
        among = f"found.person IN (SELECT person FROM {held})"
        found = [(rows, among) for rows in evidence_rows(criterion, statement)]
        found += [(rows, statement.absent("found.person", held)) for rows in contrary_rows(criterion, statement)]
        self.evidence += [
            f"SELECT {number} AS node, person, record, concept, starts, ends, value FROM ({rows}) AS found"
            f" WHERE {where}"
            for rows, where in found
        ]

    def _count(self, number: int, criterion: Criterion, definition: CohortDefinition) -> bool:
        """Have counted what the criterion counts; answers whether it counts anything."""
        statement, criteria = self.cohorts.statement, self.cohorts.criteria(definition)
        match criterion:
            case Medicines():
                rows = f"SELECT person, substances AS counted FROM {how_many(criterion, statement)}"
            case Categories():
                rows = f"SELECT person, categories AS counted FROM {criteria.category_counts(criterion)}"
            case Recorded(times=times) if times != 1:
                rows = (
                    f"SELECT person, COUNT(DISTINCT record) AS counted FROM {statement.fact}"
                    f" WHERE {recorded_conditions(criterion, statement)} GROUP BY person"
                )
            case _:
                return False
        self.counts.append(f"SELECT {number} AS node, person, counted FROM ({rows}) AS counts")
        return True

    def _next(self) -> int:
        self._numbers += 1
        return self._numbers


def _titles(selection: Selection) -> Titles:
    cohorts = {identity: definition.title for identity, definition in selection.definitions.items()}
    return Titles(selection.titles, titles_of_groups(selection.groups, selection.titles), cohorts)


def _period(definition: CohortDefinition) -> str:
    first, last = definition.applies_from, definition.applies_until
    since = "" if first is None else f" from {_day(first)}"
    until = "" if last is None else f" until {_day(last)}"
    return f"The definition applies{since}{until}" if since or until else "The definition applies on any day"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
