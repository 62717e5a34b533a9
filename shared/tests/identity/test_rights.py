"""Who may write what."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tandem.canonical import AGREEMENT_TERMS
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.projection import UnknownPatient, project
from tandem.identity.signature_rights import FOREIGN_SIGNATURE

OURS, THEIRS, NETWORK, PROVIDER, COMMISSIONER = "A81001", "A81002", "U10001", "RXP01", "QXX"


async def furnish(world: Any) -> None:
    for resource in (
        world.organization("o1", OURS), world.organization("o2", THEIRS), world.organization("v1", PROVIDER),
        world.organization("c1", COMMISSIONER, "commissioner"), world.organization("n1", NETWORK),
        world.affiliation("m1", NETWORK, OURS, "member"),
    ):  # fmt: skip
        assert (await world.write("OPERATOR", resource, operator=True)).allowed
    assert (await world.write(OURS, world.patient("p1", OURS, "9990000018"))).allowed


async def test_people_are_registered_by_their_practice(world: Any) -> None:
    await furnish(world)
    assert (await world.write(OURS, world.patient("p2", None))).allowed
    assert await world.sees(OURS, "Patient", "p2")
    assert (await world.write("B82001", world.patient("p3", "B82001"))).allowed
    for organisation in (OURS, NETWORK, PROVIDER, COMMISSIONER, "https://charity.example|1"):
        refused = await world.write(organisation, world.patient("p4", THEIRS))
        assert (refused.allowed, refused.hidden) == (False, False)
    assert (await world.write(PROVIDER, world.patient("p5", "C83001"), operator=True)).allowed
    assert await world.sees("C83001", "Patient", "p5")


async def test_a_practice_that_is_not_known_is_not_ours(world: Any) -> None:
    await furnish(world)
    patient = {**world.patient("p4", None), "managingOrganization": {"reference": "Organization/unheard-of"}}
    assert not (await world.write(OURS, patient)).allowed
    patient["managingOrganization"] = {"reference": "Organization/o1"}
    assert (await world.write(OURS, patient)).allowed


async def test_a_second_record_under_a_strangers_nhs_number_opens_nothing(world: Any) -> None:
    await furnish(world)
    with pytest.raises(FhirError) as refused:
        await world.write(THEIRS, world.patient("p2", THEIRS, "999 000 0018"))
    assert refused.value.kind is Kind.DUPLICATE
    assert "999" not in str(refused.value)
    assert not await world.sees(THEIRS, "Patient", "p1")
    assert not await world.sees(THEIRS, "Patient", "p2")
    assert await world.sees(OURS, "Patient", "p1")


async def test_only_the_current_practice_changes_a_record(world: Any) -> None:
    await furnish(world)
    hidden = await world.write(THEIRS, world.patient("p1", THEIRS))
    assert (hidden.allowed, hidden.hidden) == (False, True)
    network = await world.write(NETWORK, world.patient("p1", OURS))
    assert (network.allowed, network.hidden) == (False, False)
    assert (await world.write(PROVIDER, world.patient("p1", OURS), delete=True)).hidden
    assert (await world.write(OURS, world.patient("p1", OURS, "9990000018"))).allowed


async def test_data_of_a_person_is_written_by_who_has_access(world: Any) -> None:
    await furnish(world)
    plan = {"resourceType": "CarePlan", "id": "cp", "subject": {"reference": "Patient/p1"}}
    for organisation in (PROVIDER, THEIRS, COMMISSIONER):
        refused = await world.write(organisation, plan)
        assert (refused.allowed, refused.hidden, refused.granted) == (False, False, False)
    assert (await world.write(NETWORK, plan)).granted
    for organisation in (PROVIDER, THEIRS, COMMISSIONER):
        assert (await world.write(organisation, plan)).hidden
        assert (await world.write(organisation, plan, delete=True)).hidden
    with pytest.raises(FhirError) as error:
        (await world.write(PROVIDER, plan)).enforce()
    assert error.value.kind is Kind.NOT_FOUND


async def test_a_record_cannot_be_moved_to_a_stranger(world: Any) -> None:
    await furnish(world)
    await world.write(THEIRS, world.patient("p2", THEIRS))
    plan = {"resourceType": "CarePlan", "id": "cp", "subject": {"reference": "Patient/p1"}}
    await world.write(OURS, plan)
    moved = await world.write(OURS, {**plan, "subject": {"reference": "Patient/p2"}})
    assert not moved.allowed


async def test_only_a_task_is_received_from_a_stranger_and_never_from_a_commissioner(world: Any) -> None:
    await furnish(world)
    assert not (await world.write(PROVIDER, world.task("t1", "p1"))).granted
    assert (await world.write(PROVIDER, world.task("t2", "p1"))).allowed
    assert not (await world.write(COMMISSIONER, world.task("t3", "p1"))).allowed
    for kind in ("ServiceRequest", "Communication", "Consent", "CareTeam", "Observation"):
        resource = {"resourceType": kind, "id": "x", "subject": {"reference": "Patient/p1"}}
        assert not (await world.write(PROVIDER, resource)).allowed


async def test_nobody_writes_an_agreement_for_itself(world: Any) -> None:
    await furnish(world)
    both = (OURS, PROVIDER)
    for writer, agreement in (
        (PROVIDER, world.affiliation("a1", OURS, PROVIDER, signed=both)),
        (PROVIDER, world.affiliation("a1", PROVIDER, OURS, signed=both)),
        (THEIRS, world.affiliation("a1", OURS, THEIRS, signed=(OURS, THEIRS))),
        (NETWORK, world.affiliation("a1", NETWORK, PROVIDER, signed=(NETWORK, PROVIDER))),
        (OURS, world.affiliation("a1", NETWORK, PROVIDER, signed=(NETWORK, PROVIDER))),
        (PROVIDER, world.affiliation("a1", NETWORK, PROVIDER, "member")),
        (OURS, world.affiliation("a1", NETWORK, OURS, "member")),
        (COMMISSIONER, world.affiliation("a1", COMMISSIONER, OURS, "member")),
    ):  # fmt: skip
        refused = await world.write(writer, agreement)
        assert (refused.allowed, refused.hidden) == (False, False)
    drafted = world.affiliation("a1", OURS, PROVIDER, signed=(OURS,), named=(PROVIDER,))
    assert (await world.write(OURS, drafted)).allowed
    assert not (await world.write(PROVIDER, drafted, delete=True)).allowed
    assert not (await world.write(THEIRS, world.affiliation("a1", THEIRS, PROVIDER))).allowed


async def test_a_party_adds_its_own_signature_and_changes_nothing_else(world: Any) -> None:
    await furnish(world)
    await world.write(OURS, world.affiliation("a1", OURS, PROVIDER, signed=(OURS,), named=(PROVIDER,)))
    await world.write(OURS, world.task("t1", "p1", requester=OURS, owner=PROVIDER))
    for change in (
        world.affiliation("a1", OURS, PROVIDER, signed=(PROVIDER,)),
        world.affiliation("a1", OURS, PROVIDER, signed=(OURS, PROVIDER), period={"end": "2099"}),
        world.affiliation("a1", THEIRS, PROVIDER, signed=(OURS, PROVIDER)),
        world.affiliation("a1", OURS, PROVIDER, signed=(OURS, PROVIDER), active=False),
    ):
        assert not (await world.write(PROVIDER, change)).allowed
    assert not (await world.write(THEIRS, world.affiliation("a1", OURS, PROVIDER, signed=(OURS, THEIRS)))).allowed
    assert not await world.sees(PROVIDER, "Patient", "p1")
    assert (await world.write(PROVIDER, world.affiliation("a1", OURS, PROVIDER, signed=(OURS, PROVIDER)))).allowed
    assert await world.sees(PROVIDER, "Patient", "p1")


@pytest.mark.parametrize("forged", [
    {"signed": (OURS, PROVIDER)}, {"signed": (PROVIDER,)}, {"signed": (OURS, PROVIDER), "named": (THEIRS,)},
])  # fmt: skip
async def test_who_writes_an_agreement_signs_for_itself_alone(world: Any, forged: dict[str, Any]) -> None:
    await furnish(world)
    new = await world.write(OURS, world.affiliation("a1", OURS, PROVIDER, **forged))
    assert (new.allowed, new.text) == (False, FOREIGN_SIGNATURE)
    assert (await world.write(OURS, world.affiliation("a1", OURS, PROVIDER, signed=(OURS,), named=(PROVIDER,)))).allowed
    drafted = world.affiliation("a1", OURS, PROVIDER, **forged)
    changed = await world.write(OURS, drafted)
    assert (changed.allowed, changed.hidden, changed.text) == (False, False, FOREIGN_SIGNATURE)
    assert (await world.write("OPERATOR", drafted, operator=True)).allowed


async def test_a_signature_that_names_two_parties_is_nobodys_own(world: Any) -> None:
    await furnish(world)
    agreement = world.affiliation("a1", OURS, PROVIDER, signed=(OURS,))
    [signature] = agreement["extension"]
    signature["extension"].append({"url": "party", "valueReference": agreement["participatingOrganization"]})
    assert not (await world.write(OURS, agreement)).allowed


async def test_what_others_have_signed_is_not_changed_under_their_signatures(world: Any) -> None:
    await furnish(world)

    def agreement(*signed: str, **rest: Any) -> Any:
        named = [party for party in (OURS, PROVIDER) if party not in signed]
        given = {"period": {"start": "2020-07-01", "end": "2021-06-30"}, **rest}
        return world.affiliation("a1", OURS, PROVIDER, signed=signed, named=named, **given)

    wider = {"url": AGREEMENT_TERMS, "extension": [{"url": "data", "valueCode": "Patient"}]}
    await world.write("OPERATOR", agreement(OURS, PROVIDER), operator=True)
    both, terms = agreement(OURS, PROVIDER), agreement(OURS, PROVIDER)
    terms["extension"].append(wider)
    for change in (
        terms, agreement(OURS, PROVIDER, period={"start": "2020-07-01", "end": "2022-06-30"}),
        agreement(OURS, PROVIDER, period={"start": "2020-06-01", "end": "2021-06-30"}),
        agreement(OURS, PROVIDER, period={}), {**both, "participatingOrganization": both["organization"]},
    ):  # fmt: skip
        assert (await world.write(OURS, change)).text == FOREIGN_SIGNATURE
    sooner = {"period": {"start": "2020-07-01", "end": "2020-12-31"}}
    assert (await world.write(OURS, agreement(OURS, PROVIDER, **sooner))).allowed
    assert (await world.write(OURS, agreement(OURS, PROVIDER, active=False, **sooner))).allowed
    back = await world.write(OURS, agreement(OURS, PROVIDER, **sooner))
    assert back.text == FOREIGN_SIGNATURE, "what has ended does not come back"
    anew = agreement(OURS)
    anew["extension"].append(wider)
    assert (await world.write(OURS, anew)).allowed, "to be signed anew"


@pytest.mark.parametrize("literal", [False, True])
async def test_who_joined_a_network_later_waits_with_its_own_people_alone(world: Any, literal: bool) -> None:
    """The others have signed, and what is open of their people stays open; its own are opened with its signature."""
    await furnish(world)
    await world.write("OPERATOR", world.affiliation("m2", NETWORK, THEIRS, "member"), operator=True)
    assert (await world.write(THEIRS, world.patient("p2", THEIRS, "9990000026"))).allowed
    for number, practice in ((1, OURS), (2, THEIRS)):
        await world.write(practice, world.task(f"t{number}", f"p{number}", requester=practice, owner=PROVIDER))
    agreement = world.affiliation("a1", NETWORK, PROVIDER, signed=(NETWORK, OURS, PROVIDER), named=(THEIRS,))
    newcomer = agreement["extension"][-1]["extension"]
    newcomer.append({"url": "joined", "valueDate": "2020-06-20"})
    if literal:
        newcomer[0]["valueReference"] = {"reference": "Organization/o2"}
    await world.write("OPERATOR", agreement, operator=True)
    assert [await world.sees(PROVIDER, "Patient", person) for person in ("p1", "p2")] == [True, False]
    signed = deepcopy(agreement)
    signed["extension"][-1]["extension"].append({"url": "signed", "valueDateTime": "2020-06-21"})
    assert (await world.write(THEIRS, signed)).allowed
    assert [await world.sees(PROVIDER, "Patient", person) for person in ("p1", "p2")] == [True, True]


async def test_organisations_that_carry_rights_are_entered_by_an_operator(world: Any) -> None:
    await furnish(world)
    for code, kind in (("QYY", "commissioner"), ("RXP02", "practice"), ("U10009", None), ("B82001", None),
                       ("B82001", "care-home"), ("RXP03", "network")):  # fmt: skip
        assert not (await world.write(PROVIDER, world.organization("x1", code, kind))).allowed
    assert not (await world.write(PROVIDER, world.organization("x1", OURS, "voluntary"))).allowed
    assert (await world.write("B82001", world.organization("x1", "B82001"))).allowed
    assert (await world.write(OURS, world.organization("x2", "https://charity.example|1", "voluntary"))).allowed
    assert not (await world.write(PROVIDER, world.organization("x3", "https://charity.example|1"))).allowed


async def test_an_organisation_keeps_its_own_record_but_not_what_it_is(world: Any) -> None:
    await furnish(world)
    assert (await world.write(PROVIDER, {**world.organization("v1", PROVIDER), "name": "New name"})).allowed
    assert not (await world.write(PROVIDER, world.organization("v1", OURS))).allowed
    assert not (await world.write(PROVIDER, world.organization("v1", PROVIDER, "practice"))).allowed
    assert not (await world.write(PROVIDER, world.organization("o1", OURS))).allowed
    assert not (await world.write(PROVIDER, world.organization("v1", PROVIDER), delete=True)).allowed
    network = {**world.organization("v1", PROVIDER), "partOf": {"reference": "Organization/n1"}}
    assert not (await world.write(PROVIDER, network)).allowed


@pytest.mark.parametrize(("kind", "element"), [
    ("PractitionerRole", "organization"), ("Location", "managingOrganization"), ("HealthcareService", "providedBy"),
])  # fmt: skip
async def test_roles_places_and_services_are_written_by_their_organisation(world: Any, kind: str, element: str) -> None:
    await furnish(world)
    ours = {"resourceType": kind, "id": "x", element: {"reference": "Organization/o1"}}
    assert not (await world.write(PROVIDER, ours)).allowed
    assert (await world.write(OURS, ours)).allowed
    assert not (await world.write(PROVIDER, ours)).allowed
    assert not (await world.write(PROVIDER, {**ours, element: {"reference": "Organization/v1"}})).allowed
    assert not (await world.write(OURS, {**ours, element: {"reference": "Organization/v1"}})).allowed
    assert not (await world.write(PROVIDER, ours, delete=True)).allowed
    assert (await world.write(OURS, ours, delete=True)).allowed


@pytest.mark.parametrize("kind", ["Practitioner", "PlanDefinition", "Measure", "Questionnaire", "Medication"])
async def test_shared_definitions_are_changed_by_who_entered_them(world: Any, kind: str) -> None:
    await furnish(world)
    resource = {"resourceType": kind, "id": "x"}
    assert (await world.write(OURS, resource)).allowed
    assert (await world.write(OURS, {**resource, "language": "en"})).allowed
    for organisation in (PROVIDER, THEIRS, NETWORK):
        assert not (await world.write(organisation, resource)).allowed
        assert not (await world.write(organisation, resource, delete=True)).allowed


async def test_no_refusal_names_a_person(world: Any) -> None:
    await furnish(world)
    for resource in (world.patient("p1", THEIRS, "9990000018"), {"resourceType": "Goal", "id": "g", "subject": {
            "reference": "Patient/p1"}}):  # fmt: skip
        decision = await world.write(PROVIDER, resource)
        assert decision.text
        assert "p1" not in decision.text
        assert "999" not in decision.text


async def test_a_person_may_be_named_by_nhs_number_once_known(world: Any) -> None:
    await furnish(world)
    task = world.task("t1", None, requester=OURS, owner=PROVIDER)
    task["for"] = {"identifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "999 000 0018"}}
    async with world.database.transaction() as connection:
        await project(connection, "Task", "t1", task, author=OURS)
        assert await connection.fetchval("SELECT count(*) FROM part WHERE patient = 'p1'") == 2
    task["for"]["identifier"]["value"] = "9990000026"
    with pytest.raises(UnknownPatient):
        async with world.database.transaction() as connection:
            await project(connection, "Task", "t2", task, author=OURS)
