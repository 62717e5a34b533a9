"""Whatever happens to people and in whatever batches they are evaluated: in the end the lists are those of a full
evaluation, and the events tell the story that the lists show."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohort_service.catalogue.current import current_selection
from cohort_service.catalogue.shipped import install
from cohort_service.domain.facts.person import Person
from cohort_service.domain.judgement import Decision, Judgement
from cohort_service.facts.concepts import Concepts
from cohort_service.facts.fact_rows import RecordFacts, write_facts
from cohort_service.facts.person_rows import write_person
from cohort_service.lists.announcements import ENTERED, LEFT
from cohort_service.lists.current_evidence import evidence_shown
from cohort_service.lists.evaluation import evaluate_everybody, evaluate_people
from cohort_service.lists.judgement_rows import judgements_of, keep_judgement
from cohort_service.service import service
from tandem.canonical import SNOMED_CT
from tandem.database.connection import Connection, open_database
from tandem.database.migrate import migrate
from tandem.fhir.body import decode
from tandem.london_days import london_date
from tandem.nhs.value_set import Member, ValueSet
from tandem.record_facts.fact import Fact
from tandem_tests.databases import NewDatabase
from tandem_tests.reference_evidence import reference_evidence
from tandem_tests.reference_selection import Row, Somebody
from tandem_tests.small_work import SmallWork

DAY = 18_444
CODES = {"falls": "217082002", "stay": "248171000000108", "alone": "105531004"}
NEEDS = """
id: needs
version: "1"
title: Needs
description: People who fell lately and stay nowhere.
service: AC
status: mandatory
source: A test
members:
  all:
    - recorded: {any_of: [falls], within: 10 days}
    - not: {cohort: stays}
exclude:
  - because: Lives alone
    when: {recorded: {any_of: [alone], within: 2 days}}
rank:
  - points: 3
    because: Lives alone
    when: {recorded: {any_of: [alone]}}
"""
STAYS = """
id: stays
version: "1"
title: Stays
description: People who stay somewhere.
service: EHCH
status: mandatory
source: A test
since: [stay]
members:
  recorded: {any_of: [stay]}
