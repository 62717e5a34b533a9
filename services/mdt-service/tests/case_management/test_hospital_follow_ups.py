"""Follow-ups and notices after stays in hospital, on both databases: the same whatever is heard first."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from tandem.canonical import CARE_TEAM_ROLE
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem_tests.hospital_contacts import stay
from tandem_tests.small_work import START, SmallWork

_TEAM: Resource = {
    "resourceType": "CareTeam", "id": "t", "status": "active", "subject": {"reference": "Patient/p"},
    "participant": [{
        "member": {"reference": "PractitionerRole/nurse"},
        "role": [{"coding": [{"system": CARE_TEAM_ROLE, "code": "care-coordinator"}]}],
    }],
}  # fmt: skip


def heard(kind: str, identity: str, data: Resource | None) -> Event:
    """An event about the person `p`, written by a practice."""
    action = "delete" if data is None else "update"
    return Event(
        f"{kind}/{identity}", f"fhir.{kind}.{action}", "/tandem/other", START, type=kind, resource_id=identity,
        patient="p", author="A81001", data=data,
    )  # fmt: skip


def stays(identity: str, *ends: str | None) -> list[Event]:
    """The versions of one stay, each with its end; `deleted` is a deletion."""
    bodies = [None if end == "deleted" else stay("p", "2020-06-20T10:00:00Z", end) | {"id": identity} for end in ends]
    return [heard("Encounter", identity, each) for each in bodies]


async def open_follow_ups(work: SmallWork) -> set[tuple[str, str]]:
    return {
        (each["focus"]["reference"], each["restriction"]["period"]["end"])
        for name, each in work.resources.items() if name.startswith("Task/") and each["status"] == "requested"
    }  # fmt: skip


_VERSIONS = {
    "first": (None, "2020-06-29T10:00:00Z", "2020-06-30T10:00:00Z"), "second": ("2020-06-30T10:00:00Z", "deleted"),
}  # fmt: skip
_ORDERS = [
    order for order in permutations((*("first",) * 3, *("second",) * 2, "team"))
    if order.index("team") in (0, 2, 5)
]  # fmt: skip


@pytest.mark.parametrize("order", sorted(set(_ORDERS)))
async def test_corrections_deletions_and_late_teams_come_out_the_same(work: SmallWork, order: tuple[str, ...]) -> None:
    waiting: dict[str, list[Event]] = {name: stays(name, *ends) for name, ends in _VERSIONS.items()}
    waiting["team"] = [heard("CareTeam", "t", _TEAM)]
    for name in order:
        await work.hear(waiting[name].pop(0))
    assert await open_follow_ups(work) == {("Encounter/first", "2020-07-03")}


async def test_the_same_event_again_changes_nothing(work: SmallWork) -> None:
    told: list[dict[str, Any]] = []
    for _ in range(2):
        for each in (heard("CareTeam", "t", _TEAM), *stays("one", "2020-06-30T10:00:00Z")):
            await work.hear(each)
        told.append(dict(work.resources))
    assert told[0] == told[1]
    assert sorted(name.partition("/")[0] for name in told[0]) == ["Communication", "Task"]
