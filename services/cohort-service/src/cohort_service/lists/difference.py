"""What is to change on the lists of a batch of people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cohort_service.domain.definition_language.nodes import CohortDefinition
from cohort_service.domain.judgement import NOTHING_JUDGED, InForce, Judgement, in_force
from cohort_service.domain.membership import Ending, Selected, Stay, Wanted, ending, has_ended_between, wanted
from cohort_service.lists.member_rows import Evidence, MemberRow
from cohort_service.lists.people import ListedPerson

DatedBy = Mapping[tuple[str, int], Sequence[tuple[Stay, dict[str, Any]]]]
"""The facts that date memberships, with their evidence, by cohort and number of the person."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A person and a cohort of which something stands or is wanted; `definition` is None when it is not in force."""

    person: ListedPerson
    cohort: str
    definition: CohortDefinition | None
    judged: InForce
    row: MemberRow | None
    wants: Wanted | None

    @property
    def key(self) -> tuple[str, int]:
        return self.cohort, self.person.number

    @property
    def is_dated(self) -> bool:
        return self.definition is not None and bool(self.definition.since)

    @property
    def has_moved(self) -> bool:
        """Whether both stand, and begin on different days by what the definition dates."""
        return (
            self.row is not None and self.wants is not None and self.wants.since is not None
            and self.wants.since != self.row.standing.since
        )  # fmt: skip

    @property
    def needs_its_stays(self) -> bool:
        """Whether the facts that date the membership must be known to tell what changes."""
        return self.is_dated and self.row is not None and (self.wants is None or self.has_moved)


@dataclass(slots=True)
class Difference:
    """Memberships to begin, to end (with the evidence of the end), to move and to keep with other figures.

    `begun_anew` are those of the latter two that are there for another reason: from another day, by another definition,
    or by rule instead of judgement, or the other way round.
    """

    entering: list[tuple[Pair, Wanted]] = field(default_factory=list)
    leaving: list[tuple[MemberRow, Ending, Evidence]] = field(default_factory=list)
    moving: list[tuple[Pair, MemberRow, Wanted]] = field(default_factory=list)
    keeping: list[tuple[MemberRow, Wanted]] = field(default_factory=list)
    begun_anew: list[tuple[Pair, MemberRow]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Batch:
    """What is known of some people on a day; mappings go by cohort and then number or id of the person."""

    day: int
    people: Sequence[ListedPerson]
    selected: Mapping[tuple[str, int], Selected]
    judged: Mapping[tuple[str, str], Sequence[Judgement]]
    standing: Sequence[MemberRow]
    asked: Callable[[str], bool]
    definition_for: Callable[[str, str | None], CohortDefinition | None]

    def pairs(self) -> Iterator[Pair]:
        """Every person and cohort of which anything stands or may be wanted, in a fixed order."""
        by_patient = {person.patient: person for person in self.people}
        by_number = {person.number: person for person in self.people}
        rows = {(row.cohort, row.patient): row for row in self.standing}
        keys = set(rows) | {(cohort, by_number[number].patient) for cohort, number in self.selected}
        keys |= {key for key in self.judged if self.asked(key[0])}
        for cohort, patient in sorted(keys):
            yield self._pair(by_patient[patient], cohort, rows.get((cohort, patient)))

    def _pair(self, person: ListedPerson, cohort: str, row: MemberRow | None) -> Pair:
        definition = self.definition_for(cohort, person.practice)
        said = self.judged.get((cohort, person.patient))
        judged = in_force(said, self.day) if said else NOTHING_JUDGED
        wants = None
        if person.gone is None and definition is not None:
            wants = wanted(self.selected.get((cohort, person.number)), judged, definition.name)
        return Pair(person, cohort, definition, judged, row, wants)


def difference(pairs: Sequence[Pair], day: int, dated_by: DatedBy) -> Difference:
    """What to change; `dated_by` holds the facts of every pair that needs its stays."""
    found = Difference()
    for pair in pairs:
        facts = dated_by.get(pair.key, ())
        if pair.row is not None and _is_over(pair, facts):
            end = _ending(pair, pair.row, day, facts)
            found.leaving.append((pair.row, end, [entry for stay, entry in facts if stay.ends == end.until]))
            if pair.wants is not None:
                found.entering.append((pair, pair.wants))
        elif pair.row is not None and pair.wants is not None:
            _stay(found, pair, pair.row, pair.wants)
        elif pair.wants is not None:
            found.entering.append((pair, pair.wants))
    return found


def _stay(found: Difference, pair: Pair, row: MemberRow, wants: Wanted) -> None:
    held = row.standing
    if pair.has_moved:
        found.moving.append((pair, row, wants))
    if (held.definition, held.origin, held.rank, held.priority) != (
        wants.definition, wants.origin, wants.rank, wants.priority,
    ):  # fmt: skip
        found.keeping.append((row, wants))
    if pair.has_moved or (held.definition, held.origin) != (wants.definition, wants.origin):
        found.begun_anew.append((pair, row))


def _is_over(pair: Pair, facts: Sequence[tuple[Stay, Any]]) -> bool:
    if pair.wants is None or pair.row is None:
        return pair.row is not None
    return has_ended_between(pair.row.standing, pair.wants, [stay for stay, _ in facts])


def _ending(pair: Pair, row: MemberRow, day: int, facts: Sequence[tuple[Stay, Any]]) -> Ending:
    return ending(
        row.standing, day, left=pair.person.gone, judged=pair.judged,
        definition=pair.definition.name if pair.definition is not None else None,
        dated=pair.is_dated, stays=[stay for stay, _ in facts],
    )  # fmt: skip
