"""Entries of the directory: what is refused, who is voluntary, how they are reached, gaps and routes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from cohort_service.domain.support_offers.provision import AWAY, NO_PROVIDER, NOT_ALL_HOURS, gap_of
from cohort_service.domain.support_offers.referral_routes import route_state
from cohort_service.domain.support_offers.support_service import (
    areas_of,
    contacts_of,
    sector_of,
    support_service_faults,
)
from cohort_service.support_offers.shipped_catalogue import support_catalogue
from tandem.canonical import BASE, SERVES_NETWORK, SUPPORT_OFFER, SUPPORT_SECTOR
from tandem.clock import to_micros

PALLIATIVE = "palliative-and-end-of-life-care"
NOON = to_micros(datetime.fromisoformat("2020-10-01T12:00+01:00"))
DAY = tuple(to_micros(datetime.fromisoformat(f"2020-10-0{day}T00:00+01:00")) for day in (1, 2))


def service(*offers: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "HealthcareService", "id": "s",
        "type": [{"coding": [{"system": SUPPORT_OFFER, "code": each}]} for each in offers],
        "providedBy": {"reference": "Organization/p"}, **more,
    }  # fmt: skip


def faults(resource: dict[str, Any]) -> list[str | None]:
    return [each.expression for each in support_service_faults(resource, support_catalogue())]


def hours(first: str, last: str) -> dict[str, Any]:
    return {"availableTime": [{"availableStartTime": f"{first}:00", "availableEndTime": f"{last}:00"}]}


def test_everything_that_is_wrong_is_told_at_once() -> None:
    wrong = service("no-such-offer", "dietetics", availableTime=[{"daysOfWeek": ["mon"]}], category=[
        {"coding": [{"system": SUPPORT_SECTOR, "code": "private"}]},
    ], extension=[{"url": SERVES_NETWORK, "valueReference": {"reference": "Location/1"}}])  # fmt: skip
    del wrong["providedBy"]
    assert faults(wrong) == [
        "HealthcareService.type", "HealthcareService.providedBy",
        f"HealthcareService.extension('{SERVES_NETWORK}')", "HealthcareService.category",
        "HealthcareService.availableTime[0]",
    ]  # fmt: skip
    [first, *_] = support_service_faults(wrong, support_catalogue())
    assert "000 §3.16 r8" in first.text
    assert "no-such-offer" not in first.text


def test_what_is_no_support_offer_is_a_record() -> None:
    other = {"resourceType": "HealthcareService", "type": [{"text": "Falls service"}], "availableTime": [{}]}
    assert faults(other) == []
    assert faults(service("dietetics")) == []


def test_the_provider_decides_the_sector_and_the_category_where_it_is_not_known() -> None:
    said = service("befriending", category=[{"coding": [{"system": SUPPORT_SECTOR, "code": "voluntary"}]}])
    assert sector_of(said, "community-provider") == "statutory"
    assert sector_of(said, None) == "voluntary"
    assert sector_of(service("befriending"), "voluntary") == "voluntary"
    assert sector_of(service("befriending"), None) == "statutory"


def test_whom_it_serves_by_reference_and_by_code() -> None:
    ods = "https://fhir.nhs.uk/Id/ods-organization-code"
    named = [{"reference": "Organization/1"}, {"identifier": {"system": ods, "value": "u12345"}}]
    extension = [{"url": SERVES_NETWORK, "valueReference": each} for each in (*named, named[0])]
    extension.append({"url": f"{BASE}/StructureDefinition/other", "valueReference": named[0]})
    assert areas_of(service("dietetics", extension=extension)) == ["Organization/1", "U12345"]


def test_a_contact_counts_while_it_is_in_use() -> None:
    telecom = [
        {"system": "phone", "value": "020 7946 0001"}, {"system": "phone"}, {"value": "old", "use": "old"},
        {"value": "ended", "period": {"end": "2020-09-30"}}, {"value": "to come", "period": {"start": "2020-10-02"}},
    ]  # fmt: skip
    assert contacts_of(service("dietetics", telecom=telecom), NOON) == telecom[:1]


@pytest.mark.parametrize(
    ("services", "reason", "uncovered"),
    [
        ((), NO_PROVIDER, 0),
        ((service("dietetics", **hours("00:00", "23:59")),), NO_PROVIDER, 0),
        ((service(PALLIATIVE, availableTime=[{"allDay": True}]),), None, 0),
        ((service(PALLIATIVE, **hours("09:00", "17:00")),), NOT_ALL_HOURS, 8),
        ((service(PALLIATIVE),), NOT_ALL_HOURS, 1),
        ((service(PALLIATIVE, **hours("08:00", "20:00")), service(PALLIATIVE, **hours("20:00", "08:00"))), None, 0),
        ((service(PALLIATIVE, availableTime=[{"allDay": True}], notAvailable=[
            {"description": "Training", "during": {"start": "2020-10-01T13:00+01:00", "end": "2020-10-01T15:00+01:00"}},
        ]),), AWAY, 0),
        ((service(PALLIATIVE, availableTime=[{"allDay": True}], notAvailable=[
            {"description": "Moving", "during": {"start": "2020-10-03", "end": "2020-10-04"}},
        ]),), None, 0),
    ],
)  # fmt: skip
def test_support_around_the_clock_is_a_gap_unless_every_hour_is_covered(
    services: tuple[dict[str, Any], ...], reason: str | None, uncovered: int
) -> None:
    gap = gap_of(support_catalogue().offers[PALLIATIVE], services, (DAY[0], DAY[1]))
    assert (gap.reason if gap else None) == reason
    assert len(gap.uncovered if gap else ()) == uncovered


def test_other_support_is_there_unless_it_is_away_all_day() -> None:
    dietetics, day = support_catalogue().offers["dietetics"], (DAY[0], DAY[1])
    away = [{"description": "Leave", "during": {"start": "2020-10-01", "end": "2020-10-01"}}]
    assert gap_of(dietetics, [service("dietetics")], day) is None
    gap = gap_of(dietetics, [service("dietetics", notAvailable=away)], day)
    assert gap is not None
    assert gap.reason == AWAY
    assert gap_of(dietetics, [service("dietetics", notAvailable=away), service("dietetics")], day) is None


@pytest.mark.parametrize(
    ("on", "services", "state", "missing"),
    [
        ("2020-09-29", (), "not-yet-required", ("provider",)),
        ("2020-09-30", (), "gap", ("provider",)),
        ("2020-10-01", (service("dietetics"),), "gap", ("contact", "hours")),
        ("2020-10-01", (service("dietetics", **hours("09:00", "17:00")),), "gap", ("contact",)),
        ("2020-10-01", (service("dietetics", telecom=[{"value": "1"}]),), "gap", ("hours",)),
        # What one has and the other has not makes no route.
        ("2020-10-01",
         (service("dietetics", telecom=[{"value": "1"}]), service("dietetics", **hours("09:00", "17:00"))),
         "gap", ("hours",)),
        ("2020-10-01", (service("dietetics", telecom=[{"value": "1"}], **hours("09:00", "17:00")),), "clear", ()),
        ("2020-08-01", (service("dietetics", telecom=[{"value": "1"}], **hours("09:00", "17:00")),), "clear", ()),
    ],
)  # fmt: skip
def test_a_route_needs_a_provider_with_a_contact_and_hours(
    on: str, services: tuple[dict[str, Any], ...], state: str, missing: tuple[str, ...]
) -> None:
    [route] = [each for each in support_catalogue().routes if each.code == "dietetics"]
    found = route_state(route, services, date.fromisoformat(on), NOON)
    assert (found.state, found.missing) == (state, missing)
