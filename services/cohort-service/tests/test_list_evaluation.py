"""Lists are brought in step with facts and judgements, and say who came, moved and went."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cohort_service.catalogue.current import current_selection
from cohort_service.catalogue.shipped import install
from cohort_service.domain.facts.person import Person
from cohort_service.domain.judgement import Decision, Judgement
from cohort_service.facts.concepts import Concepts
from cohort_service.facts.fact_rows import RecordFacts, write_facts
from cohort_service.facts.person_rows import write_person
from cohort_service.lists import evaluation
from cohort_service.lists.announcements import ENTERED, LEFT
from cohort_service.lists.current_evidence import evidence_shown
from cohort_service.lists.evaluation import evaluate_everybody, evaluate_people
from cohort_service.lists.groups import group_id
from cohort_service.lists.judgement_rows import judgements_of, keep_judgement
from cohort_service.lists.rank_reasons import Reasons, rank_reasons
from cohort_service.lists.selected_now import selected_now
from cohort_service.selection import people_scope
from tandem.canonical import SNOMED_CT
from tandem.fhir.body import decode
from tandem.london_days import day_number, london_date
from tandem.nhs.value_set import Member, ValueSet
from tandem.record_facts.fact import Fact
from tandem_tests.small_work import SmallWork

TODAY = date(2020, 7, 1)
DAY = day_number(TODAY)
FALLS, STAY, ALONE = "217082002", "248171000000108", "105531004"

FALLS_LIST = """
id: falls
version: "{version}"
title: Falls
description: People who fell in the last six months.
service: AC
status: {status}
source: A test
suggests: [falls assessment]
members:
  recorded: {{any_of: [falls], within: {window}}}
rank:
  - points: 5
    because: Lives alone
    when: {{recorded: {{any_of: [alone]}}}}
"""
STAYS_LIST = """
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


def falls_list(version: str = "1", window: str = "6 months", status: str = "mandatory") -> str:
    return FALLS_LIST.format(version=version, window=window, status=status)


def value_set(identity: str, code: str) -> ValueSet:
    return ValueSet(identity, "1", identity, "A test", None, (Member(SNOMED_CT, code, identity.title()),))


@pytest.fixture
async def lists(work: SmallWork) -> SmallWork:
    """Two lists, nobody on them, and two people of two practices."""
    sets = [value_set("falls", FALLS), value_set("alone", ALONE), value_set("stay", STAY)]
    await install(work, sets, {"falls.yaml": falls_list(), "stays.yaml": STAYS_LIST})
    for patient, practice in (("p1", "A00001"), ("p2", "A00002")):
        await work.connection.execute("INSERT INTO patient (id, practice) VALUES ($1, $2)", patient, practice)
        await write_person(work.connection, patient, Person(None, None, None, None))
    return work


async def number_of(work: SmallWork, patient: str = "p1") -> int:
    number: int = await work.connection.fetchval("SELECT number FROM person WHERE patient = $1", patient)
    return number


async def records(
    work: SmallWork, reference: str, code: str | None, starts: int = DAY, ends: int | None = None, patient: str = "p1"
) -> None:
    """The record says this and nothing else now (None: nothing any more), and the person is evaluated."""
    facts = [Fact(SNOMED_CT, code, starts, ends)] if code is not None else []
    await write_facts(work.connection, Concepts(), [RecordFacts(reference, patient, facts)])
    await evaluate_people(work, [await number_of(work, patient)])


async def judges(work: SmallWork, decision: Decision, cohort: str = "falls", until: int | None = None) -> None:
    earlier = (await judgements_of(work.connection, ["p1"])).get((cohort, "p1"), [])
    word = Judgement(1 + len(earlier), decision, "Reason", "Practitioner/7", "RC001", 0, until_day=until)
    await keep_judgement(work.connection, cohort, "p1", word)
    await evaluate_people(work, [await number_of(work)])


