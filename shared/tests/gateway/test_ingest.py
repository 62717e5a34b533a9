"""`$ingest`: split, named, ordered, stored by the owners, and told what came of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tandem.fhir.request import FhirResponse
from tandem.identity.caller import Caller

ORGANISATION = {"resourceType": "Organization", "id": "practice", "name": "Surgery", "identifier": [
    {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "A81001"}]}  # fmt: skip
PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1931-02-03"}
CONDITION = {
    "resourceType": "Condition",
    "id": "c1",
    "subject": {"reference": "Patient/p1"},
    "code": {"text": "Frailty"},
}
PLAN = {
    "resourceType": "CarePlan",
    "id": "plan",
    "status": "active",
    "intent": "plan",
    "subject": {"reference": "Patient/p1"},
}
TASK = {
    "resourceType": "Task",
    "id": "t1",
    "status": "requested",
    "intent": "order",
    "for": {"reference": "Patient/p1"},
}


def transaction(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}


def posted(name: str, resource: dict[str, Any], **request: str) -> dict[str, Any]:
    return {
        "fullUrl": name,
        "resource": resource,
        "request": {"method": "POST", "url": resource["resourceType"], **request},
    }


def lines(*resources: Any) -> bytes:
    return b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in resources)


def body_of(answer: FhirResponse) -> dict[str, Any]:
    assert answer.status == 200, answer.body
    found: dict[str, Any] = json.loads(answer.body)
    return found


async def test_ndjson_of_mixed_types_in_any_order_reaches_all_owners(system) -> None:
    report = await system.ingest(lines(TASK, PLAN, CONDITION, PATIENT, ORGANISATION))
    assert report["rejects"] == []
    assert {kind: counts["created"] for kind, counts in report["types"].items()} == dict.fromkeys(
        ("Task", "CarePlan", "Condition", "Patient", "Organization"), 1
    )
    for name in ("Task/t1", "CarePlan/plan", "Condition/c1", "Patient/p1", "Organization/practice"):
        assert (await system.ask("GET", name)).status == 200


async def test_the_same_again_changes_nothing(system) -> None:
    content = lines(PATIENT, CONDITION, PLAN)
    await system.ingest(content)
    report = await system.ingest(content)
    assert report["types"] == {
        kind: {"created": 0, "updated": 0, "unchanged": 1, "rejected": 0}
        for kind in ("CarePlan", "Condition", "Patient")
    }
    assert body_of(await system.ask("GET", "Condition/c1"))["meta"]["versionId"] == "1"


async def test_a_changed_record_is_a_new_version(system) -> None:
    await system.ingest(lines(PATIENT, CONDITION))
    report = await system.ingest(lines({**CONDITION, "code": {"text": "Severe frailty"}}))
    assert report["types"]["Condition"]["updated"] == 1
    assert body_of(await system.ask("GET", "Condition/c1"))["meta"]["versionId"] == "2"


async def test_two_versions_of_one_record_in_a_load_keep_their_order(system) -> None:
    report = await system.ingest(lines(PATIENT, CONDITION, {**CONDITION, "code": {"text": "second"}}))
    assert report["types"]["Condition"] == {"created": 1, "updated": 1, "unchanged": 0, "rejected": 0}
    assert body_of(await system.ask("GET", "Condition/c1"))["code"] == {"text": "second"}


async def test_names_of_a_bundle_become_references(system) -> None:
    bundle = transaction(
        posted("urn:uuid:6b8f0f0e-0000-4000-8000-000000000002", {
            "resourceType": "Condition", "subject": {"reference": "urn:uuid:6b8f0f0e-0000-4000-8000-000000000001"},
        }),
        posted("urn:uuid:6b8f0f0e-0000-4000-8000-000000000001", {"resourceType": "Patient", "gender": "male"}),
    )  # fmt: skip
    report = await system.ingest(bundle)
    assert report["rejects"] == []
    held = body_of(await system.ask("GET", "Condition/6b8f0f0e-0000-4000-8000-000000000002"))
    assert held["subject"] == {"reference": "Patient/6b8f0f0e-0000-4000-8000-000000000001"}


async def test_bundles_on_lines_and_in_arrays_may_name_each_other(system) -> None:
    first = transaction(posted("urn:uuid:6b8f0f0e-0000-4000-8000-000000000001", {"resourceType": "Patient"}))
    second = transaction(posted("urn:uuid:6b8f0f0e-0000-4000-8000-000000000003", {
        "resourceType": "Condition", "subject": {"reference": "urn:uuid:6b8f0f0e-0000-4000-8000-000000000001"},
    }))  # fmt: skip
    assert (await system.ingest([second, first]))["rejects"] == []
    report = await system.ingest(lines(first, second, PATIENT))
    assert {kind: counts["unchanged"] for kind, counts in report["types"].items()} == {"Condition": 1, "Patient": 1}


async def test_the_id_of_put_is_that_of_the_address(system) -> None:
    entry = {
        "resource": {"resourceType": "Patient", "gender": "male"},
        "request": {"method": "PUT", "url": "Patient/named"},
    }
    await system.ingest(transaction(entry))
    assert (await system.ask("GET", "Patient/named")).status == 200


async def test_a_record_without_any_id_gets_the_same_one_every_time(system) -> None:
    nameless = {"resourceType": "Patient", "gender": "other", "birthDate": "1944-01-01"}
    first = await system.ingest(nameless)
    second = await system.ingest({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": nameless}]})
    assert (first["types"]["Patient"]["created"], second["types"]["Patient"]["unchanged"]) == (1, 1)


async def test_a_dangling_name_refuses_its_own_entry_only(system) -> None:
    bundle = transaction(
        posted("urn:uuid:1", {**CONDITION, "subject": {"reference": "urn:uuid:nobody"}}), posted("urn:uuid:2", PATIENT)
    )
    report = await system.ingest(bundle)
    assert report["types"]["Patient"]["created"] == 1
    [reject] = report["rejects"]
    assert (reject["entry"], reject["type"], reject["id"]) == (0, "Condition", "c1")
    assert reject["issues"] == [
        {"text": "This urn: reference names no entry of the load", "expression": "Condition.subject.reference"}
    ]


async def test_a_conditional_reference_means_the_loads_own_resource_first_then_the_store(system) -> None:
    await system.ingest(
        {"resourceType": "Practitioner", "id": "held", "identifier": [{"system": "s", "value": "held"}]}
    )
    own = {"resourceType": "Practitioner", "id": "own", "identifier": [{"system": "s", "value": "own"}]}
    recorders = ["Practitioner?identifier=s|own", "Practitioner?identifier=s|held", "Practitioner?identifier=s|nobody"]
    conditions = [
        {**CONDITION, "id": f"c{number}", "recorder": {"reference": text}} for number, text in enumerate(recorders)
    ]
    report = await system.ingest(lines(*conditions, PATIENT, own))
    assert body_of(await system.ask("GET", "Condition/c0"))["recorder"] == {"reference": "Practitioner/own"}
    assert body_of(await system.ask("GET", "Condition/c1"))["recorder"] == {"reference": "Practitioner/held"}
    assert [(one["line"], one["id"], one["issues"][0]["expression"]) for one in report["rejects"]] == [
        (3, "c2", "Condition.recorder.reference")
    ]


@pytest.mark.parametrize(
    "escaped", [r"Practitioner\u003fidentifier=s|own", r"\u0075rn:uuid:6b8f0f0e-0000-4000-8000-000000000001"]
)
async def test_an_escape_hides_no_link_that_leads_nowhere(system, escaped: str) -> None:
    line = lines({**CONDITION, "id": "c1", "recorder": {"reference": "ESCAPED"}}).replace(b"ESCAPED", escaped.encode())
    report = await system.ingest(line + b"\n" + lines(PATIENT))
    assert [(one["id"], one["issues"][0]["expression"]) for one in report["rejects"]] == [
        ("c1", "Condition.recorder.reference")
    ]


async def test_a_conditional_create_makes_one_and_leaves_what_is_held(system) -> None:
    held = {"resourceType": "Organization", "identifier": [{"system": "s", "value": "1"}], "name": "Trust"}
    bundles = [
        transaction(
            posted(f"urn:uuid:6b8f0f0e-0000-4000-8000-00000000000{number}", held, ifNoneExist="identifier=s|1"),
            posted(f"urn:uuid:6b8f0f0e-0000-4000-8000-00000000001{number}", {
                "resourceType": "Patient",
                "managingOrganization": {"reference": f"urn:uuid:6b8f0f0e-0000-4000-8000-00000000000{number}"},
            }),
        )
        for number in (1, 2)
    ]  # fmt: skip
    report = await system.ingest(bundles)
    assert report["types"]["Organization"] == {"created": 1, "updated": 0, "unchanged": 1, "rejected": 0}
    found = body_of(await system.ask("GET", "Organization", query="identifier=s|1"))["entry"]
    assert len(found) == 1
    name = f"Organization/{found[0]['resource']['id']}"
    for number in (1, 2):
        patient = body_of(await system.ask("GET", f"Patient/6b8f0f0e-0000-4000-8000-00000000001{number}"))
        assert patient["managingOrganization"] == {"reference": name}
    again = await system.ingest(bundles)
    assert again["types"]["Organization"] == {"created": 0, "updated": 0, "unchanged": 2, "rejected": 0}


async def test_types_that_nobody_keeps_are_counted_and_no_fault(system) -> None:
    report = await system.ingest(lines(PATIENT, {"resourceType": "Claim", "id": "x"}, {"resourceType": "Claim"}))
    assert (report["unowned"], report["rejects"]) == ({"Claim": 2}, [])


async def test_what_cannot_be_read_is_refused_by_line(system) -> None:
    report = await system.ingest(lines(PATIENT, b'{"resourceType": "Patient",', b"", b'{"hello": 1}', b"[]", CONDITION))
    assert [one["line"] for one in report["rejects"]] == [2, 4]
    assert report["types"]["Condition"]["created"] == 1


async def test_a_document_that_is_no_fhir_is_one_reject(system) -> None:
    for content in (b"not json", b'{"name": "package"}', b"[1, 2]"):
        report = await system.ingest(content)
        assert report["rejects"]
        assert all(one["type"] == "unreadable" for one in report["rejects"])


async def test_invalid_records_are_refused_with_every_fault_and_their_neighbours_are_kept(system) -> None:
    faulty = {"resourceType": "Patient", "id": "bad", "gender": "unheard-of", "birthDate": "1931-02-31"}
    report = await system.ingest(lines(faulty, PATIENT, {"resourceType": "Patient", "id": 7}))
    assert report["types"]["Patient"] == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 2}
    issues = {issue["expression"] for issue in report["rejects"][0]["issues"]}
    assert {"Patient.gender", "Patient.birthDate"} <= issues


async def test_records_of_an_unknown_person_are_refused(system) -> None:
    report = await system.ingest(lines(CONDITION, PLAN))
    assert {one["type"] for one in report["rejects"]} == {"Condition", "CarePlan"}


@pytest.mark.parametrize("method", ["DELETE", "GET", "PATCH"])
async def test_only_writes_are_taken(system, method: str) -> None:
    report = await system.ingest(transaction({"request": {"method": method, "url": "Patient/p1"}}))
    assert report["rejects"][0]["type"] == "Patient"
    assert method in report["rejects"][0]["issues"][0]["text"]


async def test_a_second_patient_with_one_nhs_number_is_refused_alone(system) -> None:
    number = [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9434765919"}]
    first, second = ({**PATIENT, "id": name, "identifier": number} for name in ("one", "two"))
    report = await system.ingest(lines(first, second, PATIENT))
    assert [(one["id"], one["line"]) for one in report["rejects"]] == [("two", 2)]
    assert "9434765919" not in json.dumps(report)
    assert report["types"]["Patient"]["created"] == 2


async def test_the_practice_named_at_load_has_access(system, practice: Caller, other_practice: Caller) -> None:
    report = await system.ingest(lines(PATIENT, CONDITION, ORGANISATION), headers={"x-tandem-practice": "A81001"})
    assert report["rejects"] == []
    assert (await system.ask("GET", "Condition/c1", caller=practice)).status == 200
    assert (await system.ask("GET", "Condition/c1", caller=other_practice)).status == 404


async def test_a_practice_loads_its_own_people_and_nobody_elses(
    system, practice: Caller, other_practice: Caller
) -> None:
    report = await system.ingest(lines(PATIENT, CONDITION, PLAN, TASK), caller=practice)
    assert report["rejects"] == []
    again = await system.ingest(lines(PATIENT, CONDITION, PLAN, TASK), caller=practice)
    assert sum(counts["unchanged"] for counts in again["types"].values()) == 4
    stolen = await system.ingest(lines({**PATIENT, "gender": "male"}, {**CONDITION, "id": "c2"}), caller=other_practice)
    assert len(stolen["rejects"]) == 2
    refused = await system.ask(
        "POST", "$ingest", PATIENT, caller=other_practice, headers={"x-tandem-practice": "A81001"}
    )
    assert refused.status == 403


async def test_scopes_bind_the_load(system) -> None:
    narrow = Caller("A81001", scopes={"Patient": frozenset("cu")})
    report = await system.ingest(lines(PATIENT, CONDITION), caller=narrow)
    assert report["types"]["Patient"]["created"] == 1
    assert "system/Condition.cu" in report["rejects"][0]["issues"][0]["text"]
    assert (
        await system.ask("POST", "$ingest", PATIENT, caller=Caller("A81001", scopes={"*": frozenset("rs")}))
    ).status == 403
    assert (await system.ask("POST", "$ingest", b"  ")).status == 400
    assert (await system.ask("GET", "$ingest")).status == 405


async def test_provenance_goes_with_its_first_target(system) -> None:
    provenance = {
        "resourceType": "Provenance", "id": "pr", "recorded": "2020-07-01T09:00:00Z",
        "target": [{"reference": "CarePlan/plan"}], "agent": [{"who": {"reference": "Organization/practice"}}],
    }  # fmt: skip
    report = await system.ingest(lines(PATIENT, PLAN, provenance))
    assert report["rejects"] == []
    async with system.services["careplan-service"].database.read() as connection:
        assert await connection.fetchval("SELECT COUNT(*) FROM resource WHERE type = 'Provenance'") == 1


async def test_every_record_leaves_an_audit_row(system) -> None:
    conditions = [{**CONDITION, "id": f"c{number}"} for number in range(230)]
    report = await system.ingest(lines(PATIENT, *conditions))
    assert report["types"]["Condition"]["created"] == 230
    async with system.services["cohort-service"].database.read() as connection:
        rows = await connection.fetch("SELECT organisation, patient FROM audit WHERE type = 'Condition'")
    assert [(row["organisation"], row["patient"]) for row in rows] == [("X26", "p1")] * 230


async def test_nobody_but_the_gateway_reaches_load(system) -> None:
    assert (await system.ask("POST", "$load", PATIENT)).status == 404
    for name in ("cohort-service", "mdt-service"):
        from tandem.fhir.request import FhirRequest

        direct = FhirRequest(
            "POST", "$load", "", {}, b"{}", "http://tandem.test/fhir", "r", "c", Caller("X26", operator=True)
        )
        assert (await system.backends[name].send(direct)).status == 403


async def test_a_search_set_and_exact_decimals_come_through(system) -> None:
    observation = b"""{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"weight"},
        "subject":{"reference":"Patient/p1"},"valueQuantity":{"value":71.50,"unit":"kg"}}"""
    bundle = (
        b"""{"resourceType":"Bundle","type":"searchset","entry":[
        {"fullUrl":"http://other.example/fhir/Observation/o1","resource":%b,"search":{"mode":"match"}}]}"""
        % observation
    )
    await system.ingest(lines(PATIENT))
    await system.ingest(bundle)
    assert b'"value":71.50' in (await system.ask("GET", "Observation/o1")).body
