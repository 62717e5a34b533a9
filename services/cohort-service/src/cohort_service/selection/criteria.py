"""From a criterion to SQL: as a relation of people, and as a condition on a row `p` of people.

A relation may name a person more than once. Where a criterion does not hold, its condition is false or NULL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cohort_service.domain.definition_language.days import latest_birth
from cohort_service.domain.definition_language.nodes import (
    Age,
    All,
    AnyOf,
    AtLeast,
    Categories,
    Criterion,
    InCohort,
    LastSaid,
    Latest,
    Medicine,
    Medicines,
    Not,
    Number,
    Recorded,
    Sex,
    Span,
    Together,
)
from cohort_service.domain.definition_language.quantities import value_of
from cohort_service.selection import medicines, recorded
from cohort_service.selection.categories import category_counts
from cohort_service.selection.grouping import different, united
from cohort_service.selection.statement import AMONG, Statement, among
from tandem.london_days import day_number


class Criteria:
    """The criteria of one definition, with the values of its parameters.

    `cohort_members` answers the name of the relation of another cohort's members.
    """

    def __init__(
        self, statement: Statement, parameters: Mapping[str, int], cohort_members: Callable[[str], str]
    ) -> None:
        self._statement, self._parameters, self._cohort_members = statement, parameters, cohort_members

    def condition(self, criterion: Criterion) -> str:
        """A condition on `p` that holds for whom the criterion holds."""
        match criterion:
            case All(of):
                return self._statement.every([self.condition(inner) for inner in of])
            case Not(of=Age() | Sex() as inner):
                return f"NOT COALESCE({self.condition(inner)}, FALSE)"
            case Not(of=inner):
                return self._statement.absent("p.number", self.people(inner))
            case AnyOf(of) if forbidden := _forbidden(of):
                return self._statement.absent("p.number", self.people(All(forbidden)))
            case Age():
                return self._age(criterion)
            case Sex(is_):
                return f"p.sex = '{is_}'"
            case Categories() if self._number(criterion.at_least) == 0:
                return self._few_categories(criterion)
            case _:
                return _among(self.people(criterion))

    def people(self, criterion: Criterion) -> str:
        """The name of a relation of the people for whom the criterion holds."""
        statement = self._statement
        match criterion:
            case All(of) if relations := self._recorded(of):
                return self._relation("all", statement.meeting(relations))
            case AnyOf(of):
                parts = [f"SELECT person FROM {self.people(inner)}" for inner in of]
                return self._relation("any", united(parts))
            case AtLeast(count, of):
                held = different("place", "places", (self._held(inner, place) for place, inner in enumerate(of)))
                many = f"SELECT person FROM ({held}) AS held WHERE places >= {self._number(count)}"
                return self._relation("at_least", many)
            case InCohort(cohort):
                return self._cohort_members(cohort)
            case Recorded():
                return self._relation("recorded", recorded.recorded(criterion, statement, self._parameters))
            case Latest():
                return self._relation("latest", recorded.latest(criterion, statement))
            case LastSaid():
                return self._relation("last_said", recorded.last_said(criterion, statement))
            case Medicine(started_before=None):
                return self._in_use(criterion)
            case Medicine(started_before=Span() as span):
                started = self._relation("medicine_started", medicines.started(criterion, span, statement))
                return self._relation("all", statement.meeting([self._in_use(criterion), started]))
            case Medicines():
                return self._relation("medicines", medicines.at_least(criterion, statement, self._parameters))
            case Together():
                return self._relation("together", medicines.together(criterion, statement))
            case Categories() if self._number(criterion.at_least) > 0:
                return self._relation("categories", self._many_categories(criterion))
            case _:
                where = self.condition(criterion)
                return self._relation("people", f"SELECT p.number AS person FROM {statement.person} p WHERE {where}")

    def category_counts(self, criterion: Categories) -> str:
        """The relation (person, categories) that a criterion compares with its bounds."""
        return category_counts(criterion.group, self._statement, [self.people(inner) for inner in criterion.plus])

    def _recorded(self, of: Sequence[Criterion]) -> list[str]:
        """The relations of the criteria, when each of them is one; else none."""
        relations = [relation for inner in of if (relation := among(self.condition(inner)))]
        return relations if len(relations) == len(of) else []

    def _held(self, criterion: Criterion, place: int) -> str:
        return f"SELECT person, {place} AS place FROM {self.people(criterion)}"

    def _relation(self, stem: str, body: str) -> str:
        return self._statement.relation(stem, body)

    def _number(self, number: Number) -> int:
        return value_of(number, self._parameters)

    def _in_use(self, criterion: Medicine) -> str:
        return self._relation("medicine", medicines.in_use(criterion, self._statement))

    def _many_categories(self, criterion: Categories) -> str:
        bounds = f"categories >= {self._number(criterion.at_least)}"
        if criterion.up_to is not None:
            bounds += f" AND categories <= {self._number(criterion.up_to)}"
        return f"SELECT person FROM {self.category_counts(criterion)} WHERE {bounds}"

    def _few_categories(self, criterion: Categories) -> str:
        """None at all is enough, so that it holds for everybody but those who have too many."""
        if criterion.up_to is None:
            return "TRUE"
        most = f"categories > {self._number(criterion.up_to)}"
        body = f"SELECT person FROM {self.category_counts(criterion)} WHERE {most}"
        return self._statement.absent("p.number", self._relation("too_many", body))

    def _age(self, criterion: Age) -> str:
        parts = []
        if criterion.from_ is not None:
            parts.append(f"p.born <= {self._birth(criterion.from_)}")
        if criterion.under is not None:
            parts.append(f"p.born > {self._birth(criterion.under)} AND p.born <= {self._statement.today}")
        return " AND ".join(parts)

    def _birth(self, years: Number) -> int:
        return day_number(latest_birth(self._statement.as_of, self._number(years)))


def _forbidden(of: Sequence[Criterion]) -> tuple[Criterion, ...]:
    """What must not hold together, when all that are given are a `not` of something recorded; else nothing."""
    inner = tuple(each.of for each in of if isinstance(each, Not) and not isinstance(each.of, (Age, Sex)))
    return inner if len(inner) == len(of) else ()


def _among(relation: str) -> str:
    return f"{AMONG}{relation})"
