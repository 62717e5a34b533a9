"""Who may undertake a structured medication review (000 §2.10, 002 SMR)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tandem.demo.client import FhirClient, Refused, eventually
from tandem_tests.medication_reviews import (
    ASSESSMENT,
    POLYPHARMACY,
    PRESCRIBER,
    TRAINING,
    Reviews,
    new_reviews,
    qualification,
    told,
)
from tandem_tests.neighbourhood import admit, settle_in
from tandem_tests.network_area import parameters, part, values
from tandem_tests.practice_lists import PracticeLists
from tandem_tests.running import EmbeddedTandem

_POLICY = "CarePlan/$medication-review-policy"


async def refused(reviews: Reviews, patient: str, clinician: str) -> str:
    """What a clinician is refused for; nothing was opened."""
    with pytest.raises(Refused) as refusal:
        await reviews.start(patient, clinician=clinician)
    assert refusal.value.status == 422
    assert await reviews.practice.search(f"Composition?patient=Patient/{patient}") == []
    return " ".join(told(refusal))


@pytest.mark.requirement("SMR-019")
async def test_who_has_no_such_role_is_refused_and_audited_and_an_eligible_clinician_begins(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    reviews = await new_reviews(http, embedded)
    patient = await reviews.lists.register("1940-01-01")
    _, link_worker = await reviews.staff("social-prescribing-link-worker", role="practice")
    token = embedded.token(reviews.here.codes["practice"], user=link_worker)
    client = FhirClient(http, embedded.url, token)
    asked = (
        part("patient", valueReference={"reference": f"Patient/{patient}"}), part("reason", valueCoding=POLYPHARMACY),
    )  # fmt: skip
    with pytest.raises(Refused) as refusal:
        await client.call("POST", "CarePlan/$start-medication-review", parameters(*asked))
    assert refusal.value.status == 422
    assert "SMR-022" in told(refusal)[0]
    trail = await reviews.practice.search(f"AuditEvent?patient=Patient/{patient}&_count=200")
    [entry] = [each for each in trail if "start-medication-review" in json.dumps(each)]
    assert entry["outcome"] != "0"
    assert link_worker in json.dumps(entry["agent"])

    assert "not known" in await refused(reviews, patient, "Practitioner/nobody")
    assert (await reviews.start(patient))["status"] == "preliminary"


@pytest.mark.requirement("SMR-020")
@pytest.mark.parametrize("added", [PRESCRIBER, TRAINING])
async def test_without_prescribing_or_training_towards_it_a_pharmacist_is_refused_and_either_is_enough(
    embedded: EmbeddedTandem, http: httpx.AsyncClient, added: str
) -> None:
    reviews = await new_reviews(http, embedded)
    patient = await reviews.lists.register("1940-01-01")
    role, person = await reviews.staff("clinical-pharmacist", ASSESSMENT)
    text = await refused(reviews, patient, role)
    assert "prescribing qualification" in text
    assert PRESCRIBER in text
    assert TRAINING in text
    network = reviews.here.client(http, "network")
    held = await network.read(person)
    qualifications = [qualification(ASSESSMENT), qualification(added)]
    await network.call("PUT", person, {**held, "qualification": qualifications})
    await network.caught_up()
    assert (await reviews.start(patient, clinician=role))["author"] == [{"reference": role}]


async def test_a_qualification_that_has_ended_does_not_count(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    reviews = await new_reviews(http, embedded)
    patient = await reviews.lists.register("1940-01-01")
    role, person = await reviews.staff("clinical-pharmacist", PRESCRIBER)
    assert "advanced assessment" in await refused(reviews, patient, role)
    network = reviews.here.client(http, "network")
    ended = {**qualification(ASSESSMENT), "period": {"end": "2020-05-31"}}
    held = await network.read(person)
    await network.call("PUT", person, {**held, "qualification": [*held["qualification"], ended]})
    await network.caught_up()
    assert "advanced assessment" in await refused(reviews, patient, role)


@pytest.mark.requirement("SMR-022")
@pytest.mark.parametrize(("kind", "held"), [("gp", ()), ("advanced-nurse-practitioner", (PRESCRIBER,))])
async def test_a_gp_or_nurse_begins_only_where_the_network_has_no_pharmacist(
    embedded: EmbeddedTandem, http: httpx.AsyncClient, kind: str, held: tuple[str, ...]
) -> None:
    here = await settle_in(http, embedded)
    reviews = Reviews(here, http, PracticeLists(here, here.client(http, "practice")))
    first, second = [await reviews.lists.register("1940-01-01") for _ in range(2)]
    clinician, _ = await reviews.staff(kind, *held, role="practice")
    assert (await reviews.start(first, clinician=clinician))["status"] == "preliminary"
    pharmacist, _ = await reviews.staff("clinical-pharmacist")
    assert "recruited no pharmacist" in await refused(reviews, second, clinician)

    network = here.client(http, "network")
    left = await network.read(pharmacist)
    await network.call("PUT", pharmacist, {**left, "period": {"end": "2020-06-30"}})
    await network.caught_up()
    assert (await reviews.start(second, clinician=clinician))["status"] == "preliminary"


async def policy(client: FhirClient, **asked: str) -> dict[str, Any]:
    """The content of the policy of clinicians in force, with its number."""
    query = "&".join(f"{name.replace('_', '-')}={value}" for name, value in asked.items())
    found = values(await client.call("GET", f"{_POLICY}?kind=clinicians&{query}"), "version")
    [current] = [each for each in found if values(each, "inForce") == [True]]
    return {"version": values(current, "version")[0], **json.loads(values(current, "content")[0])}


@pytest.mark.requirement("SMR-056")
async def test_the_policy_is_read_by_version_and_another_version_alters_who_may_begin(
    new_system: Callable[..., EmbeddedTandem], http: httpx.AsyncClient
) -> None:
    system = new_system("--clock", "2020-07-01T09:00+01:00")
    reviews = await new_reviews(http, system)
    first = await policy(reviews.practice)
    assert first["version"] == 1
    kinds = [each["kind"] for each in first["roles"]]
    assert kinds == ["clinical-pharmacist", "care-home-pharmacist", "gp", "advanced-nurse-practitioner"]

    moch, _ = await reviews.staff("care-home-pharmacist", PRESCRIBER, ASSESSMENT)
    at_home, resident = [await reviews.lists.register("1940-01-01") for _ in range(2)]
    await admit(reviews.practice, resident, "2020-06-01")

    async def listed() -> bool:
        return resident in await reviews.lists.listed("care-home-residents")

    assert await eventually(listed, reviews.practice.caught_up)
    assert "care-home-residents" in await refused(reviews, at_home, moch)
    assert (await reviews.start(resident, clinician=moch))["status"] == "preliminary"

    changed = {name: value for name, value in first.items() if name != "version"}
    changed["roles"] = [
        {name: value for name, value in each.items() if name != "only-for-list"} for each in first["roles"]
    ]
    posted = (
        part("kind", valueCode="clinicians"), part("from", valueDate="2020-07-01"),
        part("source", valueString="Local agreement"), part("content", valueString=json.dumps(changed)),
    )  # fmt: skip
    with pytest.raises(Refused) as refusal:
        await reviews.practice.call("POST", _POLICY, parameters(*posted))
    assert refusal.value.status == 403
    operator = reviews.here.client(http, "operator")
    faulty = (*posted[:3], part("content", valueString=json.dumps({**changed, "roles": [{"kind": "wizard"}]})))
    with pytest.raises(Refused) as refusal:
        await operator.call("POST", _POLICY, parameters(*faulty))
    assert refusal.value.status == 422
    assert "clinical-pharmacist" in told(refusal)[0]
    await operator.call("POST", _POLICY, parameters(*posted))
    assert (await policy(reviews.practice))["version"] == 2
    assert (await policy(reviews.practice, as_of="2020-06-30"))["version"] == 1
    assert (await reviews.start(at_home, clinician=moch))["status"] == "preliminary"