async def rows(work: SmallWork) -> list[tuple[Any, ...]]:
    """Cohort, patient, first day, whether current, what ended it, origin and rank of every membership."""
    found = await work.connection.fetch("SELECT * FROM group_member ORDER BY cohort, patient, number")
    return [
        (row["cohort"], row["patient"], row["since_date"], row["until"] is None, row["ended_by"], row["origin"],
         row["rank"])
        for row in found
    ]  # fmt: skip


async def test_who_is_selected_enters_the_group_of_the_practice_with_the_records(lists: SmallWork) -> None:
    await records(lists, "Observation/o1", FALLS, DAY - 3)
    assert await rows(lists) == [("falls", "p1", "2020-07-01", True, None, "rule", 0)]
    [entered] = lists.of(ENTERED)
    assert entered["evidence"] == [
        {"reference": "Observation/o1", "system": SNOMED_CT, "code": FALLS, "display": "Falls", "date": "2020-06-28"}
    ]
    assert entered["group"] == f"Group/{group_id('falls', 'A00001')}"
    assert (entered["definition"], entered["since"], entered["revision"]) == ("falls@1", "2020-07-01", 1)


async def test_every_list_has_its_group_before_anyone_is_on_it(lists: SmallWork) -> None:
    await records(lists, "Observation/o1", "1", DAY)
    groups = {name for name in lists.resources if name.startswith("Group/")}
    assert groups == {f"Group/{group_id(cohort, 'A00001')}" for cohort in ("falls", "stays")}
    assert "member" not in lists.resources[f"Group/{group_id('falls', 'A00001')}"]


async def test_an_optional_list_has_no_group_where_it_is_not_switched_on(lists: SmallWork) -> None:
    await install(lists, [], {"falls.yaml": falls_list("2", status="optional")})
    await records(lists, "Observation/o1", FALLS)
    assert f"Group/{group_id('falls', 'A00001')}" not in lists.resources
    assert await rows(lists) == []


async def test_a_resolved_need_takes_the_person_off_and_a_new_one_is_another_stay(lists: SmallWork) -> None:
    await records(lists, "Observation/o1", FALLS, DAY - 3)
    await records(lists, "Observation/o1", None)
    [left] = lists.of(LEFT)
    assert (left["reason"], left["until"], left["revision"]) == ("no-longer-selected", "2020-07-01", 2)
    await records(lists, "Observation/o2", FALLS)
    first, second = lists.of(ENTERED)
    assert first["residency"] != second["residency"]
    assert [row[3:5] for row in await rows(lists)] == [(False, "rule"), (True, None)]


async def test_a_new_record_moves_the_person_up_without_news(lists: SmallWork) -> None:
    await records(lists, "Observation/o1", FALLS, DAY - 3)
    await records(lists, "Observation/o2", ALONE)
    assert (await rows(lists))[0][-1] == 5
    assert len(lists.said) == 1


async def references(work: SmallWork) -> tuple[list[str], list[str]]:
    """The records that the only membership is kept with, and those that are shown of it today."""
    row = await work.connection.fetchrow("SELECT * FROM group_member")
    assert row is not None
    as_of = london_date(work.now)
    shown = await evidence_shown(work.connection, await current_selection(work.connection, as_of), as_of, [row])
    kept, today = decode(bytes(row["evidence"])), shown[row["cohort"], row["patient"], row["number"]]
    return [each["reference"] for each in kept], [each["reference"] for each in today]


async def test_what_is_recorded_later_is_shown_and_what_was_told_is_kept(lists: SmallWork) -> None:
    await records(lists, "Observation/o1", FALLS, DAY - 9)
    await records(lists, "Observation/o2", FALLS, DAY - 3)
    assert await references(lists) == (["Observation/o1"], ["Observation/o1", "Observation/o2"])
    await records(lists, "Observation/o1", None)
    assert await references(lists) == (["Observation/o1"], ["Observation/o2"])
    await judges(lists, "add")
    await records(lists, "Observation/o2", None)
    assert await references(lists) == ([], []), "kept on by judgement alone"
    await records(lists, "Observation/o3", FALLS)
    assert await references(lists) == (["Observation/o3"], ["Observation/o3"]), "by rule again"
    assert (len(lists.of(ENTERED)), lists.of(LEFT)) == (1, [])
    await records(lists, "Observation/o4", FALLS)
    await judges(lists, "remove")
    assert await references(lists) == (["Observation/o3"], ["Observation/o3"]), "an ended one shows what is kept"


