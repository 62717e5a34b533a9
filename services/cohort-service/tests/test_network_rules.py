"""The rules about networks: days, alignments, what records say, sizes, staff, responsibility and targets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohort_service.domain.networks.affiliation import affiliation_is_complete, affiliations_of
from cohort_service.domain.networks.alignment import Alignment, missing, overlap, status
from cohort_service.domain.networks.cancer_target import resolve_target
from cohort_service.domain.networks.codes import AGREED_RESPONSIBILITIES, LEAD_SYSTEM, SERVICE_SYSTEM
from cohort_service.domain.networks.days import ALWAYS, FOREVER, Days, days_of, period_of
from cohort_service.domain.networks.leads import lead_is_complete, leads_in
from cohort_service.domain.networks.list_sizes import ListSize, size_of_network
from cohort_service.domain.networks.parameters import CancerTarget, size_norm
from cohort_service.domain.networks.postcode import is_sector, sector_of
from cohort_service.domain.networks.registration_offer import faults_of_closing, is_due
from cohort_service.domain.networks.residence import stay_of
from cohort_service.domain.networks.responsibility import Circumstances, chose_another_practice, responsibilities
from cohort_service.domain.networks.workforce import is_financial_year, workforce
from tandem.canonical import AFFILIATION_ROLE, SNOMED_CT
from tandem.identity.caller import Caller
from tandem.london_days import date_of, day_number
from tandem.service import Change

TODAY = day_number(datetime(2020, 7, 1).date())
_DAYS = st.integers(0, 12)
SPANS = st.tuples(_DAYS, _DAYS).map(lambda pair: Days(min(pair), max(pair)))


def day(text: str) -> int:
    return days_of({"start": text}).first


def coded(*codes: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"coding": [{"system": system, "code": code}]} for system, code in codes]


def affiliation(*codes: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "OrganizationAffiliation", "id": "a", "active": True, "code": coded(*codes),
        "organization": {"reference": "Organization/n"}, "participatingOrganization": {"reference": "Organization/h"},
        **more,
    }  # fmt: skip


def written(after: dict[str, Any]) -> Change:
    now = datetime(2020, 7, 1, 8, tzinfo=UTC)
    return Change(after["resourceType"], "a", "create", None, after, Caller("T0001"), now, None)


@given(SPANS, SPANS)
def test_alignments_may_share_a_day_of_handing_over_and_nothing_else(one: Days, other: Days) -> None:
    shared = set(range(one.first, one.last + 1)) & set(range(other.first, other.last + 1))
    earlier, later = sorted((one, other), key=lambda each: each.first)
    handed_over = earlier.first < later.first == earlier.last
    in_the_way = bool(shared) and not handed_over
    assert (overlap(one, other), overlap(other, one)) == (in_the_way, in_the_way)


@given(SPANS)
def test_days_survive_being_written_as_a_period(span: Days) -> None:
    moved = Days(span.first + 18_000, span.last + 18_000)
    assert days_of(period_of(moved)) == moved
    assert days_of(period_of(Days(ALWAYS, FOREVER))) == Days(ALWAYS, FOREVER)


def test_a_month_is_all_of_it_and_a_moment_is_a_day_in_london() -> None:
    assert days_of({"start": "2020-06", "end": "2020-06"}) == Days(day("2020-06-01"), day("2020-06-30"))
    assert days_of({"start": "2020-06-30T23:30:00Z"}).first == day("2020-07-01")
    assert date_of(day("2020-02-29")).isoformat() == "2020-02-29"


@pytest.mark.parametrize(("on_day", "expected"), [("2020-06-30", "due"), ("2020-07-01", "gap")])
def test_a_home_without_network_or_team_is_a_gap_once_june_2020_is_over(on_day: str, expected: str) -> None:
    for lacking in (Alignment(None, None, False), Alignment("U1", None, True)):
        assert status(lacking, day(on_day)) == expected
    assert status(Alignment("U1", "HealthcareService/1", False), day(on_day)) == "aligned"
    assert missing(Alignment("U1", "HealthcareService/1", False)) == ["no-agreement"]
    assert missing(Alignment(None, None, False)) == ["no-network", "no-team", "no-agreement"]


def test_an_alignment_without_a_beginning_begins_today_and_an_inactive_one_ends_today() -> None:
    aligned = (AFFILIATION_ROLE, "care-home-alignment")
    [open_one] = affiliations_of(affiliation(aligned), TODAY)
    assert open_one.days == Days(TODAY, FOREVER)
    [ended] = affiliations_of(affiliation(aligned, active=False, period={"start": "2020-06-01"}), TODAY)
    assert ended.days == Days(day("2020-06-01"), TODAY)
    [place] = affiliations_of(affiliation((AFFILIATION_ROLE, "place")), TODAY)
    assert place.days == Days(ALWAYS, FOREVER)
    assert affiliations_of(affiliation((AFFILIATION_ROLE, "member")), TODAY) == []
    assert affiliations_of(None, TODAY) == []


def test_what_was_agreed_needs_its_day_and_at_least_one_responsibility() -> None:
    def said(*parts: dict[str, Any]) -> tuple[int | None, tuple[str, ...]]:
        extension = [{"url": AGREED_RESPONSIBILITIES, "extension": list(parts)}]
        [found] = affiliations_of(affiliation((AFFILIATION_ROLE, "care-home-alignment"), extension=extension), TODAY)
        return found.agreed, found.responsibilities

    agreed = {"url": "agreed", "valueDate": "2020-06-15"}
    duty = {"url": "responsibility", "valueString": "Weekly home round"}
    assert said(agreed, duty) == (day("2020-06-15"), ("Weekly home round",))
    assert said(agreed) == said(duty) == said() == (None, ())


@pytest.mark.parametrize(("faulty", "faults"), [
    (affiliation((AFFILIATION_ROLE, "place")), 0),
    (affiliation((AFFILIATION_ROLE, "member"), organization=None), 0),
    (affiliation((AFFILIATION_ROLE, "place"), organization=None, participatingOrganization=None), 2),
    (affiliation((AFFILIATION_ROLE, "place"), participatingOrganization={"reference": "Organization/n"}), 1),
    (affiliation((AFFILIATION_ROLE, "place"), period={"start": "2020-07-02", "end": "2020-07-01"}), 1),
    (affiliation((AFFILIATION_ROLE, "sub-contract")), 1),
    (affiliation((AFFILIATION_ROLE, "sub-contract"), (SERVICE_SYSTEM, "NONE")), 1),
    (affiliation((AFFILIATION_ROLE, "sub-contract"), (SERVICE_SYSTEM, "EHCH")), 0),
])  # fmt: skip
def test_an_affiliation_is_complete(faulty: dict[str, Any], faults: int) -> None:
    assert len(list(affiliation_is_complete(written(faulty)))) == faults


def episode(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "EpisodeOfCare", "id": "e", "status": "active", "type": coded((SNOMED_CT, "160734000")),
        "managingOrganization": {"reference": "Organization/h"}, "period": {"start": "2020-06-20"},
        "meta": {"lastUpdated": "2020-06-25T09:00:00Z"}, **more,
    }  # fmt: skip


def test_a_stay_is_an_episode_in_a_care_home_that_names_the_home() -> None:
    stay = stay_of(episode())
    assert stay is not None
    assert (stay.home, stay.days) == ("Organization/h", Days(day("2020-06-20"), FOREVER))
    undated = stay_of(episode(period={}))
    assert undated is not None
    assert undated.days.first == day("2020-06-25")
    for none in (
        episode(status="entered-in-error"), episode(status="planned"), episode(status="finished"),
        episode(type=coded((SNOMED_CT, "386053000"))), episode(managingOrganization=None), None,
    ):  # fmt: skip
        assert stay_of(none) is None


@pytest.mark.parametrize(("networks", "aligned", "due"), [
    ({"U1"}, "U1", False), ({"U2"}, "U1", True), (set(), "U1", True), ({"U2", "U1"}, "U1", False),
    ({"U2"}, None, False),
])  # fmt: skip
def test_who_is_registered_outside_the_network_of_the_home_is_offered_to_re_register(
    networks: set[str], aligned: str | None, due: bool
) -> None:
    assert is_due(aligned, frozenset(networks)) is due
    about = Circumstances("A00001", frozenset(networks), aligned, "RX1", "RX2")
    assert chose_another_practice(about) is due
    delivered = {each.requirement: (each.accountable, each.delivers) for each in responsibilities(about)}
    by_network = aligned is not None and not due
    assert delivered == dict.fromkeys(range(4, 10), ("U1", "RX2") if by_network else ("A00001", "RX1"))


def test_nobody_is_responsible_where_nobody_is_known() -> None:
    assert responsibilities(Circumstances(None, frozenset(), None)) == []


@pytest.mark.parametrize(("choice", "explained", "faults"), [
    ("stay-with-own-practice", 10, 0), ("register-with-aligned-network", 12, 0), ("stay-with-own-practice", 9, 1),
    ("stay-with-own-practice", 13, 1), (None, 10, 1), ("stay-with-own-practice", None, 1), ("no", None, 2), ([], 10, 1),
])  # fmt: skip
def test_closing_an_offer_needs_the_choice_and_the_benefits_explained(
    choice: Any, explained: int | None, faults: int
) -> None:
    assert len(list(faults_of_closing(choice, explained, opened=10, today=12))) == faults


@pytest.mark.parametrize(("registered", "outside"), [
    (29_999, True), (30_000, False), (50_000, False), (50_001, True),
])  # fmt: skip
def test_the_norm_of_a_network(registered: int, outside: bool) -> None:
    held = {"A": ListSize("A", 1, registered, 1.5)}
    assert size_of_network(["A", "A"], held, TODAY).outside_norm is outside
    assert size_of_network(["A"], held, day("2019-06-30")).outside_norm is None, "before there was a norm"
    partly = size_of_network(["A", "B"], held, TODAY)
    assert (partly.outside_norm, partly.missing, partly.registered) == (None, ("B",), registered)
    assert size_norm(day("2019-07-01")) is not None


def test_a_weighted_size_is_the_sum_only_when_all_are_weighted() -> None:
    held = {"A": ListSize("A", 1, 10, 1.5), "B": ListSize("B", 1, 10, None)}
    assert size_of_network(["A"], held, TODAY).weighted == 1.5
    assert size_of_network(["A", "B"], held, TODAY).weighted is None
    assert size_of_network([], {}, TODAY).outside_norm is None


def test_staff_are_scaled_and_a_role_in_post_without_an_indication_is_shown_too() -> None:
    whole, lines = workforce("2020/21", 25_000, {"paramedic": 1.0, "physiotherapist": 0.5})
    assert (whole.indicative, whole.scaled, whole.in_post) == (5, 2.5, 1.5)
    by_role = {line.role: line for line in lines}
    assert (by_role["paramedic"].indicative, by_role["paramedic"].in_post) == (None, 1.0)
    assert (by_role["clinical-pharmacist"].scaled, by_role["clinical-pharmacist"].in_post) == (1.5, 0)
    unsized, _ = workforce("2023/24", None, {})
    assert (unsized.indicative, unsized.scaled) == (16, None)
    unknown, roles = workforce("2021/22", 50_000, {})
    assert (unknown.indicative, roles) == (None, [])


@pytest.mark.parametrize(("text", "right"), [("2020/21", True), ("1999/00", True), ("2020/22", False), ("2020", False)])
def test_financial_years(text: str, right: bool) -> None:
    assert is_financial_year(text) is right


def test_the_sector_of_the_present_home() -> None:
    def of(*addresses: dict[str, Any]) -> str | None:
        return sector_of({"address": list(addresses)})

    assert of({"postalCode": "ls1 4ap"}) == of({"postalCode": "LS14AP"}) == "LS1 4"
    assert of({"postalCode": "W1A 1AA"}) == "W1A 1"
    assert of({"use": "temp", "postalCode": "LS1 4AP"}) is None
    assert of({"postalCode": "M1 1AE"}, {"use": "home", "postalCode": "LS1 4AP"}) == "LS1 4"
    assert of({"use": "home", "postalCode": "M1 1AE", "period": {"end": "2019"}}, {"postalCode": "LS1 4AP"}) == "LS1 4"
    assert of({"postalCode": "nowhere"}) is None
    assert sector_of(None) is None
    assert [is_sector(text) for text in ("LS1 4", "LS1", "ls1 4", "LS1 4AP")] == [True, False, False, False]


def lead(*codes: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "PractitionerRole", "id": "r", "code": coded(*codes), "period": {"start": "2020-04-01"},
        "organization": {"reference": "Organization/n"}, "practitioner": {"reference": "Practitioner/p"}, **more,
    }  # fmt: skip


def test_leads_by_service_and_the_director_of_all() -> None:
    both = lead((LEAD_SYSTEM, "service-lead"), (SERVICE_SYSTEM, "EHCH"), (SERVICE_SYSTEM, "SMR"))
    assert [(each.role, each.service) for each in leads_in(both, TODAY)] == [
        ("service-lead", "EHCH"), ("service-lead", "SMR"),
    ]  # fmt: skip
    [director] = leads_in(lead((LEAD_SYSTEM, "clinical-director"), active=False), TODAY)
    assert (director.service, director.practitioner, director.days.last) == ("", "Practitioner/p", TODAY)
    assert leads_in(lead((SERVICE_SYSTEM, "EHCH")), TODAY) == []
    assert len(list(lead_is_complete(written(lead((LEAD_SYSTEM, "service-lead"), period=None, practitioner={}))))) == 3
    assert list(lead_is_complete(written(both))) == []


def test_the_target_of_the_alliance_goes_before_that_of_the_place() -> None:
    own, place = CancerTarget(62, "2023/24", "its own"), CancerTarget(58, "2023/24", "its own")
    assert resolve_target(["C"], ["P"], {"C": own, "P": place}) == ("C", own)
    assert resolve_target(["C"], ["P"], {"P": place}) == ("P", place)
    setter, national = resolve_target(["C"], ["P"], {})
    assert (setter, national.percent, national.by) == (None, 75, "2028")
