"""The records that put people into a cohort, by the plain reading of `reference_selection`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from cohort_service.domain.definition_language.nodes import (
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
    Recorded,
    Together,
)
from cohort_service.selection.selection import Selection
from tandem_tests.reference_selection import (
    UNKNOWN,
    Reading,
    Row,
    Somebody,
    days_apart,
    is_in_use,
    lies_within,
    newest_of,
)

EvidenceRow = tuple[int, int, int, int, int | None, float | None]
"""person, record, concept, starts, ends, value"""


def reference_evidence(
    selection: Selection, substances: Mapping[int, int], people: list[Somebody], cohort: str, as_of: date
) -> set[EvidenceRow]:
    """The evidence of all members of a cohort."""
    shown = _Shown(Reading(selection, substances, as_of))
    return {
        (person.number, row.record, row.concept, row.starts, row.ends, row.value)
        for person in people
        for row in shown.of_cohort(cohort, person)
    }


class _Shown:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def of_cohort(self, cohort: str, person: Somebody) -> Iterator[Row]:
        definition = self._reading.definition_for(cohort, person)
        if definition is not None and self._reading.membership(cohort, person) is not None:
            yield from self.of(definition.members, person, definition.parameters)

    def of(self, criterion: Criterion, person: Somebody, parameters: Mapping[str, int]) -> Iterator[Row]:
        """The rows of a criterion, none when it does not hold."""
        if not self._reading.holds(criterion, person, parameters):
            return
        match criterion:
            case All(inner) | AnyOf(inner) | AtLeast(_, inner) | Categories(plus=inner):
                for each in inner:
                    yield from self.of(each, person, parameters)
            case InCohort(cohort):
                yield from self.of_cohort(cohort, person)
            case _:
                pass
        yield from self._own(criterion, person)

    def _own(self, criterion: Criterion, person: Somebody) -> Iterator[Row]:
        reading = self._reading
        today = reading.today
        match criterion:
            case Recorded(names):
                yield from (
                    f for f in person.facts if f.concept in reading.codes(names) and reading.counts(criterion, f)
                )
            case Latest(names, _, within):
                newest = newest_of(reading.seen(person, names, within))
                # the criterion holds, so that whichever of equal ones is shown lies within the bounds
                assert newest is not None
                assert lies_within(criterion.value, newest.value)
                yield newest
            case LastSaid(among, is_, within):
                said = reading.seen(person, among, within)
                last = max(f.starts for f in said)
                yield from (f for f in said if f.starts == last and f.concept in reading.codes(is_))
            case Medicine():
                first, until = reading.window(criterion)
                for order in person.orders:
                    long = criterion.started_before and UNKNOWN < order.starts <= reading.back(criterion.started_before)
                    if order.concept in reading.codes(criterion.value_sets) and (
                        is_in_use(order, first, until) or long
                    ):
                        yield order
            case Medicines():
                yield from reading.counted_orders(criterion, person)
            case Together():
                used = [o for o in person.orders if is_in_use(o, reading.back(criterion.within), today)]
                for a, b in ((a, b) for a in used for b in used):
                    if (
                        a.concept in reading.codes(criterion.first)
                        and b.concept in reading.codes(criterion.second)
                        and reading.substances[a.ordered] != reading.substances[b.ordered]
                        and days_apart(a, b) <= criterion.days
                    ):
                        yield from (a, b)
            case Categories(group):
                names = reading.selection.groups[group]
                yield from reading.seen(person, names, None)
            case _:
                pass
