"""A second, slow reading of cohort definitions, in plain Python: what the compiled SQL must agree with.

It is written from the docstrings of the criteria, with its own calendar, and looks at one person at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from cohort_service.domain.definition_language.nodes import (
    Age,
    All,
    AnyOf,
    AtLeast,
    Bounds,
    Categories,
    CohortDefinition,
    Criterion,
    InCohort,
    LastSaid,
    Latest,
    Medicine,
    Medicines,
    Not,
    Number,
    Parameter,
    Recorded,
    Sex,
    Span,
    Together,
)
from cohort_service.selection.selection import Selection

UNKNOWN = -1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One fact or order of one person. `product` is what an order is counted as, None for its own concept."""

    concept: int
    starts: int
    ends: int | None
    record: int
    value: float | None = None
    product: int | None = None

    @property
    def ordered(self) -> int:
        return self.concept if self.product is None else self.product


@dataclass(frozen=True, slots=True)
class Somebody:
    """One person with all that is known. Days count from 1 January 1970."""

    number: int
    born: int | None
    sex: str | None
    died: int | None
    left: int | None
    practice: str | None
    facts: tuple[Row, ...]
    orders: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Membership:
    """What the evaluation says of one member."""

    cohort: str
    person: int
    since: int | None
    rank: int


def reference_members(
    selection: Selection, substances: Mapping[int, int], people: list[Somebody], as_of: date
) -> set[Membership]:
    """Everybody's memberships on a day; `substances` gives the substance of each concept."""
    reading = Reading(selection, substances, as_of)
    found = (reading.membership(cohort, person) for cohort in selection.definitions for person in people)
    return {membership for membership in found if membership is not None}


def reference_excluded(
    selection: Selection, substances: Mapping[int, int], people: list[Somebody], as_of: date
) -> set[tuple[str, int, int]]:
    """Whom the exclusions keep out, as (cohort, person, index of the exclusion)."""
    reading = Reading(selection, substances, as_of)
    return {
        (cohort, person.number, place)
        for cohort in selection.definitions
        for person in people
        if (definition := reading.definition_for(cohort, person)) and reading.selected(definition, person)
        for place, reason in enumerate(definition.exclude)
        if reading.holds(reason.when, person, definition.parameters)
    }


