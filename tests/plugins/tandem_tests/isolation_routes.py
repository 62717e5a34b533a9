"""Every way to a person's record, each as one question to the API and one word for what came of it.

Words: an HTTP status; `seen` or `nothing` of a person's record; what became of a record (`kept`, `gone`); `own` or
`others` for whose doings an audit trail shows.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx

from tandem.canonical import NHS_NUMBER
from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource, encode
from tandem_tests.neighbourhood import MARK, Neighbourhood, nhs_reference

_NAMES = count(1)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept about the person: ids."""

    observation: str
    plan: str
    group: str
    task: str
    job: str
    """A load that the practice did."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One caller at one route. `role` is the caller's, `client` acts for it, `practice` for the person's practice."""

    here: Neighbourhood
    kept: Kept
    role: str
    client: FhirClient
    practice: FhirClient

    async def new(self) -> tuple[str, str]:
        """A fresh Observation by the practice: `Observation/id`, and the value to find it by."""
        value = f"record-{next(_NAMES)}"
        made = await self.practice.create(self.here.observation(value))
        return f"Observation/{made['id']}", value

    async def remains(self, reference: str) -> str:
        """Whether a record is still what the practice wrote."""
        answer = await self.practice.request("GET", reference)
        return "kept" if answer.status_code == 200 and answer.json()["meta"]["versionId"] == "1" else "gone"


Route = Callable[[Cell], Awaitable[str]]
ROUTES: dict[str, Route] = {}


def _route(name: str) -> Callable[[Route], Route]:
    def keep(route: Route) -> Route:
        ROUTES[name] = route
        return route

    return keep


def _shown(answer: httpx.Response, cell: Cell) -> str:
    """`seen` when the answer holds anything about the person, `nothing` when it does not."""
    signs = (MARK, cell.here.person, cell.here.nhs_number, cell.kept.plan)
    if answer.status_code >= 400:
        assert MARK not in answer.text
        assert cell.here.nhs_number not in answer.text
        return str(answer.status_code)
    body = answer.json()
    if body.get("resourceType") == "Bundle":
        # The link of a page repeats what was asked; the entries and the total are what was found.
        text = json.dumps(body.get("entry", []))
        found = body["type"] == "searchset" and body.get("total", 0) > 0
    else:
        text, found = answer.text, False
    return "seen" if found or any(sign in text for sign in signs) else "nothing"


def _get(name: str, path: str) -> None:
    async def route(cell: Cell) -> str:
        names = {
            **{part: getattr(cell.kept, part) for part in Kept.__slots__}, "person": cell.here.person,
            "nhs": f"{NHS_NUMBER}|{cell.here.nhs_number}", "organization": cell.here.organizations["practice"],
            "code": cell.here.codes["practice"], "team": cell.here.team, "mark": MARK,
        }  # fmt: skip
        return _shown(await cell.client.request("GET", path.format(**names)), cell)

    ROUTES[name] = route


for _name, _path in (
    ("read", "Observation/{observation}"),
    ("read of the person", "Patient/{person}"),
    ("read of another service", "CarePlan/{plan}"),
    ("read of the team", "CareTeam/{team}"),
    ("read of a task", "Task/{task}"),
    ("vread", "Observation/{observation}/_history/1"),
    ("history of an instance", "Observation/{observation}/_history"),
    ("history of a type", "Observation/_history"),
    ("history of everything", "_history?_count=200"),
    ("search", "Observation?patient=Patient/{person}"),
    ("search by name", "Patient?family={mark}"),
    ("search by NHS number", "Patient?identifier={nhs}"),
    ("search by :identifier", "Task?patient:identifier={nhs}"),
    ("search by a chain", "Observation?subject:Patient.family={mark}"),
    ("search by _has", "Patient?_has:Observation:subject:status=final&family={mark}"),
    ("count", "Observation?patient=Patient/{person}&_summary=count"),
    ("count of people", "Patient?family={mark}&_summary=count"),
    ("_include", "Observation?_id={observation}&_include=Observation:subject"),
    ("_revinclude", "Patient?_id={person}&_revinclude=Observation:subject"),
    ("_revinclude from shared", "Organization?_id={organization}&_revinclude=Patient:general-practitioner"),
    ("_has on shared", "Organization?_has:Patient:general-practitioner:family={mark}&_summary=count"),
    ("$explain", "Group/{group}/$explain?patient=Patient/{person}"),
    ("$members", "Group/{group}/$members"),
    ("$clocks of a plan", "CarePlan/{plan}/$clocks"),
    ("$clocks", "CarePlan/$clocks"),
    ("$current", "MedicationStatement/$current?patient=Patient/{person}"),
    ("$registration", "$registration?id={person}"),
    ("$events", "$events?service=cohort-service&after=0"),
    ("$event-heads", "$event-heads?service=cohort-service"),
    ("$events-taken", "$events-taken"),
):
    _get(_name, _path)


