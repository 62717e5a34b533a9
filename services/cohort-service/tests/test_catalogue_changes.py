"""What follows a change of the catalogue: who is evaluated, in which steps, and what two changes at once do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohort_service.catalogue import reevaluation
from cohort_service.catalogue.current import current_selection
from cohort_service.catalogue.installing import check_and_install, read_definition, withdraw
from cohort_service.catalogue.reevaluation import EVALUATE, evaluate_some, evaluate_soon
from cohort_service.catalogue.shipped import install
from cohort_service.domain.affected_cohorts import affected_cohorts
from cohort_service.domain.definition_language.parse import parse_definition
from cohort_service.domain.facts.person import Person
from cohort_service.domain.network_choices import Choice, changed_parameters, choice_faults, choices_on, switched_on
from cohort_service.facts.person_rows import write_person
from cohort_service.service import service
from tandem.clock import from_micros
from tandem.database.connection import Connection, Database, open_database
from tandem.events.event import Event
from tandem.fhir.body import decode
from tandem.fhir.outcome import FhirError
from tandem.london_days import day_number
from tandem_tests.prepared_databases import MigratedDatabase
from tandem_tests.small_work import START, SmallWork

DAY = date(2020, 7, 1)


def text(identity: str, members: str, version: str = "1", status: str = "local", parameters: str = "") -> str:
    """The text of a definition file."""
    return (
        f'id: {identity}\nversion: "{version}"\ntitle: {identity}\ndescription: People.\nservice: AC\n'
        f"status: {status}\nsource: A paragraph\n{parameters}members: {members}\n"
    )


async def define(connection: Connection, definition: str) -> tuple[str, ...]:
    """Install a definition; answers what it bears upon."""
    read = read_definition(definition, None)
    return (await check_and_install(connection, read, "T0001", START, dry_run=False)).affected


async def due(connection: Connection) -> list[dict[str, object]]:
    """What is to be evaluated."""
    rows = await connection.fetch("SELECT payload FROM due WHERE kind = $1 ORDER BY key", EVALUATE)
    return [decode(bytes(row["payload"])) for row in rows]


async def test_a_new_version_has_its_cohort_and_those_that_build_on_it_evaluated(work: SmallWork) -> None:
    await install(work, [], {"a.yaml": text("a", "{age: {from: 60}}"), "b.yaml": text("b", "{cohort: a}"),
                             "c.yaml": text("c", "{cohort: b}"), "d.yaml": text("d", "{age: {from: 70}}")})  # fmt: skip
    await work.connection.execute("DELETE FROM due")
    assert await define(work.connection, text("a", "{age: {from: 65}}", "2")) == ("a", "b", "c")
    assert await due(work.connection) == [{"cohorts": ["a", "b", "c"], "practices": None, "after": 0}]


async def test_a_withdrawn_version_that_is_sent_again_is_in_force_again(work: SmallWork) -> None:
    connection = work.connection
    first, second = text("a", "{age: {from: 60}}"), text("a", "{age: {from: 65}}", "2")
    for each in (first, second):
        await define(connection, each)
    in_force = await withdraw(connection, "a", "2", START)
    assert in_force is not None
    assert in_force.version == "1"
    assert (await current_selection(connection, DAY)).definitions["a"].version == "1"
    await define(connection, second)
    assert (await current_selection(connection, DAY)).definitions["a"].version == "2"


async def test_everybody_is_evaluated_step_by_step(work: SmallWork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reevaluation, "_PEOPLE_AT_ONCE", 2)
    connection = work.connection
    born = day_number(date(1940, 1, 1))
    for patient in ("p1", "p2", "p3", "p4", "p5"):
        await connection.execute("INSERT INTO patient (id, practice) VALUES ($1, 'A1')", patient)
        await write_person(connection, patient, Person(born, "female", None, None))
    await define(connection, text("old", "{age: {from: 65}}"))
    [waiting] = await connection.fetch("SELECT key, payload FROM due WHERE kind = $1", EVALUATE)
    steps, counts = [(waiting["key"], decode(bytes(waiting["payload"])))], []
    while steps:
        key, payload = steps.pop()
        await evaluate_some(Event("e", EVALUATE, service.name, work.now, subject=key, data=payload), work)
        counts.append(await connection.fetchval("SELECT COUNT(*) FROM group_member WHERE until IS NULL"))
        steps += [(kind_key[1], payload) for kind_key, (_, payload) in work.due.items() if kind_key[0] == EVALUATE]
        work.due.clear()
    assert counts == [2, 4, 5, 5]
    assert len(work.of("tandem.cohort.entered")) == 5


async def test_nothing_is_evaluated_where_nothing_can_have_changed(work: SmallWork) -> None:
    await evaluate_soon(work.connection, "mark", from_micros(0), cohorts=[])
    assert await due(work.connection) == []


@pytest.fixture
async def database(migrated_database: MigratedDatabase) -> AsyncIterator[Database]:
    """The service's database, for several transactions at once."""
    database = await open_database(migrated_database(service), pool_size=4)
    yield database
    await database.close()


