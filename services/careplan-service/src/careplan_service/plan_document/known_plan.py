"""Bringing together what is known of a plan: own records, those of others, the answers, and everybody's name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from careplan_service.domain.plan_document.known import Known, Said
from careplan_service.domain.plan_document.people import UNKNOWN, People, plain_key
from careplan_service.plan_document.neighbour_records import Found, neighbour_records
from careplan_service.plan_document.own_records import OwnRecords, own_records
from careplan_service.plans.activity_rows import work_of_plan
from careplan_service.questionnaires.answers import Answer, AnsweredResponse
from careplan_service.questionnaires.shipped_questionnaires import shipped_questionnaires
from tandem.directory.queries import names_of, organisation_names
from tandem.fhir.answers_given import answers_given
from tandem.fhir.body import Resource
from tandem.identity.claims import OWN_SYSTEM
from tandem.london_days import london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_PEOPLE = ("Organization", "Practitioner", "PractitionerRole")
_WORK = ("Task", "ServiceRequest", "Appointment")


async def known_plan(call: OperationCall) -> Known:
    """All of it, as far as the caller may see it. Raises FhirError 404, 422."""
    own = await own_records(call)
    found, away = await neighbour_records(call, own)
    away |= own.away
    patient = next((each for each in found.get("Patient") or () if each["id"] == own.asked.patient), None)
    work = [each for kind in _WORK for each in found.get(kind) or ()]
    work += await _heard_of(call, own, away)
    names = await _names(call, own, work)
    if patient is not None:
        found.setdefault("Patient", [patient])
    people = People(names, dict(_people(found, patient)))
    titles = {name: each.title for name, each in shipped_questionnaires().items()}
    now = call.kernel.clock.now()
    organisation = call.request.caller.organisation
    return Known(
        plan=own.asked.plan, now=now, today=london_date(now), printed_by=_printed_by(call, people),
        organisation=organisation, patient=patient, records={**own.records, **found},
        said=list(_said(own, people)), people=people, away=away, titles=titles, work=work,
        contributors=list(dict.fromkeys(_contributors(own, people))),
    )  # fmt: skip


async def _heard_of(call: OperationCall, own: OwnRecords, away: dict[str, str]) -> list[Resource]:
    """Of work whose service does not answer, what this one heard of it last."""
    missing = [kind for kind in ("Task", "ServiceRequest") if kind in away and call.request.caller.may(kind, "r")]
    if not missing:
        return []
    async with call.kernel.database.read() as connection:
        heard = await work_of_plan(connection, str(call.id), own.asked.patient)
    found: list[Resource] = []
    for each in heard:
        kind, _, identity = each.reference.partition("/")
        if kind in missing:
            doers: dict[str, Any] = {"performer": list(each.performers)}
            if kind == "Task":
                doers = {"owner": each.performers[0]} if each.performers else {}
            found.append({
                "resourceType": kind, "id": identity, "status": each.status, "description": each.description, **doers,
                "heard": True,
            })  # fmt: skip
    return found


async def _names(call: OperationCall, own: OwnRecords, work: Iterable[Resource]) -> dict[str, str]:
    references = [*_references(own.asked.plan)]
    for kind in ("Goal", "CareTeam"):
        references += [each for record in own.records.get(kind) or () for each in _references(record)]
    if call.request.caller.user:
        references.append({"reference": call.request.caller.user})
    references += [each for record in work for each in (*_doers(record), *_note_authors(record))]
    references += [{"reference": each.user} for each in own.contributed if each.user]
    references += [each for response in own.responses for each in (response.author, response.source) if each]
    keys = {plain_key(each) for each in references}
    codes = {key for key in keys if key and "/" not in key} | {each.organisation for each in own.responses}
    codes |= {each.organisation for each in own.contributed}
    async with call.kernel.database.read() as connection:
        names = await names_of(connection, {key for key in keys if "/" in key})
        return names | await organisation_names(connection, {*codes, call.request.caller.organisation})


def _references(value: Any) -> Iterator[dict[str, Any]]:
    """Every Reference in a record."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str) or isinstance(value.get("identifier"), dict):
            yield value
        for each in value.values():
            if isinstance(each, dict | list):
                yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def _doers(work: Resource) -> Iterator[dict[str, Any]]:
    performers = [work.get("owner"), *(work.get("performer") or ())]
    performers += [each.get("actor") for each in work.get("participant") or ()]
    yield from (each for each in performers if isinstance(each, dict))


def _note_authors(work: Resource) -> Iterator[dict[str, Any]]:
    yield from (each["authorReference"] for each in work.get("note") or () if each.get("authorReference"))


def _contributors(own: OwnRecords, people: People) -> Iterator[str]:
    """`Ann Bell, Elmwood Surgery`, or the organisation alone; what the service put there by itself has no writer."""
    for each in own.contributed:
        if each.organisation.startswith(OWN_SYSTEM):
            continue
        if each.contributor != each.organisation:
            name = people.name({"reference": each.user})
            yield name if name != UNKNOWN else each.contributor
            continue
        organisation = people.names.get(each.organisation, each.organisation)
        person = people.name({"reference": each.user}) if each.user else UNKNOWN
        yield organisation if person == UNKNOWN else f"{person}, {organisation}"


def _printed_by(call: OperationCall, people: People) -> str:
    """`Ann Bell, Elmwood Surgery`: the person whom the token names, if they are known, and the organisation."""
    caller = call.request.caller
    person = people.name({"reference": caller.user}) if caller.user else UNKNOWN
    organisation = people.names.get(caller.organisation, caller.organisation)
    return organisation if person == UNKNOWN else f"{person}, {organisation}"


def _people(found: Found, patient: Resource | None) -> Iterator[tuple[str, Resource]]:
    for kind in (*_PEOPLE, "RelatedPerson"):
        for each in found.get(kind) or ():
            yield f"{kind}/{each['id']}", each
            if kind == "Organization":
                for identifier in each.get("identifier") or ():
                    yield str(identifier.get("value") or ""), each
    if patient is not None:
        yield f"Patient/{patient['id']}", patient


def _said(own: OwnRecords, people: People) -> Iterator[Said]:
    bodies = {each["id"]: each for each in own.records.get("QuestionnaireResponse") or ()}
    for response in own.responses:
        who, day = _who(response, people), london_date(response.authored)
        for given in answers_given(bodies[response.id]):
            ((kind, value),) = given.value.items()
            answer = Answer(response, given.section, given.link_id, kind, value)
            code = value.get("code") if isinstance(value, dict) else None
            yield Said(
                response.id, response.questionnaire, given.section, given.link_id, answer.text, who, day,
                response.finished, code,
            )  # fmt: skip


def _who(response: AnsweredResponse, people: People) -> str:
    """Whose words they are: those of the source, else of the author, else of the organisation that wrote them."""
    for reference in (response.source, response.author):
        if reference is not None and (name := people.name_and_work(reference)) != UNKNOWN:
            return name
    return people.names.get(response.organisation, response.organisation)
