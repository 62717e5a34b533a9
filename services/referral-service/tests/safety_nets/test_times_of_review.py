"""Times of an agreed review, as R4 allows them (ECD-030)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from referral_service.domain.safety_nets.agreed_review import agreed_review, has_unreadable_time
from tandem.canonical import CANCER_CONCERN, REFERRAL_KIND
from tandem.fhir.outcome import FhirError
from tandem.identity.caller import Caller
from tandem_tests.small_work import SmallWork


@pytest.mark.parametrize(
    "said",
    [
        {"occurrenceDateTime": "9999-12-31T23:59:59-12:00"}, {"occurrenceDateTime": "9999"},
        {"occurrencePeriod": {"start": "2020-08-01", "end": "9999-12-31"}},
        {"occurrenceTiming": {"event": ["2020-08-01", "9999-12-31T23:59:59.999Z"]}},
        {"occurrenceTiming": {"repeat": {"boundsPeriod": {"end": "9991-01-01"}}}},
    ],
)  # fmt: skip
def test_a_time_at_the_end_of_the_calendar_is_no_agreed_review(said: dict[str, Any]) -> None:
    assert has_unreadable_time(said)
    assert all(day.year < 9991 for day in agreed_review(said).days)


def test_times_that_can_be_kept_are_and_nothing_said_is_no_fault() -> None:
    said = {"occurrenceTiming": {"event": ["2020-08-01", None, "9990-12-31"], "_event": [None, {"id": "x"}, None]}}
    assert agreed_review(said).days == (date(2020, 8, 1), date(9990, 12, 31))
    assert not has_unreadable_time(said)
    assert not has_unreadable_time({"asNeededBoolean": True})


async def test_a_concern_with_a_review_at_the_end_of_the_calendar_is_refused(work: SmallWork) -> None:
    work.now = datetime(2021, 5, 4, 8, tzinfo=UTC)
    concern: dict[str, Any] = {
        "resourceType": "ServiceRequest", "id": "s1", "status": "active", "intent": "order", "asNeededBoolean": True,
        "category": [{"coding": [{"system": REFERRAL_KIND, "code": "cancer-concern"}]}],
        "code": {"coding": [{"system": CANCER_CONCERN, "code": "risk-symptom"}]},
        "subject": {"reference": "Patient/p1"}, "requester": {"reference": "Organization/practice"},
    }  # fmt: skip
    with pytest.raises(FhirError) as refused:
        await work.write(concern | {"occurrenceDateTime": "9999-12-31T23:59:59-12:00"}, Caller("A00001"))
    assert [each.expression for each in refused.value.issues] == ["ServiceRequest.occurrence"]
    await work.write(concern | {"occurrenceDateTime": "9990-12-31"}, Caller("A00001"))
