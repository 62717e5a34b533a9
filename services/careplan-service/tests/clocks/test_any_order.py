"""Clocks in the database: news in any order, repeated, corrected and taken back, ends in the same rows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tandem.clocks.event_kinds import BREACH_WITHDRAWN, BREACHED, STARTED, STOPPED
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.identity.caller import Caller
from tandem_tests.questionnaire_responses import draft_plan, findings, item, response
from tandem_tests.small_work import START, Said, SmallWork, event_of, written_event

PRACTICE, PROVIDER = Caller("A00001"), Caller("RX001")
PERSON = {"reference": "Patient/p1"}
AUA = "unplanned-admissions-register"
AGREED, INPUT = "agreed-within-seven-days", "community-input-within-seven-working-days"


def listed(cohort: str, residency: str, revision: int, since: str | None = None, until: str | None = None) -> Event:
    """Cohort-service says that the person came onto a list, or left it."""
    kind = "tandem.cohort.entered" if until is None else "tandem.cohort.left"
    data = {
        "cohort": cohort, "patient": "Patient/p1", "residency": residency, "revision": revision, "evidence": [],
        "definition": f"{cohort}@1", **({"since": since} if until is None else {"until": until}),
    }  # fmt: skip
    return event_of(Said(kind, f"{residency}/{revision}", data, "p1"))


def encounter(
    identity: str, start: str, end: str | None, version: int = 1, *, patient: str = "p1", **more: Any
) -> Event:
    """Cohort-service holds this version of an inpatient Encounter."""
    period = {"start": start} | ({"end": end} if end is not None else {})
    resource = {
        "resourceType": "Encounter", "id": identity, "status": "in-progress" if end is None else "finished",
        "class": {"code": "IMP"}, "period": period, **more,
    }  # fmt: skip
    return written_event(resource, patient, version=version)


async def rows(work: SmallWork) -> list[dict[str, Any]]:
    """The clocks, but for those whose cause was taken back."""
    found = await work.connection.fetch(
        "SELECT cause, kind, starts, due, warn, stopped, closed, settled, first FROM plan_clock"
        " WHERE closed IS NULL OR closed <> starts ORDER BY cause, kind"
    )
    return [dict(row) for row in found]


async def start_anew(work: SmallWork) -> None:
    for table in reversed(work.service.metadata.sorted_tables):
        await work.connection.execute(f'DELETE FROM "{table.name}"')
    work.resources.clear()
    work.said.clear()
    work.changed.clear()
    work.due.clear()
    work.now = START


HISTORIES: tuple[tuple[Event, ...], ...] = (
    (listed("care-home-residents", "r1", 1, "2020-06-01"), listed("care-home-residents", "r1", 2, "2020-06-03")),
    (
        listed("care-home-residents", "r2", 1, "2020-06-20"),
        listed("care-home-residents", "r2", 2, until="2020-06-24"),
    ),
    (encounter("e1", "2020-06-05", None), encounter("e1", "2020-06-05", "2020-06-09", 2)),
    (encounter("e2", "2020-06-09T08:00:00+01:00", "2020-06-12"),),
    (
        encounter("e3", "2020-06-14", "2020-06-16"),
        encounter("e3", "2020-06-14", "2020-06-16", 2, status="entered-in-error"),
    ),
    (
        encounter("e4", "2020-06-25", "2020-06-26"), encounter("e4", "2020-06-25", "2020-06-28", 2),
        Event("e4/3", "fhir.Encounter.delete", "cohort-service", START, type="Encounter", resource_id="e4", version=3,
              patient="p1"),
    ),
    (encounter("e5", "2020-06-27", "2020-06-29"), encounter("e5", "2020-06-27", "2020-06-29", 2, patient="p2")),
    (listed(AUA, "l1", 1, "2020-05-01"), listed(AUA, "l1", 2, until="2020-06-30")),
    (listed("housebound", "h1", 1, "2020-05-01"),),
)  # fmt: skip
"""Each in its order as far as records go; memberships may come in any."""


async def _writes(work: SmallWork) -> None:
    """What is done here itself, at its times."""
    await work.write({"resourceType": "Goal", "id": "g1", "lifecycleStatus": "active", "subject": PERSON,
                      "expressedBy": PERSON}, PRACTICE)  # fmt: skip
    await work.write({**draft_plan("p1"), "id": "own", "status": "active"}, PRACTICE)
    work.now = START + timedelta(hours=1)
    await work.write({"resourceType": "Goal", "id": "g2", "lifecycleStatus": "active", "subject": PERSON}, PROVIDER)
    review = (item("involved", [item("involved.services", "Nurse")]), *findings("coordination"),
              item("goals", [item("goals.stated", "To walk")]))  # fmt: skip
    based = {"basedOn": [{"reference": "CarePlan/own"}], "authored": "2020-06-15", "id": "q1"}
    await work.write(response("care-coordination-review", "p1", "completed", *review, **based), PRACTICE)


def _mixed(chance: random.Random) -> list[Event]:
    """The histories in a random order, each record's versions in theirs, some memberships heard twice."""
    waiting = [list(history) for history in HISTORIES]
    for history in waiting:
        if history[0].type is None:
            chance.shuffle(history)
            history += chance.sample(history, chance.randrange(len(history) + 1))
    mixed = []
    while waiting:
        history = chance.choice(waiting)
        mixed.append(history.pop(0))
        waiting = [each for each in waiting if each]
    return mixed


