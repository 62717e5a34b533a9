"""What people are told about a suspected cancer referral, and that none is completed without it (000 §6.11, §6.12)."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tandem.canonical import PATIENT_INFORMATION
from tandem.demo.client import Refused
from tandem_tests.network_area import values
from tandem_tests.running import EmbeddedTandem
from tandem_tests.suspected_cancer import (
    TOLD,
    CancerReferrals,
    extension_values,
    information,
    new_referrals,
    told,
)

_COMPLETE = [{"op": "replace", "path": "/status", "value": "completed"}]
_PARTS = {"ECD-049": "why-referred", "ECD-050": "importance-of-attending", "ECD-051": "further-support"}


@pytest.fixture
async def referrals(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> CancerReferrals:
    """An area where nothing is arranged yet, on the morning of 1 July 2020."""
    return await new_referrals(http, embedded)


@pytest.mark.requirement("ECD-023")
async def test_a_referral_is_not_completed_before_the_person_was_told_and_then_shows_what_and_when(
    referrals: CancerReferrals,
) -> None:
    patient = await referrals.register("1950-01-01")
    made = await referrals.referred(patient, "haemoptysis")
    with pytest.raises(Refused) as refusal:
        await referrals.practice.patch(f"ServiceRequest/{made['id']}", _COMPLETE)
    [text] = told(refusal)
    assert "patient-information" in text
    assert "ECD-023" in text
    assert (await referrals.practice.read(f"ServiceRequest/{made['id']}"))["status"] == "active"

    shown = await referrals.inform(made["id"], **TOLD, format="leaflet", given="2020-06-30")
    assert values(shown, "informed") == [True]
    await referrals.practice.patch(f"ServiceRequest/{made['id']}", _COMPLETE)
    kept = await referrals.practice.read(f"ServiceRequest/{made['id']}")
    assert kept["status"] == "completed"
    said = extension_values(kept, PATIENT_INFORMATION)
    assert said["given"] == ["2020-06-30"]
    assert {name: said[name] for name in TOLD} == {name: [text] for name, text in TOLD.items()}


@pytest.mark.requirement("ECD-031")
async def test_in_each_later_year_a_referral_without_information_is_refused(
    new_system: Callable[..., EmbeddedTandem], http: httpx.AsyncClient
) -> None:
    referrals = await new_referrals(http, new_system("--clock", "2031-07-01T09:00+01:00"))
    patient = await referrals.register("1950-01-01")
    by = referrals.area.reference("northern")
    for year in range(2021, 2031):
        dated = referrals.request(patient, "haemoptysis", authoredOn=f"{year}-06-01")
        with pytest.raises(Refused) as refusal:
            await referrals.practice.create({**dated, "status": "completed"})
        assert "ECD-031" in told(refusal)[0], year
        made = await referrals.practice.create(dated)
        with pytest.raises(Refused) as refusal:
            await referrals.practice.patch(f"ServiceRequest/{made['id']}", _COMPLETE)
        assert "ECD-031" in told(refusal)[0], year
        informed = {**dated, "status": "completed", "extension": [information(f"{year}-06-01", by)]}
        await referrals.practice.create(informed)
    # A record of a time before the requirement is kept as it is.
    await referrals.practice.create(referrals.request(patient, authoredOn="2020-03-31") | {"status": "completed"})


@pytest.mark.parametrize("requirement", [pytest.param(each, marks=pytest.mark.requirement(each)) for each in _PARTS])
async def test_information_that_leaves_a_part_out_is_refused_naming_it(
    requirement: str, referrals: CancerReferrals
) -> None:
    missing = _PARTS[requirement]
    patient = await referrals.register("1950-01-01")
    made = await referrals.referred(patient, "haemoptysis")
    with pytest.raises(Refused) as refusal:
        await referrals.inform(
            made["id"], **{name: text for name, text in TOLD.items() if name != missing}, format="letter"
        )
    [text] = told(refusal)
    assert f"lacks {missing}" in text
    assert requirement in text
    by = referrals.area.reference("northern")
    partly = information("2020-07-01", by, **{missing.replace("-", "_"): None})
    with pytest.raises(Refused) as refusal:
        await referrals.practice.call("PUT", f"ServiceRequest/{made['id']}", {
            **made, "extension": [*made["extension"], partly],
        })  # fmt: skip
    assert requirement in told(refusal)[0]
    with pytest.raises(Refused) as refusal:
        await referrals.practice.create(referrals.request(patient, "haemoptysis", extension=[partly]))
    assert requirement in told(refusal)[0]
    assert await referrals.how_many(patient) == 1
    assert values(await referrals.shown(made["id"]), "informed") == [False]


async def test_information_names_its_day_its_form_and_who_gave_it(referrals: CancerReferrals) -> None:
    patient = await referrals.register("1950-01-01")
    made = await referrals.referred(patient, "haemoptysis")
    for said, rule in (
        ({"format": "telepathy"}, "format is one of"), ({"format": "letter", "given": "2020-07-02"}, "future"),
        ({}, "format is one of"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refusal:
            await referrals.inform(made["id"], **TOLD, **said)
        assert any(rule in each for each in told(refusal))
    with pytest.raises(Refused) as refusal:
        await referrals.inform(made["id"], format="letter")
    assert [requirement in text for requirement, text in zip(_PARTS, told(refusal), strict=True)] == [True] * 3
    with pytest.raises(Refused) as refusal:
        await referrals.inform(made["id"], **TOLD, format="letter", given="soon")
    assert refusal.value.status == 400
    other = await referrals.practice.create({
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "code": {"text": "Chiropody"},
        "subject": {"reference": f"Patient/{patient}"},
    })  # fmt: skip
    with pytest.raises(Refused) as refusal:
        await referrals.inform(other["id"], **TOLD, format="letter")
    assert refusal.value.status == 422
    told_at_once = await referrals.referred(
        patient, "breast-lump", **_underscored(TOLD), information_format="easy-read"
    )
    assert extension_values(told_at_once, PATIENT_INFORMATION)["format"] == ["easy-read"]


@pytest.mark.parametrize("by_a_task_of_its_own", [False, True])
async def test_a_referral_that_is_done_waits_until_the_person_was_told_and_then_closes(
    referrals: CancerReferrals, by_a_task_of_its_own: bool
) -> None:
    patient = await referrals.register("1950-01-01")
    made = await referrals.practice.create(
        referrals.request(patient, "haemoptysis", performer=[referrals.area.reference("north")])
    )
    await referrals.practice.caught_up()
    network = referrals.area.client("north")
    [task] = await network.search(f"Task?focus=ServiceRequest/{made['id']}")
    if by_a_task_of_its_own:
        await network.create({
            "resourceType": "Task", "status": "completed", "intent": "order", "focus": task["focus"],
            "for": task["for"], "owner": task["owner"], "requester": task["owner"],
        })  # fmt: skip
    for status in () if by_a_task_of_its_own else ("accepted", "in-progress", "completed"):
        task = await network.call("PUT", f"Task/{task['id']}", {**task, "status": status})
    await referrals.practice.caught_up()
    path = f"ServiceRequest/{made['id']}"
    assert (await referrals.practice.read(path))["status"] == "active"
    [waiting] = values(await referrals.practice.call("GET", "ServiceRequest/$worklist"), "referral")
    assert (values(waiting, "state"), values(waiting, "taskStatus")) == (["partly-done"], ["completed"])
    assert "patient-information" in values(waiting, "reason")[0]
    assert await _topics(referrals, patient) == ["Referral partly done"]
    await referrals.inform(made["id"], **TOLD, format="spoken")
    await referrals.practice.caught_up()
    assert sorted(await _topics(referrals, patient)) == ["Referral done", "Referral partly done"]
    assert (await referrals.practice.read(path))["status"] == "completed"
    assert values(await referrals.practice.call("GET", "ServiceRequest/$worklist"), "referral") == []
    assert values(await referrals.practice.call("GET", f"{path}/$loop"), "reason") == []


async def _topics(referrals: CancerReferrals, patient: str) -> list[str]:
    found = await referrals.practice.search(f"Communication?subject=Patient/{patient}")
    return [str(topic) for each in found if (topic := (each.get("topic") or {}).get("text", "")).startswith("Referral")]


def _underscored(texts: dict[str, str]) -> dict[str, str]:
    return {name.replace("-", "_"): text for name, text in texts.items()}
