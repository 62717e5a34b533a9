"""A patient sees their own record alone, a carer that of who lets them in; neither acts for the organisation."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

import httpx
import pytest

import tandem_tests
from tandem.demo.client import FhirClient, Refused
from tandem_tests import isolation_reads, isolation_writes
from tandem_tests.consents import carer_of, carers_part, person_client, withdraw
from tandem_tests.isolation_cell import ROUTES, Cell, Kept
from tandem_tests.isolation_operations import OPERATIONS, Asking, Place, declared, outskirts
from tandem_tests.loopback import http_client
from tandem_tests.neighbourhood import MARK, Neighbourhood, admit, nhs_reference, plan_of, register, settle_in
from tandem_tests.network_area import parameters, part
from tandem_tests.questionnaire_responses import item, response
from tandem_tests.running import EmbeddedTandem

_AREAS = tuple(
    import_module(f"tandem_tests.{each.name}")
    for each in iter_modules(tandem_tests.__path__)
    if each.name.startswith("isolation_")
)
_WAYS = (isolation_reads, isolation_writes)

SEEN = {
    "read", "read of the person", "read of another service", "read of the team", "read of a task", "vread",
    "history of an instance", "history of a type", "history of everything", "search", "search by name",
    "search by NHS number", "search by :identifier", "search by a chain", "search by _has", "count", "count of people",
    "_include", "_revinclude", "_revinclude from shared", "_has on shared", "search by POST", "$current",
    "batch search",
}  # fmt: skip
NOTHING = {
    "history of a type", "history of everything", "search", "search by name", "search by NHS number",
    "search by :identifier", "search by a chain", "search by _has", "count", "count of people", "_include",
    "_revinclude", "_revinclude from shared", "_has on shared", "search by POST", "batch search",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class People:
    """A neighbourhood with what is kept about its person, and the people who ask there."""

    here: Neighbourhood
    kept: Kept
    users: dict[str, str]

    def client(self, http: httpx.AsyncClient, who: str) -> FhirClient:
        system = self.here.system
        assert isinstance(system, EmbeddedTandem)
        return person_client(http, system, self.here.codes["practice"], self.users[who])


@pytest.fixture(scope="module")
def people(embedded: EmbeddedTandem) -> People:
    return asyncio.run(_people(embedded))


async def _people(embedded: EmbeddedTandem) -> People:
    async with http_client() as http:
        here = await settle_in(http, embedded)
        practice = here.client(http, "practice")
        observation = await practice.create(here.observation())
        await admit(practice, here.person, "2020-06-26")
        plan = await plan_of(practice, here.person)
        title = [{"op": "replace", "path": "/title", "value": f"Plan of {MARK}"}]
        await practice.patch(f"CarePlan/{plan['id']}", title, plan["meta"]["versionId"])
        task = await practice.create({
            "resourceType": "Task", "status": "requested", "intent": "order", "for": nhs_reference(here.nhs_number),
            "description": f"Falls assessment of {MARK}",
        })  # fmt: skip
        await practice.create({
            "resourceType": "MedicationStatement", "status": "active", "subject": here.subject,
            "medicationCodeableConcept": {"text": f"{MARK}'s tonic"}, "dateAsserted": "2020-06-01",
        })  # fmt: skip
        stranger, _ = await register(practice, here.organizations["practice"], "Somebody")
        carer, unasked = await carer_of(practice, here.person), await carer_of(practice, here.person, "Cy")
        elsewhere = await carer_of(practice, stranger, "Dee")
        await practice.create(carers_part(here.person, carer))
        # Of the person's word alone nobody else's relative becomes a carer.
        await practice.create(carers_part(here.person, elsewhere))
        await practice.caught_up()
        record = here.observation(id="loaded-for-people")
        started = await practice.request("POST", "$ingest", record, Prefer="respond-async")
        job = started.headers["content-location"].partition("id=")[2]
        groups = await practice.search("Group?code=care-home-residents")
        users = {
            "patient": f"Patient/{here.person}", "carer": f"RelatedPerson/{carer}",
            "by address": f"https://tandem.example/fhir/Patient/{here.person}",
            "stranger": f"Patient/{stranger}", "without consent": f"RelatedPerson/{unasked}",
            "another's carer": f"RelatedPerson/{elsewhere}", "nobody": "Patient/", "unknown": "Patient/nobody-here",
        }  # fmt: skip
        return People(here, Kept(observation["id"], plan["id"], groups[0]["id"], task["id"], job), users)


def expected(route: str, own: bool) -> set[str]:
    """What may come of a route for somebody with the right to the record, or without."""
    if own and route in SEEN:
        return {"seen"}
    if own and route in ("$agreement", "batch read"):
        return {"200"}
    if own and route == "conditional create":
        return {"200"}  # it is there already, and theirs to see
    if own and route == "audit trail of the person":
        return {"others"}
    if route == "audit trail of the person":
        return {"own"}
    if route in NOTHING:
        return {"nothing"}
    # Refused, or as if it were not there; and nothing was changed.
    return {"403", "404", "403, kept", "404, kept", "204, kept", "403, seen", "403, 404", "rejected"}


def test_every_way_in_is_tried() -> None:
    assert {way.__module__ for way in ROUTES.values()} == {each.__name__ for each in _WAYS}


@pytest.mark.parametrize("route", ROUTES)
async def test_what_people_get_by_every_way_in(people: People, http: httpx.AsyncClient, route: str) -> None:
    here = people.here
    practice = here.client(http, "practice")
    for who in people.users:
        own = who in ("patient", "carer", "by address")
        found = await ROUTES[route](Cell(here, people.kept, "practice", people.client(http, who), practice))
        assert found in expected(route, own), (route, who)


@pytest.fixture(scope="module")
def place(embedded: EmbeddedTandem) -> Place:
    async def made() -> Place:
        async with http_client() as http:
            found = await outskirts(http, embedded)
            for area in _AREAS:
                if hasattr(area, "keep"):
                    await area.keep(found, found.client(http, "practice"))
            return found

    return asyncio.run(made())


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_operations_are_for_organisations_unless_they_say_otherwise(
    place: Place, http: httpx.AsyncClient, operation: str
) -> None:
    here = place.here
    system = here.system
    assert isinstance(system, EmbeddedTandem)
    for_people = {address for address, each in declared() if each.for_people}
    for user in ("Patient/nobody-here", "RelatedPerson/nobody-here"):
        client = person_client(http, system, here.codes["practice"], user)
        found = await OPERATIONS[operation](Asking(place, client))
        wanted = ("404", "403") if operation.partition(" ")[2] in for_people else ("403",)
        assert found in wanted, user


async def test_a_carer_is_let_in_narrowed_and_shut_out_by_the_person(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    carer = await carer_of(practice, here.person)
    me = person_client(http, embedded, here.codes["practice"], f"RelatedPerson/{carer}")
    observation = await practice.create(here.observation())
    await admit(practice, here.person, "2020-06-26")
    plan = await plan_of(practice, here.person)

    async def sees() -> list[int]:
        await practice.caught_up()
        paths = (f"CarePlan/{plan['id']}", f"Observation/{observation['id']}", f"Patient/{here.person}")
        return [(await me.request("GET", path)).status_code for path in paths]

    assert await sees() == [404, 404, 404]
    classes = [{"system": "http://hl7.org/fhir/resource-types", "code": "CarePlan"}]
    narrow = await practice.create(carers_part(here.person, carer, **{"class": classes}))
    assert await sees() == [200, 404, 404], "the types that the Consent names, and no others"
    whole = await practice.create(carers_part(here.person, carer))
    assert await sees() == [200, 200, 200]
    await withdraw(practice, whole)
    assert await sees() == [200, 404, 404]
    refusal = await practice.create(carers_part(here.person, carer, "deny"))
    assert await sees() == [404, 404, 404], "a refusal goes before"
    await withdraw(practice, refusal)
    await withdraw(practice, narrow)
    ended = {"period": {"end": "2020-06-30"}}
    await practice.create(carers_part(here.person, carer, **ended))
    assert await sees() == [404, 404, 404]
    await practice.create(carers_part(here.person, carer))
    assert await sees() == [200, 200, 200]
    related = await practice.read(f"RelatedPerson/{carer}")
    await practice.call("PUT", f"RelatedPerson/{carer}", related | {"active": False})
    assert await sees() == [404, 404, 404], "who is no relation any more is no carer"


async def test_what_a_patient_may_write(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    await admit(practice, here.person, "2020-06-26")
    plan = await plan_of(practice, here.person)
    user = f"Patient/{here.person}"
    me = person_client(http, embedded, here.codes["practice"], user)
    other, _ = await register(practice, here.organizations["practice"], "Somebody")
    name, mine = "personalised-care-and-support-plan", {"source": {"reference": user}}
    words = item("what-matters", "My garden")

    made = await me.create(response(name, here.person, "in-progress", words, **mine))
    made["item"] = [item("what-matters", "My garden, and the cat")]
    assert (await me.call("PUT", f"QuestionnaireResponse/{made['id']}", made))["meta"]["versionId"] == "2"
    note = part("note", valueAnnotation={"text": "I would rather be seen at home"})
    await me.call("POST", f"CarePlan/{plan['id']}/$contribute", parameters(note))
    held = await practice.read(f"CarePlan/{plan['id']}")
    assert held["note"][-1]["authorReference"] == {"reference": user}

    others = await practice.create(response(name, here.person, "in-progress", words))
    attempts = (
        ("POST", "QuestionnaireResponse", response(name, here.person, "in-progress", words)),
        ("POST", "QuestionnaireResponse", response(name, other, "in-progress", words, **mine)),
        ("POST", "QuestionnaireResponse", response(
            name, here.person, "in-progress", words, author={"reference": f"Patient/{other}"}, **mine)),
        ("PUT", f"QuestionnaireResponse/{others['id']}", others | mine),
        ("DELETE", f"QuestionnaireResponse/{made['id']}", None),
        ("POST", "Goal", {"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": "To walk"},
                          "subject": {"reference": user}}),
        ("POST", "Consent", carers_part(here.person, "anyone")),
        ("PUT", f"Patient/{here.person}", await practice.read(user)),
        ("POST", "Practitioner", {"resourceType": "Practitioner"}),
        ("POST", "Task", {"resourceType": "Task", "status": "requested", "intent": "order", "for": here.subject}),
    )  # fmt: skip
    for method, path, body in attempts:
        answer = await me.request(method, path, body)
        assert answer.status_code == 403, (method, path, answer.text)
    etag = {"If_Match": f'W/"{held["meta"]["versionId"]}"'}
    for change in ({"title": "Mine"}, {"status": "revoked"}, {"note": [{"text": "Unsigned"}]}):
        answer = await me.request("PUT", f"CarePlan/{plan['id']}", held | change, **etag)
        assert answer.status_code == 403, change
    assert (await practice.read(f"CarePlan/{plan['id']}"))["meta"]["versionId"] == held["meta"]["versionId"]
    with pytest.raises(Refused) as refusal:
        goal = {"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": "To walk"}}
        await me.call("POST", f"CarePlan/{plan['id']}/$contribute", parameters({"name": "goal", "resource": goal}))
    assert refusal.value.status == 403
