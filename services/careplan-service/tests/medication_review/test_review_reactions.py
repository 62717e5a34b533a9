"""Episodes and processes as the database keeps them, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from careplan_service.domain.medication_review.codes import REVIEW
from careplan_service.domain.medication_review.composition import (
    new_composition,
    with_decision,
    with_follow_up,
    with_step,
)
from careplan_service.domain.medication_review.process import new_process
from careplan_service.medication_review.areas import commissioners_of, network_organisations
from careplan_service.medication_review.completion_effects import COMPLETED, PROCEDURE, WITHDRAWN
from careplan_service.medication_review.episode_rows import episode_row, episodes_of, open_process
from careplan_service.medication_review.policies import FORMULARY, formulary_on, in_force, publish, versions_of
from careplan_service.medication_review.prescriptions import keep_prescriptions
from careplan_service.medication_review.request_handler import keep_request, open_requests
from careplan_service.medication_review.review_facts import facts_of
from tandem.canonical import DMD, PRACTITIONER_QUALIFICATION, SNOMED_CT, STAFF_KIND
from tandem.fhir.body import Resource, encode
from tandem.fhir.outcome import FhirError
from tandem.identity.caller import Caller
from tandem.identity.periods import BEGINNING, FOREVER
from tandem_tests.questionnaire_responses import item, response
from tandem_tests.small_work import START, SmallWork, written_event

PRACTICE = Caller("A00001")
REASON = {"coding": [{"system": SNOMED_CT, "code": "870661000000100"}]}
CLINICIAN = {"reference": "PractitionerRole/r1"}


async def around(work: SmallWork) -> None:
    """A commissioner, a network, its practice with a person, and a pharmacist of the network who may review."""
    connection = work.connection
    await connection.execute("INSERT INTO patient (id, practice) VALUES ('p1', 'A00001')")
    for code, kind in (("Q1", "commissioner"), ("U1", "network"), ("A00001", "practice")):
        await connection.execute(
            "INSERT INTO organisation (id, code, kind, active) VALUES ($1, $2, $3, 1)", f"o-{code}", code, kind
        )
    for holder, member in (("Q1", "U1"), ("U1", "A00001"), ("U1", "A00002")):
        await connection.execute(
            "INSERT INTO membership (id, holder_reference, member_reference, holder, member, starts, ends)"
            " VALUES ($1, $2, $3, $2, $3, $4, $5)", f"{holder}-{member}", holder, member, BEGINNING, FOREVER,
        )  # fmt: skip
    held = [
        {"system": PRACTITIONER_QUALIFICATION, "code": "medication-review-training", "display": None,
         "starts": BEGINNING, "ends": FOREVER},
    ]  # fmt: skip
    await connection.execute(
        "INSERT INTO directory_practitioner (id, name, qualifications) VALUES ('d1', 'Okafor', $1)", encode(held)
    )
    await role(work, "r1", "clinical-pharmacist")


async def role(work: SmallWork, identity: str, kind: str) -> None:
    await work.connection.execute(
        "INSERT INTO directory_role (id, practitioner, organisation, codes, specialties, active, starts, ends)"
        " VALUES ($1, 'd1', 'U1', $2, $3, 1, $4, $5)", identity,
        encode([{"system": STAFF_KIND, "code": kind, "display": None}]), encode([]), BEGINNING, FOREVER,
    )  # fmt: skip


def review(identity: str = "c1", **more: Any) -> Resource:
    return {**new_composition(identity, "p1", CLINICIAN, "initial", [REASON], START), **more}


def faults(refusal: pytest.ExceptionInfo[FhirError]) -> str:
    return " ".join(issue.text for issue in refusal.value.issues)


async def ready(work: SmallWork) -> Resource:
    """A review of somebody who takes nothing, that lacks nothing."""
    await around(work)
    begun = await work.write(review(), PRACTICE)
    process = await open_process(work.connection, "p1")
    await keep_prescriptions(work.connection, "c1", [], START.date())
    answers = (
        item("situation", {"system": SNOMED_CT, "code": "870661000000100"}), item("options", "None"),
        item("preferences", "None"), item("decision", "None"), item("no-tool-reason", "None"),
    )  # fmt: skip
    talk = response("shared-decision", "p1", "completed", *answers, basedOn=[{"reference": f"CarePlan/{process}"}])
    await work.write({**talk, "id": "q1"}, PRACTICE)
    return begun


async def finished(work: SmallWork, begun: Resource) -> Resource:
    """The same with its steps and the day of its follow-up."""
    row = await episode_row(work.connection, "c1")
    assert row is not None
    for step in (await facts_of(work.connection, row, begun, START)).standing.guidance.steps:
        if step.shown_by == "recorded":
            begun = with_step(begun, step.code, step.text, None)
    return {**with_follow_up(begun, date(2020, 10, 1), None), "status": "final"}


async def test_a_posted_review_opens_its_process_once(work: SmallWork) -> None:
    await around(work)
    await work.write(review(), PRACTICE)
    process = await open_process(work.connection, "p1")
    assert process is not None
    assert work.resources[f"CarePlan/{process}"]["status"] == "active"
    assert [each.status for each in await episodes_of(work.connection, process)] == ["preliminary"]
    with pytest.raises(FhirError) as refusal:
        await work.write(new_process("cp2", "p1", START), PRACTICE)
    assert "already" in faults(refusal)


async def test_a_second_episode_under_way_is_refused(work: SmallWork) -> None:
    await around(work)
    await work.write(review(), PRACTICE)
    with pytest.raises(FhirError) as refusal:
        await work.write(review("c2"), PRACTICE)
    assert "not completed" in faults(refusal)


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"event": []}, "SMR-039"),
        ({"author": [{"reference": "PractitionerRole/r2"}]}, "SMR-022"),
        ({"author": [{"reference": "PractitionerRole/nobody"}]}, "not known here"),
    ],
)
async def test_who_may_not_or_says_no_reason_opens_nothing(work: SmallWork, more: Any, fault: str) -> None:
    await around(work)
    await role(work, "r2", "care-coordinator")
    with pytest.raises(FhirError) as refusal:
        await work.write(review(**more), PRACTICE)
    assert fault in faults(refusal)


async def test_a_final_review_from_elsewhere_is_a_record(work: SmallWork) -> None:
    await around(work)
    await work.write(review(status="final"), PRACTICE)
    assert await episode_row(work.connection, "c1") is None
    assert work.said == [] or COMPLETED not in {each.kind for each in work.said}


async def test_what_was_not_looked_up_today_is_not_completed(work: SmallWork) -> None:
    begun = await ready(work)
    await keep_prescriptions(work.connection, "c1", [], date(2020, 6, 30))
    with pytest.raises(FhirError) as refusal:
        await work.write(await finished(work, begun), PRACTICE)
    assert "looked up" in faults(refusal)


async def test_completing_and_withdrawing_is_told_once_a_version(work: SmallWork) -> None:
    done = await work.write(await finished(work, await ready(work)), PRACTICE)
    [told] = work.of(COMPLETED)
    assert told["followUp"] == "2020-10-01"
    assert told["reasons"] == [REASON]
    assert (told["kind"], told["held"]) == ("initial", "2020-07-01T08:00:00.000Z")
    await work.write({**done, "status": "amended", "title": "Corrected"}, PRACTICE)
    await work.delete("Composition", "c1")
    assert [each["procedure"]["status"] for each in work.of(PROCEDURE)] == [
        "completed", "completed", "entered-in-error",
    ]  # fmt: skip
    assert len({each["procedure"]["id"] for each in work.of(PROCEDURE)}) == 1
    assert len(work.of(WITHDRAWN)) == 1
    assert await episode_row(work.connection, "c1") is None


async def test_a_withdrawn_review_takes_its_statements_back(work: SmallWork) -> None:
    begun = await ready(work)
    order = {
        "resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order",
        "meta": {"versionId": "1", "lastUpdated": "2020-06-01T10:00:00.000Z"}, "authoredOn": "2020-06-01",
        "medicationCodeableConcept": {"coding": [{"system": DMD, "code": "319283006"}]},
        "subject": {"reference": "Patient/p1"},
    }  # fmt: skip
    await keep_prescriptions(work.connection, "c1", [order], START.date())
    with pytest.raises(FhirError) as refusal:
        await work.write(await finished(work, begun), PRACTICE)
    assert faults(refusal).startswith("MedicationRequest/m1: not reviewed yet")
    # The transaction of a refused write is rolled back; what is in memory is not.
    work.resources["Composition/c1"] = begun
    said = {"decision": ("valueCode", "stop"), "reason": ("valueCodeableConcept", {"text": "Swollen ankles"})}
    concept = order["medicationCodeableConcept"]
    decided = with_decision(await finished(work, begun), ("dm+d", "319283006"), concept, said)  # type: ignore[arg-type]
    done = await work.write(decided, PRACTICE)

    def statements() -> list[str]:
        return [str(each["status"]) for name, each in work.resources.items() if name.startswith("MedicationStatement/")]

    assert statements() == ["stopped"]
    await work.write({**done, "status": "entered-in-error"}, PRACTICE)
    assert statements() == ["entered-in-error"]


async def test_requests_are_kept_while_they_are_open(work: SmallWork) -> None:
    task = {
        "resourceType": "Task", "id": "t1", "status": "requested", "intent": "order", "code": {"coding": [REVIEW]},
        "reasonCode": {"text": "Two falls"},
    }  # fmt: skip
    await keep_request(written_event(task, "p1"), work)
    assert [each.reasons for each in await open_requests(work.connection, "p1")] == [({"text": "Two falls"},)]
    await keep_request(written_event({**task, "status": "completed"}, "p1", version=2), work)
    assert await open_requests(work.connection, "p1") == []
    await keep_request(written_event(task, "p1", version=3, granted=False), work)
    await keep_request(written_event({**task, "id": "t2", "code": {"text": "Walks"}}, "p1"), work)
    assert await open_requests(work.connection, "p1") == []


async def test_the_version_in_force_is_the_last_to_have_begun(work: SmallWork) -> None:
    await around(work)
    connection = work.connection
    assert await network_organisations(connection, "p1", START) == {"U1", "A00001", "A00002"}
    assert await commissioners_of(connection, "p1", START) == ["Q1"]
    for first, code in ((date(2020, 4, 1), "1"), (date(2021, 4, 1), "2"), (date(2020, 5, 1), "3")):
        content = {"products": [{"code": code, "name": "A medicine"}]}
        await publish(connection, FORMULARY, "Q1", first, "Committee", content, "Q1", START)
    versions = await versions_of(connection, FORMULARY, "Q1")
    days = (date(2020, 3, 31), date(2020, 4, 30), date(2020, 6, 1), date(2022, 1, 1))
    assert [found.version if (found := in_force(versions, day)) else None for day in days] == [None, 1, 3, 2]
    found = await formulary_on(connection, ["Q0", "Q1"], date(2020, 6, 1))
    assert found is not None
    assert found[1].names == {"3": "A medicine"}
