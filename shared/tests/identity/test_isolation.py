"""Who sees whom: two practices, providers with and without an agreement or a part, a network, a commissioner."""

from __future__ import annotations

from typing import Any

import pytest

from tandem.identity.access import has_access, only_registered, visible
from tandem.identity.caller import service_caller
from tandem.identity.parts import AFTERCARE
from tandem.identity.periods import bounds

OURS, THEIRS, NETWORK, OTHER_NETWORK = "A81001", "A81002", "U10001", "U10002"
PARTNER, UNSIGNED, IDLE, STRANGER = "RXP01", "RXU01", "RXI01", "RXS01"
CHARITY, COMMISSIONER = "https://charity.example|17", "QXX"
EVERYONE = (OURS, THEIRS, NETWORK, OTHER_NETWORK, PARTNER, UNSIGNED, IDLE, STRANGER, CHARITY, COMMISSIONER)


async def furnish(world: Any) -> None:
    """Person `p1` of our practice, in a network with agreements, and `p2` of the other practice, in none."""
    organisations = [
        world.organization("o1", OURS), world.organization("o2", THEIRS), world.organization("n1", NETWORK),
        world.organization("n2", OTHER_NETWORK), world.organization("v1", PARTNER), world.organization("v2", UNSIGNED),
        world.organization("v3", IDLE), world.organization("c1", COMMISSIONER, "commissioner"),
    ]  # fmt: skip
    affiliations = [
        world.affiliation("m1", NETWORK, OURS, "member"),
        world.affiliation("a1", OURS, PARTNER, signed=(OURS, PARTNER)),
        world.affiliation("a2", OURS, UNSIGNED, signed=(OURS,)),
        world.affiliation("a3", OURS, IDLE, signed=(OURS, IDLE)),
        world.affiliation("a4", NETWORK, CHARITY, signed=(NETWORK, CHARITY)),
        world.affiliation("a5", OURS, COMMISSIONER, signed=(OURS, COMMISSIONER)),
    ]
    for resource in organisations + affiliations:
        assert (await world.write("OPERATOR", resource, operator=True)).allowed
    assert (await world.write(OURS, world.patient("p1", OURS, "9990000018"))).allowed
    assert (await world.write(THEIRS, world.patient("p2", THEIRS, "9990000026"))).allowed
    assert (await world.write(OURS, observation("b1", "p1"))).allowed
    assert (await world.write(THEIRS, observation("b2", "p2"))).allowed
    for name, owner in (("t1", PARTNER), ("t2", UNSIGNED), ("t3", STRANGER), ("t4", CHARITY), ("t5", COMMISSIONER)):
        assert (await world.write(OURS, world.task(name, "p1", requester=OURS, owner=owner))).granted


def observation(name: str, patient: str) -> dict[str, Any]:
    subject = {"reference": f"Patient/{patient}"}
    return {"resourceType": "Observation", "id": name, "status": "final", "subject": subject}


async def watchers(world: Any, kind: str, name: str, **options: Any) -> set[str]:
    """The organisations that see a resource."""
    return {code for code in EVERYONE if await world.sees(code, kind, name, **options)}


async def test_the_matrix(world: Any) -> None:
    await furnish(world)
    circle = {OURS, NETWORK, PARTNER, CHARITY}
    assert await watchers(world, "Patient", "p1") == circle
    assert await watchers(world, "Observation", "b1") == circle
    assert await watchers(world, "Task", "t3") == circle
    assert await watchers(world, "Patient", "p2") == {THEIRS}
    assert await watchers(world, "Observation", "b2") == {THEIRS}
    for kind, name in (("Organization", "o1"), ("OrganizationAffiliation", "a2")):
        assert await watchers(world, kind, name) == set(EVERYONE)


