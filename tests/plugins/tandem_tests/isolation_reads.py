"""The ways to read, search and count what is kept about a person."""

from __future__ import annotations

import json

from tandem.canonical import NHS_NUMBER
from tandem_tests.isolation_cell import ROUTES, Cell, Kept, bundle, route, shown
from tandem_tests.neighbourhood import MARK


def _get(name: str, path: str) -> None:
    async def read(cell: Cell) -> str:
        names = {
            **{part: getattr(cell.kept, part) for part in Kept.__slots__}, "person": cell.here.person,
            "nhs": f"{NHS_NUMBER}|{cell.here.nhs_number}", "organization": cell.here.organizations["practice"],
            "code": cell.here.codes["practice"], "team": cell.here.team, "mark": MARK,
        }  # fmt: skip
        return shown(await cell.client.request("GET", path.format(**names)), cell)

    ROUTES[name] = read


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
    ("$members of all lists", "Group/$members"),
    ("$cohorts", "Patient/{person}/$cohorts"),
    ("$clocks of a plan", "CarePlan/{plan}/$clocks"),
    ("$clocks", "CarePlan/$clocks"),
    ("$current", "MedicationStatement/$current?patient=Patient/{person}"),
    ("$registration", "$registration?id={person}"),
    ("$events", "$events?service=cohort-service&after=0"),
    ("$event-heads", "$event-heads?service=cohort-service"),
    ("$events-taken", "$events-taken"),
):
    _get(_name, _path)


@route("search by POST")
async def _search_by_post(cell: Cell) -> str:
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    answer = await cell.client.request("POST", "Observation/_search?patient=Patient/" + cell.here.person, **form)
    return shown(answer, cell)


@route("job of a load")
async def _job(cell: Cell) -> str:
    status = (await cell.client.request("GET", f"$job?id={cell.kept.job}")).status_code
    return str(status) if status >= 400 else "seen"


@route("$agreement")
async def _agreement_of_plan(cell: Cell) -> str:
    return str((await cell.client.request("GET", f"CarePlan/{cell.kept.plan}/$agreement")).status_code)


@route("figures of the practice")
async def _figures(cell: Cell) -> str:
    period = "periodStart=2020-01-01&periodEnd=2020-12-31"
    path = f"Measure/shared-care-activity/$evaluate-measure?{period}&organisation={cell.here.codes['practice']}"
    answer = await cell.client.request("GET", path)
    assert MARK not in answer.text
    assert cell.here.person not in answer.text
    return str(answer.status_code)


@route("audit trail of the person")
async def _audit(cell: Cell) -> str:
    answer = await cell.client.request("GET", f"AuditEvent?patient=Patient/{cell.here.person}&_count=200")
    if answer.status_code >= 400:
        return str(answer.status_code)
    own = cell.here.reference(cell.role)["identifier"]["value"] if cell.role in cell.here.codes else ""
    others = [entry for entry in answer.json().get("entry", []) if own not in json.dumps(entry["resource"]["agent"])]
    return "others" if others else "own"


@route("batch read")
async def _batch_read(cell: Cell) -> str:
    references = (f"Observation/{cell.kept.observation}", f"CarePlan/{cell.kept.plan}")
    entries = await bundle(cell, "batch", *(("GET", reference, None) for reference in references))
    if isinstance(entries, str):
        return entries
    statuses = {str(entry["response"]["status"][:3]) for entry in entries}
    assert len(statuses) == 1, statuses
    return statuses.pop()


@route("batch search")
async def _batch_search(cell: Cell) -> str:
    entries = await bundle(cell, "batch", ("GET", f"Patient?family={MARK}", None))
    if isinstance(entries, str):
        return entries
    return "seen" if entries[0]["resource"].get("entry") or entries[0]["resource"].get("total") else "nothing"
