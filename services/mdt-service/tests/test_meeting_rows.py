"""Meetings, agendas, reasons and key contacts as they are kept, on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mdt_service.domain.meetings.attendance import Attendee
from mdt_service.domain.multidisciplinary_teams.make_up import Member
from mdt_service.meetings.agenda_reaction import keep_breach
from mdt_service.meetings.agenda_rows import (
    ActionRow,
    ItemRow,
    actions_of,
    discussed_by,
    keep_action,
    keep_item,
    reasons_of,
    waiting_for,
)
from mdt_service.meetings.meeting_rows import MeetingRow, keep_meeting, meeting_row, overlaps
from mdt_service.multidisciplinary_teams.team_rows import keep_team, people_of_contact, team_row, teams_of_contact
from tandem.canonical import CARE_TEAM_ROLE
from tandem.events.event import Event
from tandem_tests.small_work import SmallWork

NURSE = Member(
    "PractitionerRole/n", "n", "Nurse", ("Nurse",), frozenset({"community-nurse"}), frozenset({"RX1"}),
    frozenset({"community-provider"}),
)  # fmt: skip
MEETING = MeetingRow(
    "a1", "mdt-meeting", "t1", "s1", "U10001", 1000, 2000, 10, "booked", 2, (Attendee(NURSE, "accepted", True),)
)


async def test_a_meeting_is_read_as_it_was_kept_and_its_owner_stays(work: SmallWork) -> None:
    await keep_meeting(work.connection, MEETING)
    assert await meeting_row(work.connection, "a1") == MEETING
    await keep_meeting(work.connection, replace(MEETING, owner="A81001", status="fulfilled"))
    assert await meeting_row(work.connection, "a1") == replace(MEETING, status="fulfilled")


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (replace(MEETING, appointment="a2", starts=1999, ends=3000), True),
        (replace(MEETING, appointment="a2", starts=2000, ends=3000), False),
        (replace(MEETING, appointment="a2", team="t2"), False),
        (MEETING, False),
    ],
)  # fmt: skip
async def test_meetings_of_one_team_overlap(work: SmallWork, other: MeetingRow, expected: bool) -> None:
    await keep_meeting(work.connection, MEETING)
    assert await overlaps(work.connection, other) is expected


async def test_a_cancelled_meeting_takes_no_time(work: SmallWork) -> None:
    await keep_meeting(work.connection, replace(MEETING, status="cancelled"))
    assert not await overlaps(work.connection, replace(MEETING, appointment="a2"))


async def test_who_was_discussed_and_who_waits(work: SmallWork) -> None:
    await keep_meeting(work.connection, replace(MEETING, status="fulfilled"))
    await keep_meeting(work.connection, replace(MEETING, appointment="a2", starts=5000, ends=6000))
    await keep_item(work.connection, ItemRow("i1", "a1", "p1", "completed"))
    await keep_item(work.connection, ItemRow("i2", "a1", "p2", "cancelled"))
    await keep_item(work.connection, ItemRow("i3", "a2", "p3", "ready"))
    assert set(await discussed_by(work.connection, "t1")) == {"p1"}
    assert await waiting_for(work.connection, "t1", 3000, "a1") == {"p3"}
    assert await waiting_for(work.connection, "t1", 3000, "a2") == set()
    assert await waiting_for(work.connection, "t1", 6000, "a1") == set()


async def test_an_action_is_kept_until_it_is_closed(work: SmallWork) -> None:
    row = ActionRow("x1", "a1", "i1", "p1", "RX1", "requested", 12, None)
    await keep_action(work.connection, row)
    await keep_action(work.connection, replace(row, status="completed", closed_day=11))
    assert await actions_of(work.connection, "a1") == [replace(row, status="completed", closed_day=11)]


def clock(verb: str, revision: int) -> Event:
    data: dict[str, Any] = {"cause": "c1", "kind": "yearly-review", "revision": revision}
    at = datetime(2020, 7, 1, tzinfo=UTC)
    return Event(f"c1/{revision}", f"tandem.clock.{verb}", "careplan-service", at, patient="p1", data=data)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_a_breach_is_a_reason_until_the_clock_is_stopped_whatever_is_heard_first(
    work: SmallWork, order: tuple[int, int]
) -> None:
    events = [clock("breached", 1), clock("stopped", 2)]
    await keep_breach(events[order[0]], work)
    if order == (0, 1):
        [row] = await reasons_of(work.connection, {"p1"})
        assert (row["code"], row["text"]) == ("clock-breached", "Clock breached: yearly review")
    await keep_breach(events[order[1]], work)
    assert await reasons_of(work.connection, {"p1"}) == []


async def test_a_key_contact_is_found_by_person_and_by_team(work: SmallWork) -> None:
    role = [{"coding": [{"system": CARE_TEAM_ROLE, "code": "key-contact"}]}]
    team = {"resourceType": "CareTeam", "participant": [{"member": {"reference": "PractitionerRole/n"}, "role": role}]}
    await keep_team(work.connection, "t1", "U10001", team)
    await keep_team(work.connection, "t1", "A81001", team)
    held = await team_row(work.connection, "t1")
    assert held is not None
    assert held.owner == "U10001"
    assert await teams_of_contact(work.connection, {"PractitionerRole/n", "Practitioner/n"}) == {"t1"}
    assert await teams_of_contact(work.connection, {"Practitioner/other"}) == set()
    await work.connection.execute(
        "INSERT INTO key_contact (team, member, patient, starts, ends) VALUES ($1, $2, $3, $4, $5)",
        "t2", "PractitionerRole/n", "p1", 0, 10**15,
    )  # fmt: skip
    at = datetime(1980, 1, 1, tzinfo=UTC)
    assert await people_of_contact(work.connection, {"PractitionerRole/n"}, at) == {"p1"}
    later = datetime(2020, 1, 1, tzinfo=UTC)
    assert await people_of_contact(work.connection, {"PractitionerRole/n"}, later) == set()
