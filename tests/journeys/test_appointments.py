"""Appointments: how long, how held, with whom, which slot, what came of them (000 §2.11; 003 §2.3; 004 §9, §13)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.canonical import APPOINTMENT_KIND, CARE_TEAM_ROLE, DELIVERY_CHANNEL
from tandem.demo.client import FhirClient, Refused
from tandem_tests.neighbourhood import Neighbourhood, settle_in
from tandem_tests.network_area import parameters, part, values
from tandem_tests.professionals import professional
from tandem_tests.running import EmbeddedTandem

INTERVENTION = "https://tandem.example/fhir/CodeSystem/intervention"
OUTCOME = "https://tandem.example/fhir/StructureDefinition/appointment-outcome"


@pytest.fixture
async def here(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Neighbourhood:
    return await settle_in(http, embedded)


def appointment(
    here: Neighbourhood, kind: str, start: str, end: str, *actors: str, mode: str | None = None, **more: Any
) -> dict[str, Any]:
    """An appointment of the person with these, on 6 July 2020; `start` and `end` are times of day."""
    held = {"extension": [{"url": DELIVERY_CHANNEL, "valueCode": mode}]} if mode else {}
    return {
        "resourceType": "Appointment", "status": "booked", **held,
        "serviceType": [{"coding": [{"system": APPOINTMENT_KIND, "code": kind}]}],
        "start": f"2020-07-06T{start}:00+01:00", "end": f"2020-07-06T{end}:00+01:00",
        "participant": [
            {"actor": {"reference": each}, "status": "accepted"} for each in (f"Patient/{here.person}", *actors)
        ],
        **more,
    }  # fmt: skip


async def replace(client: FhirClient, resource: dict[str, Any]) -> dict[str, Any]:
    """PUT it over the version that it was read from."""
    version = f'W/"{resource["meta"]["versionId"]}"'
    return await client.call("PUT", f"Appointment/{resource['id']}", resource, If_Match=version)


async def refusal(client: FhirClient, resource: dict[str, Any]) -> str:
    """The words with which it is refused, and nothing is kept."""
    before = len(await client.search("Appointment?_count=1000"))
    with pytest.raises(Refused) as refused:
        await client.create(resource)
    assert refused.value.status == 422
    assert len(await client.search("Appointment?_count=1000")) == before
    return refused.value.text


@pytest.mark.requirement("SMR-023")
async def test_a_review_of_the_length_of_a_gp_appointment_is_refused_and_longer_ones_are_taken(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    practice, review = here.client(http, "practice"), "structured-medication-review"
    assert "longer than a GP appointment" in await refusal(practice, appointment(here, review, "09:00", "09:10"))
    await practice.create(appointment(here, review, "09:00", "09:30"))
    await practice.create(appointment(here, review, "10:00", "11:15"))
    await practice.create(appointment(here, "consultation", "12:00", "12:10"))


@pytest.mark.requirement("SMR-057")
async def test_modes_and_lengths_of_reviews_are_read_and_a_withdrawn_mode_is_refused_from_its_day(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    practice, review = here.client(http, "practice"), "structured-medication-review"
    answer = await practice.call("GET", "Appointment/$review-appointment-policy")
    [held] = [each for each in values(answer, "policy") if values(each, "inForce")[0]]
    assert values(held, "mode") == ["In-person", "Telephone", "Video"]
    assert (values(held, "shortest"), values(held, "longest")) == ([20], [120])
    later = {"start": "2090-07-06T09:00:00+01:00", "end": "2090-07-06T09:40:00+01:00"}
    video = appointment(here, review, "09:00", "09:40", mode="Video")
    await practice.create(video)
    await practice.create({**video, **later})
    without_video = parameters(
        part("mode", valueString="In-person"), part("mode", valueString="Telephone"),
        part("shortest", valueInteger=25), part("from", valueDate="2090-01-01"), part("source", valueString="A trial"),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        await practice.call("POST", "Appointment/$review-appointment-policy", without_video)
    assert refused.value.status == 403
    await here.client(http, "operator").call("POST", "Appointment/$review-appointment-policy", without_video)
    assert "not Video" in await refusal(practice, {**video, **later})
    await practice.create(appointment(here, review, "13:00", "13:40", mode="Video"))


@pytest.mark.requirement("PCN-081")
async def test_one_appointment_holds_several_professionals_and_a_diagnostic_and_each_sees_it(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    practice, community, partless = (here.client(http, role) for role in ("practice", "community", "partless"))
    nurse = await professional(practice, here.reference("practice"), "practice-nurse")
    physio = await professional(community, here.reference("community"), "physiotherapist")
    scanner = await partless.create({
        "resourceType": "HealthcareService", "active": True, "name": "Bone density scans",
        "providedBy": here.reference("partless"),
    })  # fmt: skip
    await partless.caught_up()
    made = await practice.create(
        appointment(here, "consultation", "09:00", "10:00", nurse, physio, f"HealthcareService/{scanner['id']}")
    )
    for client in (practice, community, partless):
        assert (await client.read(f"Appointment/{made['id']}"))["start"] == made["start"]
    assert [each["id"] for each in await partless.search(f"Appointment?patient=Patient/{here.person}")] == [made["id"]]
    with pytest.raises(Refused):
        await here.client(http, "other").read(f"Appointment/{made['id']}")
    with pytest.raises(Refused):
        await partless.read(f"Patient/{here.person}")


@pytest.mark.requirement("PCN-082")
async def test_appointments_are_held_by_video_telephone_and_in_person_for_a_need_and_found_by_mode(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    practice = here.client(http, "practice")
    made = {}
    for hour, (mode, need) in enumerate((("Video", "Rash"), ("Telephone", "Result"), ("In-person", "Chest pain")), 9):
        made[mode] = await practice.create(
            appointment(here, "consultation", f"{hour:02}:00", f"{hour:02}:15", mode=mode, reasonCode=[{"text": need}])
        )
    for mode, kept in made.items():
        found = await practice.search(f"Appointment?patient=Patient/{here.person}&mode={mode}")
        assert [(each["id"], each["reasonCode"]) for each in found] == [(kept["id"], kept["reasonCode"])]
    by_pigeon = appointment(here, "consultation", "14:00", "14:15", mode="Pigeon")
    assert "is held In-person, Telephone, Video" in await refusal(practice, by_pigeon)


@pytest.mark.requirement("PCPC-038")
async def test_an_extra_visit_counts_in_its_interventions_activity(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    practice, code = here.client(http, "practice"), f"visits-{here.codes['practice']}"
    of_intervention = {"serviceCategory": [{"coding": [{"system": INTERVENTION, "code": code}]}]}
    path = f"Appointment/$intervention-activity?intervention={code}"
    assert values(await practice.call("GET", path), "total") == [0]
    await practice.create(appointment(here, "care-home-visit", "09:00", "09:40", **of_intervention))
    await practice.create(appointment(here, "home-visit", "11:00", "11:40", **of_intervention))
    await practice.create(appointment(here, "home-visit", "15:00", "15:40"))
    answer = await practice.call("GET", path)
    counted = {values(each, "kind")[0]: values(each, "count")[0] for each in values(answer, "activity")}
    assert (values(answer, "total"), counted) == ([2], {"care-home-visit": 1, "home-visit": 1})
    assert values(await practice.call("GET", f"{path}&to=2020-07-05"), "total") == [0]
    assert values(await here.client(http, "other").call("GET", path), "total") == [0]


@pytest.mark.on_six_processes
@pytest.mark.requirement("PCPC-039")
async def test_a_joint_appointment_is_seen_by_gp_and_hospital_and_its_outcome_reaches_both(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    practice, hospital = here.client(http, "practice"), here.client(http, "partless")
    gp = await professional(practice, here.reference("practice"), "gp")
    geriatrician = await professional(hospital, here.reference("partless"), "hospital-consultant")
    made = await practice.create(appointment(here, "joint-consultation", "09:00", "09:45", gp, geriatrician))
    path = f"Appointment/{made['id']}"
    for client in (practice, hospital):
        assert (await client.read(path))["status"] == "booked"
    said = parameters(part("outcome", valueString="Stop the diuretic; the ward will call before discharge"))
    with pytest.raises(Refused) as refused:
        await here.client(http, "other").call("POST", f"{path}/$outcome", said)
    assert refused.value.status == 404
    await hospital.call("POST", f"{path}/$outcome", said)
    await hospital.call("POST", f"{path}/$outcome", said)
    for client in (practice, hospital):
        read = await client.read(path)
        told = [each["valueAnnotation"] for each in read["extension"] if each["url"] == OUTCOME]
        assert (read["status"], [each["text"] for each in told]) == (
            "fulfilled", ["Stop the diuretic; the ward will call before discharge"]
        )  # fmt: skip
        assert told[0]["authorReference"]["identifier"]["value"] == here.codes["partless"]
    with pytest.raises(Refused) as refused:
        await replace(hospital, {**read, "status": "entered-in-error"})
    assert refused.value.status == 403, "taking part is no right to change it"


@pytest.mark.requirement("PCN-076")
async def test_low_needs_are_offered_the_earliest_slot_and_complex_ones_the_named_clinician(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    practice = here.client(http, "practice")
    named = await professional(practice, here.reference("practice"), "gp")
    anyone = await professional(practice, here.reference("practice"), "practice-nurse")
    await practice.create({
        "resourceType": "CareTeam", "status": "active", "subject": here.subject,
        "participant": [{
            "role": [{"coding": [{"system": CARE_TEAM_ROLE, "code": "named-gp"}]}], "member": {"reference": named},
        }],
    })  # fmt: skip
    slots: dict[str, list[str]] = {named: [], anyone: []}
    for who, hours in ((named, (11, 15)), (anyone, (9, 10))):
        schedule = await practice.create({"resourceType": "Schedule", "active": True, "actor": [{"reference": who}]})
        for hour in hours:
            slot = await practice.create({
                "resourceType": "Slot", "schedule": {"reference": f"Schedule/{schedule['id']}"}, "status": "free",
                "start": f"2020-07-06T{hour:02}:00:00+01:00", "end": f"2020-07-06T{hour:02}:20:00+01:00",
            })  # fmt: skip
            slots[who].append(f"Slot/{slot['id']}")
    await practice.caught_up()

    async def offered(need: str) -> list[str]:
        answer = await practice.call("GET", f"Appointment/$offer?patient=Patient/{here.person}&need={need}")
        return [values(each, "slot")[0]["reference"] for each in values(answer, "slot")]

    assert await offered("low") == [*slots[anyone], *slots[named]]
    assert await offered("complex") == slots[named]
    booked = appointment(here, "consultation", "11:00", "11:20", named, slot=[{"reference": slots[named][0]}])
    made = await practice.create(booked)
    assert await offered("complex") == slots[named][1:]
    assert "not free" in await refusal(practice, {**booked, "participant": booked["participant"][:1]})
    cancelled = {**made, "status": "cancelled", "cancelationReason": {"text": "Feels better"}}
    await replace(practice, cancelled)
    assert await offered("complex") == slots[named]


async def test_nobody_is_booked_twice_at_one_time(here: Neighbourhood, http: httpx.AsyncClient) -> None:
    practice = here.client(http, "practice")
    gp = await professional(practice, here.reference("practice"), "gp")
    made = await practice.create(appointment(here, "consultation", "09:00", "09:20", gp))
    assert "another appointment" in await refusal(practice, appointment(here, "home-visit", "09:10", "09:50", gp))
    await practice.create(appointment(here, "home-visit", "09:20", "09:50", gp))
    with pytest.raises(Refused) as refused:
        await replace(practice, {**made, "status": "cancelled"})
    assert refused.value.outcome["issue"][0]["expression"] == ["Appointment.cancelationReason"]
