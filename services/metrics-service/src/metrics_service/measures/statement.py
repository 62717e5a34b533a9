"""A population as SQL, for SQLite and PostgreSQL.

Every word in it comes from a definition, never from a request; numbers are written out. The parameters are the
practices ($1) and all organisations ($2) whose figures are asked for, as arrays (`tandem.database.array_parameters`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from metrics_service.domain.measures.clause import (
    PERSON,
    Aged,
    AllOf,
    AnyOf,
    Clause,
    Condition,
    Has,
    Not,
    Of,
    OnList,
)
from metrics_service.domain.measures.span import Span
from metrics_service.measures.at_homes import STAY, AtHomes, Homes
from metrics_service.measures.fact_conditions import FactConditions, affiliated, standing, text
from metrics_service.measures.narrowed import NOT_NARROWED, Narrowed
from metrics_service.measures.value_sets import Numbers
from tandem.database.array_parameters import among
from tandem.database.connection import Dialect

PERSONAL = frozenset(("age", "sex", "ethnicity", "deprivation"))
"""Strata that the person has; all others are the counted fact's."""
AGE_BANDS = (0, 18, 40, 65, 75, 85)
"""The first age of each band."""


class Statement:
    """Writes the SQL of clauses for one span."""

    def __init__(
        self, dialect: Dialect, span: Span, numbers: Mapping[str, Numbers], narrowed: Narrowed = NOT_NARROWED
    ) -> None:
        self._dialect = dialect
        self._span = span
        self._facts = FactConditions(span, numbers)
        self._narrowed = narrowed
        codes = narrowed.homes or ((narrowed.home,) if narrowed.home is not None else ())
        self._homes = Homes(self._facts, codes, apart=bool(narrowed.homes)) if codes else None
        self._aliases = 0
        self._registered = "p"

    def rows(
        self, clause: Clause, exclusions: Sequence[Condition] = (), *, excluded: bool = False,
        strata: Sequence[str] = (), anywhere: bool = False, told_apart: Sequence[Clause] = (),
    ) -> str:  # fmt: skip
        """What the clause finds: columns practice, patient, source, day, value, and each stratum as s0, s1, ...

        Whoever meets an exclusion is left out; with `excluded`, only these are found. `anywhere` leaves out where the
        person is registered: for what is joined to people who are chosen already. With `told_apart`, which differ from
        the clause in their words alone, only what one of them finds; columns w0, w1, ... say whether each does.
        """
        # The same question has the same text, however many were written before.
        self._aliases = 0
        if clause.facts == (PERSON,):
            self._registered = "f"
            return self._of_people(clause, exclusions, excluded, strata, told_apart)
        return self._of_facts(clause, exclusions, excluded, strata, anywhere, told_apart)

    def _of_people(
        self, clause: Clause, exclusions: Sequence[Condition], excluded: bool, strata: Sequence[str],
        told_apart: Sequence[Clause],
    ) -> str:  # fmt: skip
        day = self._day_of_people(clause)
        where = [self._condition(each, "f", day) for each in clause.people]
        where += self._excluding(exclusions, excluded, "f", day)
        columns = [f"{self.practice} AS practice", "f.patient AS patient", "'Patient/' || f.patient AS source"]
        columns += [f"{day} AS day", "CAST(NULL AS DOUBLE PRECISION) AS value", "CAST(NULL AS TEXT) AS in_group"]
        columns += [f"{self._stratum(name, 'f', 'f')} AS s{place}" for place, name in enumerate(strata)]
        # A person has no words.
        columns += [f"1 = 1 AS w{place}" for place in range(len(told_apart))]
        return " AND ".join([f"SELECT {', '.join(columns)} {self.registered(clause)}", *where])

    @property
    def apart(self) -> bool:
        """Whether several homes are told apart."""
        return self._homes is not None and self._homes.apart

    @property
    def practice(self) -> str:
        """By what everybody (f) is counted: the practice, or the home of those that are told apart."""
        return Homes.named if self.apart else "f.practice"

    def registered(self, clause: Clause) -> str:
        """FROM and WHERE: everybody (f) who is registered and alive on the day of a clause about everybody."""
        day = self._day_of_people(clause)
        where = [*self._person("f", day), self._here("f.practice"), self._alive("f", day), *self._narrow("f")]
        if self._narrowed.provider is not None:
            where.append("1 = 0")
        join = ""
        if self._homes is not None:
            where.append(self._lives("f", day, "ever"))
            join = self._homes.join
        return f"FROM told_person f{join} WHERE {' AND '.join(where)}"

    def of_people(self, clause: Clause, exclusions: Sequence[Condition] = ()) -> list[str]:
        """What a clause about everybody asks of f, and that they meet no exclusion. The same has the same text."""
        self._registered = "f"
        day = self._day_of_people(clause)
        found = []
        for each in clause.people:
            self._aliases = 0
            found.append(self._condition(each, "f", day))
        self._aliases = 0
        return found + self._excluding(exclusions, False, "f", day)

    def _day_of_people(self, clause: Clause) -> str:
        return str(self._span.first if clause.when == "at-start" else self._span.last)

    def _of_facts(
        self, clause: Clause, exclusions: Sequence[Condition], excluded: bool, strata: Sequence[str], anywhere: bool,
        told_apart: Sequence[Clause],
    ) -> str:  # fmt: skip
        day = self._day_of(clause)
        # As it is known now, the practice on the day of the thing is kept beside it.
        self._registered = "f" if anywhere or (day == "f.first" and self._span.known is None) else "p"
        where = self._facts.of_fact(clause, "f")
        # Whenever it was: the person is asked about on that day, and counted where they are registered at the end.
        asked = "f.first" if clause.when in ("ever", "before") else day
        where += [self._condition(each, "f", asked) for each in clause.people]
        where += self._excluding(exclusions, excluded, "f", day)
        where += self._narrow("f")
        if self._narrowed.provider is not None:
            where.append(f"f.organisation = {text(self._narrowed.provider)}")
        if anywhere:
            practice = "NULL"
        else:
            practice = f"COALESCE({self._registered}.practice, f.organisation)"
            at_organisation = f"f.patient IS NULL AND f.organisation {among(self._dialect, '$2', 'text')}"
            where.append(f"({self._here(f'{self._registered}.practice')} OR {at_organisation})")
        join = ""
        if any(name in PERSONAL for name in strata) or (self._registered == "p" and not anywhere):
            join = f" LEFT JOIN told_person p ON p.patient = f.patient AND {' AND '.join(self._person('p', day))}"
        columns = ["f.patient AS patient", "f.source AS source", "f.first AS day"]
        columns += ["f.value AS value", "f.group_source AS in_group"]
        columns += [f"{self._stratum(name, 'f', 'p')} AS s{place}" for place, name in enumerate(strata)]
        if told_apart:
            words = [f"({' AND '.join(self._facts.words(each, 'f')) or '1 = 1'})" for each in told_apart]
            where.append(f"({' OR '.join(words)})")
            columns += [f"{each} AS w{place}" for place, each in enumerate(words)]
        return " UNION ALL ".join(
            f"SELECT {each.home or practice} AS practice, {', '.join(columns)} FROM told_fact f{each.join}{join}"
            f" WHERE {' AND '.join([*each.where, *where])}"
            for each in self._at_homes(clause, day)
        )

    def _at_homes(self, clause: Clause, day: str) -> list[AtHomes]:
        if self._homes is None:
            return [AtHomes()]
        # What is asked of the whole period is asked of whoever lived there in any part of it.
        return self._homes.halves(self._lives("f", day, "during" if clause.when == "during" else "ever"))

    def _excluding(self, exclusions: Sequence[Condition], excluded: bool, alias: str, day: str) -> list[str]:
        if not exclusions:
            return ["1 = 0"] if excluded else []
        met = "(" + " OR ".join(self._condition(each, alias, day) for each in exclusions) + ")"
        return [met if excluded else f"NOT {met}"]

    def _narrow(self, alias: str) -> list[str]:
        return [f"{alias}.patient = {text(self._narrowed.patient)}"] if self._narrowed.patient is not None else []

    def _lives(self, alias: str, day: str, when: Literal["during", "ever"]) -> str:
        """They live in the home on the day; with `during`, in some part of the period."""
        return self._exists(Clause((STAY,), when), alias, day, on_the_day=when == "ever", at=Homes.named)

    def _here(self, column: str) -> str:
        return f"{column} {among(self._dialect, '$1', 'text')}"

    def _person(self, alias: str, day: str) -> list[str]:
        """The version of the person that says where they were registered on the day, as it was known."""
        known = self._span.known
        if known is None:
            return [f"{alias}.starts <= {day}", f"{alias}.ends > {day}"]
        return [
            f"{alias}.known_from <= {known}",
            f"{alias}.starts <= {day}",
            f"({alias}.ends > {day} OR ({alias}.known_until > {known} AND {alias}.gone = 0))",
        ]

    def _alive(self, alias: str, day: str) -> str:
        """A death is often recorded later: what is known of it counts, not what was on the day."""
        known = " AND ".join(self._facts.known("gone"))
        return (
            f"NOT EXISTS (SELECT 1 FROM told_person gone WHERE gone.patient = {alias}.patient"
            f" AND gone.died <= {day} AND {known})"
        )

    def _day_of(self, clause: Clause) -> str:
        if clause.when == "at-start":
            return str(self._span.first)
        if clause.when in ("at-end", "during", "ever", "before"):
            return str(self._span.last)
        return "f.last" if clause.when == "ended" else "f.first"

    def _condition(self, condition: Condition, alias: str, day: str) -> str:
        match condition:
            case OnList():
                return self._on_list(condition, alias, day)
            case Has():
                return self._has(condition, alias, day)
            case Aged():
                return self._aged(condition, alias)
            case Not():
                return f"NOT {self._condition(condition.condition, alias, day)}"
            case AnyOf():
                return "(" + " OR ".join(self._condition(each, alias, day) for each in condition.conditions) + ")"
            case AllOf():
                return "(" + " AND ".join(self._condition(each, alias, day) for each in condition.conditions) + ")"

    def _on_list(self, condition: OnList, alias: str, day: str) -> str:
        stay = Clause(
            ("list-stay",), "ever" if condition.when == "on-the-day" else condition.when, category=condition.lists
        )
        return self._exists(stay, alias, day, on_the_day=condition.when == "on-the-day")

    def _exists(self, clause: Clause, alias: str, day: str, *, on_the_day: bool, at: str = "") -> str:
        self._aliases += 1
        other = f"x{self._aliases}"
        where = [f"{other}.patient = {alias}.patient", *self._facts.of_fact(clause, other, dated=not on_the_day)]
        if on_the_day:
            where += standing(other, day)
        if at:
            where.append(f"{other}.place = {at}")
        return f"EXISTS (SELECT 1 FROM told_fact {other} WHERE {' AND '.join(where)})"

    def _has(self, condition: Has, alias: str, day: str) -> str:
        self._aliases += 1
        other = f"x{self._aliases}"
        within = condition.before is not None or condition.after is not None
        # In the period is what a clause asks for when it says nothing: beside `within` it would ask too much.
        dated = not within or condition.clause.when != "in-period"
        where = self._facts.of_fact(condition.clause, other, dated=dated)
        if condition.same_group:
            where.append(
                f"({other}.group_source = {alias}.group_source OR {other}.group_source = {alias}.source"
                f" OR {other}.source = {alias}.group_source)"
            )
        if not condition.same_group or condition.clause.facts == ("list-stay",):
            where.append(self._whose(condition.of, other, alias))
        if within:
            where.append(f"{other}.first >= {day} - {condition.before or 0}")
            where.append(f"{other}.first <= {day} + {condition.after or 0}")
        where += [self._condition(each, other, f"{other}.first") for each in condition.clause.people]
        return f"EXISTS (SELECT 1 FROM told_fact {other} WHERE {' AND '.join(where)})"

    def _whose(self, of: Of, other: str, alias: str) -> str:
        if of == "person":
            return f"{other}.patient = {alias}.patient"
        if of in ("organisation", "place"):
            return f"{other}.organisation = {alias}.{of}"
        member = f"m{self._aliases}"
        where = [*affiliated(member, "member"), *self._facts.known(member), *standing(member, str(self._span.last))]
        # Whichever row says where the person of the thing, or the person, is registered.
        practice = f"COALESCE({self._registered}.practice, '')"
        networks = f"SELECT {member}.place FROM told_fact {member} WHERE {' AND '.join(where)}"
        return (
            f"({other}.organisation = {practice}"
            f" OR {other}.organisation IN ({networks} AND {member}.organisation = {practice}))"
        )

    def _aged(self, condition: Aged, alias: str) -> str:
        self._aliases += 1
        other = f"x{self._aliases}"
        where = [f"{other}.patient = {alias}.patient", *self._person(other, str(self._span.last))]
        if condition.at_least is not None:
            where.append(f"{other}.born <= {self._span.years_before_end(condition.at_least)}")
        if condition.at_most is not None:
            where.append(f"{other}.born > {self._span.years_before_end(condition.at_most + 1)}")
        return f"EXISTS (SELECT 1 FROM told_person {other} WHERE {' AND '.join(where)})"

    def _stratum(self, name: str, fact: str, person: str) -> str:
        if name == "age":
            cases = " ".join(
                f"WHEN {person}.born <= {self._span.years_before_end(age)} THEN '{_band(age)}'"
                for age in reversed(AGE_BANDS)
            )
            return f"CASE WHEN {person}.born IS NULL THEN 'unknown' {cases} ELSE 'unknown' END"
        if name in PERSONAL:
            return f"COALESCE(CAST({person}.{name} AS TEXT), 'unknown')"
        return f"COALESCE({fact}.{name}, 'unknown')" if fact != person else "'unknown'"


def _band(age: int) -> str:
    later = [each for each in AGE_BANDS if each > age]
    return f"{age}-{later[0] - 1}" if later else f"{age}+"
