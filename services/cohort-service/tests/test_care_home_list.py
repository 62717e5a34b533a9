"""Writes that say where a person lives keep the care home list, and say who came and went."""

from __future__ import annotations

from typing import Any

import pytest

from cohort_service.catalogue.current import current_selection
from cohort_service.catalogue.shipped import install, shipped_texts, shipped_value_sets
from cohort_service.lists.announcements import ENTERED, LEFT
from cohort_service.lists.current_evidence import evidence_shown
from cohort_service.lists.groups import group_id
from tandem.canonical import SNOMED_CT
from tandem.identity.caller import Caller
from tandem.london_days import london_date
from tandem_tests.small_work import SmallWork

PRACTICE = Caller("A00001")
COHORT = "care-home-residents"
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


@pytest.fixture
async def work(work: SmallWork) -> SmallWork:
    """With the definition that the service ships."""
    text = shipped_texts()["care-home-residents.yaml"]
    await install(work, [each for each in shipped_value_sets() if each.id in text], {"care-home-residents.yaml": text})
    return work


async def write(work: SmallWork, *records: dict[str, Any]) -> None:
    """Write these records, each followed by itself."""
    for record in records:
        await work.write(record, PRACTICE)
        await work.follow()


async def delete(work: SmallWork, kind: str, identity: str) -> None:
    await work.delete(kind, identity)
    await work.follow()


async def register(work: SmallWork, patient: str = "p1", practice: str | None = "A00001") -> None:
    await work.connection.execute(
        "INSERT INTO patient (id, practice) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE"
        " SET practice = excluded.practice",
        patient,
        practice,
    )


def of(work: SmallWork, kind: str) -> list[dict[str, Any]]:
    """What was said of this list; residents are on others too."""
    return [each for each in work.of(kind) if each["cohort"] == COHORT]


async def members(work: SmallWork) -> list[tuple[str, str, bool]]:
    rows = await work.connection.fetch(
        "SELECT patient, since_date, until FROM group_member WHERE cohort = $1 ORDER BY patient, number", COHORT
    )
    return [(row["patient"], row["since_date"], row["until"] is None) for row in rows]


async def test_a_resident_enters_the_group_of_the_practice_with_the_evidence(work: SmallWork) -> None:
    await register(work)
    await write(work, observation("o1", NURSING_HOME, "2020-06-26"))
    (entered,) = of(work, ENTERED)
    identity = group_id(COHORT, "A00001")
    assert entered["group"] == f"Group/{identity}"
    assert (entered["patient"], entered["since"], entered["definition"]) == (
        "Patient/p1",
        "2020-06-26",
        "care-home-residents@3",
    )
    assert entered["evidence"] == [
        {
            "reference": "Observation/o1",
            "system": SNOMED_CT,
            "code": NURSING_HOME,
            "display": "Lives in a nursing home",
            "date": "2020-06-26",
        }
    ]
    group = work.resources[f"Group/{identity}"]
    assert group["managingEntity"]["identifier"]["value"] == "A00001"
    assert "member" not in group
    assert await members(work) == [("p1", "2020-06-26", True)]


async def test_further_evidence_is_shown_and_is_no_news(work: SmallWork) -> None:
    await register(work)
    await write(work, observation("o1", NURSING_HOME, "2020-06-26"))
    await write(work, observation("o2", NURSING_HOME, "2020-06-28"))
    assert len(of(work, ENTERED)) == 1
    rows = await work.connection.fetch("SELECT * FROM group_member WHERE cohort = $1", COHORT)
    as_of = london_date(work.now)
    [shown] = (await evidence_shown(
        work.connection, await current_selection(work.connection, as_of), as_of, rows
    )).values()  # fmt: skip
    assert [each["reference"] for each in shown] == ["Observation/o1", "Observation/o2"]


async def test_an_earlier_statement_moves_the_beginning_of_the_same_stay(work: SmallWork) -> None:
    await register(work)
    await write(work, observation("o1", NURSING_HOME, "2020-06-26"))
    await write(work, observation("o0", NURSING_HOME, "2020-06-20"))
    first, second = of(work, ENTERED)
    assert (second["residency"], second["revision"], second["since"]) == (first["residency"], 2, "2020-06-20")
    assert await members(work) == [("p1", "2020-06-20", True)]


async def test_who_leaves_and_comes_back_has_two_stays(work: SmallWork) -> None:
    await register(work)
    await write(work, observation("o1", NURSING_HOME, "2020-06-20"))
    await write(work, observation("o2", OWN_HOME, "2020-06-25"))
    (left,) = of(work, LEFT)
    assert (left["until"], left["reason"]) == ("2020-06-25", "ended")
    await write(work, observation("o3", NURSING_HOME, "2020-06-28"))
    assert await members(work) == [("p1", "2020-06-20", False), ("p1", "2020-06-28", True)]
    first, second = of(work, ENTERED)
    assert first["residency"] != second["residency"]


@pytest.mark.parametrize("correction", ["entered-in-error", "deleted", "another person"])
async def test_a_correction_takes_the_evidence_back(work: SmallWork, correction: str) -> None:
    await register(work)
    await register(work, "p2")
    record = observation("o1", NURSING_HOME, "2020-06-26")
    await write(work, record)
    if correction == "deleted":
        await delete(work, "Observation", "o1")
    elif correction == "another person":
        await write(work, {**record, "subject": {"reference": "Patient/p2"}})
    else:
        await write(work, {**record, "status": "entered-in-error"})
    (left,) = of(work, LEFT)
    assert (left["patient"], left["reason"], left["revision"]) == ("Patient/p1", "evidence-withdrawn", 2)
    current = [patient for patient, _, present in await members(work) if present]
    assert current == (["p2"] if correction == "another person" else [])


async def test_a_death_and_a_deleted_record_end_the_stay(work: SmallWork) -> None:
    for patient in ("p1", "p2"):
        await register(work, patient)
        await write(work, {"resourceType": "Patient", "id": patient})
        await write(work, observation(f"o-{patient}", NURSING_HOME, "2020-06-26", patient))
    await write(work, {"resourceType": "Patient", "id": "p1", "deceasedDateTime": "2020-06-30"})
    await delete(work, "Patient", "p2")
    assert [(left["patient"], left["reason"]) for left in of(work, LEFT)] == [
        ("Patient/p1", "died"),
        ("Patient/p2", "left"),
    ]
    assert not any(present for _, _, present in await members(work))


async def test_the_group_is_made_up_for_when_the_practice_becomes_known(work: SmallWork) -> None:
    await register(work, practice=None)
    await write(work, observation("o1", NURSING_HOME, "2020-06-26"))
    assert of(work, ENTERED)[0]["group"] is None
    await register(work)
    organization = {
        "resourceType": "Organization",
        "id": "org",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "A00001"}],
    }
    await write(work, organization)
    assert f"Group/{group_id(COHORT, 'A00001')}" in work.resources


async def test_other_records_cost_nothing(work: SmallWork) -> None:
    await register(work)
    await write(work, observation("o1", "271649006", "2020-06-26"))
    assert work.said == []
    assert await work.connection.fetchval("SELECT COUNT(*) FROM residency_statement") == 0
