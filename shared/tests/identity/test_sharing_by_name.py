"""An Appointment or Schedule is read by the organisations that take part in it, and changed by who made it."""

from __future__ import annotations

from typing import Any

import pytest

from tandem.identity.sharing_by_name import share_by_name, shared_by_name

OURS, STRANGER, HOSPITAL, NETWORK = "A81001", "A81002", "RXH01", "U10001"


async def furnish(world: Any) -> dict[str, Any]:
    for resource in (
        world.organization("o1", OURS), world.organization("o2", STRANGER), world.organization("h1", HOSPITAL),
        world.organization("n1", NETWORK), world.affiliation("m1", NETWORK, OURS, "member"),
    ):  # fmt: skip
        assert (await world.write("OPERATOR", resource, operator=True)).allowed
    meeting = {"resourceType": "Appointment", "id": "a1", "status": "booked", "participant": [{"status": "accepted"}]}
    assert (await world.write(OURS, meeting)).allowed
    return meeting


async def share(world: Any, *organisations: str) -> None:
    async with world.database.transaction() as connection:
        await share_by_name(connection, "Appointment", "a1", organisations)


async def test_who_takes_part_reads_it_and_nobody_else(world: Any) -> None:
    await furnish(world)
    assert not await world.sees(HOSPITAL, "Appointment", "a1")
    await share(world, HOSPITAL)
    assert await world.sees(HOSPITAL, "Appointment", "a1")
    assert not await world.sees(STRANGER, "Appointment", "a1")
    assert not await world.sees(HOSPITAL, "Appointment", "a1", registered_only=True)
    await share(world, STRANGER)
    assert not await world.sees(HOSPITAL, "Appointment", "a1")
    async with world.database.read() as connection:
        assert await shared_by_name(connection, "Appointment", "a1") == [STRANGER]


async def test_who_takes_part_does_not_change_it_by_writing(world: Any) -> None:
    meeting = await furnish(world)
    await share(world, HOSPITAL)
    refused = await world.write(HOSPITAL, {**meeting, "status": "cancelled"})
    assert (refused.allowed, refused.hidden) == (False, False)
    assert (await world.write(NETWORK, {**meeting, "status": "cancelled"})).allowed
    assert (await world.write(OURS, {**meeting, "status": "booked"})).allowed


async def test_an_appointment_about_a_person_opens_nothing_else_of_the_person(world: Any) -> None:
    await furnish(world)
    assert (await world.write(OURS, world.patient("p1", OURS))).allowed
    visit = {
        "resourceType": "Appointment", "id": "a1", "status": "booked", "participant": [{"status": "accepted"}],
        "subject": {"reference": "Patient/p1"},
    }  # fmt: skip
    assert (await world.write(OURS, visit)).allowed
    await share(world, HOSPITAL)
    assert await world.sees(HOSPITAL, "Appointment", "a1")
    assert not await world.sees(HOSPITAL, "Patient", "p1")
    assert not (await world.write(HOSPITAL, visit)).allowed


async def test_no_other_type_is_shared_by_name(world: Any) -> None:
    with pytest.raises(ValueError, match="not shared by name"):
        async with world.database.transaction() as connection:
            await share_by_name(connection, "CarePlan", "c1", [HOSPITAL])