"""
PEOPLE = ("p0", "p1", "p2")


@dataclass(frozen=True)
class Recorded:
    record: int
    patient: str
    name: str | None
    starts: int
    ends: int | None


@dataclass(frozen=True)
class Judged:
    patient: str
    cohort: str
    decision: Decision
    until: int | None


@dataclass(frozen=True)
class Died:
    patient: str
    day: int | None


@dataclass(frozen=True)
class Later:
    days: int


@dataclass(frozen=True)
class Evaluated:
    people: frozenset[str]


_days = st.integers(-6, 6)
_people = st.sampled_from(PEOPLE)
_recorded = st.builds(
    Recorded, st.integers(0, 4), _people, st.sampled_from(["falls", "stay", "falls", "stay", "alone", None]), _days,
    st.none() | st.integers(0, 9),
)  # fmt: skip
_judged = st.builds(
    Judged, _people, st.sampled_from(["needs", "stays"]),
    st.sampled_from(["add", "remove", "amenable", "not-amenable", "clear"]), st.none() | st.integers(1, 12),
)  # fmt: skip
_evaluated = st.builds(Evaluated, st.frozensets(_people, min_size=1))
_rarer = st.builds(Died, _people, st.none() | _days) | st.builds(Later, st.integers(1, 3)) | _judged
events = st.lists(st.one_of(_recorded, _recorded, _evaluated, _rarer), min_size=20, max_size=60)


@dataclass
class World:
    """One telling of the same history; people of a world have a practice and names of their own."""

    name: str
    work: SmallWork
    concepts: Concepts = field(default_factory=Concepts)

    async def register(self) -> None:
        for patient in PEOPLE:
            await self.work.connection.execute(
                "INSERT INTO patient (id, practice) VALUES ($1, $2)", self.of(patient), self.name
            )
            await write_person(self.work.connection, self.of(patient), Person(None, None, None, None))

    def of(self, patient: str) -> str:
        return f"{self.name}-{patient}"

    async def apply(self, event: Any) -> None:
        connection = self.work.connection
        match event:
            case Recorded(record, patient, name, starts, ends):
                end = None if ends is None else DAY + starts + ends
                facts = [Fact(SNOMED_CT, CODES[name], DAY + starts, end)] if name else []
                said = RecordFacts(f"Observation/{self.name}-{record}", self.of(patient), facts)
                await write_facts(connection, self.concepts, [said])
            case Judged(patient, cohort, decision, until):
                earlier = (await judgements_of(connection, [self.of(patient)])).get((cohort, self.of(patient)), [])
                day = None if until is None else DAY + until
                word = Judgement(1 + len(earlier), decision, "Reason", "Practitioner/7", "RC001", 0, until_day=day)
                await keep_judgement(connection, cohort, self.of(patient), word)
            case Died(patient, day):
                person = Person(None, None, None if day is None else DAY + day, None)
                await write_person(connection, self.of(patient), person)
            case Later(days):
                self.work = replace(self.work, now=self.work.now + timedelta(days=days))

    async def evaluate(self, people: frozenset[str]) -> None:
        rows = await self.work.connection.fetch("SELECT number, patient FROM person")
        names = {self.of(patient) for patient in people}
        await evaluate_people(self.work, {row["number"] for row in rows if row["patient"] in names})

    async def members(self) -> set[tuple[Any, ...]]:
        """Who is on the lists; the first day only where the definition gives it and not the day of evaluation."""
        rows = await self.work.connection.fetch("SELECT * FROM group_member WHERE until IS NULL")
        return {
            (row["cohort"], row["patient"].removeprefix(f"{self.name}-"), row["definition"], row["origin"],
             row["rank"], row["priority"],
             row["since_date"] if (row["cohort"], row["origin"]) == ("stays", "rule") else None)
            for row in rows
            if row["patient"].startswith(f"{self.name}-")
        }  # fmt: skip

    async def check_the_evidence(self) -> None:
        """What is shown of a current membership is what puts the person there today, by the plain reading; of one that
        has ended, what is kept. What is kept with one by rule is what the last event of its beginning told."""
        connection, as_of = self.work.connection, london_date(self.work.now)
        selection = await current_selection(connection, as_of)
        rows = [
            row for row in await connection.fetch("SELECT * FROM group_member")
            if row["patient"].startswith(f"{self.name}-")
        ]  # fmt: skip
        shown = await evidence_shown(connection, selection, as_of, rows)
        references = {row["number"]: row["reference"] for row in await connection.fetch("SELECT * FROM record")}
        people = await self._somebodies()
        told = {each.data["residency"]: each.data for each in self.work.said if each.kind == ENTERED}
        for row in rows:
            entries = shown[row["cohort"], row["patient"], row["number"]]
            kept, entered = decode(bytes(row["evidence"])), told[row["id"]]
            if row["until"] is None and row["origin"] == "rule":
                read = reference_evidence(selection, {}, [people[row["patient"]]], row["cohort"], as_of)
                assert {each["reference"] for each in entries} == {references[each[1]] for each in read}
            else:
                assert entries == kept
            if (entered["origin"], entered["definition"]) == (row["origin"], row["definition"]):
                assert kept == entered["evidence"]

    async def _somebodies(self) -> dict[str, Somebody]:
        """Everybody as the plain reading takes them, by Patient.id."""
        facts: dict[int, list[Row]] = {}
        for row in await self.work.connection.fetch("SELECT * FROM fact"):
            fact = Row(row["concept"], row["starts"], row["ends"], row["record"], row["value"])
            facts.setdefault(row["person"], []).append(fact)
        return {
            row["patient"]: Somebody(
                row["number"], row["born"], row["sex"], row["died"], row["left_on"], self.name,
                tuple(facts.get(row["number"], ())), (),
            )
            for row in await self.work.connection.fetch("SELECT * FROM person")
        }  # fmt: skip

    async def check_the_story(self) -> None:
        """The events, taken in any order by residency and revision, give the rows."""
        told: dict[str, dict[str, Any]] = {}
        for said in self.work.said:
            if said.patient is not None and said.patient.startswith(f"{self.name}-"):
                revision = said.data["revision"]
                known = told.setdefault(said.data["residency"], {"revision": 0})
                assert revision == known["revision"] + 1, "no revision is left out or told twice"
                known.update(said.data, present=said.kind == ENTERED)
                assert said.kind in (ENTERED, LEFT)
        rows = await self.work.connection.fetch("SELECT * FROM group_member")
        held = {row["id"]: row for row in rows if row["patient"].startswith(f"{self.name}-")}
        assert told.keys() == held.keys()
        for identity, row in held.items():
            story = told[identity]
            assert story["present"] is (row["until"] is None)
            assert (story["revision"], story["since"]) == (row["revision"], row["since_date"])
            assert row["until"] is None or row["until"] >= row["since"]


class _Undone(Exception):
    """Raised at the end of an example, so that its transaction leaves nothing behind."""


Run = Callable[[Callable[[Connection], Awaitable[None]]], None]


@pytest.fixture(params=["sqlite", "postgresql"])
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """Runs a coroutine in a transaction that is rolled back, on a database with two lists."""
    new: NewDatabase = request.getfixturevalue(f"new_{request.param}_database")
    url = new()
    with asyncio.Runner() as runner:
        runner.run(migrate(service, url))
        database = runner.run(open_database(url, pool_size=1))

        async def prepare() -> None:
            async with database.transaction() as connection:
                sets = [
                    ValueSet(name, "1", name, "A test", None, (Member(SNOMED_CT, code),))
                    for name, code in CODES.items()
                ]
                await install(SmallWork(service, connection), sets, {"needs.yaml": NEEDS, "stays.yaml": STAYS})

        async def undone(check: Callable[[Connection], Awaitable[None]]) -> None:
            with pytest.raises(_Undone):
                async with database.transaction() as connection:
                    await check(connection)
                    raise _Undone

        runner.run(prepare())
        yield lambda check: runner.run(undone(check))
        runner.run(database.close())


def _check(run: Run, history: list[Any], order: Random) -> None:
    async def check(connection: Connection) -> None:
        stepwise, at_once = World("A", SmallWork(service, connection)), World("B", SmallWork(service, connection))
        for world in (stepwise, at_once):
            await world.register()
        for event in history:
            for world in (stepwise, at_once):
                await world.apply(event)
            if isinstance(event, Evaluated):
                await stepwise.evaluate(event.people)
        rest = list(PEOPLE)
        order.shuffle(rest)
        cut = order.randint(0, len(rest))
        for batch in (rest[:cut], rest[cut:]):
            await stepwise.evaluate(frozenset(batch))
        await evaluate_everybody(at_once.work, practices=["B"])
        assert await stepwise.members() == await at_once.members()
        for world in (stepwise, at_once):
            await world.check_the_evidence()
            await world.check_the_story()

    run(check)


_common = {
    "deadline": None, "derandomize": True,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}  # fmt: skip


@settings(max_examples=120, **_common)
@given(history=events, order=st.randoms(use_true_random=False))
@pytest.mark.parametrize("run", ["sqlite"], indirect=True)
def test_evaluating_as_things_happen_ends_where_evaluating_everybody_does(
    run: Run, history: list[Any], order: Random
) -> None:
    _check(run, history, order)


@settings(max_examples=25, **_common)
@given(history=events, order=st.randoms(use_true_random=False))
@pytest.mark.parametrize("run", ["postgresql"], indirect=True)
def test_and_so_it_does_on_postgresql(run: Run, history: list[Any], order: Random) -> None:
    _check(run, history, order)
