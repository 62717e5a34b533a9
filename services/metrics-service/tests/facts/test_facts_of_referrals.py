"""What a ServiceRequest and a Task say that measures count."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from metrics_service.domain.facts.actions import read_action
from metrics_service.domain.facts.referrals import read_cancer_information, read_declined_offer, read_referral
from tandem.canonical import (
    ODS_CODE,
    OFFER_ANSWER,
    PATIENT_INFORMATION,
    REFERRAL_ENDED,
    REFERRAL_KIND,
    REFERRAL_SOURCE,
    REQUEST_STATUS_REASON,
    SNOMED_CT,
    SOURCE_OF_REQUEST,
    SUSPECTED_CANCER,
    TASK_KIND,
)
from tandem.events.event import Event

EVENT = Event("e", "fhir.ServiceRequest.create", "referral-service", datetime(2020, 7, 1, tzinfo=UTC), author="Y90001")


def organisation(code: str) -> dict[str, Any]:
    return {"identifier": {"system": ODS_CODE, "value": code}}


def request(kind: str = "social-prescribing", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest", "id": "r1", "status": "active", "intent": "order",
        "authoredOn": "2020-06-30T23:30:00Z", "subject": {"reference": "Patient/1"},
        "category": [{"coding": [{"system": REFERRAL_KIND, "code": kind}]}],
        "requester": organisation("Y90001"), "performer": [organisation("VC001")], **more,
    }  # fmt: skip


def test_a_referral_says_who_asks_whom_for_what_and_on_which_day_in_london() -> None:
    [fact] = read_referral(request(), EVENT)
    assert fact.first == date(2020, 7, 1).toordinal()
    assert (fact.kind, fact.category, fact.organisation, fact.place, fact.group) == (
        "referral", "social-prescribing", "Y90001", "VC001", "ServiceRequest/r1",
    )  # fmt: skip


def told_source(code: str) -> dict[str, Any]:
    coding = {"system": REFERRAL_SOURCE, "code": code}
    return {"extension": [{"url": SOURCE_OF_REQUEST, "valueCodeableConcept": {"coding": [coding]}}]}


@pytest.mark.parametrize(
    ("more", "source"),
    [
        ({}, "gp"),
        (told_source("hospital"), "hospital"),
        ({"requester": {"reference": "Patient/1"}}, "self"),
        ({"requester": organisation("RC001")}, "other-professional"),
    ],
)
def test_where_a_referral_came_from(more: dict[str, Any], source: str) -> None:
    [fact] = read_referral(request(**more), EVENT)
    assert fact.detail == source


def test_a_code_of_snomed_and_a_plan_make_a_referral_and_anything_else_is_a_record() -> None:
    code = {"coding": [{"system": SNOMED_CT, "code": "871731000000106"}]}
    [coded] = read_referral({**request(), "category": [], "code": code}, EVENT)
    assert coded.category == "social-prescribing"
    [planned] = read_referral({**request(), "category": [], "basedOn": [{"reference": "CarePlan/1"}]}, EVENT)
    assert planned.category == "other"
    assert not list(read_referral({**request(), "category": []}, EVENT))


@pytest.mark.parametrize(
    "more", [{"status": "draft"}, {"intent": "proposal"}, {"intent": "plan"}, {"doNotPerform": True}]
)
def test_what_was_not_sent_is_no_referral(more: dict[str, Any]) -> None:
    assert not list(read_referral(request(**more), EVENT))


def test_a_referral_that_gave_way_to_another_is_counted_as_that_one() -> None:
    coding = {"system": REFERRAL_ENDED, "code": "redirected"}
    reason = {"url": REQUEST_STATUS_REASON, "valueCodeableConcept": {"coding": [coding]}}
    assert not list(read_referral(request(status="revoked", extension=[reason]), EVENT))
    [withdrawn] = read_referral(request(status="revoked"), EVENT)
    assert withdrawn.status == "revoked"


def test_a_cancer_referral_has_its_type_and_a_concern_is_none() -> None:
    said = {"url": SUSPECTED_CANCER, "extension": [{"url": "cancer-type", "valueCode": "lung"}]}
    [fact] = read_referral(request("urgent-suspected-cancer", extension=[said]), EVENT)
    assert fact.detail == "lung"
    [concern] = read_referral(request("cancer-concern"), EVENT)
    assert concern.kind == "cancer-concern"


PARTS = {
    "why-referred": "valueString", "importance-of-attending": "valueString", "further-support": "valueString",
}  # fmt: skip


def informed(**left_out: bool) -> dict[str, Any]:
    inner: list[dict[str, Any]] = [
        {"url": name, value: "Said"} for name, value in PARTS.items() if name not in left_out
    ]
    inner += [{"url": "given", "valueDateTime": "2020-07-02"}, {"url": "format", "valueCode": "leaflet"}]
    return request("urgent-suspected-cancer", extension=[{"url": PATIENT_INFORMATION, "extension": inner}])


def test_information_counts_when_all_of_it_was_given() -> None:
    [fact] = read_cancer_information(informed(), EVENT)
    assert (fact.first, fact.category, fact.group) == (date(2020, 7, 2).toordinal(), "leaflet", "ServiceRequest/r1")
    for name in PARTS:
        assert not list(read_cancer_information(informed(**{name: True}), EVENT)), name
    assert not list(read_cancer_information(request("urgent-suspected-cancer"), EVENT))


@pytest.mark.parametrize(("answer", "count"), [("declined", 1), ("accepted", 0)])
def test_an_offer_that_was_declined_counts(answer: str, count: int) -> None:
    said = {"url": OFFER_ANSWER, "extension": [{"url": "answer", "valueCode": answer},
                                               {"url": "on", "valueDate": "2020-07-03"}]}  # fmt: skip
    found = list(read_declined_offer(request(status="revoked", intent="proposal", extension=[said]), EVENT))
    assert [fact.first for fact in found] == [date(2020, 7, 3).toordinal()] * count
    assert not list(read_referral(request(status="revoked", intent="proposal", extension=[said]), EVENT))


def test_a_task_says_its_kind_owner_and_when_it_was_over() -> None:
    task = {
        "resourceType": "Task", "id": "t", "status": "completed", "authoredOn": "2020-06-01",
        "code": {"coding": [{"system": TASK_KIND, "code": "chase"}]}, "owner": organisation("RC001"),
        "executionPeriod": {"end": "2020-06-05"}, "basedOn": [{"reference": "ServiceRequest/r1"}],
    }  # fmt: skip
    [fact] = read_action(task, EVENT)
    assert (fact.category, fact.organisation, fact.group) == ("chase", "RC001", "ServiceRequest/r1")
    assert (fact.first, fact.last) == (date(2020, 6, 1).toordinal(), date(2020, 6, 6).toordinal())
    [odd] = read_action({"resourceType": "Task", "status": "requested", "authoredOn": "whenever"}, EVENT)
    assert (odd.first, odd.last, odd.category) == (None, None, "action")