async def test_a_new_day_shows_what_holds_that_day_and_another_version_keeps_it(lists: SmallWork) -> None:
    await records(lists, "Observation/o1", FALLS, DAY - 180)
    await records(lists, "Observation/o2", FALLS, DAY - 3)
    later = replace(lists, now=lists.now + timedelta(days=20))
    assert await references(later) == (["Observation/o1"], ["Observation/o2"]), "before anything is evaluated"
    await evaluate_everybody(later)
    assert await references(later) == (["Observation/o1"], ["Observation/o2"])
    await install(later, [], {"falls.yaml": falls_list("2")})
    await evaluate_everybody(later)
    assert await references(later) == (["Observation/o2"], ["Observation/o2"])


async def test_the_reasons_that_hold_are_told_with_their_points(lists: SmallWork) -> None:
    await records(lists, "Observation/o1", FALLS, DAY - 3)
    selection = await current_selection(lists.connection, TODAY)

    async def reasons() -> Reasons:
        return await rank_reasons(lists.connection, selection, ["falls", "stays", "unknown"], TODAY, ["p1", "p2"])

    assert await reasons() == {}
    await records(lists, "Observation/o2", ALONE)
    assert await reasons() == {("falls", "p1"): [("Lives alone", 5)]}


async def test_what_time_alone_ends_is_found_when_everybody_is_evaluated(lists: SmallWork) -> None:
    await records(lists, "Observation/o1", FALLS, DAY - 3)
    later = replace(lists, now=lists.now + timedelta(days=200))
    await evaluate_everybody(later)
    [left] = later.of(LEFT)
    assert (left["until"], left["reason"]) == ("2021-01-17", "no-longer-selected")


async def test_membership_is_dated_by_the_fact_and_moves_with_it(lists: SmallWork) -> None:
    await records(lists, "Observation/o1", STAY, DAY - 10)
    await records(lists, "Observation/o1", STAY, DAY - 20)
    first, second = lists.of(ENTERED)
    assert (first["since"], second["since"]) == ("2020-06-21", "2020-06-11")
    assert (second["residency"], second["revision"]) == (first["residency"], 2)
    assert await rows(lists) == [("stays", "p1", "2020-06-11", True, None, "rule", 0)]


async def test_further_evidence_of_a_stay_is_shown_and_is_no_news(lists: SmallWork) -> None:
    await records(lists, "Observation/o1", STAY, DAY - 10)
    await records(lists, "Observation/o2", STAY, DAY - 5)
    assert len(lists.of(ENTERED)) == 1
    assert (await references(lists))[1] == ["Observation/o1", "Observation/o2"]


async def test_a_stay_ends_on_its_own_day_and_the_next_is_another(lists: SmallWork) -> None:
    await records(lists, "Observation/o1", STAY, DAY - 10)
    await write_facts(
        lists.connection, Concepts(),
        [
            RecordFacts("Observation/o1", "p1", [Fact(SNOMED_CT, STAY, DAY - 10, DAY - 6)]),
            RecordFacts("Observation/o2", "p1", [Fact(SNOMED_CT, STAY, DAY - 2)]),
        ],
    )  # fmt: skip
    await evaluate_people(lists, [await number_of(lists)])
    [left] = lists.of(LEFT)
    assert (left["until"], left["reason"]) == ("2020-06-25", "ended")
    assert [each["reference"] for each in left["evidence"]] == ["Observation/o1"]
    assert [row[2:4] for row in await rows(lists)] == [("2020-06-21", False), ("2020-06-29", True)]


async def test_a_stay_that_was_recorded_in_error_ends_where_it_began(lists: SmallWork) -> None:
    await records(lists, "Observation/o1", STAY, DAY - 10)
    await records(lists, "Observation/o1", None)
    [left] = lists.of(LEFT)
    assert (left["until"], left["reason"]) == ("2020-06-21", "evidence-withdrawn")


