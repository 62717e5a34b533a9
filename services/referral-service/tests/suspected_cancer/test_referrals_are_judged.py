"""A referral is judged in the transaction that makes it: what is kept, and what is asked for once."""

from __future__ import annotations

from typing import Any

import pytest

from referral_service.domain.suspected_cancer.extra_support import support_id
from referral_service.suspected_cancer.person_rows import Person, forget_person, keep_person, person
from referral_service.suspected_cancer.protocol_rows import protocol_of, publish
from referral_service.suspected_cancer.referral_rows import judged_referral
from tandem.canonical import EXTRA_SUPPORT, ODS_CODE, REFERRAL_KIND, SUSPECTED_CANCER, SUSPECTED_CANCER_SYMPTOM
from tandem.fhir.body import Resource
from tandem.fhir.extension_parts import with_extension
from tandem.fhir.outcome import FhirError, Kind
from tandem.london_days import london_date
from tandem_tests.small_work import SmallWork

REQUEST: Resource = {
    "resourceType": "ServiceRequest", "id": "s1", "status": "active", "intent": "order",
    "category": [{"coding": [{"system": REFERRAL_KIND, "code": "urgent-suspected-cancer"}]}],
    "subject": {"reference": "Patient/p1"}, "performer": [{"identifier": {"system": ODS_CODE, "value": "RT001"}}],
    "reasonCode": [{"coding": [{"system": SUSPECTED_CANCER_SYMPTOM, "code": "haemoptysis"}]}],
}  # fmt: skip
SUPPORT: list[tuple[str, str, Any]] = [
    ("need", "String", "A lift"), ("performer", "Reference", {"identifier": {"system": ODS_CODE, "value": "RC001"}}),
]  # fmt: skip


async def know(work: SmallWork, birth: str | None = "1950-01-01") -> None:
    await keep_person(work.connection, {"resourceType": "Patient", "id": "p1", "birthDate": birth, "gender": "male"})


async def test_an_age_that_was_never_heard_of_is_asked_for_by_the_operation(work: SmallWork) -> None:
    with pytest.raises(FhirError) as refusal:
        await work.put(REQUEST)
    assert refusal.value.kind is Kind.UNPROCESSABLE
    assert "$refer-suspected-cancer" in refusal.value.issues[0].text
    await work.put(with_extension(REQUEST, SUSPECTED_CANCER, [("justification", "String", "Worried")]))


async def test_somebody_whose_record_says_no_birth_date_needs_a_justification(work: SmallWork) -> None:
    await know(work, None)
    with pytest.raises(FhirError) as refusal:
        await work.put(REQUEST)
    assert refusal.value.kind is Kind.BUSINESS_RULE


async def test_the_judgement_stays_when_what_it_rests_on_does(work: SmallWork) -> None:
    await know(work)
    await work.put(REQUEST)
    kept = await judged_referral(work.connection, "s1")
    assert kept is not None
    assert [each["id"] for each in kept.told["criteria"]] == ["ng12-1.1.1-haemoptysis"]
    # Younger by a later correction: the referral was right when it was made.
    await know(work, "2000-01-01")
    await work.put({**REQUEST, "note": [{"text": "Rang"}]})
    assert await judged_referral(work.connection, "s1") == kept
    with pytest.raises(FhirError):
        await work.put({**REQUEST, "reasonCode": [{"text": "Tired"}]})


async def test_support_is_asked_for_once(work: SmallWork) -> None:
    await know(work)
    flagged = with_extension(REQUEST, EXTRA_SUPPORT, SUPPORT)
    await work.put(flagged)
    await work.put({**flagged, "note": [{"text": "Rang"}]})
    raised = [key for key in work.resources if key.startswith("ServiceRequest/")]
    assert sorted(raised) == sorted(["ServiceRequest/s1", f"ServiceRequest/{support_id('s1')}"])
    kept = await judged_referral(work.connection, "s1")
    assert kept is not None
    assert kept.support == support_id("s1")


async def test_support_that_nobody_can_give_is_refused(work: SmallWork) -> None:
    await know(work)
    with pytest.raises(FhirError) as refusal:
        await work.put(with_extension(REQUEST, EXTRA_SUPPORT, SUPPORT[:1]))
    assert "ECD-040" in refusal.value.issues[0].text


async def test_what_a_person_is_follows_the_newest_event_and_a_look_up_changes_nothing(work: SmallWork) -> None:
    await know(work)
    await keep_person(work.connection, {"id": "p1", "birthDate": "1990-01-01"}, only_new=True)
    assert await person(work.connection, "p1") == Person("1950-01-01", "male")
    await forget_person(work.connection, "p1")
    assert await person(work.connection, "p1") is None


async def test_the_protocol_of_a_day_is_the_last_to_have_begun(work: SmallWork) -> None:
    day = london_date(work.now)
    for first in (day, day.replace(month=9), day):
        await publish(work.connection, "U1", first, "Here", [], {"attended": 14}, "U1", work.now)
    today = await protocol_of(work.connection, "U1", day)
    later = await protocol_of(work.connection, "U1", day.replace(month=10))
    assert (today.version if today else None, later.version if later else None) == (3, 2)
    assert await protocol_of(work.connection, "U1", day.replace(year=2019)) is None
    assert await protocol_of(work.connection, "U2", day) is None