async def test_access_agrees_with_what_is_seen(world: Any) -> None:
    await furnish(world)
    async with world.database.read() as connection:
        for code in EVERYONE:
            allowed = await has_access(connection, world.caller(code), "p1", world.now)
            assert allowed == await world.sees(code, "Observation", "b1")
        assert await has_access(connection, world.caller(STRANGER, operator=True), "p1", world.now)
        assert await has_access(connection, service_caller("mdt-service"), "p1", world.now)
        assert await has_access(connection, world.caller(OURS), "p1", world.now, registered_only=True)


async def test_operators_and_services_see_all(world: Any) -> None:
    params: list[Any] = []
    for caller in (world.caller(STRANGER, operator=True), service_caller("mdt-service")):
        assert visible(caller, "r", params, world.now) == "1=1"
    assert params == []


async def test_a_feed_that_is_behind_serves_the_practice_only(world: Any) -> None:
    await furnish(world)
    assert only_registered(30.5)
    assert not only_registered(30)
    assert await watchers(world, "Observation", "b1", registered_only=True) == {OURS}


async def test_a_stranger_opens_nothing_by_a_task_of_its_own(world: Any) -> None:
    await furnish(world)
    decision = await world.write(IDLE, world.task("t9", "p1", requester=IDLE, owner=IDLE))
    assert (decision.allowed, decision.granted) == (True, False)
    assert await watchers(world, "Task", "t9") == {OURS, NETWORK, PARTNER, CHARITY, IDLE}
    assert await watchers(world, "Patient", "p1") == {OURS, NETWORK, PARTNER, CHARITY}
    # It reads back what it sent, and changes nothing any more.
    again = await world.write(IDLE, world.task("t9", "p1", requester=IDLE, owner=IDLE, status="in-progress"))
    assert (again.allowed, again.hidden) == (False, False)
    # Accepted by those who care for the person, it counts.
    assert (await world.write(OURS, world.task("t9", "p1", requester=IDLE, owner=IDLE, status="accepted"))).granted
    assert IDLE in await watchers(world, "Patient", "p1")


async def test_a_part_that_an_organisation_gives_itself_counts_for_nothing(world: Any) -> None:
    await furnish(world)
    assert (await world.write(PARTNER, world.task("t9", "p1", requester=PARTNER, owner=PARTNER))).granted
    assert (await world.write(OURS, world.task("t1", "p1", requester=OURS, owner=PARTNER, status="cancelled"))).granted
    assert PARTNER not in await watchers(world, "Patient", "p1")


async def test_work_that_is_done_leaves_ninety_days_that_its_doer_cannot_prolong(world: Any) -> None:
    await furnish(world)
    done = "2020-09-02T10:00:00Z"
    end = bounds(done)[0] + AFTERCARE
    await world.write(PARTNER, world.task("t1", "p1", requester=OURS, owner=PARTNER, status="completed", updated=done))
    later = world.task("t1", "p1", requester=OURS, owner=PARTNER, status="completed", updated="2020-09-12T10:00:00Z")
    assert (await world.write(PARTNER, later)).granted
    assert await world.sees(PARTNER, "Patient", "p1", now=end - 1)
    assert not await world.sees(PARTNER, "Patient", "p1", now=end)
    await world.write(PARTNER, world.task("t1", "p1", requester=OURS, owner=PARTNER, status="in-progress"))
    assert not await world.sees(PARTNER, "Patient", "p1", now=end)
    await world.write(OURS, world.task("t1", "p1", requester=OURS, owner=PARTNER, status="in-progress"))
    assert await world.sees(PARTNER, "Patient", "p1", now=end)


@pytest.mark.parametrize("status", ["draft", "cancelled", "rejected", "failed", "entered-in-error"])
async def test_a_task_that_is_not_sent_or_has_ended_gives_no_part(world: Any, status: str) -> None:
    await furnish(world)
    await world.write(OURS, world.task("t1", "p1", requester=OURS, owner=PARTNER, status=status))
    assert PARTNER not in await watchers(world, "Patient", "p1")


