"""What a review of admissions lists, on both databases: the same whatever was written first."""

from __future__ import annotations

from datetime import datetime
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import pytest

from mdt_service.case_management.register_review_rows import people_on_register, registered_with, reviews_of
from mdt_service.case_management.review_rows import of_home, of_practice
from mdt_service.domain.case_management.admission_review import contact_review
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.identity.caller import service_caller
from tandem.identity.periods import BEGINNING, FOREVER
from tandem.london_days import day_number
from tandem_tests.hospital_contacts import stay
from tandem_tests.small_work import START, SmallWork

_FIRST, _UNTIL = (day_number(datetime(2020, month, 1).date()) for month in (6, 7))


def call() -> Any:
    """A call by a service of ours, which sees everybody."""
    kernel = SimpleNamespace(clock=SimpleNamespace(now=lambda: START), registered_only=lambda: False)
    return SimpleNamespace(request=SimpleNamespace(caller=service_caller("mdt-service")), kernel=kernel)


def heard(identity: str, body: Resource | None) -> Event:
    action = "delete" if body is None else "update"
    data = body | {"id": identity} if body is not None else None
    return Event(
        f"{identity}/{action}", f"fhir.Encounter.{action}", "/tandem/cohort-service", START, type="Encounter",
        resource_id=identity, patient="p", author="A81001", data=data,
    )  # fmt: skip


@pytest.fixture
async def resident(work: SmallWork) -> SmallWork:
    """The person `p` lives in VE001 from 10 June 2020 and is registered with A81001."""
    await work.connection.execute(
        "INSERT INTO access (patient, organisation, reason, starts, ends) VALUES ('p', 'A81001', 'registered', $1, $2)",
        BEGINNING, FOREVER,
    )  # fmt: skip
    await work.connection.execute(
        "INSERT INTO home_resident (episode, patient, home, first_day, last_day) VALUES ('e', 'p', 'VE001', $1, $2)",
        _FIRST + 9, _UNTIL + 365,
    )  # fmt: skip
    return work


@pytest.mark.parametrize("order", list(permutations(("early", "late", "deleted", "reviewed"))))
async def test_what_is_listed_does_not_depend_on_what_came_first(resident: SmallWork, order: tuple[str, ...]) -> None:
    early = stay("p", "2020-06-02T10:00:00Z", "2020-06-04T10:00:00Z", urgent=True)
    late = stay("p", "2020-06-20T10:00:00Z", "2020-06-21T10:00:00Z", urgent=True)
    for step in order:
        if step == "early":
            await resident.hear(heard("early", early))
        elif step == "late":
            await resident.hear(heard("late", late))
        elif step == "deleted":
            await resident.hear(heard("gone", stay("p", "2020-06-20T10:00:00Z", setting="EMER")))
            await resident.hear(heard("gone", None))
        else:
            by = {"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "A81001"}}
            await resident.put(contact_review("early", "p", by, "no-further-action", "Well", START))
    listed = await of_practice(call(), resident.connection, "A81001", _FIRST, _UNTIL)
    found = [(each.contact.encounter, each.readmission, each.decision) for each in listed]
    assert found == [("early", False, "no-further-action"), ("late", True, None)]
    at_home = await of_home(call(), resident.connection, "VE001", _FIRST, _UNTIL)
    assert [each.contact.encounter for each in at_home] == ["late"], "who lived there on the day"


async def test_a_person_of_no_meeting_has_no_review(resident: SmallWork) -> None:
    assert await reviews_of(resident.connection, "p", _UNTIL) == []
    assert await people_on_register(call(), resident.connection, _UNTIL) == []
    assert await registered_with(resident.connection, "p", 0) == "A81001"