class Reading:
    """The selection on a day, read for one person at a time."""

    def __init__(self, selection: Selection, substances: Mapping[int, int], as_of: date) -> None:
        self.selection, self.substances, self.as_of = selection, substances, as_of
        self.today = _number(as_of)
        self._readers: dict[type, Callable[..., bool]] = {
            Recorded: self._recorded, Latest: self._latest, LastSaid: self._last_said, Medicine: self._medicine,
            Medicines: self._medicines, Together: self._together, Categories: self._categories, Age: self._age,
        }  # fmt: skip

    def membership(self, cohort: str, person: Somebody) -> Membership | None:
        definition = self.definition_for(cohort, person)
        if definition is None or not self.selected(definition, person):
            return None
        if any(self.holds(reason.when, person, definition.parameters) for reason in definition.exclude):
            return None
        rank = sum(r.points for r in definition.rank if self.holds(r.when, person, definition.parameters))
        codes = self.codes(definition.since)
        days = [f.starts for f in person.facts if f.concept in codes and self._is_current(f) and f.starts != UNKNOWN]
        return Membership(cohort, person.number, min(days, default=None), rank)

    def definition_for(self, cohort: str, person: Somebody) -> CohortDefinition | None:
        base = self.selection.definitions[cohort]
        if base.status == "optional" and person.practice not in self.selection.switched_on.get(cohort, ()):
            return None
        for variant in self.selection.variants:
            if variant.cohort == cohort and person.practice in variant.practices:
                return variant.definition
        return base

    def selected(self, definition: CohortDefinition, person: Somebody) -> bool:
        if any(day is not None and day <= self.today for day in (person.died, person.left)):
            return False
        if definition.applies_from and self.as_of < definition.applies_from:
            return False
        if definition.applies_until and self.as_of > definition.applies_until:
            return False
        return self.holds(definition.members, person, definition.parameters)

    def holds(self, criterion: Criterion, person: Somebody, parameters: Mapping[str, int]) -> bool:
        match criterion:
            case All(of):
                return all(self.holds(inner, person, parameters) for inner in of)
            case AnyOf(of):
                return any(self.holds(inner, person, parameters) for inner in of)
            case Not(of=inner):
                return not self.holds(inner, person, parameters)
            case AtLeast(count, of):
                return sum(self.holds(inner, person, parameters) for inner in of) >= _value(count, parameters)
            case InCohort(cohort):
                return self.membership(cohort, person) is not None
            case Sex(is_):
                return person.sex == is_
            case _:
                return self._readers[type(criterion)](criterion, person, parameters)

    def _age(self, criterion: Age, person: Somebody, parameters: Mapping[str, int]) -> bool:
        if person.born is None or person.born > self.today:
            return False
        born = date(1970, 1, 1) + timedelta(days=person.born)
        years = self.as_of.year - born.year - ((self.as_of.month, self.as_of.day) < (born.month, born.day))
        low = 0 if criterion.from_ is None else _value(criterion.from_, parameters)
        high = 10_000 if criterion.under is None else _value(criterion.under, parameters)
        return low <= years < high

    def _recorded(self, criterion: Recorded, person: Somebody, parameters: Mapping[str, int]) -> bool:
        codes = self.codes(criterion.value_sets)
        records = {f.record for f in person.facts if f.concept in codes and self.counts(criterion, f)}
        return len(records) >= _value(criterion.times, parameters)

    def counts(self, criterion: Recorded, fact: Row) -> bool:
        if fact.starts > self.today or not lies_within(criterion.value, fact.value):
            return False
        if criterion.within is None and criterion.older_than is None:
            return criterion.ever or self._is_current(fact)
        if fact.starts == UNKNOWN:
            return False
        if criterion.within is not None and fact.starts < self.back(criterion.within):
            return False
        return criterion.older_than is None or fact.starts <= self.back(criterion.older_than)

    def _latest(self, criterion: Latest, person: Somebody, parameters: Mapping[str, int]) -> bool:
        newest = newest_of(self.seen(person, criterion.value_sets, criterion.within))
        return newest is not None and lies_within(criterion.value, newest.value)

    def _last_said(self, criterion: LastSaid, person: Somebody, parameters: Mapping[str, int]) -> bool:
        said = self.seen(person, criterion.among, criterion.within)
        last = max((f.starts for f in said), default=None)
        return any(f.starts == last and f.concept in self.codes(criterion.is_) for f in said)

    def seen(self, person: Somebody, value_sets: tuple[str, ...], within: Span | None) -> list[Row]:
        codes = self.codes(value_sets)
        first = UNKNOWN if within is None else self.back(within)
        return [f for f in person.facts if f.concept in codes and first <= f.starts <= self.today]

    def _medicine(self, criterion: Medicine, person: Somebody, parameters: Mapping[str, int]) -> bool:
        codes = self.codes(criterion.value_sets)
        orders = [order for order in person.orders if order.concept in codes]
        first, last = self.window(criterion)
        if not any(is_in_use(order, first, last) for order in orders):
            return False
        if criterion.started_before is None:
            return True
        return any(UNKNOWN < order.starts <= self.back(criterion.started_before) for order in orders)

    def window(self, criterion: Medicine) -> tuple[int, int]:
        """The first and last day on which the medicine must have been in use."""
        if criterion.between is not None:
            return self.back(criterion.between[0]), self.back(criterion.between[1])
        return (self.today if criterion.within is None else self.back(criterion.within)), self.today

    def _medicines(self, criterion: Medicines, person: Somebody, parameters: Mapping[str, int]) -> bool:
        different = {self.substances[order.ordered] for order in self.counted_orders(criterion, person)}
        return len(different) >= _value(criterion.at_least, parameters)

    def counted_orders(self, criterion: Medicines, person: Somebody) -> list[Row]:
        """The orders whose substances count."""
        first = self.today if criterion.within is None else self.back(criterion.within)
        only, but = self.codes(criterion.value_sets), self.codes(criterion.except_)
        kept_out = {order.record for order in person.orders if order.concept in but}
        return [
            order
            for order in person.orders
            if (not criterion.value_sets or order.concept in only)
            and order.record not in kept_out
            and is_in_use(order, first, self.today)
        ]

    def _together(self, criterion: Together, person: Somebody, parameters: Mapping[str, int]) -> bool:
        used = [order for order in person.orders if is_in_use(order, self.back(criterion.within), self.today)]
        first, second = self.codes(criterion.first), self.codes(criterion.second)
        return any(
            self.substances[a.ordered] != self.substances[b.ordered] and days_apart(a, b) <= criterion.days
            for a in used
            if a.concept in first
            for b in used
            if b.concept in second
        )

    def _categories(self, criterion: Categories, person: Somebody, parameters: Mapping[str, int]) -> bool:
        count = sum(bool(self.seen(person, (name,), None)) for name in self.selection.groups[criterion.group])
        count += sum(self.holds(inner, person, parameters) for inner in criterion.plus)
        most = 10_000 if criterion.up_to is None else _value(criterion.up_to, parameters)
        return _value(criterion.at_least, parameters) <= count <= most

    def codes(self, value_sets: tuple[str, ...]) -> set[int]:
        return {number for name in value_sets for number in self.selection.value_sets[name]}

    def _is_current(self, fact: Row) -> bool:
        return fact.starts <= self.today and (fact.ends is None or fact.ends > self.today)

    def back(self, span: Span) -> int:
        if span.unit in ("days", "weeks"):
            return self.today - span.amount * (7 if span.unit == "weeks" else 1)
        year, month = self.as_of.year, self.as_of.month
        for _ in range(span.amount * (12 if span.unit == "years" else 1)):
            year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        day = self.as_of.day
        while True:
            try:
                return _number(date(year, month, day))
            except ValueError:
                day -= 1