@pytest.mark.parametrize("team", [
    {"participant": [{"member": {"reference": "Organization/v3"}}]},
    {"participant": [{"member": {"reference": "Practitioner/x"}, "onBehalfOf": {"reference": "Organization/v3"}}]},
    {"managingOrganization": [{"reference": "Organization/v3"}]},
])  # fmt: skip
async def test_a_care_team_gives_a_part_within_its_period(world: Any, team: dict[str, Any]) -> None:
    await furnish(world)
    resource = {"resourceType": "CareTeam", "id": "ct", "status": "active", "subject": {"reference": "Patient/p1"},
                "period": {"start": "2020-09-01", "end": "2020-09-30"}, **team}  # fmt: skip
    assert (await world.write(OURS, resource)).granted
    start, end = bounds("2020-09-01")[0], bounds("2020-09-30")[1]
    seen = [await world.sees(IDLE, "Patient", "p1", now=moment) for moment in (start - 1, start, end - 1, end)]
    assert seen == [False, True, True, False]
    await world.write(OURS, resource, delete=True)
    assert not await world.sees(IDLE, "Patient", "p1")


async def test_a_referral_gives_its_performer_a_part(world: Any) -> None:
    await furnish(world)
    referral = {"resourceType": "ServiceRequest", "id": "s1", "status": "active", "intent": "order",
                "subject": {"reference": "Patient/p1"}, "performer": [{"reference": "Organization/v3"}]}  # fmt: skip
    await world.write(OURS, referral)
    assert await world.sees(IDLE, "Patient", "p1")
    await world.write(OURS, {**referral, "status": "revoked", "meta": {"lastUpdated": "2020-09-05T10:00:00Z"}})
    assert not await world.sees(IDLE, "Patient", "p1")


