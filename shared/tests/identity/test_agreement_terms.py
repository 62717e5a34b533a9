"""An agreement that names purposes or data opens no more than these."""

from __future__ import annotations

from typing import Any

import pytest

from tandem.canonical import AGREEMENT_SIGNATURE, AGREEMENT_TERMS
from tandem.identity.access import has_access, visible
from tandem.identity.agreement_terms import limits_of, terms_of
from tandem.identity.caller import ALL_LETTERS, Caller

OURS, PARTNER = "A81001", "RXP01"


def terms(purposes: tuple[str, ...] = (), data: tuple[str, ...] = ()) -> dict[str, Any]:
    parts = [{"url": "purpose", "valueCode": code} for code in purposes]
    return {"url": AGREEMENT_TERMS, "extension": parts + [{"url": "data", "valueCode": code} for code in data]}


async def furnish(world: Any, *limits: dict[str, Any]) -> None:
    """A person of ours with an Observation and a CarePlan, a partner on the team, and an agreement with these terms."""
    assert (await world.write(OURS, world.patient("p1", OURS, "9990000018"))).allowed
    team = {"resourceType": "CareTeam", "id": "t1", "status": "active", "subject": {"reference": "Patient/p1"},
            "participant": [{"member": {"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code",
                                                       "value": PARTNER}}}]}  # fmt: skip
    assert (await world.write(OURS, team)).allowed
    for kind, name in (("Observation", "b1"), ("CarePlan", "c1")):
        record = {"resourceType": kind, "id": name, "subject": {"reference": "Patient/p1"}}
        assert (await world.write(OURS, record)).allowed
    agreement = world.affiliation("a1", OURS, PARTNER, signed=(OURS, PARTNER))
    agreement["extension"] += limits
    assert (await world.write("OPERATOR", agreement, operator=True)).allowed


async def sees(world: Any, kind: str, name: str, purpose: str | None) -> bool:
    caller = Caller(organisation=PARTNER, scopes={"*": ALL_LETTERS}, purpose=purpose)
    answers = set()
    async with world.database.read() as connection:
        for resource_type in (kind, None):
            params: list[Any] = [kind, name]
            condition = visible(caller, "r", params, world.now, resource_type=resource_type)
            sql = f"SELECT 1 FROM resource r WHERE r.type = $1 AND r.id = $2 AND {condition}"
            answers.add(await connection.fetchval(sql, *params) == 1)
        answers.add(await has_access(connection, caller, "p1", world.now, resource_type=kind))
    assert len(answers) == 1
    return answers.pop()


@pytest.mark.parametrize("purpose", ["TREAT", None, "HRESCH", "%", "*", "TREAT|data=Observation"])
async def test_a_purpose_that_the_agreement_names_is_asked_of_the_token(world: Any, purpose: str | None) -> None:
    await furnish(world, terms(purposes=("TREAT", "ETREAT")))
    assert await sees(world, "Observation", "b1", purpose) is (purpose == "TREAT")
    assert await sees(world, "Observation", "b1", "ETREAT")


async def test_data_that_the_agreement_does_not_name_stays_closed(world: Any) -> None:
    await furnish(world, terms(data=("CarePlan",)))
    assert await sees(world, "CarePlan", "c1", None)
    assert not await sees(world, "Observation", "b1", None)
    caller = Caller(organisation=PARTNER, scopes={"*": ALL_LETTERS})
    async with world.database.read() as connection:
        assert not await has_access(connection, caller, "p1", world.now), "not the whole record"
    written = {"resourceType": "Observation", "id": "b2", "subject": {"reference": "Patient/p1"}}
    assert not (await world.write(PARTNER, written)).allowed
    assert (await world.write(PARTNER, {**written, "resourceType": "CarePlan", "id": "c2"})).allowed


async def test_both_terms_must_be_met(world: Any) -> None:
    await furnish(world, terms(("TREAT",), ("CarePlan", "Observation")))
    assert await sees(world, "Observation", "b1", "TREAT")
    assert not await sees(world, "Observation", "b1", "HRESCH")
    assert not await sees(world, "Patient", "p1", "TREAT")


async def test_a_second_agreement_opens_what_the_first_does_not(world: Any) -> None:
    await furnish(world, terms(("TREAT",), ("CarePlan",)))
    second = world.affiliation("a2", OURS, PARTNER, signed=(OURS, PARTNER))
    second["extension"].append(terms(("HRESCH",), ("Observation",)))
    assert (await world.write("OPERATOR", second, operator=True)).allowed
    seen = [
        (kind, purpose)
        for kind, name in (("CarePlan", "c1"), ("Observation", "b1"))
        for purpose in ("TREAT", "HRESCH")
        if await sees(world, kind, name, purpose)
    ]
    assert seen == [("CarePlan", "TREAT"), ("Observation", "HRESCH")]
    assert (await world.write(OURS, second, delete=True)).allowed
    assert not await sees(world, "Observation", "b1", "HRESCH")
    assert await sees(world, "CarePlan", "c1", "TREAT")


async def test_the_practice_and_an_agreement_without_terms_need_no_purpose(world: Any) -> None:
    await furnish(world)
    assert await sees(world, "Observation", "b1", None)
    assert await world.sees(OURS, "Observation", "b1")


@pytest.mark.parametrize("odd", ["", "TREAT|data=Patient", "two words"])
async def test_a_term_of_another_form_opens_nothing(world: Any, odd: str) -> None:
    await furnish(world, terms(purposes=(odd,)))
    assert not await sees(world, "Observation", "b1", odd or None)


def test_terms_are_read_in_their_order_and_once() -> None:
    agreement = {"extension": [{"url": AGREEMENT_SIGNATURE}, terms(("TREAT", "TREAT"), ("Patient",))]}
    assert terms_of(agreement) == (("TREAT",), ("Patient",))
    assert limits_of(agreement) == "|purpose=TREAT|data=Patient|"
    assert limits_of({"extension": [terms(data=("Patient",))]}) == "|purpose=*|data=Patient|"
    assert limits_of({"extension": [terms()]}) == ""
