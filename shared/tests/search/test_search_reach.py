"""Chains, reverse chains, includes and totals reach what the caller may see, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.search import engine
from tandem.fhir.search.predicates import Params

NHS = "https://fhir.nhs.uk/Id/nhs-number"


def only_a(alias: str, params: Params) -> str:
    """May see what is about patient `a`, or about nobody."""
    return f"{alias}.patient = {params.add('a')} OR {alias}.patient IS NULL"


@pytest.fixture
async def cohort(store: Any) -> Any:
    await store.put({"resourceType": "Organization", "id": "o", "name": "North"})
    for name, number in (("a", "9000000009"), ("b", "9000000017")):
        patient = {
            "resourceType": "Patient", "id": name, "name": [{"family": f"Fam{name}"}],
            "identifier": [{"system": NHS, "value": number}], "managingOrganization": {"reference": "Organization/o"},
        }  # fmt: skip
        await store.put(patient, patient=name)
        condition = {
            "resourceType": "Condition", "id": f"c{name}", "subject": {"reference": f"Patient/{name}"},
            "code": {"coding": [{"system": "urn:s", "code": "frail"}]}, "encounter": {"reference": "Encounter/none"},
        }  # fmt: skip
        await store.put(condition, patient=name)
    return store


async def test_chains(cohort: Any) -> None:
    assert await cohort.ids("Condition", ("subject:Patient.name", "fam")) == ["ca", "cb"]
    assert await cohort.ids("Condition", ("patient.family", "fama")) == ["ca"]
    assert await cohort.ids("Condition", ("patient.family:exact", "Famb"), ("code", "frail")) == ["cb"]
    assert await cohort.ids("Condition", ("patient.identifier", f"{NHS}|9000000017")) == ["cb"]
    assert await cohort.ids("Patient", ("organization.name", "north")) == ["a", "b"]
    assert await cohort.ids("Patient", ("general-practitioner:Organization.name", "north")) == []
    assert await cohort.ids("Condition", ("patient.family:not", "x"), lenient=True) == ["ca", "cb"]


async def test_chains_end_at_what_may_not_be_seen(cohort: Any) -> None:
    assert await cohort.ids("Organization", ("_has:Patient:organization:family", "famb")) == ["o"]
    assert await cohort.ids("Organization", ("_has:Patient:organization:family", "famb"), access=only_a) == []
    assert await cohort.ids("Condition", ("subject:Patient.name", "fam"), access=only_a) == ["ca"]


async def test_reverse_chain(cohort: Any) -> None:
    frail = ("_has:Condition:patient:code", "urn:s|frail")
    assert await cohort.ids("Patient", frail) == ["a", "b"]
    assert await cohort.ids("Patient", frail, ("family", "famb")) == ["b"]
    assert await cohort.ids("Patient", ("_has:Condition:patient:code", "well")) == []
    assert await cohort.ids("Patient", ("_has:Condition:patient:_id", "cb")) == ["b"]


async def test_includes(cohort: Any) -> None:
    page = await cohort.page(
        "Condition", ("_include", "Condition:subject"), ("_include", "Condition:encounter:Encounter")
    )
    assert [found.id for found in page.matches] == ["ca", "cb"]
    assert [(found.type, found.id) for found in page.included] == [("Patient", "a"), ("Patient", "b")]
    page = await cohort.page("Condition", ("_include", "Condition:patient:Patient"), ("code", "none"))
    assert page.included == ()
    page = await cohort.page(
        "Patient", ("_revinclude", "Condition:patient"), ("_include", "Patient:organization"), ("_id", "b")
    )
    assert [found.id for found in page.included] == ["o", "cb"]


async def test_includes_hold_only_what_may_be_seen(cohort: Any) -> None:
    page = await cohort.page("Organization", ("_revinclude", "Patient:organization"), access=only_a)
    assert [found.id for found in page.included] == ["a"]
    await cohort.put(
        {"resourceType": "Group", "id": "g", "member": [{"entity": {"reference": f"Patient/{p}"}} for p in "ab"]}
    )
    page = await cohort.page("Group", ("_include", "Group:member"), access=only_a)
    assert [found.id for found in page.included] == ["a"]


async def test_a_match_is_not_included_again(cohort: Any) -> None:
    for name, part in (("t1", None), ("t2", "t1")):
        members = {"partOf": [{"reference": f"Task/{part}"}]} if part else {}
        await cohort.put({"resourceType": "Task", "id": name, "status": "draft", **members})
    page = await cohort.page("Task", ("_include", "Task:part-of"), ("_revinclude", "Task:part-of"))
    assert [found.id for found in page.matches] == ["t1", "t2"]
    assert page.included == ()
    page = await cohort.page("Task", ("_include", "Task:part-of"), ("_id", "t2"))
    assert [found.id for found in page.included] == ["t1"]


async def test_too_much_to_include_is_refused(cohort: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MOST_INCLUDED", 1)
    for pairs in (("_include", "Condition:subject"),):
        with pytest.raises(FhirError) as refused:
            await cohort.page("Condition", pairs)
        assert refused.value.kind is Kind.TOO_COSTLY
    with pytest.raises(FhirError):
        await cohort.page("Patient", ("_revinclude", "Condition:patient"))


async def test_totals_count_what_may_be_seen(cohort: Any) -> None:
    for pairs, access, total in (
        ([("_summary", "count")], None, 2), ([("_count", "0")], None, 2), ([("_summary", "count")], only_a, 1),
        ([("_total", "accurate"), ("_count", "1")], None, 2), ([("_total", "none")], None, None), ([], None, None),
        ([("_total", "estimate"), ("code", "x")], None, 0), ([("code", "frail"), ("_summary", "count")], only_a, 1),
        ([("code", "urn:s|frail,urn:s|x"), ("_summary", "count")], None, 2),
    ):  # fmt: skip
        page = await cohort.page("Condition", *pairs, **({"access": access} if access else {}))
        assert page.total == total
    assert (await cohort.page("Condition", ("_summary", "count"))).matches == ()


async def test_nhs_number_on_a_reference_where_patients_are_not_kept(store: Any) -> None:
    async with store.database.transaction() as connection:
        for name, number in (("a", "9000000009"), ("b", "9000000017")):
            await connection.execute("INSERT INTO patient (id, nhs_number) VALUES ($1, $2)", name, number)
    task = {"resourceType": "Task", "status": "draft"}
    await store.put({**task, "id": "by-id", "for": {"reference": "Patient/a"}}, patient="a")
    by_number = {"identifier": {"system": NHS, "value": "9000000009"}}
    await store.put({**task, "id": "by-number", "for": by_number}, patient="a", resolved="Patient/a")
    await store.put({**task, "id": "other", "for": {"reference": "Patient/b"}}, patient="b")
    await store.put({**task, "id": "received", "for": {"reference": "Patient/a"}}, patient="a", received_from="X1")
    await store.put({**task, "id": "told", "for": by_number}, patient="a", received_from="X1", resolved="Patient/a")
    for name in ("patient.identifier", "subject.identifier", "subject:Patient.identifier"):
        # `received` came from somebody who did not know the number: it must not be learnt by asking.
        assert await store.ids("Task", (name, f"{NHS}|9000000009")) == ["by-id", "by-number", "told"]
    assert await store.ids("Task", ("patient.identifier", "9000000017"), ("status", "draft")) == ["other"]
    assert await store.ids("Task", ("patient.identifier", "9000000009,9000000017")) == [
        "by-id",
        "by-number",
        "other",
        "told",
    ]
    assert await store.ids("Task", ("patient.identifier", "9000000025")) == []