@pytest.mark.parametrize(
    ("person", "deleted", "by", "until"),
    [
        (Person(None, None, DAY - 1, None), 0, "died", "2020-06-30"),
        (Person(None, None, None, DAY - 1), 0, "left", "2020-06-30"),
        (Person(None, None, None, None), 1, "left", "2020-06-21"),
    ],
)
async def test_death_departure_and_deletion_end_every_membership_and_no_judgement_keeps_one(
    lists: SmallWork, person: Person, deleted: int, by: str, until: str
) -> None:
    await records(lists, "Observation/o1", STAY, DAY - 10)
    await judges(lists, "add", "stays")
    await write_person(lists.connection, "p1", person)
    await lists.connection.execute("UPDATE patient SET deleted = $1 WHERE id = 'p1'", deleted)
    await evaluate_people(lists, [await number_of(lists)])
    [left] = lists.of(LEFT)
    assert left["until"] == until
    assert [row[3:5] for row in await rows(lists)] == [(False, by)]


async def test_who_is_added_stays_through_later_evaluations_until_the_day_of_expiry(lists: SmallWork) -> None:
    await judges(lists, "add", until=DAY + 10)
    await evaluate_everybody(lists)
    assert await rows(lists) == [("falls", "p1", "2020-07-01", True, None, "judgement", 0)]
    later = replace(lists, now=lists.now + timedelta(days=9))
    await evaluate_everybody(later)
    assert len(later.said) == 1
    await evaluate_everybody(replace(later, now=lists.now + timedelta(days=10)))
    assert [(left["until"], left["reason"]) for left in later.of(LEFT)] == [("2020-07-11", "judgement")]


async def test_who_is_taken_off_stays_off_while_the_records_say_otherwise(lists: SmallWork) -> None:
    await records(lists, "Observation/o1", FALLS)
    await judges(lists, "remove")
    await records(lists, "Observation/o2", FALLS)
    await evaluate_everybody(lists)
    assert [row[3:5] for row in await rows(lists)] == [(False, "judgement")]
    await judges(lists, "clear")
    assert [row[3] for row in await rows(lists)] == [False, True]


async def test_an_added_person_whom_the_rule_finds_later_is_there_by_rule_and_the_same_stay_goes_on(
    lists: SmallWork,
) -> None:
    await judges(lists, "add")
    await records(lists, "Observation/o1", FALLS)
    assert [row[5] for row in await rows(lists)] == ["rule"]
    await records(lists, "Observation/o1", None)
    assert [row[3:6] for row in await rows(lists)] == [(True, None, "judgement")]
    assert len(lists.said) == 1


async def test_a_new_version_keeps_those_it_still_finds_and_lets_the_others_go(lists: SmallWork) -> None:
    await records(lists, "Observation/o1", FALLS, DAY - 3)
    await records(lists, "Observation/o2", FALLS, DAY - 90, patient="p2")
    await install(lists, [], {"falls.yaml": falls_list("2", "1 month")})
    await evaluate_everybody(lists, cohorts=["falls"])
    [left] = lists.of(LEFT)
    assert (left["patient"], left["reason"]) == ("Patient/p2", "definition")
    found = await lists.connection.fetch("SELECT definition FROM group_member WHERE until IS NULL")
    assert [row["definition"] for row in found] == ["falls@2"]
    assert len(lists.of(ENTERED)) == 2


async def test_only_the_people_of_the_practices_asked_for_are_evaluated(lists: SmallWork) -> None:
    for patient in ("p1", "p2"):
        facts = [Fact(SNOMED_CT, FALLS, DAY)]
        await write_facts(lists.connection, Concepts(), [RecordFacts(f"Observation/{patient}", patient, facts)])
    await evaluate_everybody(lists, practices=["A00002"])
    assert [row[1] for row in await rows(lists)] == ["p2"]


