"""What a reactive referral for a medication review has to say (SMR-032)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from referral_service.domain.reactive_review.guidance import citing, faults, in_force, is_reactive_referral
from referral_service.reactive_review.referral_rule import reactive_referral_is_complete
from referral_service.reactive_review.shipped_guidance import guidance_versions
from tandem.canonical import MEDICATION_REVIEW_TRIGGER, REFERRAL_KIND, SNOMED_CT
from tandem.fhir.body import Resource
from tandem.identity.caller import service_caller
from tandem.service import Change

REVIEW = {"coding": [{"system": SNOMED_CT, "code": "1239511000000100"}]}
COMPLETE: Resource = {
    "resourceType": "ServiceRequest", "status": "active", "intent": "order", "priority": "routine", "code": REVIEW,
    "category": [{"coding": [{"system": REFERRAL_KIND, "code": "medication-review"}]}],
    "performer": [{"reference": "Organization/1"}], "requester": {"reference": "Organization/2"},
    "reasonCode": [{"text": "Dizzy since the third tablet"}],
    "extension": [{"url": MEDICATION_REVIEW_TRIGGER, "valueCode": "adverse-reaction"}],
}  # fmt: skip
GUIDANCE = guidance_versions()[-1]


def found(request: Resource) -> list[str]:
    return [str(each.expression) for each in faults(request, GUIDANCE, guidance_versions())]


@pytest.mark.parametrize(
    ("element", "place"),
    [
        ("code", "ServiceRequest.code"),
        ("reasonCode", "ServiceRequest.reasonCode"),
        ("extension", "ServiceRequest.extension"),
        ("priority", "ServiceRequest.priority"),
        ("requester", "ServiceRequest.requester"),
    ],
)
def test_each_field_is_asked_for_by_its_name(element: str, place: str) -> None:
    assert found(COMPLETE) == []
    assert found({name: value for name, value in COMPLETE.items() if name != element}) == [place]


def test_a_trigger_that_there_is_not_and_a_version_that_there_is_not() -> None:
    odd: dict[str, Any] = {"url": MEDICATION_REVIEW_TRIGGER, "valueCode": "a-whim"}
    assert found({**COMPLETE, "extension": [odd]}) == ["ServiceRequest.extension"]
    cited = {"instantiatesCanonical": [f"{GUIDANCE.canonical}|1815"]}
    assert found({**COMPLETE, **cited}) == ["ServiceRequest.instantiatesCanonical"]


def test_it_cites_the_version_once_and_keeps_what_it_cites() -> None:
    cited = citing({**COMPLETE, "instantiatesCanonical": ["urn:another"]}, GUIDANCE)
    assert cited["instantiatesCanonical"] == ["urn:another", GUIDANCE.citation]
    assert citing(cited, GUIDANCE) == cited
    assert found(cited) == []


def test_the_guidance_begins_with_the_service() -> None:
    assert in_force(guidance_versions(), date(2020, 3, 31)) is None
    assert in_force(guidance_versions(), date(2020, 4, 1)) == GUIDANCE


def test_records_and_proposals_are_not_bound() -> None:
    assert is_reactive_referral(COMPLETE)
    without = {name: value for name, value in COMPLETE.items() if name != "category"}
    for record in (without, {**COMPLETE, "status": "completed"}, {**COMPLETE, "intent": "proposal"}):
        assert not is_reactive_referral(record)


def test_what_was_sent_without_the_fields_may_still_be_changed() -> None:
    bare = {name: value for name, value in COMPLETE.items() if name != "reasonCode"}

    def told(before: Resource | None, after: Resource) -> int:
        now = datetime(2020, 7, 1, tzinfo=UTC)
        caller = service_caller("referral-service")
        return len(list(reactive_referral_is_complete(
            Change("ServiceRequest", "1", "create" if before is None else "update", before, after, caller, now, "4")
        )))  # fmt: skip

    assert told(None, bare) == 1
    assert told(COMPLETE, bare) == 1
    assert told(bare, {**bare, "note": [{"text": "Called twice"}]}) == 0