@_route("search by POST")
async def _search_by_post(cell: Cell) -> str:
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    answer = await cell.client.request("POST", "Observation/_search?patient=Patient/" + cell.here.person, **form)
    return _shown(answer, cell)


@_route("job of a load")
async def _job(cell: Cell) -> str:
    status = (await cell.client.request("GET", f"$job?id={cell.kept.job}")).status_code
    return str(status) if status >= 400 else "seen"


@_route("$agreement")
async def _agreement_of_plan(cell: Cell) -> str:
    return str((await cell.client.request("GET", f"CarePlan/{cell.kept.plan}/$agreement")).status_code)


@_route("figures of the practice")
async def _figures(cell: Cell) -> str:
    period = "periodStart=2020-01-01&periodEnd=2020-12-31"
    path = f"Measure/shared-care-activity/$evaluate-measure?{period}&organisation={cell.here.codes['practice']}"
    answer = await cell.client.request("GET", path)
    assert MARK not in answer.text
    assert cell.here.person not in answer.text
    return str(answer.status_code)


@_route("audit trail of the person")
async def _audit(cell: Cell) -> str:
    answer = await cell.client.request("GET", f"AuditEvent?patient=Patient/{cell.here.person}&_count=200")
    if answer.status_code >= 400:
        return str(answer.status_code)
    own = cell.here.reference(cell.role)["identifier"]["value"] if cell.role in cell.here.codes else ""
    others = [entry for entry in answer.json().get("entry", []) if own not in json.dumps(entry["resource"]["agent"])]
    return "others" if others else "own"


async def _bundle(cell: Cell, kind: str, *requests: tuple[str, str, Resource | None]) -> list[dict[str, Any]] | str:
    entries = [
        {**({"resource": resource} if resource else {}), "request": {"method": method, "url": url}}
        for method, url, resource in requests
    ]
    answer = await cell.client.request("POST", "", {"resourceType": "Bundle", "type": kind, "entry": entries})
    if answer.status_code >= 400:
        return str(answer.status_code)
    found: list[dict[str, Any]] = answer.json()["entry"]
    return found


@_route("batch read")
async def _batch_read(cell: Cell) -> str:
    references = (f"Observation/{cell.kept.observation}", f"CarePlan/{cell.kept.plan}")
    entries = await _bundle(cell, "batch", *(("GET", reference, None) for reference in references))
    if isinstance(entries, str):
        return entries
    statuses = {str(entry["response"]["status"][:3]) for entry in entries}
    assert len(statuses) == 1, statuses
    return statuses.pop()


@_route("batch search")
async def _batch_search(cell: Cell) -> str:
    entries = await _bundle(cell, "batch", ("GET", f"Patient?family={MARK}", None))
    if isinstance(entries, str):
        return entries
    return "seen" if entries[0]["resource"].get("entry") or entries[0]["resource"].get("total") else "nothing"


@_route("batch write")
async def _batch_write(cell: Cell) -> str:
    entries = await _bundle(cell, "batch", ("POST", "Observation", cell.here.observation()))
    return entries if isinstance(entries, str) else str(entries[0]["response"]["status"][:3])


@_route("transaction")
async def _transaction(cell: Cell) -> str:
    entries = await _bundle(cell, "transaction", ("POST", "Observation", cell.here.observation()))
    return entries if isinstance(entries, str) else str(entries[0]["response"]["status"][:3])


@_route("create")
async def _create(cell: Cell) -> str:
    return str((await cell.client.request("POST", "Observation", cell.here.observation())).status_code)


@_route("create by NHS number")
async def _create_by_nhs_number(cell: Cell) -> str:
    record = cell.here.observation(subject=nhs_reference(cell.here.nhs_number))
    return str((await cell.client.request("POST", "Observation", record)).status_code)


async def _changed(cell: Cell, method: str, path: str, reference: str, body: Any = None) -> str:
    answer = await cell.client.request(method, path, body)
    assert MARK not in answer.text or answer.status_code < 400
    return f"{answer.status_code}, {await cell.remains(reference)}"