async def _play(work: SmallWork, events: Sequence[Event], written_after: int) -> list[dict[str, Any]]:
    await start_anew(work)
    for event in events[:written_after]:
        await work.hear(event)
    await _writes(work)
    for event in events[written_after:]:
        await work.hear(event)
    return await rows(work)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(), st.integers(0, 20))
async def test_any_order_ends_in_the_same_clocks(work: SmallWork, seed: int, written_after: int) -> None:
    in_order = [event for history in HISTORIES for event in history]
    expected = await _play(work, in_order, len(in_order))
    assert {(row["cause"], row["kind"]) for row in expected} >= {
        ("membership/r1", AGREED), ("Encounter/e2", AGREED), ("Encounter/e2", INPUT), ("membership/r2", AGREED),
        ("membership/l1", "reviewed-monthly"),
    }  # fmt: skip
    assert not any(row["cause"] in ("Encounter/e3", "Encounter/e4", "Encounter/e5") for row in expected)
    assert await _play(work, _mixed(random.Random(seed)), written_after) == expected


async def clock(work: SmallWork, cause: str, kind: str = AGREED) -> dict[str, Any]:
    row = await work.connection.fetchrow("SELECT * FROM plan_clock WHERE cause = $1 AND kind = $2", cause, kind)
    assert row is not None
    return dict(row)


async def test_a_return_starts_both_clocks_and_what_is_done_then_stops_them(work: SmallWork) -> None:
    await work.hear(listed("care-home-residents", "r1", 1, "2020-06-01"))
    await work.hear(encounter("e1", "2020-06-25", "2020-06-30"))
    started = {(each["cause"], each["kind"]): each["due"][:10] for each in work.of(STARTED)}
    assert started["Encounter/e1", AGREED] == "2020-07-07"
    assert started["Encounter/e1", INPUT] == "2020-07-09"
    await _writes(work)
    stopped = {(each["cause"], each["kind"]) for each in work.of(STOPPED)}
    assert {("Encounter/e1", AGREED), ("Encounter/e1", INPUT)} <= stopped


@pytest.mark.parametrize("gone", ["entered-in-error", "deleted"])
async def test_a_return_that_never_was_takes_its_breach_back(work: SmallWork, gone: str) -> None:
    await work.hear(listed("care-home-residents", "r1", 1, "2020-06-01"))
    await work.hear(encounter("e1", "2020-06-10", "2020-06-12"))
    await work.pass_time(START)
    assert "Encounter/e1" in [each["cause"] for each in work.of(BREACHED)]
    if gone == "deleted":
        await work.hear(Event("e1/2", "fhir.Encounter.delete", "cohort-service", START, type="Encounter",
                              resource_id="e1", version=2, patient="p1"))  # fmt: skip
    else:
        await work.hear(encounter("e1", "2020-06-10", "2020-06-12", 2, status=gone))
    withdrawn = {(each["cause"], each["kind"]) for each in work.of(BREACH_WITHDRAWN)}
    assert withdrawn == {("Encounter/e1", AGREED), ("Encounter/e1", INPUT)}
    row = await clock(work, "Encounter/e1")
    assert (row["closed"], row["stopped"], row["told"]) == (row["starts"], None, None)
    assert not [key for _, key in work.due if key.startswith("Encounter/e1")]


async def test_an_encounter_of_another_person_leaves_the_first_one(work: SmallWork) -> None:
    for person, residency in (("p1", "r1"), ("p2", "r2")):
        event = listed("care-home-residents", residency, 1, "2020-06-01")
        assert event.data is not None
        data = {**event.data, "patient": f"Patient/{person}"}
        await work.hear(event_of(Said("tandem.cohort.entered", f"{residency}/1", data, person)))
    await work.hear(encounter("e1", "2020-06-25", "2020-06-30"))
    assert (await clock(work, "Encounter/e1"))["patient"] == "p1"
    await work.hear(encounter("e1", "2020-06-25", "2020-06-30", 2, patient="p2"))
    row = await clock(work, "Encounter/e1")
    assert (row["patient"], row["closed"]) == ("p2", None)


async def test_a_death_closes_the_clocks_and_a_correction_opens_them_again(work: SmallWork) -> None:
    await work.hear(listed("care-home-residents", "r1", 1, "2020-06-28"))
    person: Resource = {"resourceType": "Patient", "id": "p1", "birthDate": "1934-04-12"}
    await work.hear(written_event({**person, "deceasedBoolean": True}, "p1", version=2, at=START))
    closed = await clock(work, "membership/r1")
    await work.hear(written_event({**person, "deceasedBoolean": True, "active": True}, "p1", version=3,
                                  at=START + timedelta(days=1)))  # fmt: skip
    assert closed["closed"] == (await clock(work, "membership/r1"))["closed"] is not None, "when it was first said"
    await work.hear(written_event(person, "p1", version=4))
    assert (await clock(work, "membership/r1"))["closed"] is None
    assert ("careplan.clock.due", f"membership/r1/{AGREED}") in work.due


async def test_who_is_not_on_a_list_that_matters_costs_nothing(work: SmallWork) -> None:
    await work.hear(listed("efi-fit", "f1", 1, "2020-06-28"))
    await work.hear(encounter("e1", "2020-06-25", "2020-06-30", status="finished", **{"class": {"code": "AMB"}}))
    assert await work.connection.fetch("SELECT 1 FROM clock_fact") == []
    assert await rows(work) == []
