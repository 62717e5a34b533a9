"""The members of whole cohorts: who is alive and registered, what is in force for whom, and who is kept out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cohort_service.domain.definition_language.nodes import CohortDefinition, Not
from cohort_service.selection.criteria import Criteria
from cohort_service.selection.grouping import united
from cohort_service.selection.selection import DefinitionInForce
from cohort_service.selection.statement import Statement

EVERYBODY = "1 = 1"


class Cohorts:
    """The relations of cohorts in one statement."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self._members: dict[str, str] = {}

    def criteria(self, definition: CohortDefinition) -> Criteria:
        """The criteria of a definition, which may refer to other cohorts."""
        return Criteria(self.statement, definition.parameters, self.members)

    def members(self, cohort: str) -> str:
        """The name of a relation of everybody whom the cohort's definitions select."""
        known = self._members.get(cohort)
        if known is None:
            parts = [name for _, name in self.parts(cohort)]
            union = united([f"SELECT person FROM {name}" for name in parts])
            known = parts[0] if len(parts) == 1 else self.statement.relation(_stem(cohort), union)
            self._members[cohort] = known
        return known

    def parts(self, cohort: str) -> Iterator[tuple[CohortDefinition, str]]:
        """Each definition in force, with the name of a relation of its members, each of whom stands once."""
        for force in self.statement.selection.in_force(cohort):
            yield force.definition, self.relation(force)

    def relation(self, force: DefinitionInForce) -> str:
        """The name of a relation of whom one definition selects, each once."""
        conditions = [self._conditions(force)]
        if applies(force.definition, self.statement.as_of):
            criteria = self.criteria(force.definition)
            conditions += [criteria.condition(Not(reason.when)) for reason in force.definition.exclude]
        return self._relation(force, " AND ".join(conditions))

    def before_exclusions(self, cohort: str) -> Iterator[tuple[CohortDefinition, str]]:
        """As `parts`, without keeping anybody out."""
        for force in self.statement.selection.in_force(cohort):
            yield force.definition, self._relation(force, self._conditions(force))

    def _relation(self, force: DefinitionInForce, conditions: str) -> str:
        body = f"SELECT p.number AS person FROM {self.statement.person} p WHERE {conditions}"
        return self.statement.relation(_stem(force.definition.id), body)

    def _conditions(self, force: DefinitionInForce) -> str:
        if not applies(force.definition, self.statement.as_of):
            return "1 = 0"
        parts = [self.registered(), self.practices(force)]
        parts.append(self.criteria(force.definition).condition(force.definition.members))
        return " AND ".join(part for part in parts if part != EVERYBODY)

    def registered(self) -> str:
        """The condition on `p` that somebody is alive and registered."""
        today = self.statement.today
        return f"(p.died IS NULL OR p.died > {today}) AND (p.left_on IS NULL OR p.left_on > {today})"

    def practices(self, force: DefinitionInForce) -> str:
        """The condition on `p` that a definition is in force for somebody's practice."""
        if force.only is not None:
            return f"p.patient IN ({self._registered_with(force.only)})"
        return f"p.patient NOT IN ({self._registered_with(force.but)})" if force.but else EVERYBODY

    def _registered_with(self, practices: tuple[str, ...]) -> str:
        listed = ", ".join(self.statement.literal(practice) for practice in practices) or "NULL"
        return f"SELECT id FROM patient WHERE practice IN ({listed})"


def applies(definition: CohortDefinition, as_of: date) -> bool:
    """Whether the definition is in force on the day."""
    first, last = definition.applies_from, definition.applies_until
    return (first is None or first <= as_of) and (last is None or as_of <= last)


def _stem(cohort: str) -> str:
    return cohort.replace("-", "_")