async def test_evaluating_again_says_and_changes_nothing(lists: SmallWork) -> None:
    await records(lists, "Observation/o1", FALLS)
    await judges(lists, "add", "stays")
    before = await rows(lists), list(lists.said)
    await evaluate_everybody(lists)
    await evaluate_people(lists, [await number_of(lists), await number_of(lists, "p2")])
    assert (await rows(lists), lists.said) == before


async def test_nothing_is_evaluated_for_nobody(lists: SmallWork) -> None:
    await evaluate_people(lists, [])
    await evaluate_people(lists, [987_654])
    assert lists.said == []


async def test_the_day_is_that_of_london(lists: SmallWork) -> None:
    late = replace(lists, now=datetime(2020, 7, 1, 23, 30, tzinfo=UTC))
    await records(late, "Observation/o1", FALLS, DAY)
    assert (await rows(late))[0][2] == "2020-07-02"


UNLISTED = """
id: falls
version: "{version}"
title: Falls
description: People who fell in the last six months.
service: AC
status: mandatory
source: A test
list: false
members:
  recorded: {{any_of: [falls], within: 6 months}}
"""


async def test_of_a_definition_without_a_list_nothing_is_kept(lists: SmallWork) -> None:
    """A list that was kept before ends with the version that keeps none, and its Group stays with its history."""
    await records(lists, "Condition/1", FALLS)
    await install(lists, [], {"falls.yaml": UNLISTED.format(version="2")})
    await evaluate_everybody(lists)
    rows = await lists.connection.fetch("SELECT until, ended_by FROM group_member WHERE cohort = 'falls'")
    assert [(row["until"] is None, row["ended_by"]) for row in rows] == [(False, "definition")]
    assert f"Group/{group_id('falls', 'A00001')}" in lists.resources
    before = len(lists.of(ENTERED))
    await records(lists, "Condition/2", FALLS, patient="p2")
    await records(lists, "Condition/1", FALLS, DAY - 1)
    assert len(lists.of(ENTERED)) == before
    number, other = await number_of(lists), await number_of(lists, "p2")
    selection = await current_selection(lists.connection, TODAY)
    assert await selected_now(lists.connection, selection, ["falls"], TODAY, [number, other]) == {number, other}
    assert await selected_now(lists.connection, selection, ["falls"], TODAY, [other]) == {other}
    assert await selected_now(lists.connection, selection, ["falls"], TODAY, []) == frozenset()


async def test_of_a_definition_without_a_list_there_is_no_group(work: SmallWork) -> None:
    sets = [value_set("falls", FALLS), value_set("stay", STAY)]
    await install(work, sets, {"falls.yaml": UNLISTED.format(version="1"), "stays.yaml": STAYS_LIST})
    await work.connection.execute("INSERT INTO patient (id, practice) VALUES ('p1', 'A00001')")
    await write_person(work.connection, "p1", Person(None, None, None, None))
    await records(work, "Condition/1", FALLS)
    assert f"Group/{group_id('stays', 'A00001')}" in work.resources
    assert f"Group/{group_id('falls', 'A00001')}" not in work.resources


@pytest.mark.parametrize("least", [1, 3], ids=["by a range", "by a list"])
async def test_who_lies_between_those_that_are_evaluated_is_left_alone(
    lists: SmallWork, monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    monkeypatch.setattr(evaluation, "_RANGED_FROM", least)
    monkeypatch.setattr(people_scope, "SPARSE", 10)
    await write_person(lists.connection, "p3", Person(None, None, None, None))
    patients = ("p1", "p2", "p3")
    facts = [RecordFacts(f"Observation/{each}", each, [Fact(SNOMED_CT, FALLS, DAY - 3)]) for each in patients]
    await write_facts(lists.connection, Concepts(), facts)
    numbers = [await number_of(lists, each) for each in patients]
    await evaluate_people(lists, [min(numbers), max(numbers)])
    left_alone = patients[numbers.index(sorted(numbers)[1])]
    assert {row[1] for row in await rows(lists)} == {*patients} - {left_alone}
    await evaluate_people(lists, numbers)
    assert {row[1] for row in await rows(lists)} == {*patients}
