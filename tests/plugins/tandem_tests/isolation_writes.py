"""The ways to write about a person, or to write oneself into the person's care."""

from __future__ import annotations

from typing import Any

from tandem.canonical import NHS_NUMBER
from tandem.fhir.body import Resource, encode
from tandem_tests.isolation_cell import NAMES, ROUTES, Cell, bundle, route
from tandem_tests.neighbourhood import MARK, nhs_reference


@route("batch write")
async def _batch_write(cell: Cell) -> str:
    entries = await bundle(cell, "batch", ("POST", "Observation", cell.here.observation()))
    return entries if isinstance(entries, str) else str(entries[0]["response"]["status"][:3])


@route("transaction")
async def _transaction(cell: Cell) -> str:
    entries = await bundle(cell, "transaction", ("POST", "Observation", cell.here.observation()))
    return entries if isinstance(entries, str) else str(entries[0]["response"]["status"][:3])


@route("create")
async def _create(cell: Cell) -> str:
    return str((await cell.client.request("POST", "Observation", cell.here.observation())).status_code)


@route("create by NHS number")
async def _create_by_nhs_number(cell: Cell) -> str:
    record = cell.here.observation(subject=nhs_reference(cell.here.nhs_number))
    return str((await cell.client.request("POST", "Observation", record)).status_code)


async def _judged(cell: Cell, path: str, **more: str) -> str:
    """What a judgement that moves the person up gets."""
    author = await cell.practice.create({"resourceType": "Practitioner", "active": True})
    said = {"patient": f"Patient/{cell.here.person}", "decision": "amenable", "reason": "Would dance again", **more}
    parameters: list[dict[str, Any]] = [{"name": name, "valueString": value} for name, value in said.items()]
    parameters.append({"name": "author", "valueReference": {"reference": f"Practitioner/{author['id']}"}})
    body = {"resourceType": "Parameters", "parameter": parameters}
    return str((await cell.client.request("POST", path, body)).status_code)


@route("$judge")
async def _judge(cell: Cell) -> str:
    return await _judged(cell, f"Group/{cell.kept.group}/$judge")


@route("$judge by cohort")
async def _judge_by_cohort(cell: Cell) -> str:
    return await _judged(cell, "Group/$judge", cohort="care-home-residents")


async def _changed(cell: Cell, method: str, path: str, reference: str, body: Any = None) -> str:
    answer = await cell.client.request(method, path, body)
    assert MARK not in answer.text or answer.status_code < 400
    return f"{answer.status_code}, {await cell.remains(reference)}"


@route("update")
async def _update(cell: Cell) -> str:
    reference, value = await cell.new()
    changed = {**cell.here.observation(value), "id": reference.partition("/")[2], "status": "amended"}
    return await _changed(cell, "PUT", reference, reference, changed)


@route("patch")
async def _patch(cell: Cell) -> str:
    reference, _ = await cell.new()
    operations = [{"op": "replace", "path": "/status", "value": "amended"}]
    return await _changed(cell, "PATCH", reference, reference, operations)


@route("delete")
async def _delete(cell: Cell) -> str:
    reference, _ = await cell.new()
    return await _changed(cell, "DELETE", reference, reference)


@route("conditional create")
async def _conditional_create(cell: Cell) -> str:
    _, value = await cell.new()
    answer = await cell.client.request(
        "POST", "Observation", cell.here.observation(value), If_None_Exist=f"identifier=urn:uuid|{value}"
    )
    return str(answer.status_code)


@route("conditional update")
async def _conditional_update(cell: Cell) -> str:
    reference, value = await cell.new()
    changed = cell.here.observation(value, status="amended")
    return await _changed(cell, "PUT", f"Observation?identifier=urn:uuid|{value}", reference, changed)


@route("conditional delete")
async def _conditional_delete(cell: Cell) -> str:
    reference, value = await cell.new()
    return await _changed(cell, "DELETE", f"Observation?identifier=urn:uuid|{value}", reference)


