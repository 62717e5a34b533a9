"""A month of admissions that nobody reviewed is chased once, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from mdt_service.case_management.review_chase_timer import MONTH_ENDED
from mdt_service.domain.case_management.admission_review import contact_review, month_scope, whole_review
from mdt_service.domain.case_management.arrangement import Arrangement, arrangement_task
from mdt_service.domain.case_management.review_chase import chase_id, chased_on, month_after
from tandem.canonical import ODS_CODE
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.identity.periods import BEGINNING, FOREVER
from tandem_tests.hospital_contacts import stay
from tandem_tests.small_work import START, SmallWork

PRACTICE, OTHER = "A81001", "A81002"
CHASED = datetime(2020, 7, 15, 7, 0, tzinfo=UTC)
"""Eight in London on the fourteenth day after June."""


def by(code: str) -> dict[str, Any]:
    return {"identifier": {"system": ODS_CODE, "value": code}}


def heard(identity: str, patient: str, start: str, **more: Any) -> Event:
    body = stay(patient, start, **more) | {"id": identity}
    return Event(
        f"{identity}/{start}", "fhir.Encounter.update", "/tandem/cohort-service", START, type="Encounter",
        resource_id=identity, patient=patient, author=PRACTICE, data=body,
    )  # fmt: skip


def chases(work: SmallWork) -> list[Resource]:
    return [each for each in work.resources.values() if each.get("code", {}).get("coding", [{}])[0]["code"] == "chase"]


@pytest.fixture
async def practices(work: SmallWork) -> SmallWork:
    """`p` and `q` of one practice, where `p` is on active case management; `s` of another one, where nobody is."""
    for patient, practice in (("p", PRACTICE), ("q", PRACTICE), ("s", OTHER)):
        sql = "INSERT INTO access (patient, organisation, reason, starts, ends) VALUES ($1, $2, 'registered', $3, $4)"
        await work.connection.execute(sql, patient, practice, BEGINNING, FOREVER)
    await work.put(arrangement_task(Arrangement(1, "high", date(2020, 6, 1), 7, 20, 6), "p", by(PRACTICE), None, START))
    return work


async def admissions(work: SmallWork) -> None:
    await work.hear(heard("one", "q", "2020-06-20T10:00:00Z", urgent=True))
    await work.hear(heard("two", "p", "2020-06-30T22:30:00Z", setting="EMER"))
    await work.hear(heard("elsewhere", "s", "2020-06-20T10:00:00Z", urgent=True))


async def test_a_month_that_nobody_reviewed_is_chased_once_by_practice(practices: SmallWork) -> None:
    await admissions(practices)
    assert [key for kind, key in practices.due if kind == MONTH_ENDED] == ["2020-06-01"], "one timed event a month"
    await practices.pass_time(datetime(2020, 7, 15, 6, 59, tzinfo=UTC))
    assert chases(practices) == []
    await practices.pass_time(CHASED)
    [chase] = chases(practices)
    assert (chase["status"], chase["owner"]["identifier"]["value"]) == ("requested", PRACTICE)
    assert chase["groupIdentifier"]["value"] == month_scope(PRACTICE, date(2020, 6, 1))
    assert chase["description"] == "Unplanned admissions and attendances of June 2020 are not reviewed yet"
    assert "for" not in chase, "it names nobody"
    again = Event("again", MONTH_ENDED, "mdt-service", CHASED, subject="2020-06-01", data={"month": "2020-06-01"})
    await practices.hear(again)
    assert chases(practices) == [chase]


@pytest.mark.parametrize("first", ["review", "chase"])
async def test_a_review_of_the_month_takes_the_chase_back_whichever_comes_first(
    practices: SmallWork, first: str
) -> None:
    await admissions(practices)
    scope = month_scope(PRACTICE, date(2020, 6, 1))
    if first == "chase":
        await practices.pass_time(CHASED)
    await practices.put(whole_review(scope, by(PRACTICE), 2, practices.now))
    await practices.pass_time(CHASED)
    assert [each["status"] for each in chases(practices)] == (["completed"] if first == "chase" else [])


async def test_what_was_decided_planned_or_old_chases_nothing(practices: SmallWork) -> None:
    await practices.hear(heard("planned", "p", "2020-06-20T10:00:00Z"))
    await practices.hear(heard("old", "p", "2020-05-20T10:00:00Z", urgent=True))
    assert practices.due == {}
    await practices.hear(heard("one", "p", "2020-06-20T10:00:00Z", urgent=True))
    await practices.put(contact_review("one", "p", by(PRACTICE), "no-further-action", "Well", START))
    await practices.pass_time(CHASED)
    assert chases(practices) == []
    assert chase_id(month_scope(PRACTICE, date(2020, 6, 1))) != chase_id(month_scope(OTHER, date(2020, 6, 1)))


@pytest.mark.parametrize(
    ("month", "after", "moment"),
    [
        (date(2020, 12, 1), date(2021, 1, 1), datetime(2021, 1, 15, 8, tzinfo=UTC)),
        (date(2020, 1, 31), date(2020, 2, 1), datetime(2020, 2, 15, 8, tzinfo=UTC)),
        (date(2020, 6, 1), date(2020, 7, 1), CHASED),
    ],
)
def test_a_month_is_chased_in_the_one_after(month: date, after: date, moment: datetime) -> None:
    assert month_after(month) == after
    assert chased_on(month, 14) == moment
