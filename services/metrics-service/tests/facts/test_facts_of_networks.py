"""What is told of networks, their staff and sessions, their meetings and clocks, that measures count."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from metrics_service.domain.facts.affiliations import ALWAYS, read_affiliation, read_organisation
from metrics_service.domain.facts.appointments import read_appointment
from metrics_service.domain.facts.clocks import told_clock
from metrics_service.domain.facts.extended_sessions import read_extended_session
from metrics_service.domain.facts.meetings import told_meeting
from metrics_service.domain.facts.relationship_contacts import read_relationship_contact
from metrics_service.domain.facts.staff_roles import told_staff
from tandem.canonical import AFFILIATION_ROLE, APPOINTMENT_KIND, ODS_CODE, ORGANISATION_TYPE
from tandem.events.event import Event

AT = datetime(2020, 7, 1, 10, tzinfo=UTC)


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def said(kind: str, /, **data: Any) -> Event:
    return Event("e", kind, "service", AT, author="Y90001", position=5, data=data)


WRITTEN = said("fhir.Schedule.create")


def organisation(code: str) -> dict[str, Any]:
    return {"identifier": {"system": ODS_CODE, "value": code}}


def test_staff_are_in_post_until_the_next_day_that_is_recorded() -> None:
    posts = [{"from": "2020-04-01", "wte": 2, "cost": 100_000}, {"from": "2020-07-01", "wte": 3},
             {"from": "2020-09-01", "wte": 0}]  # fmt: skip
    told = told_staff(said("tandem.staff-in-post.recorded", network="U1", role="clinical-pharmacist", posts=posts))
    assert told is not None
    assert [(fact.kind, fact.first, fact.last, fact.value) for fact in told.facts] == [
        ("staff-role", day("2020-04-01"), day("2020-07-01"), 2.0),
        ("staff-cost", day("2020-04-01"), day("2020-07-01"), 100_000.0),
        ("staff-role", day("2020-07-01"), day("2020-09-01"), 3.0),
    ]
    assert {fact.organisation for fact in told.facts} == {"U1"}


def session(start: str, end: str, **more: Any) -> dict[str, Any]:
    kind = {"coding": [{"system": APPOINTMENT_KIND, "code": "extended-hours"}]}
    return {"resourceType": "Schedule", "serviceType": [kind], "planningHorizon": {"start": start, "end": end}, **more}


@pytest.mark.parametrize(
    ("start", "end", "category", "hours"),
    [
        ("2020-06-30T07:00:00+01:00", "2020-06-30T08:00:00+01:00", "morning", 1.0),
        ("2020-06-30T17:30:00Z", "2020-06-30T19:00:00Z", "evening", 1.5),
        ("2020-07-04T09:00:00+01:00", "2020-07-04T12:00:00+01:00", "weekend", 3.0),
    ],
)
def test_a_session_of_extended_hours_has_its_hours(start: str, end: str, category: str, hours: float) -> None:
    [fact] = read_extended_session(session(start, end), WRITTEN)
    assert (fact.category, fact.value, fact.organisation) == (category, hours, "Y90001")


def test_no_session() -> None:
    hours = ("2020-06-30T07:00:00Z", "2020-06-30T08:00:00Z")
    assert not list(read_extended_session(session(*hours, active=False), WRITTEN))
    assert not list(read_extended_session(session(*reversed(hours)), WRITTEN))
    assert not list(read_extended_session({**session(*hours), "serviceType": []}, WRITTEN))
    assert not list(read_extended_session(session("2020-06-30", "2020-07-01"), WRITTEN))


def test_a_practice_belongs_to_its_network_while_the_affiliation_holds() -> None:
    member = {
        "organization": organisation("U1"), "participatingOrganization": organisation("Y90001"),
        "code": [{"coding": [{"system": AFFILIATION_ROLE, "code": "member"}]}], "period": {"start": "2019-07-01"},
    }  # fmt: skip
    [fact] = read_affiliation(member, WRITTEN)
    assert (fact.category, fact.organisation, fact.place) == ("member", "Y90001", "U1")
    assert (fact.first, fact.last) == (day("2019-07-01"), None)
    [ended] = read_affiliation({**member, "period": {"end": "2020-03-31"}}, WRITTEN)
    assert (ended.first, ended.last) == (ALWAYS, day("2020-04-01"))
    [inactive] = read_affiliation({**member, "active": False}, WRITTEN)
    assert inactive.last == day("2020-07-01")
    assert not list(read_affiliation({"organization": organisation("U1")}, WRITTEN))


def test_a_practice_is_a_practice_and_a_charity_is_none() -> None:
    def of(kind: str) -> dict[str, Any]:
        coding = {"system": ORGANISATION_TYPE, "code": kind}
        return {"type": [{"coding": [coding]}], "identifier": [{"system": ODS_CODE, "value": "Y90001"}]}

    for kind in ("practice", "network"):
        [fact] = read_organisation(of(kind), WRITTEN)
        assert (fact.kind, fact.organisation) == (kind, "Y90001")
    assert not list(read_organisation(of("voluntary"), WRITTEN))


def test_a_meeting_says_who_was_there_by_organisation_and_discipline() -> None:
    told = told_meeting(
        said("tandem.meeting.held", appointment="a1", kind="mdt-meeting", team="t1", organisation="U1",
             start="2020-06-02T12:00:00Z", attended=4, organisations=["RC001", "Y90001"], disciplines=["gp"],
             below_quorum=False)
    )  # fmt: skip
    assert told is not None
    held, *there = told.facts
    assert (held.kind, held.value, held.status, held.organisation, held.group) == (
        "meeting", 4.0, "quorate", "U1", "CareTeam/t1",
    )  # fmt: skip
    assert [(fact.category, fact.detail) for fact in there] == [
        ("organisation", "RC001"), ("organisation", "Y90001"), ("discipline", "gp"),
    ]  # fmt: skip


CLOCK = {
    "cause": "ServiceRequest/r", "request": "ServiceRequest/r", "kind": "two-hour-response", "revision": 3,
    "starts": "2020-06-01T10:00:00Z", "due": "2020-06-01T12:00:00Z", "owner": "RC001",
}  # fmt: skip


@pytest.mark.parametrize(
    ("verb", "more", "status", "hours"),
    [
        ("started", {}, "running", None),
        ("stopped", {"stopped": "2020-06-01T11:30:00Z"}, "met", 1.5),
        ("stopped", {"stopped": "2020-06-01T13:00:00Z"}, "late", 3.0),
        ("closed", {"closed": "2020-06-01T10:30:00Z"}, "closed", 0.5),
        ("breached", {}, "late", None),
        ("breach-withdrawn", {}, "running", None),
    ],
)
def test_a_clock_is_met_late_or_closed(verb: str, more: dict[str, str], status: str, hours: float | None) -> None:
    told = told_clock(said(f"tandem.clock.{verb}", **CLOCK, **more))
    assert told is not None
    [fact] = told.facts
    assert (fact.status, fact.value, fact.organisation, fact.group) == (status, hours, "RC001", "ServiceRequest/r")
    assert fact.last == (None if hours is None else day("2020-06-02"))


def test_a_breach_says_more_than_the_revision_it_is_of_and_less_than_the_next() -> None:
    started, breached, stopped = (
        told_clock(said(f"tandem.clock.{verb}", **{**CLOCK, "revision": revision}))
        for verb, revision in (("started", 3), ("breached", 3), ("stopped", 4))
    )
    assert started is not None
    assert breached is not None
    assert stopped is not None
    assert started.number < breached.number < stopped.number


def appointment(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Appointment", "status": "fulfilled", "start": "2020-06-10T18:00:00+01:00",
        "end": "2020-06-10T18:30:00+01:00", "created": "2020-06-03",
        "participant": [{"actor": {"reference": "Patient/1"}}], **more,
    }  # fmt: skip


def test_an_appointment_says_how_long_somebody_waited_and_whether_the_time_was_theirs() -> None:
    evenings = [{"start": "2020-06-10T17:00:00+01:00", "end": "2020-06-10T20:00:00+01:00"}]
    [fits] = read_appointment(appointment(requestedPeriod=evenings), WRITTEN)
    assert (fits.value, fits.detail) == (7.0, "preference-met")
    [morning] = read_appointment(appointment(requestedPeriod=evenings, start="2020-06-10T09:00:00+01:00"), WRITTEN)
    assert morning.detail == "preference-not-met"
    [unasked] = read_appointment(appointment(created=None), WRITTEN)
    assert (unasked.value, unasked.detail) == (None, None)
    assert not list(read_appointment(appointment(participant=[]), WRITTEN))


def test_a_contact_of_a_link_worker_with_a_charity_is_counted_with_its_hours() -> None:
    kind = [{"coding": [{"system": APPOINTMENT_KIND, "code": "relationship-building"}]}]
    met = [{"actor": organisation("Y90001")}, {"actor": organisation("VC001")}]
    [fact] = read_relationship_contact(appointment(serviceType=kind, participant=met), WRITTEN)
    assert (fact.value, fact.organisation, fact.place) == (0.5, "Y90001", "VC001")
    assert not list(read_relationship_contact(appointment(serviceType=kind, status="booked"), WRITTEN))
    assert not list(read_relationship_contact(appointment(), WRITTEN))
