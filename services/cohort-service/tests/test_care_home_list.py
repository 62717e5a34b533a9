"""Writes that say where a person lives keep the care home list, and say who came and went."""

from __future__ import annotations

from typing import Any

import pytest

from cohort_service.groups import group_id
from cohort_service.members import ENTERED, LEFT
from tandem.canonical import SNOMED_CT
from tandem.identity.caller import Caller
from tandem_tests.small_work import SmallWork

PRACTICE = Caller("A00001")
NURSING_HOME, OWN_HOME = "160734000", "160943002"


def observation(identity: str, code: str, date: str, patient: str = "p1", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": identity,
        "status": "final",
        "subject": {"reference": f"Patient/{patient}"},
        "code": {"coding": [{"system": SNOMED_CT, "code": code}]},
        "effectiveDateTime": date,
        **more,
    }


async def register(work: SmallWork, patient: str = "p1", practice: str | None = "A00001") -> None:
    await work.connection.execute(
        "INSERT INTO patient (id, practice) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE"
        " SET practice = excluded.practice",
        patient,
        practice,
    )


async def members(work: SmallWork) -> list[tuple[str, str, bool]]:
    rows = await work.connection.fetch("SELECT patient, since_date, until FROM group_member ORDER BY patient, number")
    return [(row["patient"], row["since_date"], row["until"] is None) for row in rows]


async def test_a_resident_enters_the_group_of_the_practice_with_the_evidence(work: SmallWork) -> None:
    await register(work)
    await work.write(observation("o1", NURSING_HOME, "2020-06-26"), PRACTICE)
    (entered,) = work.of(ENTERED)
    identity = group_id("care-home-residents", "A00001")
    assert entered["group"] == f"Group/{identity}"
    assert (entered["patient"], entered["since"], entered["definition"]) == (
        "Patient/p1",
        "2020-06-26",
        "care-home-residents@1",
    )
    assert entered["evidence"] == [
        {
            "reference": "Observation/o1",
            "code": NURSING_HOME,
            "display": "Lives in a nursing home",
            "date": "2020-06-26",
        }
    ]
    group = work.resources[f"Group/{identity}"]
    assert group["managingEntity"]["identifier"]["value"] == "A00001"
    assert "member" not in group
    assert await members(work) == [("p1", "2020-06-26", True)]


async def test_further_evidence_is_kept_and_is_no_news(work: SmallWork) -> None:
    await register(work)
    await work.write(observation("o1", NURSING_HOME, "2020-06-26"), PRACTICE)
    await work.write(observation("o2", NURSING_HOME, "2020-06-28"), PRACTICE)
    assert len(work.of(ENTERED)) == 1
    evidence = await work.connection.fetchval("SELECT evidence FROM group_member")
    assert b"Observation/o2" in bytes(evidence)


async def test_an_earlier_statement_moves_the_beginning_of_the_same_stay(work: SmallWork) -> None:
    await register(work)
    await work.write(observation("o1", NURSING_HOME, "2020-06-26"), PRACTICE)
    await work.write(observation("o0", NURSING_HOME, "2020-06-20"), PRACTICE)
    first, second = work.of(ENTERED)
    assert (second["residency"], second["revision"], second["since"]) == (first["residency"], 2, "2020-06-20")
    assert await members(work) == [("p1", "2020-06-20", True)]


async def test_who_leaves_and_comes_back_has_two_stays(work: SmallWork) -> None:
    await register(work)
    await work.write(observation("o1", NURSING_HOME, "2020-06-20"), PRACTICE)
    await work.write(observation("o2", OWN_HOME, "2020-06-25"), PRACTICE)
    (left,) = work.of(LEFT)
    assert (left["until"], left["reason"]) == ("2020-06-25", "ended")
    await work.write(observation("o3", NURSING_HOME, "2020-06-28"), PRACTICE)
    assert await members(work) == [("p1", "2020-06-20", False), ("p1", "2020-06-28", True)]
    first, second = work.of(ENTERED)
    assert first["residency"] != second["residency"]


@pytest.mark.parametrize("correction", ["entered-in-error", "deleted", "another person"])
async def test_a_correction_takes_the_evidence_back(work: SmallWork, correction: str) -> None:
    await register(work)
    await register(work, "p2")
    record = observation("o1", NURSING_HOME, "2020-06-26")
    await work.write(record, PRACTICE)
    if correction == "deleted":
        await work.delete("Observation", "o1")
    elif correction == "another person":
        await work.write({**record, "subject": {"reference": "Patient/p2"}}, PRACTICE)
    else:
        await work.write({**record, "status": "entered-in-error"}, PRACTICE)
    (left,) = work.of(LEFT)
    assert (left["patient"], left["reason"], left["revision"]) == ("Patient/p1", "evidence-withdrawn", 2)
    current = [patient for patient, _, present in await members(work) if present]
    assert current == (["p2"] if correction == "another person" else [])


async def test_a_death_and_a_deleted_record_end_the_stay(work: SmallWork) -> None:
    for patient in ("p1", "p2"):
        await register(work, patient)
        await work.write({"resourceType": "Patient", "id": patient}, PRACTICE)
        await work.write(observation(f"o-{patient}", NURSING_HOME, "2020-06-26", patient), PRACTICE)
    await work.write({"resourceType": "Patient", "id": "p1", "deceasedDateTime": "2020-06-30"}, PRACTICE)
    await work.delete("Patient", "p2")
    assert [(left["patient"], left["reason"]) for left in work.of(LEFT)] == [
        ("Patient/p1", "died"),
        ("Patient/p2", "evidence-withdrawn"),
    ]
    assert not any(present for _, _, present in await members(work))


async def test_the_group_is_made_up_for_when_the_practice_becomes_known(work: SmallWork) -> None:
    await register(work, practice=None)
    await work.write(observation("o1", NURSING_HOME, "2020-06-26"), PRACTICE)
    assert work.of(ENTERED)[0]["group"] is None
    await register(work)
    organization = {
        "resourceType": "Organization",
        "id": "org",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "A00001"}],
    }
    await work.write(organization, PRACTICE)
    assert f"Group/{group_id('care-home-residents', 'A00001')}" in work.resources


async def test_other_records_cost_nothing(work: SmallWork) -> None:
    await register(work)
    await work.write(observation("o1", "271649006", "2020-06-26"), PRACTICE)
    assert work.said == []
    assert await work.connection.fetchval("SELECT COUNT(*) FROM residency_statement") == 0