def _number(day: date) -> int:
    return day.toordinal() - date(1970, 1, 1).toordinal()


def _value(number: Number, parameters: Mapping[str, int]) -> int:
    return parameters[number.name] if isinstance(number, Parameter) else number


def lies_within(bounds: Bounds | None, value: float | None) -> bool:
    """Whether there is a value within the bounds, if there are bounds."""
    if bounds is None:
        return True
    if value is None:
        return False
    return (
        (bounds.from_ is None or value >= bounds.from_)
        and (bounds.above is None or value > bounds.above)
        and (bounds.up_to is None or value <= bounds.up_to)
        and (bounds.under is None or value < bounds.under)
    )


def newest_of(facts: list[Row]) -> Row | None:
    """The newest, which may have no value; of one record and day one with a value, and that the highest."""
    return max(
        facts, key=lambda f: (f.starts, f.record, f.value is not None, 0.0 if f.value is None else f.value),
        default=None,
    )  # fmt: skip


def is_in_use(order: Row, first: int, last: int) -> bool:
    """Whether one of the order's days is one of those from `first` to `last`."""
    last_day = last if order.ends is None else order.ends - 1
    return max(order.starts, first) <= min(last_day, last)


def days_apart(a: Row, b: Row) -> int:
    """How many days lie from the last day of one order to the first of the other, 0 when they share a day."""
    gaps = [later.starts - (earlier.ends - 1) for earlier, later in ((a, b), (b, a)) if earlier.ends is not None]
    return max(0, *gaps) if gaps else 0
