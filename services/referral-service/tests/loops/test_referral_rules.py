"""Which requests claim the loop, what is asked for them, and how their status moves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from referral_service.domain.referral_loop import asked_task, followed_kind, is_sent, task_id
from referral_service.domain.request_rules import kind_is_known
from referral_service.domain.request_transitions import TRANSITIONS, may_follow, status_moves_by_the_table
from tandem.canonical import ODS_CODE, REFERRAL_KIND, SNOMED_CT
from tandem.identity.caller import Caller
from tandem.nhs.shipped_referral_kinds import referral_kinds
from tandem.service import Change

NOW = datetime(2020, 7, 1, 8, tzinfo=UTC)
SOCIAL = {
    "coding": [{"system": SNOMED_CT, "code": "871731000000106", "display": "Referral to social prescribing service"}]
}
REQUEST: dict[str, Any] = {
    "resourceType": "ServiceRequest",
    "id": "s1",
    "status": "active",
    "intent": "order",
    "subject": {"reference": "Patient/p1"},
    "code": SOCIAL,
    "requester": {"reference": "Organization/practice"},
    "performer": [{"reference": "Practitioner/x"}, {"reference": "Organization/charity"}],
}


def sent(request: dict[str, Any]) -> bool:
    return followed_kind(request, referral_kinds()) is not None and is_sent(request)


PLAN = {"code": {"text": "Falls service"}, "basedOn": [{"reference": "CarePlan/c1"}]}


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"code": {"text": "x"}, "category": [SOCIAL]},
        PLAN,
        {"performer": [{"identifier": {"system": ODS_CODE, "value": "RX001"}}]},
        {"performer": [{"type": "Organization", "identifier": {"system": "urn:charity", "value": "7"}}]},
    ],
)
def test_these_are_sent(changed: dict[str, Any]) -> None:
    assert sent(REQUEST | changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "draft"},
        {"intent": "proposal"},
        {"status": "completed"},
        {"doNotPerform": True},
        {"performer": []},
        {"performer": [{"reference": "Practitioner/x"}]},
        {"code": {"text": "Falls service"}},
        {"code": {"coding": [{"system": "urn:x", "code": "871731000000106"}]}},
        {"code": {"text": "x"}, "basedOn": [{"reference": "ServiceRequest/s0"}]},
    ],
)
def test_these_ask_nobody_or_are_records(changed: dict[str, Any]) -> None:
    assert not sent(REQUEST | changed)


def test_a_concern_on_a_plan_waits_for_no_performer() -> None:
    concern = {"category": [{"coding": [{"system": REFERRAL_KIND, "code": "cancer-concern"}]}]}
    assert followed_kind(REQUEST | PLAN | concern, referral_kinds()) is None


def test_what_is_asked_for_names_one_task_for_the_organisation() -> None:
    asked = asked_task(REQUEST, NOW)
    assert asked == {
        "task": task_id("s1"),
        "request": "ServiceRequest/s1",
        "owner": {"reference": "Organization/charity"},
        "authoredOn": "2020-07-01T08:00:00.000Z",
        "requester": {"reference": "Organization/practice"},
        "description": "Referral to social prescribing service",
    }
    assert task_id("s1") != task_id("s2")
    assert asked_task(REQUEST | {"authoredOn": "2020-06-30", "priority": "urgent"}, NOW)["authoredOn"] == "2020-06-30"


LEGAL = {
    ("draft", "active"), ("draft", "on-hold"), ("draft", "revoked"), ("draft", "completed"), ("draft", "unknown"),
    ("active", "on-hold"), ("active", "revoked"), ("active", "completed"), ("active", "unknown"),
    ("on-hold", "active"), ("on-hold", "revoked"), ("on-hold", "completed"), ("on-hold", "unknown"),
    ("unknown", "draft"), ("unknown", "active"), ("unknown", "on-hold"), ("unknown", "revoked"),
    ("unknown", "completed"),
}  # fmt: skip


@pytest.mark.parametrize("before", TRANSITIONS)
@pytest.mark.parametrize("after", TRANSITIONS)
def test_each_pair_of_statuses(before: str, after: str) -> None:
    error = after == "entered-in-error" and before != after
    assert may_follow(before, after) is (before == after or (before, after) in LEGAL or error)


def test_a_refusal_names_from_to_and_what_is_allowed() -> None:
    change = Change(
        "ServiceRequest", "s1", "update", REQUEST | {"status": "completed"}, REQUEST, Caller("A00001"), NOW, "p1"
    )
    (issue,) = status_moves_by_the_table(change)
    assert issue.text == (
        "ServiceRequest.status cannot go from 'completed' to 'active'; allowed: entered-in-error: what has ended stays"
        " ended, and the need is asked for by another request"
        " (http://hl7.org/fhir/R4/valueset-request-status.html; docs/states/request.md)"
    )
    assert issue.expression == "ServiceRequest.status"


def test_an_unknown_kind_is_refused_with_the_kinds_there_are_and_the_source() -> None:
    unknown = REQUEST | {"category": [{"coding": [{"system": REFERRAL_KIND, "code": "telepathy"}]}]}
    (issue,) = kind_is_known(unknown, referral_kinds())
    assert issue.expression == "ServiceRequest.category"
    assert "community-nursing" in issue.text
    assert "docs/referrals.md" in issue.text
