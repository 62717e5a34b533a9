"""The operations on a register on both databases: what is refused, what stays, and two at once."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

from cohort_service.domain.facts.person import Person
from cohort_service.domain.judgement import Judgement
from cohort_service.facts.person_rows import person_numbers, write_person
from cohort_service.lists.evaluation import evaluate_people
from cohort_service.lists.judgement_rows import keep_judgement
from tandem.fhir.body import decode
from tandem_tests.identification_service import COMMISSIONER, NETWORK, OTHER, PRACTICE, SECOND, Cohorts, values

HERE = f"Organization/org-{PRACTICE}"
USED = [("profileUse", "Everybody the profile points to was seen")]


def entry(patient: str, *sources: str, **more: str) -> tuple[str, list[tuple[str, Any]]]:
    named = [("source", each) for each in sources]
    return ("entry", [("patient", f"Patient/{patient}"), *named, *more.items()])


async def register(cohorts: Cohorts, *people: str) -> None:
    for each in people:
        await cohorts.register(each, PRACTICE)
    await cohorts.ask(PRACTICE, f"{HERE}/$case-register-entry", [entry(each, "clinical-judgement") for each in people])


async def status_of(cohorts: Cohorts, who: str, operation: str, body: Any = None) -> int:
    return (await cohorts.call(who, f"{HERE}/${operation}", body)).status


async def counts(cohorts: Cohorts) -> dict[str, int]:
    shown = await cohorts.ask(PRACTICE, f"{HERE}/$case-register")
    return {each["status"]: each["count"] for each in values(shown, "status")}


FAULTY_ENTRIES = (
    entry("p1"), entry("p1", "hearsay"), entry("p1", "mdt-meeting"), entry("nobody", "clinical-judgement"),
    entry("q1", "clinical-judgement"), entry("p1", "clinical-judgement", meeting="no reference"),
    entry("p1", decision="remove", reason="Well"), entry("p1", "clinical-judgement", decision="maybe"),
    ("entry", [("source", "clinical-judgement")]), entry("p2", "clinical-judgement"),
)  # fmt: skip
BAD_INPUT: tuple[tuple[str, Any, int], ...] = (
    ("case-register?status=perhaps", None, 400), ("case-register?colour=red", None, 400),
    ("case-register?_count=many", None, 400), ("case-register-entry", [("patient", "Patient/p1")], 400),
    ("case-register-run", [("source", "hearsay")], 400), ("case-register-run", [("source", "practice-profile")], 422),
    ("case-register-run", [("profileCharacteristics", "0")], 400),
    ("load-unplanned-admissions-register", [("person", [("since", "2020-06-01")])], 422),
    ("load-unplanned-admissions-register", [("person", [("patient", "Patient/p1"), ("since", "2021-01-01")])], 422),
    ("case-register-query", [("answer", "Yes"), ("question", "Why?")], 400),
    ("case-register-query", [("answer", "Yes"), ("query", "1")], 404),
    ("case-register-sign-off", [("version", "1"), *USED], 400),
    ("case-register-sign-off", [("version", "1"), ("decision", "agree")], 403),
    ("case-register-sign-off?version=1", None, 404), ("case-register-baseline?number=x", None, 400),
    ("case-register-baseline", [("peopleOnRegister", "12")], 400),
)  # fmt: skip


async def test_one_faulty_entry_refuses_all_and_leaves_nothing(cohorts: Cohorts) -> None:
    for patient, practice in (("p1", PRACTICE), ("p2", PRACTICE), ("q1", SECOND)):
        await cohorts.register(patient, practice)
    for row in FAULTY_ENTRIES:
        posted = [entry("p2", "clinical-judgement"), row]
        assert await status_of(cohorts, PRACTICE, "case-register-entry", posted) == 422, row
    for table in ("register_entry", "register_source", "judgement", "group_member"):
        assert await cohorts.count(table) == 0, table


async def test_bad_input_is_told_and_changes_nothing(cohorts: Cohorts) -> None:
    await cohorts.register("p1", PRACTICE)
    for operation, body, status in BAD_INPUT:
        assert await status_of(cohorts, PRACTICE, operation, body) == status, operation
    for table in ("register_entry", "register_run", "register_query", "register_sign_off", "register_baseline"):
        assert await cohorts.count(table) == 0, table


async def test_only_the_practice_its_network_and_its_commissioner_find_a_register(cohorts: Cohorts) -> None:
    await register(cohorts, "p1")
    for stranger in (SECOND, OTHER, "RXP"):
        for operation in ("case-register", "case-register-query", "case-register-sign-off", "case-register-baseline"):
            assert await status_of(cohorts, stranger, operation) == 404, (stranger, operation)
        assert await status_of(cohorts, stranger, "case-register-run", []) == 404
    assert await status_of(cohorts, NETWORK, "case-register-sign-off", USED) == 403, "the practice itself signs"
    assert await status_of(cohorts, COMMISSIONER, "case-register-run", []) == 403
    body = (await cohorts.call(COMMISSIONER, f"{HERE}/$case-register")).body
    assert b"p1" not in body
    assert (await cohorts.call(COMMISSIONER, f"Organization/org-{NETWORK}/$case-register")).status == 422


async def test_two_requests_for_sign_off_at_once_make_one_version(cohorts: Cohorts) -> None:
    await register(cohorts, "p1")
    statuses = await asyncio.gather(*(status_of(cohorts, PRACTICE, "case-register-sign-off", USED) for _ in range(2)))
    assert sorted(statuses) == [200, 409]
    assert await cohorts.count("register_sign_off") == 1


async def test_two_decisions_at_once_on_one_version_leave_one(cohorts: Cohorts) -> None:
    await register(cohorts, "p1")
    await cohorts.ask(PRACTICE, f"{HERE}/$case-register-sign-off", USED)
    agree = [("version", "1"), ("decision", "agree")]
    back = [("version", "1"), ("decision", "return"), ("reason", "Too few")]
    statuses = await asyncio.gather(
        *(status_of(cohorts, COMMISSIONER, "case-register-sign-off", each) for each in (agree, back))
    )
    assert sorted(statuses) == [200, 409]


async def test_a_version_stays_as_it_was_when_the_register_changes(cohorts: Cohorts) -> None:
    await register(cohorts, "p1", "p2")
    await cohorts.ask(PRACTICE, f"{HERE}/$case-register-sign-off", USED)
    back = [("version", "1"), ("decision", "return"), ("reason", "Too few")]
    await cohorts.ask(COMMISSIONER, f"{HERE}/$case-register-sign-off", back)
    await cohorts.ask(PRACTICE, f"{HERE}/$case-register-entry", [entry("p2", decision="remove", reason="Well")])
    shown = await cohorts.ask(PRACTICE, f"{HERE}/$case-register-sign-off", USED)
    found = {each["version"]: (each["state"], each["check"]["count"]) for each in values(shown, "sign-off")}
    assert found == {1: ("returned", 2), 2: ("requested", 1)}
    for version, people in ((1, {"Patient/p1", "Patient/p2"}), (2, {"Patient/p1"})):
        read = await cohorts.ask(PRACTICE, f"{HERE}/$case-register-sign-off?version={version}")
        assert {each["patient"]["reference"] for each in values(read, "entry")} == people


async def test_whoever_dies_leaves_or_is_judged_off_the_list_is_on_no_register(cohorts: Cohorts) -> None:
    await register(cohorts, "p1", "p2", "p3", "p4")
    assert await counts(cohorts) == {"on-register": 4}
    async with cohorts.database.transaction() as connection:
        await write_person(connection, "p1", Person(None, None, 18_000, None))
        await connection.execute("UPDATE patient SET practice = $1 WHERE id = 'p2'", OTHER)
        word = Judgement(2, "remove", "Well", "Practitioner/7", PRACTICE, 1)
        await keep_judgement(connection, "complex-and-frail", "p3", word)
        numbers = await person_numbers(connection, ["p3"])
        await evaluate_people(cohorts.work(connection), numbers.values())
    assert await counts(cohorts) == {"on-register": 1}
    # the next decision of the register counts again
    await cohorts.ask(PRACTICE, f"{HERE}/$case-register-entry", [entry("p3", "clinical-judgement")])
    assert await counts(cohorts) == {"on-register": 2}
    assert await status_of(cohorts, PRACTICE, "case-register-entry", [entry("p1", "clinical-judgement")]) == 422


async def test_candidates_whom_a_source_no_longer_finds_go_and_entries_stay(cohorts: Cohorts) -> None:
    for each in ("p1", "p2"):
        await cohorts.register(each, PRACTICE, fell=date(2020, 6, 1))
    await cohorts.ask(PRACTICE, "Group/$identify", [("cohort", "complex-and-frail")])
    await _member(cohorts, "p1", "repeated-unplanned-admissions")
    await _member(cohorts, "p2", "repeated-unplanned-admissions")
    run = [("source", "admission-count")]
    shown = await cohorts.ask(PRACTICE, f"{HERE}/$case-register-run", run)
    assert (values(shown, "candidates"), values(shown, "source")) == ([2], [{"source": "admission-count", "count": 2}])
    await cohorts.ask(PRACTICE, f"{HERE}/$case-register-entry", [entry("p1")])
    await cohorts.execute("UPDATE group_member SET until = 1 WHERE cohort = 'repeated-unplanned-admissions'")
    shown = await cohorts.ask(PRACTICE, f"{HERE}/$case-register-run", run)
    assert values(shown, "candidates") == [0]
    rows = await cohorts.rows("SELECT patient, status FROM register_entry")
    assert rows == [{"patient": "p1", "status": "on-register"}]
    assert await cohorts.count("register_source") == 1


async def test_a_review_counts_for_the_decision_it_was_held_for(cohorts: Cohorts) -> None:
    await cohorts.register("p1", PRACTICE)
    met = entry("p1", "mdt-meeting", meeting="Encounter/1")
    again = entry("p1", "clinical-judgement")
    reviews = []
    for each in (met, again, entry("p1", decision="remove", reason="Well"), again):
        await cohorts.ask(PRACTICE, f"{HERE}/$case-register-entry", [each])
        shown = values(await cohorts.ask(PRACTICE, f"{HERE}/$case-register"), "entry")
        reviews.append([each["mdtReview"] for each in shown])
    assert reviews == [["held"], ["held"], [], ["awaiting"]]


async def _member(cohorts: Cohorts, patient: str, cohort: str) -> None:
    await cohorts.execute(
        "INSERT INTO group_member (id, cohort, patient, number, since, since_date, definition, evidence, revision)"
        " VALUES ($1, $2, $3, 1, 0, '2020-06-01', $4, $5, 1)",
        f"{cohort}-{patient}", cohort, patient, f"{cohort}@1", b"[]",
    )  # fmt: skip


async def test_refusals_are_operation_outcomes(cohorts: Cohorts) -> None:
    answer = await cohorts.call(PRACTICE, f"{HERE}/$case-register-sign-off", [])
    assert answer.status == 422
    issues = decode(answer.body)["issue"]
    assert len(issues) == 2, "nobody is on it, and no statement"