def consent(status: str = "active", **provision: Any) -> dict[str, Any]:
    scope = {"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}
    return {
        "resourceType": "Consent", "id": "k1", "status": status, "patient": {"reference": "Patient/p1"},
        "scope": {"coding": [scope]},
        "provision": provision,
    }  # fmt: skip


def against(name: str) -> list[dict[str, Any]]:
    return [{"role": {"text": "recipient"}, "reference": {"reference": f"Organization/{name}"}}]


@pytest.mark.parametrize(("resource", "circle"), [
    (consent(type="deny"), {OURS, NETWORK}),
    (consent(type="deny", actor=against("v1")), {OURS, NETWORK, CHARITY}),
    (consent(type="permit", provision=[{"type": "deny", "actor": against("v1")}]), {OURS, NETWORK, CHARITY}),
    (consent(type="deny", actor=[{"reference": {"reference": "Practitioner/x"}}]), {OURS, NETWORK}),
    (consent(type="permit"), {OURS, NETWORK, PARTNER, CHARITY}),
    (consent("inactive", type="deny"), {OURS, NETWORK, PARTNER, CHARITY}),
    ({**consent(type="deny"), "scope": {"coding": [{"code": "research"}]}}, {OURS, NETWORK, PARTNER, CHARITY}),
])  # fmt: skip
async def test_a_recorded_dissent_closes_sharing(world: Any, resource: dict[str, Any], circle: set[str]) -> None:
    await furnish(world)
    assert (await world.write(OURS, resource)).allowed
    assert await watchers(world, "Patient", "p1") == circle
    await world.write(OURS, consent("inactive", type="deny"))
    assert await watchers(world, "Patient", "p1") == {OURS, NETWORK, PARTNER, CHARITY}


@pytest.mark.parametrize("changes", [
    {"active": False}, {"period": {"end": "2020-09-12"}}, {"period": {"start": "2020-09-14"}}, {"extension": []},
    {"code": []},
])  # fmt: skip
async def test_an_agreement_counts_while_active_signed_and_in_period(world: Any, changes: dict[str, Any]) -> None:
    await furnish(world)
    agreement = world.affiliation("a1", OURS, PARTNER, signed=(OURS, PARTNER))
    await world.write("OPERATOR", {**agreement, **changes}, operator=True)
    assert PARTNER not in await watchers(world, "Patient", "p1")
    await world.write("OPERATOR", agreement, operator=True)
    assert PARTNER in await watchers(world, "Patient", "p1")


async def test_every_named_party_must_have_signed(world: Any) -> None:
    await furnish(world)
    waiting = world.affiliation("a1", OURS, PARTNER, signed=(OURS, PARTNER), named=(CHARITY,))
    await world.write("OPERATOR", waiting, operator=True)
    assert PARTNER not in await watchers(world, "Patient", "p1")
    signed = world.affiliation("a1", OURS, PARTNER, signed=(OURS, PARTNER, CHARITY))
    await world.write("OPERATOR", signed, operator=True)
    assert PARTNER in await watchers(world, "Patient", "p1")


async def test_a_person_who_moves_is_seen_by_the_new_practice(world: Any) -> None:
    await furnish(world)
    assert (await world.write(OURS, world.patient("p1", THEIRS, "9990000018"))).allowed
    assert await watchers(world, "Observation", "b1") == {THEIRS}
    assert not (await world.write(OURS, world.patient("p1", OURS, "9990000018"))).allowed


async def test_what_is_about_nobody_belongs_to_its_organisation(world: Any) -> None:
    await furnish(world)
    await world.write("OPERATOR", world.affiliation("m9", COMMISSIONER, OURS, "member"), operator=True)
    for kind in ("Group", "Schedule", "MeasureReport", "Task"):
        assert (await world.write(OURS, {"resourceType": kind, "id": "x1"})).allowed
    assert await watchers(world, "Group", "x1") == {OURS, NETWORK}
    assert await watchers(world, "Task", "x1") == {OURS, NETWORK}
    assert await watchers(world, "Schedule", "x1", registered_only=True) == {OURS}
    assert await watchers(world, "MeasureReport", "x1") == {OURS, NETWORK, COMMISSIONER}
    assert not (await world.write(COMMISSIONER, {"resourceType": "MeasureReport", "id": "x1"})).allowed
    # A commissioner over a practice is no network of it.
    assert COMMISSIONER not in await watchers(world, "Patient", "p1")


async def test_the_old_practice_keeps_seeing_that_there_was_a_record(world: Any) -> None:
    await furnish(world)
    assert (await world.write(OURS, world.patient("p1", OURS), delete=True)).allowed
    assert await watchers(world, "Patient", "p1") == {OURS}
    world.bodies.pop(("Patient", "p1"))
    assert (await world.write(OURS, world.patient("p9", OURS, "9990000018"))).allowed


async def test_the_gap_between_two_agreements_stays_closed(world: Any) -> None:
    await furnish(world)
    for name, start, end in (("a1", "2020-01-01", "2020-03-31"), ("b1", "2020-03-01", "2020-04-30"),
                             ("b2", "2020-06-01", "2020-12-31")):  # fmt: skip
        period = {"start": start, "end": end}
        agreement = world.affiliation(name, OURS, PARTNER, signed=(OURS, PARTNER), period=period)
        await world.write("OPERATOR", agreement, operator=True)
    edges = [bounds("2020-01-01")[0] - 1, bounds("2020-01-01")[0], bounds("2020-03-31")[1], bounds("2020-04-30")[1] - 1,
             bounds("2020-04-30")[1], bounds("2020-06-01")[0] - 1, bounds("2020-06-01")[0]]  # fmt: skip
    seen = [await world.sees(PARTNER, "Patient", "p1", now=moment) for moment in edges]
    assert seen == [False, True, True, True, False, False, True]


async def test_a_third_party_is_recognised_when_its_organization_arrives(world: Any) -> None:
    await furnish(world)
    agreement = world.affiliation("a1", OURS, PARTNER, signed=(OURS, PARTNER, "RXLATE"), named=("RXLATE",))
    agreement["extension"][-1]["extension"][0]["valueReference"] = {"reference": "Organization/late"}
    await world.write("OPERATOR", agreement, operator=True)
    assert not await world.sees(PARTNER, "Patient", "p1")
    await world.write("OPERATOR", world.organization("late", "RXLATE"), operator=True)
    assert await world.sees(PARTNER, "Patient", "p1")