async def test_of_two_definitions_that_would_be_a_cycle_together_one_is_refused(database: Database) -> None:
    async with database.transaction() as connection:
        for each in ("a", "b"):
            await define(connection, text(each, "{age: {from: 60}}"))

    async def change(identity: str, other: str) -> tuple[str, ...]:
        async with database.transaction() as connection:
            return await define(connection, text(identity, f"{{cohort: {other}}}", "2"))

    answers = await asyncio.gather(change("a", "b"), change("b", "a"), return_exceptions=True)
    [refused] = [each for each in answers if isinstance(each, BaseException)]
    assert isinstance(refused, FhirError)
    assert "a cycle of cohorts" in refused.issues[0].text
    async with database.read() as connection:
        versions = [each.version for each in (await current_selection(connection, DAY)).definitions.values()]
    assert sorted(versions) == ["1", "2"]


async def test_what_was_rolled_back_is_not_remembered(database: Database) -> None:
    async with database.transaction() as connection:
        await define(connection, text("a", "{age: {from: 60}}"))
    with pytest.raises(RuntimeError, match="on purpose"):
        async with database.transaction() as connection:
            await define(connection, text("a", "{age: {from: 65}}", "2"))
            assert (await current_selection(connection, DAY)).definitions["a"].version == "2"
            raise RuntimeError("on purpose")
    async with database.read() as connection:
        assert (await current_selection(connection, DAY)).definitions["a"].version == "1"
    async with database.transaction() as connection:
        await define(connection, text("a", "{age: {from: 70}}", "3"))
    async with database.read() as connection:
        assert (await current_selection(connection, DAY)).definitions["a"].version == "3"


def test_what_bears_upon_which_cohorts() -> None:
    texts = {
        "a": text("a", "{recorded: {any_of: [diabetes]}}"), "b": text("b", "{cohort: a}"),
        "c": text("c", "{categories: {group: efi, at_least: 5}}"), "d": text("d", "{age: {from: 1}}"),
    }  # fmt: skip
    definitions = {name: parse_definition(each, f"{name}.yaml") for name, each in texts.items()}
    assert affected_cohorts(definitions, value_sets=["diabetes"]) == ["a", "b"]
    assert affected_cohorts(definitions, groups=["efi"]) == ["c"]
    assert affected_cohorts(definitions, cohorts=["d", "unknown"]) == ["d"]
    assert affected_cohorts(definitions) == []


@pytest.mark.parametrize(
    ("status", "switched_on", "parameters", "expected"),
    [
        ("mandatory", True, (("years", 70),), "mandatory, by A paragraph"),
        ("mandatory", False, (), "mandatory, by A paragraph"),
        ("local", False, (), "not switch it off"),
        ("local", True, (("years", 70),), None),
        ("local", True, (("months", 70),), "no parameter months; it has: years"),
        ("optional", True, (), None),
        ("optional", False, (), None),
    ],
)
def test_what_a_network_may_choose(
    status: str, switched_on: bool, parameters: tuple[tuple[str, int], ...], expected: str | None
) -> None:
    definition = parse_definition(
        text("a", "{age: {from: $years}}", status=status, parameters="parameters: {years: 65}\n"), "a.yaml"
    )
    faults = choice_faults(definition, Choice("U1", "a", DAY, switched_on, parameters), DAY)
    if expected is None:
        assert faults == []
    else:
        assert len(faults) == 1
        assert expected in faults[0]


_CHOICES = st.lists(
    st.builds(
        Choice, st.sampled_from(["U1", "U2"]), st.sampled_from(["a", "b"]),
        st.integers(0, 20).map(lambda days: DAY + timedelta(days=days)), st.booleans(),
        st.integers(60, 70).map(lambda years: (("years", years),)),
    ),
    max_size=12, unique_by=lambda choice: (choice.organisation, choice.cohort, choice.from_),
)  # fmt: skip


@given(_CHOICES, st.integers(-1, 21), st.randoms())
def test_the_last_choice_that_has_begun_holds_whatever_order_they_were_made_in(
    choices: list[Choice], days: int, random: object
) -> None:
    day = DAY + timedelta(days=days)
    holding = choices_on(choices, day)
    shuffled = list(choices)
    random.shuffle(shuffled)
    assert choices_on(shuffled, day) == holding
    for choice in holding:
        rivals = [each for each in choices if each.cohort == choice.cohort and each.organisation == choice.organisation]
        assert choice.from_ == max(each.from_ for each in rivals if each.from_ <= day)


@given(_CHOICES)
def test_no_practice_has_two_variants_of_a_cohort_and_none_that_is_off(choices: list[Choice]) -> None:
    texts = {
        name: text(name, "{age: {from: $years}}", status="optional", parameters="parameters: {years: 65}\n")
        for name in ("a", "b")
    }
    definitions = {name: parse_definition(each, f"{name}.yaml") for name, each in texts.items()}
    practices = {"U1": ("A1", "A2"), "U2": ("A2", "A3")}
    holding = choices_on(choices, DAY + timedelta(days=30))
    on = switched_on(definitions, holding, practices)
    seen: set[tuple[str, str]] = set()
    for (cohort, values), of in changed_parameters(definitions, holding, practices).items():
        assert dict(values) != {"years": 65}
        for practice in of:
            assert (cohort, practice) not in seen
            assert practice in on[cohort]
            seen.add((cohort, practice))