async def _ingested(cell: Cell, resource: Resource) -> str:
    headers = {"Content_Type": "application/fhir+ndjson", "Prefer": "respond-async"}
    answer = await cell.client.request("POST", "$ingest", resource, **headers)
    if answer.status_code >= 400:
        return str(answer.status_code)
    report = await cell.client.ingest(encode(resource))
    assert MARK not in encode(report).decode()
    return "rejected" if report.get("rejects") else "loaded"


@route("$ingest of a new record")
async def _ingest(cell: Cell) -> str:
    return await _ingested(cell, cell.here.observation(id=f"loaded-by-{cell.role}-{next(NAMES)}"))


@route("$ingest over a record")
async def _ingest_over(cell: Cell) -> str:
    reference, value = await cell.new()
    record = cell.here.observation(value, id=reference.partition("/")[2], status="amended")
    word = await _ingested(cell, record)
    assert (await cell.remains(reference) == "gone") == (word == "loaded")
    return word


@route("$load")
async def _load(cell: Cell) -> str:
    headers = {"x-tandem-caller": "e30=", "x-tandem-practice": cell.here.codes["practice"]}
    return str((await cell.client.request("POST", "$load", cell.here.observation(id="x"), **headers)).status_code)


@route("a task about the person")
async def _task(cell: Cell) -> str:
    """Received from almost anyone; what matters is that it opens nothing."""
    answer = await cell.client.request("POST", "Task", {
        "resourceType": "Task", "status": "requested", "intent": "order", "for": nhs_reference(cell.here.nhs_number),
        **({"owner": cell.here.reference(cell.role)} if cell.role in cell.here.codes else {}),
    })  # fmt: skip
    await cell.practice.caught_up()
    return f"{answer.status_code}, {await ROUTES['read'](cell)}"


@route("a place on the team")
async def _team(cell: Cell) -> str:
    member = cell.here.reference(cell.role) if cell.role in cell.here.codes else {"display": "nobody"}
    answer = await cell.client.request("POST", "CareTeam", {
        "resourceType": "CareTeam", "status": "active", "subject": cell.here.subject,
        "participant": [{"member": member}],
    })  # fmt: skip
    return str(answer.status_code)


@route("an agreement")
async def _agreement(cell: Cell) -> str:
    role = cell.role if cell.role in cell.here.codes else "other"
    agreement = cell.here.sharing("practice", role, signed=False)
    answer = await cell.client.request("POST", "OrganizationAffiliation", agreement)
    return str(answer.status_code)


@route("a membership")
async def _membership(cell: Cell) -> str:
    role = cell.role if cell.role in cell.here.codes else "other"
    affiliation = cell.here.sharing(role, "practice")
    affiliation["code"][0]["coding"][0]["code"] = "member"
    affiliation["organization"] = cell.here.reference("network")
    affiliation["participatingOrganization"] = cell.here.reference(role)
    return str((await cell.client.request("POST", "OrganizationAffiliation", affiliation)).status_code)


@route("a second NHS number")
async def _second(cell: Cell) -> str:
    answer = await cell.client.request("POST", "Patient", {
        "resourceType": "Patient", "identifier": [{"system": NHS_NUMBER, "value": cell.here.nhs_number}],
    })  # fmt: skip
    assert MARK not in answer.text
    return str(answer.status_code)


@route("taking the person over")
async def _take_over(cell: Cell) -> str:
    role = cell.role if cell.role in cell.here.codes else "other"
    answer = await cell.client.request("PUT", f"Patient/{cell.here.person}", {
        "resourceType": "Patient", "id": cell.here.person, "name": [{"family": MARK, "given": ["Ada"]}],
        "identifier": [{"system": NHS_NUMBER, "value": cell.here.nhs_number}],
        "generalPractitioner": [cell.here.reference(role)],
    })  # fmt: skip
    return str(answer.status_code)
