"""Home rounds in the service's own database: what is told as time passes, and what is refused, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mdt_service.home_rounds.round_events import GP_DUE, GP_OVERDUE, HELD, MISSED, PLANNED, WITHDRAWN
from mdt_service.home_rounds.round_rows import round_row
from tandem.canonical import APPOINTMENT_KIND, BASE, DELIVERY_CHANNEL, STAFF_KIND
from tandem.events.event import Event
from tandem.fhir.body import Resource, encode
from tandem.fhir.outcome import FhirError
from tandem.identity.periods import BEGINNING, FOREVER
from tandem.identity.sharing_by_name import shared_by_name
from tandem_tests.small_work import SmallWork

_KIND = {"serviceType": [{"coding": [{"system": APPOINTMENT_KIND, "code": "home-round"}]}]}


@pytest.fixture
async def rounds(work: SmallWork) -> SmallWork:
    """A home, a network that keeps its series from 5 October 2020, a GP and a nurse; it is that Monday."""
    for code, kind in {"U10001": "network", "VE001": "care-home", "A81001": "practice"}.items():
        for table, more in (("organisation", ", active"), ("directory_organisation", "")):
            await work.connection.execute(
                f"INSERT INTO {table} (id, code, kind{more}) VALUES ($1, $2, $3{', 1' if more else ''})",
                code.lower(), code, kind,
            )  # fmt: skip
    for name, kind in {"gp": "gp", "nurse": "practice-nurse", "worker": "social-worker"}.items():
        codes = encode([{"system": STAFF_KIND, "code": kind, "display": None}])
        await work.connection.execute(
            "INSERT INTO directory_role (id, practitioner, organisation, codes, specialties, active, starts, ends)"
            " VALUES ($1, $2, 'A81001', $3, $4, 1, $5, $6)", name, f"p-{name}", codes, encode([]), BEGINNING, FOREVER,
        )  # fmt: skip
        await work.connection.execute(
            "INSERT INTO directory_practitioner (id, name, qualifications) VALUES ($1, $2, $3)",
            f"p-{name}", name, encode([]),
        )  # fmt: skip
    work.now = datetime(2020, 10, 5, 8, 0, tzinfo=UTC)
    await work.put(series())
    return work


def series(**more: Any) -> Resource:
    home = {"reference": "Organization/ve001"}
    return {
        "resourceType": "Schedule", "id": "s", "active": True, **_KIND, "actor": [{"display": "The home"}],
        "extension": [{"url": f"{BASE}/StructureDefinition/care-home", "valueReference": home}],
        "planningHorizon": {"start": "2020-10-05"}, **more,
    }  # fmt: skip


def a_round(identity: str, day: str, leader: str = "gp", status: str = "fulfilled", **more: Any) -> Resource:
    return {
        "resourceType": "Appointment", "id": identity, "status": status, **_KIND,
        "extension": [
            {"url": f"{BASE}/StructureDefinition/home-round-series", "valueReference": {"reference": "Schedule/s"}},
            {"url": DELIVERY_CHANNEL, "valueCode": "In-person"},
        ],
        "start": f"{day}T08:00:00+01:00", "end": f"{day}T09:00:00+01:00",
        "participant": [{
            "type": [{"coding": [{"code": "PPRF"}]}], "actor": {"reference": f"PractitionerRole/{leader}"},
            "status": "accepted",
        }], **more,
    }  # fmt: skip


async def test_a_missed_week_is_told_when_it_is_over(rounds: SmallWork) -> None:
    await rounds.put(a_round("r1", "2020-10-05"))
    await rounds.pass_time(datetime(2020, 10, 12, 8, 0, tzinfo=UTC))
    assert rounds.of(MISSED) == []
    await rounds.pass_time(datetime(2020, 10, 19, 8, 0, tzinfo=UTC))
    assert [each["week"] for each in rounds.of(MISSED)] == ["2020-10-12"]
    assert rounds.of(MISSED)[0]["policy"] == "1"
    await rounds.pass_time(datetime(2020, 11, 2, 8, 0, tzinfo=UTC))
    assert [each["week"] for each in rounds.of(MISSED)] == ["2020-10-12", "2020-10-19", "2020-10-26"]


async def test_a_gp_led_round_is_told_before_it_is_overdue_and_when_it_is(rounds: SmallWork) -> None:
    await rounds.put(a_round("r1", "2020-10-05"))
    await rounds.pass_time(datetime(2020, 10, 12, 8, 0, tzinfo=UTC))
    await rounds.put(a_round("r2", "2020-10-12", "nurse"))
    await rounds.pass_time(datetime(2020, 10, 17, 8, 0, tzinfo=UTC))
    assert [each["by"] for each in rounds.of(GP_DUE)] == ["2020-10-19"]
    await rounds.pass_time(datetime(2020, 10, 19, 22, 0, tzinfo=UTC))
    assert rounds.of(GP_OVERDUE) == []
    await rounds.pass_time(datetime(2020, 10, 19, 23, 30, tzinfo=UTC))
    assert [each["since"] for each in rounds.of(GP_OVERDUE)] == ["2020-10-05"]


async def test_a_round_by_a_gp_in_time_takes_both_back(rounds: SmallWork) -> None:
    await rounds.put(a_round("r1", "2020-10-05"))
    await rounds.pass_time(datetime(2020, 10, 16, 8, 0, tzinfo=UTC))
    await rounds.put(a_round("r2", "2020-10-16"))
    await rounds.pass_time(datetime(2020, 10, 27, 8, 0, tzinfo=UTC))
    assert (rounds.of(GP_DUE), rounds.of(GP_OVERDUE)) == ([], [])


async def test_a_series_that_is_ended_or_deleted_tells_nothing(rounds: SmallWork) -> None:
    await rounds.put(series(active=False))
    assert not rounds.due
    await rounds.put(series())
    assert rounds.due
    await rounds.delete("Schedule", "s")
    assert not rounds.due


async def test_what_is_said_of_a_round(rounds: SmallWork) -> None:
    await rounds.put(a_round("r1", "2020-10-06", status="booked"))
    await rounds.pass_time(datetime(2020, 10, 6, 8, 0, tzinfo=UTC))
    await rounds.put(a_round("r1", "2020-10-06"))
    assert [each["appointment"] for each in rounds.of(PLANNED)] == ["r1"]
    [held] = rounds.of(HELD)
    assert (held["counts"], held["gp_led"], held["policy"]) == (True, True, "1")
    assert (held["minutes"], held["staff"], held["home"]) == (60, 1, "Organization/ve001")
    assert await shared_by_name(rounds.connection, "Appointment", "r1") == ["A81001", "VE001"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"participant": []}, "led by one suitable clinician"),
        ({"end": "2020-10-05T07:00:00+01:00"}, "a later end"),
        ({"extension": [{"url": f"{BASE}/StructureDefinition/home-round-series",
                         "valueReference": {"reference": "Schedule/s"}}]}, "how it is held"),
        ({"extension": [{"url": f"{BASE}/StructureDefinition/home-round-series",
                         "valueReference": {"reference": "Schedule/none"}}]}, "is a Schedule of home rounds"),
        ({"participant": [{"type": [{"coding": [{"code": "PPRF"}]}], "status": "accepted",
                           "actor": {"reference": "PractitionerRole/unheard"}}]}, "is not known here yet"),
        ({"participant": [{"type": [{"coding": [{"code": "PPRF"}]}], "status": "declined",
                           "actor": {"reference": "PractitionerRole/gp"}}]}, "was there"),
        ({"participant": [{"type": [{"coding": [{"code": "PPRF"}]}], "status": "accepted",
                           "actor": {"reference": "PractitionerRole/worker"}}]}, "000 §3.16 r6; policy 1"),
        ({"start": "2020-10-06T08:00:00+01:00", "end": "2020-10-06T09:00:00+01:00"}, "at its start or later"),
    ],
)  # fmt: skip
async def test_a_round_that_breaks_a_rule_is_refused(rounds: SmallWork, changed: dict[str, Any], says: str) -> None:
    with pytest.raises(FhirError) as refused:
        await rounds.put(a_round("r1", "2020-10-05", **changed))
    assert any(says in issue.text for issue in refused.value.issues)
    assert await round_row(rounds.connection, "r1") is None


async def test_what_is_no_round_any_more_is_read_by_nobody_else(rounds: SmallWork) -> None:
    await rounds.put(a_round("r1", "2020-10-05"))
    await rounds.put({**a_round("r1", "2020-10-05"), "extension": []})
    assert await shared_by_name(rounds.connection, "Appointment", "r1") == []
    assert await round_row(rounds.connection, "r1") is None


async def test_one_leader_is_not_in_two_places(rounds: SmallWork) -> None:
    await rounds.put(a_round("r1", "2020-10-05"))
    with pytest.raises(FhirError) as refused:
        await rounds.put(a_round("r2", "2020-10-05"))
    texts = [issue.text for issue in refused.value.issues]
    assert any("this home" in text for text in texts)
    assert any("leads another one" in text for text in texts)
    await rounds.put(a_round("r1", "2020-10-05", status="entered-in-error"))
    await rounds.put(a_round("r2", "2020-10-05"))


async def test_a_series_names_a_care_home_and_whole_parts(rounds: SmallWork) -> None:
    practice = {"url": f"{BASE}/StructureDefinition/care-home", "valueReference": {"reference": "Organization/a81001"}}
    half = {"url": f"{BASE}/StructureDefinition/home-round-part", "extension": [{"url": "part", "valueCode": "watch"}]}
    with pytest.raises(FhirError) as refused:
        await rounds.put({**series(extension=[practice, half], planningHorizon={}), "id": "t"})
    assert len(refused.value.issues) == 3


async def test_an_appointment_that_claims_no_series_is_a_record(rounds: SmallWork) -> None:
    await rounds.put({**a_round("r1", "2020-10-05"), "extension": [], "participant": []})
    assert await round_row(rounds.connection, "r1") is None


async def test_a_round_that_was_not_held_after_all_is_withdrawn_by_a_later_revision(rounds: SmallWork) -> None:
    await rounds.put(a_round("r1", "2020-10-05"))
    await rounds.put(
        a_round("r2", "2020-10-05", "nurse", start="2020-10-05T09:00:00+01:00", end="2020-10-05T09:10:00+01:00")
    )
    await rounds.put(a_round("r1", "2020-10-05", status="entered-in-error"))
    await rounds.delete("Appointment", "r2")
    held = {each["appointment"]: each["revision"] for each in rounds.of(HELD)}
    withdrawn = {each["appointment"]: each["revision"] for each in rounds.of(WITHDRAWN)}
    assert held.keys() == withdrawn.keys() == {"r1", "r2"}
    assert all(withdrawn[each] > held[each] for each in held)


async def test_residents_follow_their_episodes(rounds: SmallWork) -> None:
    episode = {
        "resourceType": "EpisodeOfCare", "status": "active", "meta": {"lastUpdated": "2020-10-01T09:00:00Z"},
        "type": [{"coding": [{"system": "http://snomed.info/sct", "code": "248171000000108"}]}],
        "managingOrganization": {"reference": "Organization/ve001"}, "period": {"start": "2020-06-01"},
    }  # fmt: skip
    for number, (action, data) in enumerate((("create", episode), ("update", episode), ("delete", None))):
        await rounds.hear(Event(
            f"e{number}", f"fhir.EpisodeOfCare.{action}", "cohort-service", rounds.now, resource_id="e", patient="1",
            data=data,
        ))  # fmt: skip
        kept = await rounds.connection.fetchval("SELECT COUNT(*) FROM home_resident WHERE patient = '1'")
        assert kept == (1 if data else 0)
