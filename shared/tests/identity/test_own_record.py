"""Patients and carers as callers: one person's record, on both databases, in order and out of order of events."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from tandem.canonical import CONSENT_CATEGORY
from tandem.identity.access import has_access, visible, visible_of_person
from tandem.identity.caller import ALL_LETTERS, Caller
from tandem.identity.carers import carers_parts
from tandem.identity.dissents import dissents_of
from tandem.identity.own_writes import is_own_write
from tandem.identity.projection import project
from tandem.identity.rights import write_refusal

PRACTICE = "A81001"
NOW = 1_600_000_000_000_000


def asking(user: str | None, organisation: str = PRACTICE, **more: Any) -> Caller:
    return Caller(organisation=organisation, scopes={"*": ALL_LETTERS}, user=user, **more)


@pytest.mark.parametrize(
    ("user", "person"),
    [
        ("Patient/1", ("Patient", "1")), ("https://tandem.example/fhir/Patient/1", ("Patient", "1")),
        ("RelatedPerson/a-b/_history/2", ("RelatedPerson", "a-b")), ("Patient", ("Patient", "")),
        ("Patient/", ("Patient", "")), ("Practitioner/1", None), ("PractitionerRole/7", None), (None, None),
    ],
)  # fmt: skip
def test_whom_a_token_names(user: str | None, person: tuple[str, str] | None) -> None:
    found = asking(user).person
    assert (found and (found.type, found.id)) == person


def test_a_person_is_no_operator_and_a_service_no_person() -> None:
    assert not asking("Patient/1", operator=True).sees_all
    assert asking("Practitioner/1", operator=True).sees_all
    assert asking("Patient/1", service="mdt-service").person is None


def consent(carer: str = "bea", kind: str = "permit", patient: str = "ada", **provision: Any) -> dict[str, Any]:
    return {
        "resourceType": "Consent", "id": "c1", "status": "active", "patient": {"reference": f"Patient/{patient}"},
        "scope": {"coding": [{"code": "patient-privacy"}]},
        "category": [{"coding": [{"system": CONSENT_CATEGORY, "code": "carers-part"}]}],
        "provision": {"type": kind, "actor": [{"reference": {"reference": f"RelatedPerson/{carer}"}}], **provision},
    }  # fmt: skip


def related(patient: str = "ada", name: str = "bea", **more: Any) -> dict[str, Any]:
    return {"resourceType": "RelatedPerson", "id": name, "patient": {"reference": f"Patient/{patient}"}, **more}


def test_what_a_consent_says_of_a_carer() -> None:
    [part] = carers_parts(consent())
    assert (part.carer, part.permits, part.terms) == ("bea", True, "carer|purpose=*|data=*|")
    [narrow] = carers_parts(consent(**{"class": [{"code": "CarePlan"}]}))
    assert narrow.terms == "carer|purpose=*|data=CarePlan|"
    [closed] = carers_parts(consent(kind="deny", code=[{"text": "anything"}]))
    assert not closed.permits
    for nothing in (
        consent(code=[{"text": "what cannot be kept apart"}]), consent() | {"status": "proposed"},
        consent() | {"scope": {}}, consent() | {"category": []}, consent() | {"provision": {"type": "permit"}},
        consent(period={"start": "2020-02-01", "end": "2020-01-01"}),
    ):  # fmt: skip
        assert carers_parts(nothing) == set()


def test_a_consent_of_our_own_categories_is_no_dissent() -> None:
    denies = consent(kind="deny")
    assert dissents_of(denies) == set()
    assert dissents_of(denies | {"category": []}) == {""}


async def sees(world: Any, user: str, record: tuple[str, str] = ("Observation", "o1"), **more: Any) -> bool:
    """Whether every way of asking agrees that the user sees the record, and which it is."""
    caller, answers = asking(user, **more), set()
    kind, name = record
    async with world.database.read() as connection:
        for resource_type in (kind, None):
            params: list[Any] = [kind, name]
            condition = visible(caller, "r", params, NOW, resource_type=resource_type)
            sql = f"SELECT 1 FROM resource r WHERE r.type = $1 AND r.id = $2 AND {condition}"
            answers.add(await connection.fetchval(sql, *params) == 1)
        person = await connection.fetchval("SELECT patient FROM resource WHERE type = $1 AND id = $2", kind, name)
        if person is not None:
            answers.add(await has_access(connection, caller, person, NOW, resource_type=kind))
            params = [person]
            condition = visible_of_person(caller, "p", params, NOW, resource_type=kind)
            own = f"SELECT 1 FROM (SELECT id AS patient FROM patient) p WHERE p.patient = $1 AND {condition}"
            answers.add(await connection.fetchval(own, *params) == 1)
    [answer] = answers
    return answer


async def settled(world: Any) -> None:
    await world.write("T1", world.organization("p1", PRACTICE, "practice"), operator=True)
    for person in ("ada", "eve"):
        await world.write(PRACTICE, world.patient(person, PRACTICE))
    about = {"resourceType": "Observation", "subject": {"reference": "Patient/ada"}}
    await world.write(PRACTICE, {"id": "o1", **about})
    await world.write(PRACTICE, {"resourceType": "Group", "id": "g1"})


async def test_a_patient_sees_their_own_record_and_nothing_of_the_organisation(world: Any) -> None:
    await settled(world)
    assert await sees(world, "Patient/ada")
    assert not await sees(world, "Patient/eve")
    assert not await sees(world, "Patient/")
    assert not await sees(world, "Patient/ada", organisation="B81001"), "the organisation has no access"
    assert not await sees(world, "Patient/ada", ("Group", "g1"))
    assert await sees(world, "Patient/eve", ("Organization", "p1")) is True
    assert await sees(world, "Practitioner/1")


async def test_a_carer_in_whatever_order_it_is_told(world: Any) -> None:
    await settled(world)
    told = (("Consent", "c1", consent()), ("RelatedPerson", "bea", related()))
    for order in permutations(told):
        async with world.database.transaction() as connection:
            for kind, name, _ in told:
                await project(connection, kind, name, None, patient="ada")
        assert not await sees(world, "RelatedPerson/bea")
        for kind, name, resource in order:
            async with world.database.transaction() as connection:
                await project(connection, kind, name, resource)
        assert await sees(world, "RelatedPerson/bea")
        assert not await sees(world, "RelatedPerson/cy")


@pytest.mark.parametrize(
    "others",
    [
        (consent(), related("eve")), (consent(), related(active=False)),
        (consent(), related(period={"end": "2020-01-01"})), (consent(period={"end": "2020-01-01"}), related()),
        (consent(period={"start": "2021-01-01"}), related()), (consent(patient="eve"), related()),
        (consent("cy"), related()), (consent() | {"status": "inactive"}, related()),
        (consent(**{"class": [{"code": "CarePlan"}]}), related()),
        (consent(purpose=[{"code": "TREAT"}]), related()),
    ],
)  # fmt: skip
async def test_who_is_no_carer_of_this_person_now(world: Any, others: tuple[dict[str, Any], dict[str, Any]]) -> None:
    await settled(world)
    async with world.database.transaction() as connection:
        for each in others:
            await project(connection, each["resourceType"], each["id"], each)
    assert not await sees(world, "RelatedPerson/bea")


async def test_a_refusal_goes_before_and_may_be_taken_back(world: Any) -> None:
    await settled(world)
    refusal = consent(kind="deny") | {"id": "c2"}
    async with world.database.transaction() as connection:
        for each in (related(), refusal, consent()):
            await project(connection, each["resourceType"], each["id"], each)
    assert not await sees(world, "RelatedPerson/bea")
    async with world.database.transaction() as connection:
        await project(connection, "Consent", "c2", refusal | {"status": "inactive"})
    assert await sees(world, "RelatedPerson/bea")


def answers(**by: str) -> dict[str, Any]:
    named = {name: {"reference": reference} for name, reference in by.items()}
    return {"resourceType": "QuestionnaireResponse", "id": "q1", "subject": {"reference": "Patient/ada"}, **named}


async def test_a_write_about_somebody_else_is_refused_even_when_it_is_signed(world: Any) -> None:
    await settled(world)
    async with world.database.transaction() as connection:
        for person, allowed in (("ada", True), ("eve", False), ("nobody", False)):
            body = answers(source="Patient/ada")
            decision = await write_refusal(
                connection, asking("Patient/ada"), "QuestionnaireResponse", "create", None, body, person, NOW
            )
            assert decision.allowed is allowed, person


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        (None, answers(source="Patient/ada"), True), (None, answers(author="Patient/ada"), True),
        (None, answers(), False), (None, answers(source="Patient/eve"), False),
        (None, answers(source="Patient/ada", author="Practitioner/1"), False),
        (answers(source="Patient/eve"), answers(source="Patient/ada"), False),
        (answers(source="Patient/ada"), answers(source="Patient/ada"), True),
        (answers(source="Patient/ada"), None, False),
    ],
)  # fmt: skip
def test_which_answers_are_theirs(before: dict[str, Any] | None, after: dict[str, Any] | None, allowed: bool) -> None:
    assert is_own_write("Patient/ada", "QuestionnaireResponse", before, after) is allowed


NOTE = {"text": "x", "authorReference": {"reference": "Patient/ada"}}
OTHERS = {"text": "y", "authorReference": {"reference": "Practitioner/1"}}
PLAN = {"resourceType": "CarePlan", "id": "p", "status": "active", "note": [OTHERS]}


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({"note": [OTHERS, NOTE]}, True), ({"note": [OTHERS, NOTE, NOTE]}, True), ({"meta": {"versionId": "2"}}, True),
        ({"supportingInfo": [{"reference": "QuestionnaireResponse/q1"}]}, True),
        ({"note": [NOTE]}, False), ({"note": [NOTE, OTHERS]}, False), ({"note": [OTHERS, OTHERS]}, False),
        ({"note": [OTHERS, {"text": "unsigned"}]}, False), ({"status": "revoked"}, False),
        ({"supportingInfo": [{"reference": "DocumentReference/d1"}]}, False), ({"title": "Mine"}, False),
    ],
)  # fmt: skip
def test_on_the_plan_they_add_their_own_words(change: dict[str, Any], allowed: bool) -> None:
    assert is_own_write("Patient/ada", "CarePlan", PLAN, PLAN | change) is allowed
    assert not is_own_write("Patient/ada", "CarePlan", None, PLAN | change)