@_route("update")
async def _update(cell: Cell) -> str:
    reference, value = await cell.new()
    changed = {**cell.here.observation(value), "id": reference.partition("/")[2], "status": "amended"}
    return await _changed(cell, "PUT", reference, reference, changed)


@_route("patch")
async def _patch(cell: Cell) -> str:
    reference, _ = await cell.new()
    operations = [{"op": "replace", "path": "/status", "value": "amended"}]
    return await _changed(cell, "PATCH", reference, reference, operations)


@_route("delete")
async def _delete(cell: Cell) -> str:
    reference, _ = await cell.new()
    return await _changed(cell, "DELETE", reference, reference)


@_route("conditional create")
async def _conditional_create(cell: Cell) -> str:
    _, value = await cell.new()
    answer = await cell.client.request(
        "POST", "Observation", cell.here.observation(value), If_None_Exist=f"identifier=urn:uuid|{value}"
    )
    return str(answer.status_code)


@_route("conditional update")
async def _conditional_update(cell: Cell) -> str:
    reference, value = await cell.new()
    changed = cell.here.observation(value, status="amended")
    return await _changed(cell, "PUT", f"Observation?identifier=urn:uuid|{value}", reference, changed)


@_route("conditional delete")
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


@_route("$ingest of a new record")
async def _ingest(cell: Cell) -> str:
    return await _ingested(cell, cell.here.observation(id=f"loaded-by-{cell.role}-{next(_NAMES)}"))


@_route("$ingest over a record")
async def _ingest_over(cell: Cell) -> str:
    reference, value = await cell.new()
    record = cell.here.observation(value, id=reference.partition("/")[2], status="amended")
    word = await _ingested(cell, record)
    assert (await cell.remains(reference) == "gone") == (word == "loaded")
    return word


@_route("$load")
async def _load(cell: Cell) -> str:
    headers = {"x-tandem-caller": "e30=", "x-tandem-practice": cell.here.codes["practice"]}
    return str((await cell.client.request("POST", "$load", cell.here.observation(id="x"), **headers)).status_code)


@_route("a task about the person")
async def _task(cell: Cell) -> str:
    """Received from almost anyone; what matters is that it opens nothing."""
    answer = await cell.client.request("POST", "Task", {
        "resourceType": "Task", "status": "requested", "intent": "order", "for": nhs_reference(cell.here.nhs_number),
        **({"owner": cell.here.reference(cell.role)} if cell.role in cell.here.codes else {}),
    })  # fmt: skip
    await cell.practice.caught_up()
    return f"{answer.status_code}, {await ROUTES['read'](cell)}"


@_route("a place on the team")
async def _team(cell: Cell) -> str:
    member = cell.here.reference(cell.role) if cell.role in cell.here.codes else {"display": "nobody"}
    answer = await cell.client.request("POST", "CareTeam", {
        "resourceType": "CareTeam", "status": "active", "subject": cell.here.subject,
        "participant": [{"member": member}],
    })  # fmt: skip
    return str(answer.status_code)


@_route("an agreement")
async def _agreement(cell: Cell) -> str:
    role = cell.role if cell.role in cell.here.codes else "other"
    answer = await cell.client.request("POST", "OrganizationAffiliation", cell.here.sharing("practice", role))
    return str(answer.status_code)


@_route("a membership")
async def _membership(cell: Cell) -> str:
    role = cell.role if cell.role in cell.here.codes else "other"
    affiliation = cell.here.sharing(role, "practice")
    affiliation["code"][0]["coding"][0]["code"] = "member"
    affiliation["organization"] = cell.here.reference("network")
    affiliation["participatingOrganization"] = cell.here.reference(role)
    return str((await cell.client.request("POST", "OrganizationAffiliation", affiliation)).status_code)


@_route("a second NHS number")
async def _second(cell: Cell) -> str:
    answer = await cell.client.request("POST", "Patient", {
        "resourceType": "Patient", "identifier": [{"system": NHS_NUMBER, "value": cell.here.nhs_number}],
    })  # fmt: skip
    assert MARK not in answer.text
    return str(answer.status_code)


@_route("taking the person over")
async def _take_over(cell: Cell) -> str:
    role = cell.role if cell.role in cell.here.codes else "other"
    answer = await cell.client.request("PUT", f"Patient/{cell.here.person}", {
        "resourceType": "Patient", "id": cell.here.person, "name": [{"family": MARK, "given": ["Ada"]}],
        "identifier": [{"system": NHS_NUMBER, "value": cell.here.nhs_number}],
        "generalPractitioner": [cell.here.reference(role)],
    })  # fmt: skip
    return str(answer.status_code)
