"""What other services hold of a plan and its person, asked for all at once, with what the caller may see.

Each service is asked once, by a batch. What cannot be had leaves its place in the document, with the reason.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from careplan_service.domain.plan_document.known import AWAY, CLOSED
from careplan_service.plan_document.own_records import OwnRecords
from tandem.canonical import ODS_CODE
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_ids
from tandem.fhir.neighbours import NeighbourUnavailable
from tandem.fhir.outcome import FhirError, Kind

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_TOO_MANY = "too long to be shown here"
_REASONS = {Kind.FORBIDDEN: CLOSED, Kind.NOT_FOUND: CLOSED, Kind.TOO_COSTLY: _TOO_MANY}
_MOST_NAMED = 100
"""Ids in one address, which has to fit into a request line."""
_ABOUT_PERSON = ("AllergyIntolerance", "Flag", "RelatedPerson")
Found = dict[str, list[Resource]]
_ById = defaultdict[str, dict[str, Resource]]


async def neighbour_records(call: OperationCall, own: OwnRecords) -> tuple[Found, dict[str, str]]:
    """Records by type, and for each type that could not be had, why."""
    found: _ById = defaultdict(dict)
    away = {each: CLOSED for each in _ABOUT_PERSON if not call.request.caller.may(each, "r")}
    asked: dict[str, list[tuple[str, Collection[str]]]] = defaultdict(list)
    for service, path, types in (*_of_person(call, own.asked.patient), *_of_work(own), *_of_people(own)):
        asked[service].append((path, types))
    await asyncio.gather(*(_read(call, service, paths, found, away) for service, paths in asked.items()))
    return {kind: list(held.values()) for kind, held in found.items()}, away


Asked = tuple[str, str, Collection[str]]


def _of_person(call: OperationCall, patient: str) -> Iterable[Asked]:
    allowed = [each for each in _ABOUT_PERSON if call.request.caller.may(each, "r")]
    with_them = "".join(f"&_revinclude={each}:patient" for each in allowed)
    path = f"Patient?_id={patient}&_include=Patient:general-practitioner{with_them}"
    yield "cohort-service", path, ("Patient", *allowed)
    yield "cohort-service", f"Condition?patient=Patient/{patient}", ("Condition",)
    yield "cohort-service", f"MedicationRequest?patient=Patient/{patient}&status=active", ("MedicationRequest",)


def _of_work(own: OwnRecords) -> Iterable[Asked]:
    plan = own.asked.plan["id"]
    yield "mdt-service", f"Task?based-on=CarePlan/{plan}", ("Task",)
    yield "referral-service", f"ServiceRequest?based-on=CarePlan/{plan}", ("ServiceRequest",)
    activities = [each.get("reference") for each in own.asked.plan.get("activity") or ()]
    for ids in _pieces(target_ids(activities, "ServiceRequest")):
        yield "mdt-service", f"Task?focus:ServiceRequest={ids}", ("Task",)
    for ids in _pieces(target_ids(activities, "Appointment")):
        yield "mdt-service", f"Appointment?_id={ids}", ("Appointment",)


def _of_people(own: OwnRecords) -> Iterable[Asked]:
    participants = [each for team in own.records.get("CareTeam") or () for each in team.get("participant") or ()]
    members = [each["member"] for each in participants if each.get("member")]
    people = [*members, own.asked.plan.get("author"), *(own.asked.plan.get("contributor") or ())]
    with_them = "&_include=PractitionerRole:practitioner&_include=PractitionerRole:organization"
    for ids in _pieces(target_ids(people, "PractitionerRole")):
        yield "cohort-service", f"PractitionerRole?_id={ids}{with_them}", ("PractitionerRole",)
    for kind in ("Practitioner", "Organization"):
        for ids in _pieces(target_ids(people, kind)):
            yield "cohort-service", f"{kind}?_id={ids}", (kind,)
    for codes in _pieces(_codes(people)):
        yield "cohort-service", f"Organization?identifier={codes}", ("Organization",)


def _codes(people: Sequence[Any]) -> list[str]:
    identifiers = [(each or {}).get("identifier") or {} for each in people if not (each or {}).get("reference")]
    named = [f"{each.get('system') or ODS_CODE}|{each['value']}" for each in identifiers if each.get("value")]
    return [quote(each, safe="") for each in dict.fromkeys(named) if "," not in each]


def _pieces(named: Sequence[str]) -> Iterable[str]:
    for start in range(0, len(named), _MOST_NAMED):
        yield ",".join(named[start : start + _MOST_NAMED])


async def _read(
    call: OperationCall, service: str, asked: Sequence[tuple[str, Collection[str]]], found: _ById, away: dict[str, str]
) -> None:
    paths = [path for path, _ in asked]
    answers = await call.kernel.neighbours.searchsets(service, paths, call.request)
    for (_, types), answer in zip(asked, answers, strict=True):
        if isinstance(answer, FhirError):
            away.update(dict.fromkeys(types, _reason(answer)))
            continue
        for resource in answer:
            found[resource["resourceType"]][resource["id"]] = resource


def _reason(refusal: FhirError) -> str:
    """Raises the refusal itself when it is a fault of ours."""
    if isinstance(refusal, NeighbourUnavailable):
        return AWAY
    if refusal.kind not in _REASONS:
        raise refusal
    return _REASONS[refusal.kind]
