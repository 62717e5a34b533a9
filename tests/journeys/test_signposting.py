"""Signposting at a structured medication review: healthy living pharmacies of the directory (000 §2.11)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.canonical import ODS_CODE, ORGANISATION_TYPE, SERVES_NETWORK, SUPPORT_OFFER
from tandem.demo.client import Refused, eventually
from tandem.fhir.body import Resource
from tandem_tests.home_rounds import told
from tandem_tests.medication_reviews import Reviews, new_reviews
from tandem_tests.medication_reviews import told as refusals
from tandem_tests.network_area import part, values
from tandem_tests.running import EmbeddedTandem

OFFER = "healthy-living-pharmacy"


@pytest.fixture
async def reviews(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Reviews:
    """A practice whose network may review."""
    return await new_reviews(http, embedded)


async def pharmacy(reviews: Reviews, name: str) -> str:
    """A pharmacy of the network that is a healthy living pharmacy: `HealthcareService/id`."""
    operator, here = reviews.here.client(reviews.http, "operator"), reviews.here
    organization = await operator.create({
        "resourceType": "Organization", "active": True, "name": name,
        "identifier": [{"system": ODS_CODE, "value": f"F{here.codes['network'][1:]}"}],
        "type": [{"coding": [{"system": ORGANISATION_TYPE, "code": "pharmacy"}]}],
    })  # fmt: skip
    made = await operator.create({
        "resourceType": "HealthcareService", "active": True, "name": name,
        "extension": [{"url": SERVES_NETWORK, "valueReference": here.reference("network")}],
        "type": [{"coding": [{"system": SUPPORT_OFFER, "code": OFFER}]}],
        "providedBy": {"reference": f"Organization/{organization['id']}"},
        "telecom": [{"system": "phone", "value": "020 7946 0456"}], "availableTime": [{"allDay": True}],
    })  # fmt: skip
    await operator.caught_up()
    return f"HealthcareService/{made['id']}"


async def signpost(reviews: Reviews, review: Resource, service: Any, **more: str) -> None:
    given = [part(name, valueString=value) for name, value in more.items()]
    await reviews.decide(review, part("signpost", part("service", valueReference={"reference": service}), *given))


async def recorded(reviews: Reviews, patient: str) -> list[Resource]:
    """The Procedures in the person's record that say what she was signposted to."""
    await reviews.practice.caught_up()
    held = await reviews.practice.search(f"Procedure?patient=Patient/{patient}")
    return [each for each in held if str(each["code"].get("text")).startswith("Signposted")]


@pytest.mark.requirement("SMR-025")
async def test_a_healthy_living_pharmacy_is_found_at_a_review_and_signposting_shows_on_it_and_in_the_record(
    reviews: Reviews,
) -> None:
    patient, service = await reviews.lists.register("1940-01-01"), await pharmacy(reviews, "The Corner Pharmacy")
    review = await reviews.start(patient)
    asked = f"HealthcareService/$support-offers?need={OFFER}&patient=Patient/{patient}"
    [found] = [told(each) for each in values(await reviews.practice.read(asked), "offer")]
    assert found["service"]["reference"] == service
    assert found["contact"]["value"] == "020 7946 0456"

    await signpost(reviews, review, service, offer=OFFER, note="For help with stopping smoking")
    [shown] = [told(each) for each in values(await reviews.shown(review), "signpost")]
    assert shown == {"service": {"reference": service}, "name": "The Corner Pharmacy", "offer": OFFER}
    assert await recorded(reviews, patient) == [], "the record says so when the review is completed"

    await reviews.all_but_medicines(review)
    done = await reviews.complete(review)
    [section] = [each for each in done["section"] if each["title"] == "Signposting"]
    assert section["section"][0]["entry"] == [{"reference": service}]
    assert "For help with stopping smoking" in section["section"][0]["text"]["div"]
    [procedure] = await eventually(lambda: recorded(reviews, patient), reviews.practice.caught_up)
    assert procedure["status"] == "completed"
    assert procedure["code"] == {
        "text": "Signposted to The Corner Pharmacy", "coding": [{"system": SUPPORT_OFFER, "code": OFFER}],
    }  # fmt: skip
    assert procedure["performer"] == [{"actor": {"reference": reviews.pharmacist}}]
    timeline = await reviews.practice.read(f"Patient/{patient}/$timeline")
    assert f"Procedure/{procedure['id']}" in str(timeline)

    await reviews.practice.call("PUT", f"Composition/{review['id']}", {**done, "status": "entered-in-error"})
    [withdrawn] = await recorded(reviews, patient)
    assert withdrawn["status"] == "entered-in-error"


async def test_an_amended_review_takes_back_what_it_no_longer_says(reviews: Reviews) -> None:
    patient, service = await reviews.lists.register("1940-01-01"), await pharmacy(reviews, "The Corner Pharmacy")
    review = await reviews.start(patient)
    await signpost(reviews, review, service)
    await signpost(reviews, review, service, note="Said twice, it is there once")
    assert len(values(await reviews.shown(review), "signpost")) == 1
    await reviews.all_but_medicines(review)
    done = await reviews.complete(review)
    left = [each for each in done["section"] if each["title"] != "Signposting"]
    await reviews.practice.call("PUT", f"Composition/{review['id']}", {**done, "status": "amended", "section": left})
    [procedure] = await recorded(reviews, patient)
    assert procedure["status"] == "entered-in-error"


@pytest.mark.parametrize("service", ["HealthcareService/nothing", "Organization/1", 7, "the pharmacy round the corner"])
async def test_a_service_that_is_not_in_the_directory_is_refused_and_nothing_of_the_call_is_kept(
    reviews: Reviews, service: Any
) -> None:
    patient, known = await reviews.lists.register("1940-01-01"), await pharmacy(reviews, "The Corner Pharmacy")
    review = await reviews.start(patient)
    rows = [
        part("signpost", part("service", valueReference={"reference": known})),
        part("signpost", part("service", **{"valueInteger" if service == 7 else "valueString": service})),
    ]  # fmt: skip
    with pytest.raises(Refused) as refusal:
        await reviews.decide(review, *rows)
    assert refusal.value.status in (400, 422)
    assert "SMR-025" in " ".join(refusals(refusal))
    assert values(await reviews.shown(review), "signpost") == []
