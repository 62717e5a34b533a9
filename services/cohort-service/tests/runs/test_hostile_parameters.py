"""Every declared operation of cohort-service refuses what it cannot read, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from cohort_service.service import service
from tandem.canonical import NHS_NUMBER, ODS_CODE
from tandem.clock import to_micros
from tandem.fhir.body import decode
from tandem.service import Operation
from tandem_tests.identification_service import COMMISSIONER, NETWORK, OTHER, PRACTICE, Cohorts, parameters

NAMES = (
    "patient", "run", "cohort", "practice", "network", "organisation", "holder", "party", "requirement", "service",
    "date", "from", "asOf", "tool", "toolVersion", "text", "template", "id", "list-size", "post", "home", "sector",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    "9999-12-31", "'; --", 10**20, [], {"identifier": "x"}, {"identifier": {"system": 1, "value": []}},
    {"reference": ["x"]},
)  # fmt: skip
NULL: tuple[Any, ...] = ("a\x00b", f"{NHS_NUMBER}|\x00", {"identifier": {"system": ODS_CODE, "value": "\x00"}})
NO_PARAMETERS: tuple[Any, ...] = (
    0, 1, True, "", "x", None, {}, {"name": "patient"}, [1], [None], [{"name": 1}], [{"value": "x"}],
)  # fmt: skip
PLACES = {
    "Organization": (f"org-{PRACTICE}", f"org-{NETWORK}", f"org-{COMMISSIONER}"), "Patient": ("p1",),
    "Group": ("g1",), "Encounter": ("e1",), "OrganizationAffiliation": ("a1",),
}  # fmt: skip


def addresses(operation: Operation) -> list[str]:
    if operation.level == "type":
        return [f"{operation.type}/${operation.name}"]
    return [f"{operation.type}/{place}/${operation.name}" for place in PLACES[str(operation.type)]]


def bodies(values: Iterable[Any]) -> list[dict[str, Any]]:
    return [
        {"resourceType": "Parameters", "parameter": [{"name": name, "valueString": value}]}
        for name in NAMES for value in values
    ]  # fmt: skip


@pytest.mark.parametrize("of", sorted({str(each.type) for each in service.operations}))
async def test_what_cannot_be_read_is_refused(cohorts: Cohorts, of: str) -> None:
    await cohorts.register("p1", PRACTICE, "9990000018")
    for operation in service.operations:
        for address in addresses(operation) if operation.type == of else ():
            for each in NO_PARAMETERS:
                answer = await cohorts.call("T0001", address, {**parameters(), "parameter": each}, operator=True)
                assert answer.status == 400, (address, each, answer.body)
            for body in bodies(NULL[:1]) + bodies(NULL)[:3]:
                answer = await cohorts.call("T0001", address, body, operator=True)
                assert (answer.status, b"null character" in answer.body) == (400, True), (address, body, answer.body)
            for body in bodies(VALUES):
                answer = await cohorts.call("T0001", address, body, operator=True)
                assert answer.status < 500, (address, body, answer.body)
                assert answer.status < 400 or decode(answer.body)["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(("day", "status"), [("1970-01-01", 200), ("9990-12-31", 200), ("9999-12-31", 400)])
async def test_days_are_asked_for_as_far_as_windows_can_be_counted_from_them(
    cohorts: Cohorts, day: str, status: int
) -> None:
    await cohorts.register("p1", PRACTICE, "9990000018")
    for address in (
        f"Organization/org-{NETWORK}/$population?date={day}", f"Patient/p1/$responsible?date={day}",
        f"Organization/org-{NETWORK}/$workforce?year=2020/21&date={day}",
        f"OrganizationAffiliation/$agreements?network={NETWORK}&date={day}",
        f"PlanDefinition/$catalogue?date={day}",
    ):  # fmt: skip
        answer = await cohorts.call(NETWORK, address)
        assert answer.status == status, (address, answer.body)


async def test_a_new_version_of_a_requirement_is_text_and_begins_where_the_one_before_can_end(cohorts: Cohorts) -> None:
    def said(**more: Any) -> dict[str, Any]:
        given = {"requirement": "AC-031", "from": "2021-01-01", "text": "Another text", **more}
        return parameters(*given.items())

    evidence = said()
    evidence["parameter"].append({"name": "evidence", "valueInteger": 5})
    for body, status in (
        (said(**{"from": "0001-01-01"}), 400), (said(text=" "), 400), (evidence, 400),
        ({**said(), "parameter": [*said()["parameter"][:2], {"name": "text", "valueCoding": {"code": "x"}}]}, 400),
    ):  # fmt: skip
        answer = await cohorts.call("T0001", "PlanDefinition/$publish", body, operator=True)
        assert answer.status == status, answer.body
    assert await cohorts.count("requirement_version") == 0
    found = await cohorts.ask(PRACTICE, "PlanDefinition/$requirement?requirement=AC-031")
    assert len(found["entry"]) == 1


async def test_a_membership_to_come_opens_nothing_before_it_begins(cohorts: Cohorts) -> None:
    size = {"name": "list-size", "part": [
        {"name": "date", "valueDate": "2020-06-30"}, {"name": "registered", "valueInteger": 9_000},
    ]}  # fmt: skip
    body = {**parameters(), "parameter": [size]}
    assert (await cohorts.call(OTHER, f"Organization/org-{OTHER}/$list-size", body)).status == 200
    await cohorts.join(NETWORK, OTHER)
    joins = to_micros(datetime(2030, 1, 1, tzinfo=UTC))
    await cohorts.execute("UPDATE membership SET starts = $1 WHERE member = $2", joins, OTHER)
    for asking, address in (
        (NETWORK, f"Organization/org-{OTHER}/$list-size"), (COMMISSIONER, f"Organization/org-{OTHER}/$list-size"),
        (OTHER, f"Organization/org-{NETWORK}/$population"),
    ):  # fmt: skip
        assert (await cohorts.call(asking, f"{address}?date=2031-01-01")).status == 404, (asking, address)
