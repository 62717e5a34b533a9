"""A carer's views enter the plan with the person's consent, and help for the carer is followed on the plan."""

from __future__ import annotations

import httpx
import pytest

from tandem.canonical import SNOMED_CT
from tandem.demo.client import Refused
from tandem_tests.consents import carer_of, carers_part, consent, person_client, withdraw
from tandem_tests.neighbourhood import admit, plan_of, settle_in
from tandem_tests.practice_lists import coded
from tandem_tests.questionnaire_responses import item, response
from tandem_tests.running import EmbeddedTandem

CONTENT = "personalised-care-and-support-plan"
VIEW = "He is up three times a night, and so am I"


@pytest.mark.requirement("PCPC-044")
async def test_a_carers_views_enter_with_consent_and_the_carers_referral_is_followed(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    await admit(practice, here.person, "2020-06-26")
    plan = f"CarePlan/{(await plan_of(practice, here.person))['id']}"
    carer, other = await carer_of(practice, here.person), await carer_of(practice, here.person, "Cy")
    views = response(
        CONTENT, here.person, "completed", item("carer-view", VIEW), basedOn=[{"reference": plan}],
        source={"reference": f"RelatedPerson/{carer}"},
    )  # fmt: skip

    async def kept_back() -> None:
        with pytest.raises(Refused) as refusal:
            await practice.create(views)
        assert refusal.value.status == 422
        assert "A carer's views are recorded with the person's consent" in refusal.value.text
        assert "003 §2.3 ex7; PCPC-044" in refusal.value.text
        assert await practice.search(f"QuestionnaireResponse?based-on={plan}") == []

    await kept_back()
    await practice.create(carers_part(here.person, other))
    await practice.create(carers_part(here.person, carer, period={"end": "2020-06-30"}))
    await kept_back()
    given = await practice.create(carers_part(here.person, carer))
    entered = await practice.create(views)
    [held] = await practice.search(f"QuestionnaireResponse?based-on={plan}")
    assert held["id"] == entered["id"]
    assert held["source"] == {"reference": f"RelatedPerson/{carer}"}
    assert held["item"] == [item("carer-view", VIEW)]
    assert VIEW in (await practice.request("GET", f"{plan}/$shared-plan")).text

    request = await practice.create({
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": here.subject,
        "code": coded("310855004", "Referral to carer support service", SNOMED_CT), "basedOn": [{"reference": plan}],
        "requester": here.reference("practice"), "performer": [here.reference("voluntary")],
    })  # fmt: skip
    reference = f"ServiceRequest/{request['id']}"
    await practice.caught_up()

    async def progress() -> list[str]:
        await practice.caught_up()
        on_plan = (await practice.read(plan))["activity"]
        [activity] = [each for each in on_plan if (each.get("reference") or {}).get("reference") == reference]
        return [note["text"] for note in activity.get("progress", [])]

    before = await progress()
    await practice.patch(reference, [{"op": "replace", "path": "/status", "value": "completed"}])
    assert (await progress())[len(before) :] == ["ServiceRequest completed"]

    await withdraw(practice, given)
    entered["item"] = [item("carer-view", VIEW, "It is worse at weekends")]
    with pytest.raises(Refused, match="PCPC-044"):
        await practice.call("PUT", f"QuestionnaireResponse/{entered['id']}", entered | {"status": "amended"})
    entered["item"] = [item("carer-view", VIEW), item("about-me", "A night owl")]
    await practice.call("PUT", f"QuestionnaireResponse/{entered['id']}", entered | {"status": "amended"})


async def test_a_carer_tells_their_views_themself(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    carer = await carer_of(practice, here.person)
    views = response(
        CONTENT, here.person, "in-progress", item("carer-view", VIEW), source={"reference": f"RelatedPerson/{carer}"}
    )
    me = person_client(http, embedded, here.codes["practice"], f"RelatedPerson/{carer}")
    await practice.caught_up()
    assert (await me.request("POST", "QuestionnaireResponse", views)).status_code == 403
    await practice.create(carers_part(here.person, carer))
    made = await me.create(views)
    assert made["source"] == {"reference": f"RelatedPerson/{carer}"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"provision": {"type": "permit"}}, "names the carer"),
        ({"scope": {"coding": [{"code": "treatment"}]}}, "scope patient-privacy"),
    ],
)
async def test_a_consent_that_could_not_be_kept_is_refused(
    embedded: EmbeddedTandem, http: httpx.AsyncClient, change: dict[str, object], words: str
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    with pytest.raises(Refused) as refusal:
        await practice.create(carers_part(here.person, "someone") | change)
    assert refusal.value.status == 422
    assert words in refusal.value.text
    limited = {"type": "permit", "class": [{"system": "http://hl7.org/fhir/resource-types", "code": "CarePlan"}]}
    with pytest.raises(Refused) as refusal:
        await practice.create(consent(here.person, "enriched-summary", dateTime="2020-06-30", provision=limited))
    assert "as a whole or not at all" in refusal.value.text
